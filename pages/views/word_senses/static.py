"""Static vectors beside vectors in context."""

from __future__ import annotations

from pages.ui.shell import LessonPage
from pages.views.word_senses import verdicts
from pages.views.word_senses.parts import on_the_bench


def static(page: LessonPage) -> None:
    """The same sentences at layer 0 and at the chosen layer."""
    verdicts.static_view(on_the_bench(page), key="word_senses.static")
