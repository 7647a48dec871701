"""Three claims about contextual vectors, measured."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.word_senses import claims, figures
from lessons.word_senses.examples import NotASentence, locate
from pages.ui import controls
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.word_senses import workbench

CLAIMS = ("Two colds", "Who is she?", "Doer and done to")


def claimed(page: LessonPage) -> None:
    """One of the three claims, measured."""
    claim = controls.segmented_control("Claim", CLAIMS, default=CLAIMS[0], key="word_senses.claim")
    if claim == CLAIMS[1]:
        found = workbench.coreference(page.sentence.model)
        page.chart(
            figures.coreference_curves(found),
            key="coreference",
            words=claims.describe_coreference(found),
        )
    elif claim == CLAIMS[2]:
        roles = workbench.roles(page.sentence.model)
        page.chart(figures.role_curves(roles), key="roles", words=claims.describe_roles(roles))
    else:
        two_colds(page)


def two_colds(page: LessonPage) -> None:
    """One word in two sentences against other words, all of them the learner's to change."""
    cold = claims.claims()["cold"]
    left, right = st.columns(2)
    field = partial(st.text_input, max_chars=300, live="400ms", persist_state="session")
    with left:
        first = field("One sentence", cold["first"], key="word_senses.first")
    with right:
        second = field("Another", cold["second"], key="word_senses.second")
    words = field("Other words", ", ".join(cold["words"]), key="word_senses.words")
    layer = workbench.choose_layer(page.model().spec.layers, key="word_senses.layer")

    def make() -> Drawing:
        pair = locate(first), locate(second)
        found = claims.contrast(page.model(), *pair, claims.words_in(words))
        one, two = (f"{i}. {text[slice(*span)]}" for i, (text, span) in enumerate(pair, 1))
        figure = figures.contrast_bars(found, layer, (one, two))
        return figure, claims.describe_contrast(found, layer)

    try:
        key = f"{page.sentence.model}/{layer}/{first}/{second}/{words}"
        figure, said = drawing("contrast", key, make)
    except NotASentence:
        raise NothingToShow("Put exactly one word of each sentence in [brackets].") from None
    except ValueError:
        raise NothingToShow("The model sees no token where a marked word stands.") from None
    page.chart(figure, key="contrast", words=said)
