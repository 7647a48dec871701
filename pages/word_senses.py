"""One word, many vectors: film, verdict, layers, baselines, and three claims measured."""

from functools import partial

import streamlit as st

from lessons.word_senses import claims, compute, figures
from lessons.word_senses.examples import NotASentence, locate, sense_words
from pages.ui import sense_maps, sense_views, senses
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import NothingToShow
from pages.ui.links import link
from pages.ui.shell import LessonPage, lesson_page

GUESSES = {"Nearly always": 1.0, "About as often as a coin": 0.5, "Nearly never": 0.0}
AT_A_LAYER = ("land", "layers", "static", "alike")  # steps that look at one layer of all
CLAIMS = ("Two colds", "Who is she?", "Doer and done to")


def film(page: LessonPage) -> None:
    """A guess about layer 0, then the film."""
    bench = on_the_bench(page)
    guess = page.predict(page.sentence.model)
    if guess:
        bank = sense_words()["bank"]
        vectors = senses.vectors_of(page.sentence.model, bank)
        first, last = (compute.leave_one_out(vectors[i], bank.labels).accuracy for i in (0, -1))
        st.markdown(
            f"You said **{guess.lower()}**. For “bank” it is right for "
            f"**{compute.percent(first)}** at layer 0, and for **{compute.percent(last)}** at the "
            "last layer. See it happen:"
        )
    about_bank = bench.word.word == "bank"
    sense_maps.film_view(
        bench, key="word_senses.film", guess=GUESSES.get(guess or "") if about_bank else None
    )


def land(page: LessonPage) -> None:
    """The learner's word as a star on the map, the verdict, the nearest sentences."""
    bench = on_the_bench(page)
    sense_views.tries_view(bench.word)
    settings = sense_maps.map_settings("word_senses")
    sense_maps.map_view(bench, settings, key="word_senses.map", height=420)
    sense_views.verdict_view(bench, page.sentence, key="word_senses.verdict")
    if bench.new is not None:
        sense_views.neighbors_view(bench)
    link("compare_senses", "More room, and a table of your own →")


def layers(page: LessonPage) -> None:
    """Curves of this word, or of all words together with each word's own result."""
    bench = on_the_bench(page)
    which = st.segmented_control(
        "Of", ["this word", "all words"], default="this word", required=True,
        key="word_senses.which", persist_state="session",
    )  # fmt: skip
    if which == "this word":
        sense_views.layers_view(bench, key="word_senses.layers")
        return
    curves = senses.all_curves(bench.model)
    mean = compute.mean_curve(list(curves.values()))
    what = f"all {len(curves)} words"
    page.chart(
        figures.layer_curve(mean, what), key="all_layers", words=compute.describe_curve(mean, what)
    )
    at = [curve.accuracy[bench.layer] for curve in curves.values()]
    page.chart(
        figures.word_bars(
            list(curves),
            [curve.accuracy[0] for curve in curves.values()],
            at,
            [curve.chance for curve in curves.values()],
        ),
        key="each_word",
        words=compute.describe_words(list(curves), at, bench.layer),
    )


def static(page: LessonPage) -> None:
    """The same sentences at layer 0 and at the chosen layer."""
    sense_views.static_view(on_the_bench(page), key="word_senses.static")


def alike(page: LessonPage) -> None:
    """Every pair of sentences, and mean cosines beside random words."""
    bench = on_the_bench(page)
    left, right = st.columns(2, gap="medium")
    with left:
        sense_views.matrix_view(bench, key="word_senses.matrix")
    with right:
        sense_views.alike_view(bench, key="word_senses.alike")


def claimed(page: LessonPage) -> None:
    """One of the three claims, measured."""
    claim = st.segmented_control(
        "Claim", CLAIMS, default=CLAIMS[0], required=True, key="word_senses.claim",
        persist_state="session",
    )  # fmt: skip
    if claim == CLAIMS[1]:
        found = senses.coreference(page.sentence.model)
        page.chart(
            figures.coreference_curves(found),
            key="coreference",
            words=claims.describe_coreference(found),
        )
    elif claim == CLAIMS[2]:
        roles = senses.roles(page.sentence.model)
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
    layer = senses.choose_layer(page.model().spec.layers, key="word_senses.layer")

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


def models(page: LessonPage) -> None:
    """The same sentences through a second model."""
    sense_views.models_view(on_the_bench(page), key="word_senses.models")


def on_the_bench(page: LessonPage) -> senses.Bench:
    """The word that is chosen at the top of a step, and the layer where the step has one."""
    layer = None
    with st.container(border=True, key="senses_choice"):
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        with left:
            word = senses.choose_word()
        if page.step in AT_A_LAYER:
            with right:
                layer = senses.choose_layer(senses.last_layer(page.sentence.model))
        senses.choose_occurrence(page.sentence, word)
    return senses.bench(page.sentence, word, layer)


with lesson_page("word_senses") as page:
    page.steps({
        "film": film, "land": land, "layers": layers, "static": static, "alike": alike,
        "claims": claimed, "models": models,
    })  # fmt: skip
    senses.publish()
