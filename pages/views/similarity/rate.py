"""The learner's ratings against the models'."""

from __future__ import annotations

import random

import streamlit as st

from lessons.similarity import compute, figures
from pages.ui import controls
from pages.ui.shell import LessonPage
from pages.views.similarity.vectors import our_scores

STEPS = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


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
    name = controls.selectbox(
        "Pair by pair with", list(titles), default=compute.BEST.title, key="similarity.method"
    )
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
