"""What came after BERT: six mechanisms, the family in numbers, a chooser, two models at once."""

from pages.ui import variants_family, variants_shown, variants_trained
from pages.ui.links import link
from pages.ui.shell import LessonPage, lesson_page
from pages.ui.variants_runs import guess


def roberta(page: LessonPage) -> None:
    page.encoding()  # a fragment has no way to say that there is no sentence
    variants_shown.masks(page, page.predict())


def distilbert(page: LessonPage) -> None:
    said = guess(
        "distil_guess",
        "Before any training the student already says what its teacher says at some gaps. How many "
        "will it be after 80 short steps?",
        variants_trained.SHARES,
    )
    variants_trained.student(page, said)


def albert(page: LessonPage) -> None:
    said = guess(
        "albert_guess",
        "One layer of the bundled model takes the place of all six. Does the same word stay first "
        "at the gap?",
        ("yes", "no"),
    )
    variants_shown.shared_layer(page, said)
    variants_shown.factors(page)


def electra(page: LessonPage) -> None:
    variants_trained.game(page)
    variants_trained.detector(page)


def deberta(page: LessonPage) -> None:
    page.trace()  # before the fragment, which could not say what is missing
    variants_shown.scores(page)


def modernbert(page: LessonPage) -> None:
    page.encoding()
    variants_shown.window_maps(page)
    link("positions", "Rotary positions: Where a word stands", icon=":material/location_on:")
    said = guess(
        "modern_guess",
        "One layer, 8,192 tokens: how many times the operations of a window of 128 does looking "
        "at everything take?",
        ("2 times", "8 times", "64 times", "4,000 times"),
    )
    variants_shown.prices(page, said)


def table(page: LessonPage) -> None:
    variants_family.table(page)


def chooser(page: LessonPage) -> None:
    variants_family.choose(page)


def two_models(page: LessonPage) -> None:
    variants_family.two_models(page)


with lesson_page("variants") as page:
    page.steps({
        "roberta": roberta, "distilbert": distilbert, "albert": albert, "electra": electra,
        "deberta": deberta, "modernbert": modernbert, "table": table, "chooser": chooser,
        "two-models": two_models,
    })  # fmt: skip
