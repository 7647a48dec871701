"""The picture of a sentence on its way through BERT, as home and its lesson draw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.catalog import catalog
from pages.ui import address, sentence
from pages.ui.components import component
from pages.ui.figures import picture_caption

KEY = "journey"

_journey = component("journey")


def journey_picture(data: Mapping[str, Any], *, focus: int, words: str = "") -> None:
    """Draw a journey (`lessons.journey.compute.Journey.as_data`); ``focus`` is followed first.

    ``words`` say what it shows; then it can be saved.
    """
    result = _journey(
        key=KEY,
        data={
            **data,
            "focus": focus,
            "lessons": {lesson.slug: lesson.title for lesson in catalog()},
        },
        on_mask_change=_mask,
        on_open_change=lambda: None,
    )
    if words:
        picture_caption(
            words,
            key=KEY,
            title="One sentence through BERT",
            component="journey",
            data=lambda: {**data, "focus": focus, "lessons": {}},
        )
    slug = result.open.get("slug") if isinstance(result.open, dict) else None
    if slug is not None and any(lesson.slug == slug for lesson in catalog()):
        address.move_to(slug)


def _mask() -> None:
    sentence.toggle_masked(KEY)
