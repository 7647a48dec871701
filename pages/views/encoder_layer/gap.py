"""The token and the masked word that the steps look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lessons.engine.gaps import longest_word
from pages.ui.errors import NothingToShow
from pages.ui.hidden_word import with_a_gap
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel


def token(page: LessonPage) -> int:
    """The token to look at: the selected one, a masked one, else the longest word."""
    encoding = page.masked()
    for wanted in (page.sentence.selected, *page.sentence.masks):
        if wanted is not None:
            return wanted
    return longest_word(encoding) or 0


def gap(page: LessonPage) -> tuple[LoadedModel, Encoding, int, str | None]:
    """The model, the input, the masked position, and the word that it hides."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow("This needs a model that predicts words: choose another one.")
    encoding, position = with_a_gap(page)
    if position is None:
        raise NothingToShow("Type a sentence with a word in it, so that one can be masked.")
    written = page.encoding().tokens[position]
    return model, encoding, position, None if written == model.mask_token else written
