"""The uses of a word from layer to layer."""

from __future__ import annotations

from lessons.word_senses import compute
from lessons.word_senses.examples import sense_words
from pages.ui.shell import LessonPage
from pages.views.word_senses import maps, workbench
from pages.views.word_senses.parts import on_the_bench


def film(page: LessonPage) -> None:
    """A guess about layer 0, then the film."""
    guess = page.predict(page.sentence.model)
    if guess is None:
        return
    bank = sense_words()["bank"]
    vectors = workbench.vectors_of(page.sentence.model, bank)
    first, last = (compute.leave_one_out(vectors[i], bank.labels).accuracy for i in (0, -1))
    page.reveal(
        guess,
        100 * first,
        f"For “bank” it is right for {compute.percent(first)} at layer 0, and for "
        f"{compute.percent(last)} at the last layer. See it happen:",
    )
    bench = on_the_bench(page)
    about_bank = bench.word.word == "bank"
    marked = guess.made / 100 if about_bank and isinstance(guess.made, float) else None
    maps.film_view(bench, key="word_senses.film", guess=marked)
