"""The recipe of pre-training on the masking page: one example, thousands of draws, epochs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.masking import compute, recipe
from pages.ui import controls, resources
from pages.ui.components import component
from pages.ui.errors import calmly, fragment
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lessons.engine import Encoding
    from lessons.engine.trace import Floats

SLUG = "masking"

_draw = component(
    "masking_recipe",
    """<div class="draw" tabindex="0" data-own-arrows role="region" aria-label="A training example">
<table></table></div>
""",
)

# None of this depends on the learner's own masks: a click on the ribbon finds it ready.
_once = partial(st.cache_resource, max_entries=100, show_spinner=False)


KINDS = ("kept", "masked", "random", "same")


@_once()
def _example(
    name: str, text: str, pair: str | None, seed: int, rate: float, whole: bool
) -> tuple[Encoding, recipe.Draw, Floats]:
    model = resources.model(name)
    encoding = compute.readable(model, resources.encode(name, text, pair))
    drawn = recipe.draw(model, encoding, seed, rate, whole)
    return encoding, drawn, recipe.losses(model, encoding, drawn)


@_once()
def _counted(
    name: str, text: str, pair: str | None, seed: int, rate: float, whole: bool, draws: int
) -> tuple[recipe.Tally, go.Figure, go.Figure]:
    from lessons.masking import figures

    encoding = compute.readable(resources.model(name), resources.encode(name, text, pair))
    counted = recipe.tally(encoding, draws, seed, rate, whole)
    tokens = [encoding.tokens[i] for i in counted.positions]
    return counted, figures.share_points(counted), figures.token_tally(counted, tokens)


@_once()
def _epochs(
    name: str, text: str, pair: str | None, count: int, seed: int
) -> tuple[recipe.Epochs, go.Figure, go.Figure]:
    from lessons.masking import figures

    encoding = compute.readable(resources.model(name), resources.encode(name, text, pair))
    found = recipe.epochs(encoding, count, seed)
    tokens = [encoding.tokens[i] for i in found.positions]
    return found, figures.epoch_grid(found, tokens), figures.coverage_lines(found)


def one_and_many_draws(page: LessonPage) -> None:
    """The guess, then one training example, and thousands counted."""
    page.encoding()
    guess = page.predict()
    if guess is None:
        return
    sentence = page.sentence
    counted, *_ = _counted(sentence.model, sentence.text, sentence.pair, 7, 0.15, False, 5000)
    page.reveal(
        guess,
        100 * counted.expected[0],
        f"15% are chosen, and 80% of those become [MASK]. Counted in {counted.draws:,} draws on "
        f"your sentence: {counted.observed[0]:.1%}.",
    )
    draws_of(page)


@fragment
def draws_of(page: LessonPage) -> None:
    """One training example, then thousands counted."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = controls.number_input("Seed", 0, 9999, 7, key=f"{SLUG}.seed", width=120)
        st.button(
            "Draw again", icon=":material/casino:", key=f"{SLUG}.again", on_click=_another_seed
        )
        whole = controls.toggle("Whole words", key=f"{SLUG}.whole")
        rate = controls.slider(
            "Tokens chosen",
            5,
            50,
            15,
            5,
            format="%d%%",
            key=f"{SLUG}.rate",
            width=140,
        )
        draws = controls.select_slider(
            "Draws", [100, 1000, 5000, 20000], 5000, key=f"{SLUG}.draws", width=140
        )
    with calmly():
        page.encoding()
        page.model()
        sentence = page.sentence
        asked = (sentence.model, sentence.text, sentence.pair, seed, rate / 100, whole)
        encoding, drawn, losses = _example(*asked)
        training_example(encoding, drawn, losses, key=f"{SLUG}.draw")
        st.markdown(recipe.describe_losses(drawn, losses))
        counted, shares, tally = _counted(*asked, draws)
        page.chart(shares, key="shares", words=recipe.describe_shares(counted))
        page.chart(tally, key="tally", words=recipe.describe_tokens(counted))


def _another_seed() -> None:
    """The next seed: the same one always draws the same gaps."""
    st.session_state[f"{SLUG}.seed"] = (st.session_state[f"{SLUG}.seed"] + 1) % 10000


@fragment
def masking_epochs(page: LessonPage) -> None:
    """Static and dynamic masking over some epochs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = controls.slider("Epochs", 2, 40, 10, key=f"{SLUG}.epochs", width=260)
        seed = controls.number_input("Seed", 0, 9999, 7, key=f"{SLUG}.epoch_seed", width=140)
    with calmly():
        page.encoding()
        page.model()
        sentence = page.sentence
        found, grid, coverage = _epochs(sentence.model, sentence.text, sentence.pair, count, seed)
        page.chart(grid, key="grid", words=recipe.describe_epochs(found))
        page.chart(coverage, key="coverage", words=recipe.describe_coverage(found))


def training_example(encoding: Encoding, drawn: recipe.Draw, losses: Floats, *, key: str) -> None:
    """The sentence, what the model reads, the labels and the loss, token by token."""
    known = [float(loss) for loss in losses if loss == loss]
    largest = max(known, default=1.0)
    columns = []
    for i, token in enumerate(encoding.tokens):
        loss = float(losses[i])
        counts = loss == loss  # NaN where the loss leaves the token out
        columns.append(
            {
                "token": token,
                "input": drawn.tokens[i],
                "label": str(drawn.labels[i]).replace("-", "−"),
                "loss": f"{loss:.2f}" if counts else "",
                "share": loss / largest if counts else None,
                "kind": KINDS[drawn.actions[i]],
            }
        )
    _draw(key=key, data={"columns": columns})
