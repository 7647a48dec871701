"""Which words a classifier decides by: integrated gradients on one of its labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .labels import Labels
from .tokenizer import Encoding
from .trace import Floats

if TYPE_CHECKING:
    from torch import Tensor

    from .attribution import Progress


@dataclass(frozen=True)
class Classifier:
    """With labels: ``logits(ids, types, mask, edits)`` are (B, K), or (B, T, K) for tokens.

    ``model`` is the `LoadedModel` whose words it reads. (That asks for reasons itself: its type
    is not known here.)
    """

    model: Any
    labels: Labels
    logits: Callable[[Tensor, Tensor, Tensor, Mapping[str, Any]], Tensor]


def of_a_model(model: Any) -> Classifier:
    """A checkpoint that came with a head for labels; it has ``labels``."""
    assert model.labels is not None
    return Classifier(model, model.labels, model.label_logits)


def probabilities(classifier: Classifier, encoding: Encoding) -> Floats:
    """Of each label, (K), or by token (T, K); scores where the labels are scores."""
    import torch

    with torch.inference_mode():
        logits = classifier.logits(*_inputs(encoding), {})
        return classifier.labels.probabilities(logits)[0].numpy()


@dataclass(frozen=True, eq=False)
class Reasons:
    """What each token adds to a label's log-probability, or to its score: ``values`` (T).

    ``gap`` is how far it rises from a text of masks to this text, ``sum`` what ``values`` add up
    to, which is that up to the coarseness of the path. ``own`` are the tokens that are no special
    ones.
    """

    label: str
    tokens: tuple[str, ...]
    own: tuple[int, ...]
    values: Floats
    gap: float
    sum: float
    score: bool

    @property
    def words(self) -> list[tuple[str, float]]:
        """The tokens that are no special ones, with their values."""
        return [(self.tokens[i], float(self.values[i])) for i in self.own]


def reasons(
    classifier: Classifier,
    encoding: Encoding,
    label: int,
    token: int = 0,
    progress: Progress | None = None,
) -> Reasons:
    """Integrated gradients on a label of the text, or on that of one ``token``.

    The path leads from the same input with every word masked. ``progress`` is told how far it is,
    from 0 to 1.
    """
    import torch

    from .attribution import integrated_gradients

    model, labels = classifier.model, classifier.labels
    own = tuple(i for i, offsets in enumerate(encoding.offsets) if offsets is not None)
    ids, types, mask = _inputs(encoding)

    def answer(words: Tensor) -> Tensor:
        many = [tensor.expand(len(words), -1) for tensor in (ids, types, mask)]
        logits = classifier.logits(
            many[0], many[1], many[2], {"word_embeddings": lambda x, seen: words}
        )
        logits = logits[:, token] if labels.per == "token" else logits  # B K
        return labels.log_probabilities(logits)[:, label]

    with torch.no_grad():
        here = model.word_embeddings(ids)  # 1 T D
        blank_ids = ids.clone()
        blank_ids[0, list(own)] = model.mask_token_id or 0
        blank = model.word_embeddings(blank_ids)
        gap = float(answer(here) - answer(blank))
    values = integrated_gradients(answer, here, blank, progress).numpy()
    return Reasons(
        labels.names[label], encoding.tokens, own, values, gap, float(values.sum()),
        labels.kind == "score",
    )  # fmt: skip


def _inputs(encoding: Encoding) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, token types and mask of one input, (1, T) each."""
    import torch

    arrays = (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
    ids, types, mask = (torch.from_numpy(array)[None] for array in arrays)
    return ids, types, mask
