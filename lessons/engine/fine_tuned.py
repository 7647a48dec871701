"""BERT with a head for a task: read, trained in part or as a whole, written down, read again.

The heads are those of Devlin et al. 2019, §4 and figure 4 (arxiv.org/abs/1810.04805): a class for
the whole input from [CLS], a class for each token, or the start and the end of a span.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .bert import Bert, BertForPreTraining, additive_mask, no_probe
from .lora import adapt, adapted_in, merge

if TYPE_CHECKING:
    from .model import LoadedModel
    from .tokenizer import Encoding

HeadKind = Literal["class", "tokens", "span"]

WEIGHTS, ABOUT = "trained.safetensors", "trained.json"


class FineTuned(nn.Module):
    """An encoder and one new linear layer over it.

    ``kind`` says what the new layer reads: the pooled [CLS] vector ("class") or each token's
    vector ("tokens", and "span", whose two outputs score start and end).

    ``trained_layers`` is how many layers learn, counted from the top. 0 leaves the encoder as it
    is; more than there are means everything, the embeddings too. The pooler, where the head reads
    it, and the new layer always learn.

    With a ``rank`` above 0 no layer learns, but LoRA beside the linear maps that ``adapted`` names
    (see `lora.adapt`).
    """

    def __init__(
        self,
        encoder: Bert,
        kind: HeadKind,
        n_outputs: int,
        trained_layers: int,
        rank: int = 0,
        adapted: Sequence[str] = (),
    ) -> None:
        super().__init__()
        config = encoder.config
        self.kind = kind
        self.encoder = encoder
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.output = nn.Linear(config.hidden_size, n_outputs)
        nn.init.normal_(self.output.weight, std=config.initializer_range)
        nn.init.zeros_(self.output.bias)

        self.everything = trained_layers > config.num_hidden_layers
        self.n_frozen = max(0, config.num_hidden_layers - trained_layers)
        encoder.requires_grad_(self.everything)
        for layer in encoder.encoder.layer[self.n_frozen :]:
            layer.requires_grad_(True)
        self.rank, self.adapted = rank, adapted
        if rank:
            adapt(encoder, rank, adapted)
            self.n_frozen = 0  # every layer has something that learns
        encoder.pooler.requires_grad_(kind == "class")

    def below(self, input_ids: Tensor, token_type_ids: Tensor, mask: Tensor) -> Tensor:
        """What never changes in training: embeddings and frozen layers, (B, T) → (B, T, D).

        With everything in training, only the embeddings.
        """
        positions = torch.arange(input_ids.shape[1])[None]  # 1 T
        hidden = self.encoder.embeddings(input_ids, token_type_ids, positions, no_probe)  # B T D
        bias = additive_mask(mask, hidden.dtype)
        for layer in self.encoder.encoder.layer[: self.n_frozen]:
            hidden = layer(hidden, bias, no_probe)
        return hidden  # type: ignore[no-any-return]

    def above(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """The layers that learn, over what `below` gave: (B, T, D) → (B, T, D)."""
        bias = additive_mask(mask, hidden.dtype)
        for layer in self.encoder.encoder.layer[self.n_frozen :]:
            hidden = layer(hidden, bias, no_probe)
        return hidden

    def read(self, hidden: Tensor) -> Tensor:
        """The head: last hidden states (B, T, D) → logits, (B, K) or, by token, (B, T, K)."""
        vectors = self.encoder.pooler(hidden) if self.kind == "class" else hidden
        return self.output(self.dropout(vectors))  # type: ignore[no-any-return]

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids, segments and mask (B, T) → logits, as `read` gives them."""
        return self.read(self.above(self.below(input_ids, token_type_ids, mask), mask))

    def learning(self) -> dict[str, Tensor]:
        """The weights that training changes, by name."""
        return {name: p for name, p in self.named_parameters() if p.requires_grad}

    def save(self, folder: Path, about: dict[str, Any]) -> None:
        """Write the trained weights in half precision; the rest is the model it started from."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: p.detach().half().contiguous() for name, p in self.learning().items()}
        save_file(weights, folder / WEIGHTS)
        trained = len(self.encoder.encoder.layer) - self.n_frozen + self.everything
        head = {
            "kind": self.kind, "n_outputs": self.output.out_features,
            "trained_layers": 0 if self.rank else trained, "rank": self.rank,
            "adapted": list(self.adapted),
        }  # fmt: skip
        (folder / ABOUT).write_text(json.dumps({"head": head, **about}), encoding="utf-8")


def encoder_of(model: LoadedModel) -> Bert:
    """The encoder in a loaded model. Raises ValueError for a model of another family."""
    module = model.module
    if isinstance(module, BertForPreTraining):
        return module.bert
    if isinstance(module, Bert):
        return module
    raise ValueError(f"{model.spec.title} is not a BERT of our own encoder: choose another model.")


def load_fine_tuned(model: LoadedModel, folder: Path) -> tuple[FineTuned, dict[str, Any]]:
    """A trained model over the one it started from, whose unchanged weights it shares.

    LoRA is merged into the matrices that it stands beside. Also returns what `FineTuned.save` was
    told. Raises OSError when nothing was saved there.
    """
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    base = encoder_of(model)
    with torch.device("meta"):  # built without memory, then filled
        tuned = FineTuned(Bert(base.config), **about.pop("head"))
    beside = {name for name, _ in adapted_in(tuned)}  # these have their weights one level down
    weights = {}
    for name, tensor in base.state_dict().items():
        part, _, last = f"encoder.{name}".rpartition(".")
        weights[f"{part}.frozen.{last}" if part in beside else f"{part}.{last}"] = tensor
    weights |= {name: tensor.float() for name, tensor in load_file(folder / WEIGHTS).items()}
    tuned.load_state_dict(weights, assign=True)
    merge(tuned.encoder)
    return tuned.eval().requires_grad_(False), about


@dataclass(frozen=True)
class Padded:
    """Inputs of equal length: ids, segments and mask, each (B, T)."""

    input_ids: Tensor
    token_type_ids: Tensor
    mask: Tensor


def padded(model: LoadedModel, encodings: Sequence[Encoding]) -> Padded:
    """Encodings as one batch, filled up to the longest."""
    longest = max(len(encoding) for encoding in encodings)
    rows = [model.padded(encoding, longest) for encoding in encodings]
    return Padded(
        *(
            torch.tensor([getattr(row, name).tolist() for row in rows])
            for name in ("input_ids", "token_type_ids", "attention_mask")
        )
    )
