"""A checkpoint's own head for classes: what it says of a text, and which tokens made it say so.

Every family's ``…ForSequenceClassification`` runs through `transformers`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .tokenizer import read_json
from .trace import Floats

if TYPE_CHECKING:
    from .tokenizer import Encoding

STEPS = 24
"""Points on the straight path of integrated gradients."""


def has_classifier(folder: Path) -> bool:
    """Whether a checkpoint says that it was saved with a head for classes of whole texts."""
    kinds = read_json(folder / "config.json").get("architectures") or ()
    return any(str(kind).endswith("ForSequenceClassification") for kind in kinds)


class Classifier:
    """A head for classes over its encoder; ``labels`` are the names of its K classes."""

    def __init__(self, module: Any) -> None:
        self.module = module.eval().requires_grad_(False)
        names = {int(i): str(name) for i, name in module.config.id2label.items()}
        self.labels = tuple(names[i] for i in sorted(names))
        self.several = module.config.problem_type == "multi_label_classification"
        """Whether a text may be of several classes at once: each is then a yes or no."""

    def logits(self, encoding: Encoding, words: torch.Tensor | None = None) -> torch.Tensor:
        """Scores (B, K) of one input, or of ``words`` (B, T, D) that stand for its vectors."""
        device = next(self.module.parameters()).device
        names = ["input_ids", "attention_mask"]
        if getattr(self.module.config, "type_vocab_size", 0) > 1:
            names.append("token_type_ids")
        inputs = {
            name: torch.from_numpy(getattr(encoding, name))[None].to(device) for name in names
        }
        if words is not None:
            del inputs["input_ids"]
            inputs = {name: tensor.expand(len(words), -1) for name, tensor in inputs.items()}
            inputs["inputs_embeds"] = words
        return self.module(**inputs).logits  # type: ignore[no-any-return]

    def probabilities(self, encoding: Encoding) -> Floats:
        """How likely each class is: (K), adding up to 1 unless there may be several."""
        with torch.inference_mode():
            logits = self.logits(encoding)[0].float().cpu()
        shares = logits.sigmoid() if self.several else logits.softmax(-1)
        return shares.numpy()

    def contributions(self, encoding: Encoding, label: int, blank_id: int) -> Floats:
        """What each token adds to the score of a class, (T), by integrated gradients.

        From the same input with ``blank_id`` in the place of every word to the input itself
        (Sundararajan et al. 2017, *Axiomatic Attribution for Deep Networks*, eq. 3): they add up
        to the rise of the score between the two.
        """
        table = self.module.get_input_embeddings()
        device = table.weight.device
        ids = torch.from_numpy(encoding.input_ids)[None]
        blank_ids = ids.clone()
        own = [i for i, offsets in enumerate(encoding.offsets) if offsets is not None]
        blank_ids[0, own] = blank_id
        with torch.no_grad():
            here, blank = table(ids.to(device)), table(blank_ids.to(device))  # 1 T D
        steps = (torch.arange(STEPS, device=device) + 0.5) / STEPS
        path = blank + steps[:, None, None].to(here.dtype) * (here - blank)  # S T D
        with torch.enable_grad():
            path.requires_grad_(True)
            (slope,) = torch.autograd.grad(self.logits(encoding, path)[:, label].sum(), path)
        found = (slope.mean(dim=0) * (here - blank)[0]).sum(dim=-1)  # T
        return found.float().cpu().numpy()  # type: ignore[no-any-return]
