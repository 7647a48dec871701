"""The same sentences under several models."""

from __future__ import annotations

from pages.ui.shell import LessonPage
from pages.views.word_senses import verdicts
from pages.views.word_senses.parts import on_the_bench


def models(page: LessonPage) -> None:
    """The same sentences through a second model."""
    verdicts.models_view(on_the_bench(page), key="word_senses.models")
