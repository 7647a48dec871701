"""What came after BERT: six mechanisms, the family in numbers, a chooser, two models at once."""

from pages.ui import controls, variants_family, variants_shown, variants_trained
from pages.ui.links import link
from pages.ui.shell import LessonPage, lesson_page
from pages.ui.variants_runs import guess, keep_alive


def roberta(page: LessonPage) -> None:
    page.prose("masks-drawn-anew")
    page.encoding()  # a fragment has no way to say that there is no sentence
    variants_shown.masks(page, page.predict())
    page.prose("what-else-roberta-changed")


def distilbert(page: LessonPage) -> None:
    page.prose("a-student-and-its-teacher")
    said = guess(
        "distil_guess",
        "Before any training the student already says what its teacher says at some gaps. How many "
        "will it be after 80 short steps?",
        variants_trained.SHARES,
    )
    variants_trained.student(page, said)
    page.prose("what-distilbert-reached")


def albert(page: LessonPage) -> None:
    page.prose("one-layer-for-all")
    said = guess(
        "albert_guess",
        "One layer of the bundled model takes the place of all six. Does the same word stay first "
        "at the gap?",
        ("yes", "no"),
    )
    variants_shown.shared_layer(page, said)
    page.prose("a-narrower-word-table")
    variants_shown.factors(page)
    page.prose("fewer-parameters-same-work")


def electra(page: LessonPage) -> None:
    page.prose("find-the-replaced-words")
    variants_trained.game(page)
    page.prose("a-detector-that-learns-beside-you")
    variants_trained.detector(page)
    page.prose("why-every-token")


def deberta(page: LessonPage) -> None:
    page.prose("content-and-position-apart")
    page.prose("what-random-weights-can-show")
    page.trace()  # before the fragment, which could not say what is missing
    variants_shown.scores(page)


def modernbert(page: LessonPage) -> None:
    page.prose("a-window-and-now-and-then-everything")
    page.encoding()
    variants_shown.window_maps(page)
    link("positions", "Rotary positions: Where a word stands", icon="📍")
    page.prose("what-a-window-saves")
    said = guess(
        "modern_guess",
        "One layer, 8,192 tokens: how many times the operations of a window of 128 does looking "
        "at everything take?",
        ("2 times", "8 times", "64 times", "4,000 times"),
    )
    variants_shown.prices(page, said)


def table(page: LessonPage) -> None:
    page.prose("one-table-one-split")
    variants_family.table(page)


def chooser(page: LessonPage) -> None:
    page.prose("how-to-choose")
    variants_family.choose(page)


def two_models(page: LessonPage) -> None:
    page.prose("any-two")
    variants_family.two_models(page)


MECHANISMS = {
    "roberta": ("RoBERTa", roberta),
    "distilbert": ("DistilBERT", distilbert),
    "albert": ("ALBERT", albert),
    "electra": ("ELECTRA", electra),
    "deberta": ("DeBERTa", deberta),
    "modernbert": ("ModernBERT", modernbert),
}


def mechanisms(page: LessonPage) -> list[str]:
    """The one that is open; in presenter mode each has a screen of its own."""
    if page.presenting:
        return list(MECHANISMS)
    chosen = controls.segmented_control(
        "One idea at a time",
        list(MECHANISMS),
        default="roberta",
        format_func=lambda slug: MECHANISMS[slug][0],
        key="variants.open",
    )
    return [chosen]


with lesson_page("variants") as page:
    page.prose("after-2018")
    for slug in mechanisms(page):
        if page.experiment(slug, keep=True):  # a training may go on there
            page.attempt(MECHANISMS[slug][1])
    for slug, draw in {"table": table, "chooser": chooser, "two-models": two_models}.items():
        if page.experiment(slug):
            page.attempt(draw)
    keep_alive(
        variants_trained.students, variants_trained.detectors, variants_shown.timings,
        variants_family.counts,
    )  # fmt: skip
    page.heading("What to notice")
    page.prose("what-to-notice")
    page.heading("Common mistakes")
    page.prose("common-mistakes")
