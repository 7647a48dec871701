"""The picture of a sentence on its way through BERT, as home and its lesson draw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.catalog import catalog
from pages.ui import address, sentence
from pages.ui.components import component

KEY = "journey"

_journey = component(
    "journey",
    """<div class="journey"><div class="controls">
<button type="button" class="play">▶ Play</button>
<button type="button" class="back" aria-label="One step back">←</button>
<button type="button" class="next" aria-label="One step on">→</button>
<span class="where" role="status"></span></div>
<div class="board" role="group" aria-label="The way of the sentence" tabindex="0"></div>
<p class="note"></p></div>
""",
)


def journey_picture(data: Mapping[str, Any], *, focus: int) -> None:
    """Draw a journey (`lessons.journey.compute.Journey.as_data`); ``focus`` is followed first."""
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
    slug = result.open.get("slug") if isinstance(result.open, dict) else None
    if slug is not None and any(lesson.slug == slug for lesson in catalog()):
        address.move_to(slug)


def _mask() -> None:
    sentence.toggle_masked(KEY)
