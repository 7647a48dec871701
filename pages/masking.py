"""Masked language modeling: gaps, surprise, and the recipe of pre-training."""

import streamlit as st

from lessons.masking import compute
from pages.ui import gap_contrasts, gap_guesses, gap_orders, gap_surprise, gaps
from pages.ui.errors import calmly, fragment
from pages.ui.recipe import masking_epochs, one_and_many_draws
from pages.ui.shell import LessonPage, lesson_page

SLUG = "masking"


@fragment
def orders(page: LessonPage) -> None:
    """All gaps in three orders."""
    with calmly():
        gap_orders.filling_orders(page.sentence, SLUG)


@fragment
def contrast(page: LessonPage) -> None:
    """Two sentences on one scale, and words weighed."""
    with calmly():
        gap_contrasts.two_sentences(page.sentence, SLUG)
    with calmly():
        gap_guesses.weigh_words(page.sentence, SLUG)


with lesson_page(SLUG, gap=True) as page:
    page.prose("the-idea")
    page.encoding()
    if page.experiment("play"):
        gaps.preset_row(SLUG, compute.presets()[0], "Try one of ours:")
        with calmly():
            gap_guesses.guess_and_reveal(page.sentence, SLUG)
        page.prose("how-to-read-the-bars")
    if page.experiment("orders"):
        page.prose("why-order-matters")
        gaps.preset_row(SLUG, [p for p in compute.presets()[0] if len(p.hide) > 1], "Several gaps:")
        orders(page)
    if page.experiment("contrast"):
        page.prose("what-a-contrast-tells")
        contrast(page)
    if page.experiment("surprise"):
        page.prose("surprise")
        gaps.preset_row(SLUG, compute.presets()[1], "Slips to find:")
        with calmly():
            gap_surprise.every_word(page.sentence, SLUG, with_chart=True)
    if page.experiment("recipe"):
        page.prose("the-recipe")
        one_and_many_draws(page)
        page.prose("what-to-notice-in-the-recipe")
    if page.experiment("epochs"):
        page.prose("drawn-anew")
        masking_epochs(page)
    run = st.session_state.get(f"{SLUG}.run")
    if page.experiment("word2vec", keep=run is not None and run.result is None):
        page.prose("the-older-way")
        from pages.ui.word2vec import older_way  # brings torch: the page above need not wait

        older_way(page)
        page.prose("one-vector-or-many")
    page.heading("Common mistakes")
    page.prose("common-mistakes")
