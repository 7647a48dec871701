"""Sentences as vectors: one pair by seven methods, a rating game, raw [CLS], many sentences."""

import random
from collections.abc import Sequence

import numpy as np
import streamlit as st

from lessons.similarity import compute, figures
from lessons.similarity.compute import Method, Numbers, Vectors
from pages.ui import controls, resources, state
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage, lesson_page

OWN = "Your own"
PRESETS = (0, 1, 4, 11, 18, 49)  # places among our pairs
GUESSES = {"Below 0.2": 0.1, "0.2 to 0.4": 0.3, "Above 0.4": 0.7}
STEPS = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@st.cache_resource(max_entries=40, show_spinner="Reading the sentences …")
def pooled(model: str, texts: tuple[str, ...]) -> compute.Pooled:
    """Vectors of texts by every pooling."""
    return compute.pool(resources.model(model), texts)


def vectors(methods: Sequence[Method], texts: Sequence[str]) -> Vectors:
    """What the methods need of some texts."""
    return {m.model: pooled(m.model, tuple(texts)) for m in methods if m.model is not None}


@st.cache_data(max_entries=8, show_spinner=False)
def our_scores(methods: tuple[Method, ...]) -> list[tuple[Method, Numbers, Numbers]]:
    """Each method's scores of our pairs, and of random pairs."""
    texts, rows = compute.pair_texts()
    found = vectors(methods, texts)
    strangers = compute.random_pairs()
    return [
        (m, compute.scores(m, texts, found, rows), compute.scores(m, texts, found, strangers))
        for m in methods
    ]


def one_pair(page: LessonPage) -> None:
    """The learner's two sentences by every method, each on its band of random pairs."""
    first, second = page.sentence.text, page.sentence.pair
    if page.sentence.empty:
        raise NothingToShow("Type a sentence above, or take one of the example pairs.")
    with st.container(horizontal=True, gap="small", key="similarity_presets"):
        for place in PRESETS:
            pair = compute.pairs()[place]
            st.button(
                pair.first, key=f"similarity.preset{place}", on_click=state.show_example,
                args=(pair.first, pair.second),
                help=f"{pair.first} / {pair.second}",
            )  # fmt: skip
    if not second:
        second = compute.stand_in()
        st.caption(f"No second sentence above yet, so yours is compared with “{second}”")
    methods = tuple(compute.methods(page.sentence.model))
    texts = [first, second]
    mine = vectors(methods, texts)
    found = [
        compute.standing(m, compute.scores(m, texts, mine, [(0, 1)])[0], strangers)
        for m, _, strangers in our_scores(methods)
    ]
    page.chart(
        figures.standing_plot(found), key="standings", words=compute.describe_standings(found)
    )


def rate(page: LessonPage) -> None:
    """Eight pairs to rate; only then the models, ranked by agreement."""
    deal = st.session_state.setdefault("similarity.deal", compute.SEED)
    places = compute.deal(seed=deal)
    shown = [compute.pairs()[place] for place in places]
    with st.form("similarity.form", border=True):
        ratings = []
        columns = st.columns(2, gap="large")
        for number, (place, pair) in enumerate(zip(places, shown, strict=True), 1):
            with columns[(number - 1) * 2 // len(places)]:
                st.markdown(f"**{number}.** {pair.first}  \n{pair.second}")
                rating = st.segmented_control(
                    f"How alike is pair {number}?", STEPS, key=f"similarity.rating.{place}",
                    format_func="{:.0f}".format, label_visibility="collapsed",
                    persist_state="session",
                )  # fmt: skip
            ratings.append(rating)
        st.form_submit_button("Show what the models say", key="similarity.reveal")
    st.button(
        "Deal other pairs", icon=":material/casino:", key="similarity.redeal", on_click=redeal
    )
    missing = [i for i, rating in enumerate(ratings, 1) if rating is None]
    if missing:
        left = ", ".join(map(str, missing)) if len(missing) < len(ratings) else "all of them"
        st.caption(f"Still to rate: {left}. The models wait.")
        return
    given = [float(rating) for rating in ratings if rating is not None]
    methods = tuple(compute.methods(page.sentence.model))
    theirs = {m: values[places] for m, values, _ in our_scores(methods)}
    found = [(m, compute.rank_correlation(given, values)) for m, values in theirs.items()]
    page.chart(
        figures.correlation_bars(
            found, title="Whose order is nearest to yours?", luck=compute.luck(given)
        ),
        key="agreement",
        words=compute.describe_correlations(found, len(shown), "yours"),
    )
    titles = {m.title: m for m in methods}
    name = st.selectbox(
        "Pair by pair with", list(titles), index=list(titles).index(compute.BEST.title),
        key="similarity.method", persist_state="session",
    )  # fmt: skip
    method = titles.get(name or "", compute.BEST)
    ours = compute.rank_correlation(given, [pair.score for pair in shown])
    page.chart(
        figures.rating_scatter(shown, given, theirs[method], method),
        key="ratings",
        words="Each number is a pair of the list above."
        + (f" Your order and ours have ρ = {ours:.2f}." if ours is not None else ""),
    )


def redeal() -> None:
    st.session_state["similarity.deal"] = random.randrange(1, 10_000)


def raw_cls(page: LessonPage) -> None:
    """The prediction, unrelated sentences by each method, and how each orders our pairs."""
    guess = page.predict(page.sentence.model)
    methods = tuple(compute.methods(page.sentence.model))
    rows = our_scores(methods)
    strangers = [(m, values) for m, _, values in rows]
    if guess:
        value = strangers[1][1].mean()
        st.markdown(f"You said **{guess.lower()}**. Measured now: **{value:.2f}**.")
    figure, words = drawing(
        "random",
        f"{page.sentence.model}/{guess}",
        lambda: (
            figures.random_boxes(strangers, GUESSES.get(guess or "")),
            compute.describe_random(strangers),
        ),
    )
    page.chart(figure, key="random", words=words)
    ours = np.array([pair.score for pair in compute.pairs()])
    traps = [bool(pair.trap) for pair in compute.pairs()]
    which = st.segmented_control(
        "Pairs", ["all", "with a trap", "without a trap"], default="all", required=True,
        key="similarity.pairs", persist_state="session",
    )  # fmt: skip
    chosen = [
        i for i, trap in enumerate(traps) if which == "all" or trap == (which == "with a trap")
    ]
    found = [(m, compute.rank_correlation(values[chosen], ours[chosen])) for m, values, _ in rows]
    title = f"Agreement with our ratings of {len(chosen)} pairs"
    figure, words = drawing(
        "correlations",
        f"{page.sentence.model}/{which}",
        lambda: (
            figures.correlation_bars(found, title=title),
            compute.describe_correlations(found, len(chosen), "our ratings"),
        ),
    )
    page.chart(figure, key="correlations", words=words)
    figure, words = drawing("sourced", "", lambda: (figures.sourced_bars(), compute.SOURCED))
    page.chart(figure, key="sourced", words=words)
    page.prose("what-others-measured")


def many(page: LessonPage) -> None:
    """Sentences one a line, scored by a method, grouped, and drawn group by group."""
    lists = {found.about: found.text for found in compute.sentence_lists()}
    left, right = st.columns([3, 2])
    with left:
        about = st.selectbox(
            "Sentences", [*lists, OWN], key="similarity.list", persist_state="session"
        )
    titles = {m.title: m for m in compute.methods(page.sentence.model)}
    with right:
        name = st.selectbox(
            "Scored by", list(titles), index=list(titles).index(compute.BEST.title),
            key="similarity.scored_by", persist_state="session",
        )  # fmt: skip
    if about == OWN:
        text = st.text_area(
            "One sentence on each line", key="similarity.lines", height=180,
            persist_state="session", placeholder="Paste or type at least three sentences",
        )  # fmt: skip
    else:
        text = lists.get(about or "", "")
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        with_mine = st.toggle(
            "Add your sentence from above", key="similarity.mine", persist_state="session"
        )
    with right:
        count = controls.slider("Groups", 2, 8, 4, key="similarity.groups")
    mine = f"{page.sentence.text}\n" if with_mine else ""
    lines = compute.read_lines(mine + (text or ""))
    if len(lines.sentences) < 3:
        raise NothingToShow("Three sentences are the least to group: one on each line.")
    if lines.n_cut or lines.n_shortened:
        st.caption(
            f"{lines.n_cut} lines beyond {compute.MOST_SENTENCES} were left out, "
            f"{lines.n_shortened} were shortened to {compute.LONGEST_SENTENCE} characters."
        )
    method = titles.get(name or "", compute.BEST)

    def make() -> Drawing:
        matrix = compute.score_matrix(method, lines.sentences, vectors([method], lines.sentences))
        found = compute.cluster(matrix, count)
        figure = figures.cluster_heatmap(lines.sentences, found)
        return figure, compute.describe_clusters(found, method)

    key = "\n".join([method.title, str(count), *lines.sentences])
    figure, words = drawing("clusters", key, make)
    page.chart(figure, key="matrix_chart", words=words)


with lesson_page("similarity", pair=True) as page:
    page.steps({"pair": one_pair, "rate": rate, "cls": raw_cls, "matrix": many})
