"""All heads of all layers, as far as the explorer shows them in the lesson."""

from __future__ import annotations

from lessons.attention import detective, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.links import link
from pages.ui.shell import LessonPage
from pages.views.attention.explorer import attention_explorer, maps


def all_heads(page: LessonPage) -> None:
    """The guess, and all heads."""
    page.encoding()
    guess = page.predict(page.sentence.asked)
    if guess is None:
        return
    truth, values = detective.where_it_goes(page.trace(maps_only=True))
    page.reveal(guess, truth, detective.describe_sinks(page.trace(maps_only=True)), values=values)
    named_heads(page)


@fragment
def named_heads(page: LessonPage) -> None:
    """The explorer, with every head labelled by what it does."""
    trace = page.trace(maps_only=True)
    bare = controls.toggle(
        "Name heads by what they do between words, [CLS] and [SEP] left out",
        key="attention.bare",
    )
    roles = detective.roles_of(trace, ignore_special=bare)
    attention_explorer(
        maps(page.model(), page.masked(), trace),
        key="attention_heads",
        model=page.model().spec.title,
        labels=figures.head_labels(roles),
        words=detective.describe_roles(roles),
    )
    link("attention_explorer", "Contrast two sentences in the attention explorer →")
