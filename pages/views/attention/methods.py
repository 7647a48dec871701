"""Answers of several methods to the question which words count."""

from __future__ import annotations

from lessons.attention import figures, importance
from pages.ui import controls
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.attention import results as kept
from pages.views.attention.gap import explained


@fragment
def methods(page: LessonPage) -> None:
    """Attention beside methods that ask what the prediction depends on."""
    model, encoding, position = explained(page)
    if len(encoding) > importance.LONGEST:
        raise NothingToShow(f"The methods are compared on up to {importance.LONGEST} tokens.")
    looked = importance.attended(model, encoding, position)
    if len(looked.compared) < 3:
        raise NothingToShow("Type a sentence of some more words to compare the methods.")
    if not controls.toggle("Ask all five", key="attention.ask"):
        page.chart(
            figures.importance_strips(looked),
            key="looked",
            words=importance.describe_attended(looked),
        )
        return  # the others need a pass for each word, and gradients: only for those who ask
    found = kept.importance_of(model, encoding, position)
    page.chart(
        figures.importance_strips(found),
        key="strips",
        words=importance.describe_importance(found),
    )
    page.chart(
        figures.agreement_grid(found),
        key="agreement",
        words=importance.describe_sum_check(found),
    )
