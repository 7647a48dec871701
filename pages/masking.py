"""Masked language modeling: gaps, surprise, and the recipe of pre-training."""

from lessons.masking import compute
from pages.ui.errors import calmly, fragment
from pages.ui.shell import LessonPage, lesson_page
from pages.views.masking import contrasts, guessing, masked_words
from pages.views.masking.orders import filling_orders
from pages.views.masking.recipe import masking_epochs, one_and_many_draws
from pages.views.masking.surprise import every_word

SLUG = "masking"


@fragment
def orders(page: LessonPage) -> None:
    """All gaps in three orders."""
    with calmly():
        several = [p for p in compute.presets()[0] if len(p.hide) > 1]
        masked_words.preset_row(SLUG, several, "Several gaps:")
        filling_orders(page.sentence, SLUG)


@fragment
def contrast(page: LessonPage) -> None:
    """Two sentences on one scale, and words weighed."""
    with calmly():
        contrasts.two_sentences(page.sentence, SLUG)
    with calmly():
        guessing.weigh_words(page.sentence, SLUG)


def play(page: LessonPage) -> None:
    masked_words.preset_row(SLUG, compute.presets()[0], "Try one of ours:")
    guessing.guess_and_reveal(page.sentence, SLUG)


def surprise(page: LessonPage) -> None:
    masked_words.preset_row(SLUG, compute.presets()[1], "Slips to find:")
    every_word(page.sentence, SLUG, with_chart=True)


def older(page: LessonPage) -> None:
    from pages.views.masking.word2vec import (
        older_way,  # brings torch: the other steps need not wait
    )

    older_way(page)


with lesson_page(SLUG, gaps={"play": 1, "orders": 2, "contrast": 1}) as page:
    page.encoding()
    page.steps({
        "play": play, "orders": orders, "contrast": contrast, "surprise": surprise,
        "recipe": one_and_many_draws, "epochs": masking_epochs, "word2vec": older,
    })  # fmt: skip
