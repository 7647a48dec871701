"""The prediction read early, from every layer."""

from __future__ import annotations

from lessons.encoder_layer import compute, figures
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import gap


@fragment
def early(page: LessonPage) -> None:
    """The masked word read out after every layer."""
    model, encoding, position, hidden = gap(page)
    look = compute.early_look(model, model.trace(encoding), position, hidden)
    page.chart(figures.early_curves(look), key="early", words=compute.describe_early_look(look))
