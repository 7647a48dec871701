"""Tiny checkpoints with random weights, one of each family, with vocabularies trained on the spot.

They stand in for models that a test cannot download: the same classes, files and tokenizer kinds,
three layers of two heads.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    BertWordPieceTokenizer,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

CORPUS = [
    "The bank of the river was cold in the spring morning.",
    "She put the money in the bank and walked along the river.",
    "A small bird sings in the old tree behind the house.",
    "The light of the morning is unhappiness for the sleeper, said the doctor.",
    "Walking and talking, they played with the ball until the evening.",
    "He could not believe that the match was lost again, could he?",
] * 4

SIZES = {
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "hidden_size": 32,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,  # large, so that a wrong step shows
}
"""L, H, D, I: no two the same, so that swapped axes show."""

LAYERS, HEADS, HIDDEN = 3, 2, 32


def word_pieces(folder: Path, *, lowercase: bool = True, old_files: bool = False) -> int:
    """BERT's kind: WordPiece; as ``tokenizer.json``, or as ``vocab.txt`` in ``old_files``."""
    built = BertWordPieceTokenizer(lowercase=lowercase)
    built.train_from_iterator(CORPUS, vocab_size=260, min_frequency=1)
    if old_files:
        built.save_model(str(folder))
    else:
        # The library class leaves out what a trained tokenizer adds around the text.
        ids = {token: built.token_to_id(token) for token in ("[CLS]", "[SEP]")}
        built._tokenizer.post_processor = pair_template("[CLS]", "[SEP]", ids)
        built.save(str(folder / "tokenizer.json"))
    settings(folder, do_lower_case=lowercase, mask_token="[MASK]", pad_token="[PAD]")
    return int(built.get_vocab_size())


def byte_pairs(folder: Path, *, roberta: bool = True) -> int:
    """RoBERTa's and ModernBERT's kind: BPE over bytes."""
    first, last, pad, unknown, mask = (
        ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
        if roberta
        else ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")
    )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[first, pad, last, unknown, mask],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in (first, last)}
    if roberta:
        tokenizer.post_processor = processors.RobertaProcessing(
            (last, ids[last]), (first, ids[first]), add_prefix_space=False
        )
    else:
        tokenizer.post_processor = pair_template(first, last, ids)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings(folder, mask_token={"content": mask, "lstrip": True}, pad_token=pad)
    return int(tokenizer.get_vocab_size())


def unigrams(folder: Path, *, xlm: bool = False, lowercase: bool = False) -> int:
    """ALBERT's, DeBERTa's and XLM-R's kind: Unigram over words that carry their blank."""
    first, last, pad, unknown, mask = (
        ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
        if xlm
        else ("[CLS]", "[SEP]", "<pad>", "<unk>", "[MASK]")
    )
    tokenizer = Tokenizer(models.Unigram())
    if lowercase:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=220,
        special_tokens=[first, pad, last, unknown, mask],
        unk_token=unknown,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in (first, last)}
    if xlm:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{first} $A {last}",
            pair=f"{first} $A {last} {last} $B {last}",
            special_tokens=list(ids.items()),
        )
    else:
        tokenizer.post_processor = pair_template(first, last, ids)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings(folder, mask_token=mask, pad_token=pad)
    return int(tokenizer.get_vocab_size())


def pair_template(first: str, last: str, ids: dict[str, int]) -> Any:
    return processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B:1 {last}:1",
        special_tokens=list(ids.items()),
    )


def settings(folder: Path, **values: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(values), encoding="utf-8")


@dataclass(frozen=True)
class Family:
    """How to make a checkpoint of a family, and what it is expected to be able to do."""

    config: str
    model: str
    vocabulary: Callable[[Path], int]
    options: dict[str, Any]
    predicts_words: bool = True
    plain_attention: bool = True


FAMILIES: dict[str, Family] = {
    "roberta": Family(
        "RobertaConfig",
        "RobertaForMaskedLM",
        byte_pairs,
        SIZES | {"type_vocab_size": 1, "pad_token_id": 1, "max_position_embeddings": 66},
    ),
    "xlm-roberta": Family(
        "XLMRobertaConfig",
        "XLMRobertaForMaskedLM",
        lambda folder: unigrams(folder, xlm=True),
        SIZES | {"type_vocab_size": 1, "pad_token_id": 1, "max_position_embeddings": 66},
    ),
    "data2vec": Family(
        "Data2VecTextConfig",
        "Data2VecTextForMaskedLM",
        byte_pairs,
        SIZES | {"type_vocab_size": 1, "pad_token_id": 1, "max_position_embeddings": 66},
    ),
    "ernie": Family("ErnieConfig", "ErnieForPreTraining", word_pieces, SIZES),
    "mpnet": Family(
        "MPNetConfig",
        "MPNetForMaskedLM",
        lambda folder: byte_pairs(folder),
        SIZES | {"pad_token_id": 1, "max_position_embeddings": 66},
        plain_attention=False,
    ),
    "squeezebert": Family(
        "SqueezeBertConfig",
        "SqueezeBertForMaskedLM",
        word_pieces,
        SIZES | {"embedding_size": 32},
        plain_attention=False,
    ),
    "nomic-bert": Family(
        "NomicBertConfig", "NomicBertForMaskedLM", word_pieces, SIZES | {"type_vocab_size": 2}
    ),
    "deberta": Family(
        "DebertaConfig",
        "DebertaForMaskedLM",
        lambda folder: byte_pairs(folder, roberta=False),
        SIZES
        | {
            "relative_attention": True,
            "pos_att_type": ["c2p", "p2c"],
            "position_biased_input": False,
            "type_vocab_size": 0,
            "pad_token_id": 1,
        },
        plain_attention=False,
    ),
    "distilbert": Family(
        "DistilBertConfig",
        "DistilBertForMaskedLM",
        word_pieces,
        {
            "n_layers": 3,
            "n_heads": 2,
            "dim": 32,
            "hidden_dim": 48,
            "max_position_embeddings": 64,
            "initializer_range": 0.3,
        },
    ),
    "albert": Family(
        "AlbertConfig",
        "AlbertForMaskedLM",
        lambda folder: unigrams(folder, lowercase=True),
        SIZES | {"embedding_size": 16, "pad_token_id": 1},
    ),
    "electra-generator": Family(
        "ElectraConfig", "ElectraForMaskedLM", word_pieces, SIZES | {"embedding_size": 16}
    ),
    "electra-discriminator": Family(
        "ElectraConfig",
        "ElectraForPreTraining",
        word_pieces,
        SIZES | {"embedding_size": 16},
        predicts_words=False,
    ),
    "deberta-v2": Family(
        "DebertaV2Config",
        "DebertaV2ForMaskedLM",
        unigrams,
        SIZES
        | {
            "relative_attention": True,
            "pos_att_type": ["c2p", "p2c"],
            "type_vocab_size": 0,
            "pad_token_id": 1,
        },
        plain_attention=False,
    ),
    "deberta-v3": Family(
        "DebertaV2Config",
        "DebertaV2Model",
        unigrams,
        SIZES
        | {
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
            "pad_token_id": 1,
        },
        predicts_words=False,
        plain_attention=False,
    ),
    "modernbert": Family(
        "ModernBertConfig",
        "ModernBertForMaskedLM",
        lambda folder: byte_pairs(folder, roberta=False),
        {
            **SIZES,
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "cls_token_id": 0,
            "sep_token_id": 2,
            "local_attention": 8,
            "global_attn_every_n_layers": 3,
        },
    ),
}


def weights_of(attentions: torch.Tensor) -> torch.Tensor:
    """Attention weights as the library hands them out; of SqueezeBERT it hands out the scores."""
    rows = attentions.sum(-1)
    return attentions if torch.allclose(rows, torch.ones(())) else attentions.softmax(-1)


def make(family: Family, folder: Path, seed: int = 0) -> Path:
    """Write a random checkpoint of a family into ``folder``, as the library itself saves it."""
    folder.mkdir(parents=True)
    vocab_size = family.vocabulary(folder)
    config = getattr(transformers, family.config)(vocab_size=vocab_size, **family.options)
    torch.manual_seed(seed)
    getattr(transformers, family.model)(config).save_pretrained(folder)
    return folder


def make_bert(
    folder: Path,
    *,
    model: str = "BertForPreTraining",
    lowercase: bool = True,
    old_files: bool = False,
    seed: int = 0,
    **options: Any,
) -> Path:
    """A random BERT: biases and LayerNorms random too, so that a part that is left out shows."""
    folder.mkdir(parents=True)
    vocab_size = word_pieces(folder, lowercase=lowercase, old_files=old_files)
    config = transformers.BertConfig(vocab_size=vocab_size, **(SIZES | options))
    torch.manual_seed(seed)
    module = getattr(transformers, model)(config)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    module.save_pretrained(folder)
    return folder
