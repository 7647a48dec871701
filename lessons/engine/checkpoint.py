"""What is trained here, written down as a checkpoint that any library opens.

The folder holds ``config.json``, ``model.safetensors``, ``tokenizer.json``, ``vocab.txt`` and
``tokenizer_config.json``, named and shaped as published BERT checkpoints are.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from .bert import BertForPreTraining

UNKNOWN = "[UNK]"


def bert_tokenizer(vocabulary: dict[str, int], special: Sequence[str]) -> Tokenizer:
    """BERT's uncased tokenizer over a vocabulary of our own; ``special`` stand in it too."""
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(special))
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return tokenizer


def word_tokenizer(special: Sequence[str], words: Sequence[str]) -> Tokenizer:
    """A tokenizer that knows whole words alone: ids in the order given, special tokens first."""
    return bert_tokenizer({word: i for i, word in enumerate((*special, *words))}, special)


def wordpiece_tokenizer(special: Sequence[str], sentences: Sequence[str], size: int) -> Tokenizer:
    """A tokenizer whose pieces are learned from ``sentences``: at most ``size`` of them.

    By the library's trainer, which joins the most frequent pair again and again.
    """
    tokenizer = bert_tokenizer({word: i for i, word in enumerate(special)}, special)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=list(special), show_progress=False
    )
    tokenizer.train_from_iterator(sentences, trainer)
    return bert_tokenizer(tokenizer.get_vocab(), special)


def save_checkpoint(module: BertForPreTraining, tokenizer: Tokenizer, folder: Path) -> None:
    """Write a model and its tokenizer into ``folder``, which is made if need be."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(
        json.dumps(module.config.to_dict(), indent=2), encoding="utf-8"
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab()
    lines = "".join(f"{word}\n" for word in sorted(vocabulary, key=vocabulary.__getitem__))
    (folder / "vocab.txt").write_text(lines, encoding="utf-8")
    settings = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "model_max_length": module.config.max_position_embeddings,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")


def zipped(folder: Path) -> bytes:
    """All files of a checkpoint as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{folder.name}/{path.name}")
    return buffer.getvalue()
