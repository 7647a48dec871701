"""The labels of a fine-tuned classifier, as its ``config.json`` names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch import Tensor

TASKS: dict[str, Literal["text", "token"]] = {
    "ForSequenceClassification": "text",
    "ForTokenClassification": "token",
}
"""How the class names of `transformers` end, and what gets a label there."""


@dataclass(frozen=True)
class Labels:
    """K labels, of a whole text or of each token.

    ``kind``: "one" of them is right (softmax), "many" may be (a sigmoid each), or the head gives a
    "score" and no probability (regression).
    """

    names: tuple[str, ...]
    per: Literal["text", "token"]
    kind: Literal["one", "many", "score"] = "one"

    def probabilities(self, logits: Tensor) -> Tensor:
        """Logits (…, K) as probabilities; a score stays as it is."""
        if self.kind == "score":
            return logits
        return logits.softmax(dim=-1) if self.kind == "one" else logits.sigmoid()

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Their logarithms; a score stays as it is."""
        from torch.nn.functional import logsigmoid

        if self.kind == "score":
            return logits
        return logits.log_softmax(dim=-1) if self.kind == "one" else logsigmoid(logits)


def labels_of(config: Mapping[str, Any]) -> Labels | None:
    """What ``config.json`` says of a classifier's labels; None for a model of another task.

    Without names they are called LABEL_0 and so on, two where no number is given, as in
    `transformers`.
    """
    names = config.get("architectures") or [""]
    per = next((task for end, task in TASKS.items() if str(names[0]).endswith(end)), None)
    if per is None:
        return None
    named = config.get("id2label")
    if isinstance(named, Mapping) and named:
        said = {int(i): str(name) for i, name in named.items()}
        found = tuple(said.get(i, f"LABEL_{i}") for i in range(len(said)))
    else:
        count = config.get("num_labels")
        found = tuple(f"LABEL_{i}" for i in range(count if isinstance(count, int) else 2))
    problem = config.get("problem_type")
    if per == "token":
        return Labels(found, per)
    if problem == "regression" or (problem is None and len(found) == 1):
        return Labels(found, per, "score")
    return Labels(found, per, "many" if problem == "multi_label_classification" else "one")
