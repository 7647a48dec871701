"""The masked word that the lesson explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lessons.engine.gaps import longest_word
from pages.ui.errors import NothingToShow
from pages.ui.hidden_word import with_a_gap
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel


def explained(page: LessonPage) -> tuple[LoadedModel, Encoding, int]:
    """The model, the input, and the position that is explained: of a classifier, its label's.

    That is the first token for a label of the whole text, and the selected one (or the longest
    word) for labels of tokens.
    """
    model = page.model()
    if model.labels is None:
        return gap(page)
    encoding = page.masked()
    if model.labels.per == "text":
        return model, encoding, 0
    selected = page.sentence.selected
    return model, encoding, selected if selected is not None else longest_word(encoding) or 0


def gap(page: LessonPage) -> tuple[LoadedModel, Encoding, int]:
    """The model, the input, and the masked position that is explained."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow(f"{model.spec.title} predicts no words: choose another model here.")
    encoding, position = with_a_gap(page)
    if position is None:
        raise NothingToShow("Type a sentence with a word in it, so that one can be masked.")
    return model, encoding, position
