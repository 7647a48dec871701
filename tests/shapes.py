"""A table of tiny checkpoints as people have them: those that open, and those that are refused.

Each `SHAPES` entry writes a folder. What opens names the class of `transformers` that says what is
right; what is refused names words of the one sentence that says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file

from tests.checkpoints import FAMILIES, SIZES, make, make_bert, settings

Write = Callable[[Path], Any]
Tensors = dict[str, torch.Tensor]
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Shape:
    """How to write a checkpoint, and what is right: a class of the library, or a refusal."""

    write: Write
    reference: str = ""
    refusal: str = ""
    mask: bool = True
    """Whether it predicts words."""


def bert(**options: Any) -> Write:
    return lambda folder: make_bert(folder, **options)


def saved_as(dtype: torch.dtype) -> Write:
    def write(folder: Path) -> None:
        make_bert(folder)
        module = transformers.BertForPreTraining.from_pretrained(folder, dtype=dtype)
        module.save_pretrained(folder)

    return write


def in_parts(family: str) -> Write:
    def write(folder: Path) -> None:
        make_bert(folder) if family == "bert" else make(FAMILIES[family], folder)
        name = "BertForPreTraining" if family == "bert" else FAMILIES[family].model
        module = getattr(transformers, name).from_pretrained(folder)
        (folder / "model.safetensors").unlink()
        module.save_pretrained(folder, max_shard_size="20KB")

    return write


def pickled(content: Callable[[Tensors], Any] = dict) -> Write:
    def write(folder: Path) -> None:
        make_bert(folder)
        tensors = load_file(folder / "model.safetensors")
        (folder / "model.safetensors").unlink()
        torch.save(content(tensors), folder / "pytorch_model.bin")

    return write


def weights(change: Callable[[Tensors], Tensors | None], **options: Any) -> Write:
    """A BERT whose tensors were changed after it was saved."""

    def write(folder: Path) -> None:
        make_bert(folder, **options)
        tensors = load_file(folder / "model.safetensors")
        changed = change(tensors)
        tensors = tensors if changed is None else changed
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    return write


def config(before: Write | None = None, **changes: Any) -> Write:
    """A checkpoint whose ``config.json`` was changed after it was saved; None takes a key away."""

    def write(folder: Path) -> None:
        (before or bert())(folder)
        path = folder / "config.json"
        values = json.loads(path.read_text(encoding="utf-8")) | changes
        kept = {key: value for key, value in values.items() if value is not None}
        path.write_text(json.dumps(kept), encoding="utf-8")

    return write


def cut(name: str) -> Write:
    def write(folder: Path) -> None:
        make_bert(folder)
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) * 2 // 3])

    return write


def without(name: str) -> Write:
    def write(folder: Path) -> None:
        make_bert(folder)
        (folder / name).unlink()

    return write


def words(*, more: dict[str, int] | None = None, leave_out: str = "", **options: Any) -> Write:
    """A BERT with a ``vocab.txt`` of whole words, perhaps with tokens added later."""

    def write(folder: Path) -> None:
        lines = [*SPECIAL, "the", "bank", "of", "river", "was", "cold"]
        lines = [line for line in lines if line != leave_out]
        folder.mkdir(parents=True)
        (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        settings(folder)
        if more:
            (folder / "added_tokens.json").write_text(json.dumps(more), encoding="utf-8")
        sizes: dict[str, Any] = SIZES | {"vocab_size": len(lines) + len(more or ())} | options
        torch.manual_seed(0)
        module = transformers.BertForPreTraining(transformers.BertConfig(**sizes))
        module.save_pretrained(folder)

    return write


def parts_lost(*lost: str) -> Write:
    def change(tensors: Tensors) -> Tensors:
        return {name: t for name, t in tensors.items() if not any(part in name for part in lost)}

    return weights(change)


def not_a_number(tensors: Tensors) -> None:
    tensors["bert.encoder.layer.1.output.dense.bias"][3] = torch.nan


def of_its_own(tensors: Tensors) -> None:
    torch.manual_seed(5)
    table = tensors["bert.embeddings.word_embeddings.weight"]
    tensors["cls.predictions.decoder.weight"] = 0.3 * torch.randn_like(table)


def family(name: str) -> Write:
    return lambda folder: make(FAMILIES[name], folder)


def labelled(name: str, family: str = "", **more: Any) -> Write:
    """A classifier with three classes of its own names."""
    options: dict[str, Any] = {"id2label": {0: "cold", 1: "warm", 2: "hot"}, **more}

    def write(folder: Path) -> None:
        if not family:
            make_bert(folder, model=name, **options)
            return
        kind = FAMILIES[family]
        folder.mkdir(parents=True)
        size = kind.vocabulary(folder)
        made = getattr(transformers, kind.config)(vocab_size=size, **kind.options, **options)
        torch.manual_seed(0)
        getattr(transformers, name)(made).save_pretrained(folder)

    return write


BOTH = "BertForPreTraining"

OPENED: dict[str, Shape] = {
    "two layers": Shape(bert(num_hidden_layers=2), BOTH),
    "one layer of one head": Shape(bert(num_hidden_layers=1, num_attention_heads=1), BOTH),
    "24 layers of 16 heads": Shape(
        bert(num_hidden_layers=24, num_attention_heads=16, initializer_range=0.02), BOTH
    ),
    "one segment": Shape(bert(type_vocab_size=1), BOTH),
    "three segments": Shape(bert(type_vocab_size=3), BOTH),
    "16 positions": Shape(bert(max_position_embeddings=16), BOTH),
    "600 positions": Shape(bert(max_position_embeddings=600), BOTH),
    "fp16": Shape(saved_as(torch.float16), BOTH),
    "bf16": Shape(saved_as(torch.bfloat16), BOTH),
    "in parts": Shape(in_parts("bert"), BOTH),
    "pickle": Shape(pickled(), BOTH),
    "silu": Shape(bert(hidden_act="silu"), BOTH),
    "relu": Shape(bert(hidden_act="relu"), BOTH),
    "decoder of its own": Shape(weights(of_its_own, tie_word_embeddings=False), BOTH),
    "added tokens": Shape(words(more={"covid19": 11}), BOTH),
    "more rows than words": Shape(words(vocab_size=64), BOTH),
    "no mask": Shape(words(leave_out="[MASK]"), BOTH),
    "cased": Shape(bert(lowercase=False, old_files=True), BOTH),
    "head without transform": Shape(
        parts_lost("cls.predictions.transform"), "BertModel", mask=False
    ),
    "head without bias": Shape(parts_lost("cls.predictions.bias"), "BertModel", mask=False),
    "bert classifier": Shape(
        labelled("BertForSequenceClassification"), "BertForSequenceClassification", mask=False
    ),
    "roberta classifier": Shape(
        labelled("RobertaForSequenceClassification", "roberta"),
        "RobertaForSequenceClassification",
        mask=False,
    ),
    "roberta in parts": Shape(in_parts("roberta"), "RobertaForMaskedLM"),
    **{
        name: Shape(family(name), kind.model, mask=kind.predicts_words)
        for name, kind in FAMILIES.items()
    },
    **{
        f"{name} {kind}": Shape(
            labelled(f"{start}For{task}", name), f"{start}For{task}", mask=False
        )
        for name, start in {
            "distilbert": "DistilBert",
            "albert": "Albert",
            "deberta-v2": "DebertaV2",
            "mpnet": "MPNet",
            "modernbert": "ModernBert",
        }.items()
        for kind, task in (
            ("classifier", "SequenceClassification"),
            ("tagger", "TokenClassification"),
        )
    },
    "bert tagger": Shape(
        labelled("BertForTokenClassification"), "BertForTokenClassification", mask=False
    ),
    "many labels": Shape(
        labelled("BertForSequenceClassification", problem_type="multi_label_classification"),
        "BertForSequenceClassification",
        mask=False,
    ),
}

REFUSED: dict[str, Shape] = {
    "relative positions": Shape(
        config(position_embedding_type="relative_key"),
        refusal="config.json says position_embedding_type 'relative_key'",
    ),
    "relative roberta": Shape(
        config(family("roberta"), position_embedding_type="relative_key_query"),
        refusal="config.json says position_embedding_type",
    ),
    "decoder": Shape(config(is_decoder=True), refusal="config.json says is_decoder"),
    "pruned": Shape(config(pruned_heads={"0": [1]}), refusal="pruned_heads"),
    "grouped": Shape(config(family("albert"), inner_group_num=2), refusal="inner_group_num"),
    "rounded": Shape(config(quantization_config={"bits": 8}), refusal="quantization_config"),
    "gpt2": Shape(config(model_type="gpt2"), refusal="model_type 'gpt2'"),
    "no heads said": Shape(config(num_attention_heads=None), refusal="num_attention_heads"),
    "a word for a number": Shape(config(hidden_size="32"), refusal="'32' for hidden_size"),
    "heads that do not divide": Shape(config(num_attention_heads=5), refusal="num_attention_heads"),
    "fewer layers said": Shape(config(num_hidden_layers=2), refusal="num_hidden_layers 2"),
    "fewer layers said of distilbert": Shape(
        config(family("distilbert"), n_layers=2), refusal="num_hidden_layers 2"
    ),
    "more layers said": Shape(config(num_hidden_layers=4), refusal="lack encoder.layer.3"),
    "other positions": Shape(config(max_position_embeddings=32), refusal="max_position_embeddings"),
    "other segments": Shape(config(type_vocab_size=1), refusal="type_vocab_size"),
    "other width": Shape(config(intermediate_size=40), refusal="intermediate_size"),
    "padding beyond": Shape(config(pad_token_id=5000), refusal="pad_token_id 5000"),
    "unknown activation": Shape(config(hidden_act="sine"), refusal="hidden_act 'sine'"),
    "rows said": Shape(config(vocab_size=64), refusal="vocab_size"),
    "rows said of roberta": Shape(
        config(family("roberta"), vocab_size=64), refusal="has the shape"
    ),
    "more words than rows": Shape(
        words(more={"covid19": 11, "zoom": 12}, vocab_size=12), refusal="vocab_size"
    ),
    "no unknown": Shape(words(leave_out="[UNK]"), refusal="UNK"),
    "no separator": Shape(words(leave_out="[SEP]"), refusal="tokenizer"),
    "4 positions": Shape(bert(max_position_embeddings=4), refusal="max_position_embeddings"),
    "not a number": Shape(weights(not_a_number), refusal="not finite, in bert.encoder.layer.1"),
    "cut weights": Shape(cut("model.safetensors"), refusal="model.safetensors is cut off"),
    "cut config": Shape(cut("config.json"), refusal="config.json is cut off"),
    "cut tokenizer": Shape(cut("tokenizer.json"), refusal="its tokenizer cannot be read"),
    "no weights": Shape(without("model.safetensors"), refusal="no weights"),
    "no config": Shape(without("config.json"), refusal="no config.json"),
    "no tokenizer": Shape(without("tokenizer.json"), refusal="no tokenizer"),
    "no layer": Shape(parts_lost("layer.1."), refusal="its weights lack encoder.layer.1"),
    "a training's state": Shape(
        pickled(lambda tensors: {"epoch": 3, "state_dict": dict(tensors)}),
        refusal="pytorch_model.bin holds epoch, state_dict",
    ),
    "labels said": Shape(
        config(
            labelled("BertForSequenceClassification"),
            id2label={"0": "no", "1": "yes"},
        ),
        refusal="id2label in config.json has 2 names",
    ),
    "labels said of roberta": Shape(
        config(
            labelled("RobertaForSequenceClassification", "roberta"),
            id2label={"0": "no", "1": "yes"},
        ),
        refusal="classifier.out_proj",
    ),
    "code of its own": Shape(
        config(auto_map={"AutoModel": "modeling_own.OwnBertModel"}),
        refusal="config.json says auto_map",
    ),
    "a list": Shape(pickled(lambda tensors: list(tensors.values())), refusal="holds list"),
}
