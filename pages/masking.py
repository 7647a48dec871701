"""Masked language modeling: gaps, surprise, and the recipe of pre-training."""

import streamlit as st

from lessons.masking import compute, recipe
from pages.ui import gaps
from pages.ui.shell import LessonPage, lesson_page

SLUG = "masking"


@st.fragment
def orders(page: LessonPage) -> None:
    """All gaps in three orders."""
    with gaps.calmly():
        gaps.filling_orders(page.sentence, SLUG)


@st.fragment
def contrast(page: LessonPage) -> None:
    """Two sentences on one scale, and words weighed."""
    with gaps.calmly():
        gaps.two_sentences(page.sentence, SLUG)
    with gaps.calmly():
        gaps.weigh_words(page.sentence, SLUG)


@st.fragment
def draws(page: LessonPage) -> None:
    """One training example, then thousands counted."""
    from lessons.masking import figures

    guess = page.predict()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input("Seed", 0, 9999, 7, key=f"{SLUG}.seed", bind="query-params")
        st.button("Draw again", icon="🎲", key=f"{SLUG}.again", on_click=another_seed)
        whole = st.toggle("Whole words", key=f"{SLUG}.whole", bind="query-params")
        rate = st.slider(
            "Tokens chosen", 5, 50, 15, 5, format="%d%%", key=f"{SLUG}.rate",
            bind="query-params", width=220,
        )  # fmt: skip
        count = st.select_slider(
            "Draws", [100, 1000, 5000, 20000], 5000, key=f"{SLUG}.draws", width=220
        )
    with gaps.calmly():
        model = page.model()
        encoding = compute.readable(model, page.encoding())
        drawn = recipe.draw(model, encoding, seed, rate / 100, whole)
        losses = recipe.losses(model, encoding, drawn)
        gaps.training_example(encoding, drawn, losses, key=f"{SLUG}.draw")
        st.markdown(recipe.describe_losses(drawn, losses))
        counted = recipe.tally(encoding, count, seed, rate / 100, whole)
        tokens = [encoding.tokens[i] for i in counted.positions]
        left, right = st.columns([2, 3])
        with left:
            said = f"You said {guess} for [MASK]. " if guess else ""
            page.chart(
                figures.share_points(counted),
                key="shares",
                words=said + recipe.describe_shares(counted),
            )
        with right:
            page.chart(
                figures.token_tally(counted, tokens),
                key="tally",
                words=recipe.describe_tokens(counted),
            )


def another_seed() -> None:
    """The next seed: the same one always draws the same gaps."""
    st.session_state[f"{SLUG}.seed"] = (st.session_state[f"{SLUG}.seed"] + 1) % 10000


@st.fragment
def masking_epochs(page: LessonPage) -> None:
    """Static and dynamic masking over some epochs."""
    from lessons.masking import figures

    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.slider("Epochs", 2, 40, 10, key=f"{SLUG}.epochs", bind="query-params", width=260)
        seed = st.number_input("Seed", 0, 9999, 7, key=f"{SLUG}.epoch_seed", width=140)
    with gaps.calmly():
        encoding = compute.readable(page.model(), page.encoding())
        found = recipe.epochs(encoding, count, seed)
        tokens = [encoding.tokens[i] for i in found.positions]
        words = recipe.describe_epochs(found)
        left, right = st.columns([3, 2])
        with left:
            page.chart(figures.epoch_grid(found, tokens), key="grid", words=words)
        with right:
            page.chart(
                figures.coverage_lines(found),
                key="coverage",
                words=recipe.describe_coverage(found),
            )


gaps.default_gap()
with lesson_page(SLUG) as page:
    page.prose("the-idea")
    page.encoding()
    if page.experiment("play"):
        gaps.preset_row(SLUG, compute.presets()[0], "Try one of ours:")
        with gaps.calmly():
            gaps.guess_and_reveal(page.sentence, SLUG)
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
        with gaps.calmly():
            gaps.every_word(page.sentence, SLUG, with_chart=True)
    if page.experiment("recipe"):
        page.prose("the-recipe")
        draws(page)
        page.prose("what-to-notice-in-the-recipe")
    if page.experiment("epochs"):
        page.prose("drawn-anew")
        masking_epochs(page)
    if page.experiment("word2vec"):
        page.prose("the-older-way")
        from pages.ui.word2vec import older_way  # brings torch: the page above need not wait

        older_way(page)
        page.prose("one-vector-or-many")
        page.prose("common-mistakes")
