"""The masked word that the lesson explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui.errors import NothingToShow
from pages.ui.hidden_word import with_a_gap
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel


def gap(page: LessonPage) -> tuple[LoadedModel, Encoding, int]:
    """The model, the input, and the masked position that is explained."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow(f"{model.spec.title} predicts no words: choose another model here.")
    encoding, position = with_a_gap(page)
    if position is None:
        raise NothingToShow("Type a sentence with a word in it, so that one can be masked.")
    return model, encoding, position
