"""Which words decide: of a classifier that was trained in this lesson, and in a learner's words.

The other classifier is the model chosen above, with the head that it came with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.labels import Labels
from ..engine.reasons import Classifier, Reasons
from ..engine.tokenizer import Encoding
from ..engine.trace import Floats

if TYPE_CHECKING:
    from torch import Tensor

    from ..engine.fine_tuned import FineTuned
    from ..engine.model import LoadedModel

LONGEST = 128
"""Tokens of a text whose words are asked about."""


def of_a_run(model: LoadedModel, tuned: FineTuned, names: list[str]) -> Classifier:
    """What a run of this lesson left, over the model that it began with."""
    from ..engine.bert import Recorder

    def logits(ids: Tensor, types: Tensor, mask: Tensor, edits: Mapping[str, Any]) -> Tensor:
        probe = Recorder(edits, keep=())
        return tuned.read(tuned.encoder(ids, types, mask, probe=probe))

    return Classifier(model, Labels(tuple(names), "text"), logits)


def describe(found: Reasons) -> str:
    """The word that speaks most for the label, the one that speaks most against it, and the sum."""
    if not found.own:
        return "There is no word to ask about."
    ranked = sorted(found.own, key=lambda i: float(found.values[i]))
    most, least = ranked[-1], ranked[0]
    said = f"“{found.tokens[most]}” speaks most for “{found.label}” ({found.values[most]:+.2f})"
    if found.values[least] < 0:
        said += f", “{found.tokens[least]}” most against it ({found.values[least]:+.2f})"
    what = "score" if found.score else "log-probability"
    return (
        f"{said}. All together add up to {found.sum:+.2f}; the {what} of “{found.label}” rises by "
        f"{found.gap:+.2f} from a text of masks to this one."
    ).replace("-", "−")


def tagged(names: tuple[str, ...], found: Floats, encoding: Encoding) -> list[tuple[str, str]]:
    """The words of a text with the label of each, by its first piece; ``found`` is (T, K)."""
    words: list[tuple[str, str]] = []
    before = None
    for i, (word, offsets) in enumerate(zip(encoding.word_ids, encoding.offsets, strict=True)):
        if word is None or offsets is None or encoding.sentence_ids[i] != 0:
            continue
        if word != before:
            words.append((encoding.text[slice(*offsets)], names[int(np.argmax(found[i]))]))
        else:
            words[-1] = (words[-1][0] + encoding.text[slice(*offsets)], words[-1][1])
        before = word
    return words
