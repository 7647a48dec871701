"""Words dragged to other places, and what the model makes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from lessons.positions import compute, figures
from lessons.positions.orders import pairs
from pages.ui import controls, long_work, resources, state
from pages.ui.components import component
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage
from pages.views.positions.parts import LONGEST_DRAWN

if TYPE_CHECKING:
    from lessons.engine.model import LoadedModel

LONGEST_MOVED = 40  # words to drag
ARRANGED = "positions.arranged"  # (the text, the order of its words)
CHOSEN = "positions.pair"
_board = component("word_order", '<div class="word-order"></div>')


def arrange(text: str, order: list[int]) -> None:
    st.session_state[ARRANGED] = (text, order)


def dropped(text: str, count: int) -> None:
    sent = (st.session_state.get("positions_board") or {}).get("order") or {}
    order = sent.get("order") if isinstance(sent, dict) else None
    if isinstance(order, list) and sorted(map(str, order)) == sorted(map(str, range(count))):
        arrange(text, [int(word) for word in order])


def take_pair() -> None:
    chosen = st.session_state.get(CHOSEN)
    if chosen is None:
        return
    pair = pairs()[chosen]
    state.show_example(pair.first)
    name = state.MODEL.get()
    first, second = (resources.encode(name, text, None) for text in (pair.first, pair.second))
    arrange(pair.first, compute.order_between(first, second))


def shuffle(text: str, count: int) -> None:
    st.session_state["positions.seed"] = seed = st.session_state.get("positions.seed", 0) + 1
    order = list(range(count))
    random.Random(seed).shuffle(order)
    arrange(text, order)


def start_order(text: str, count: int) -> list[int]:
    """What the learner arranged for this text; at first, the second and the last word swapped."""
    arranged_for, order = st.session_state.get(ARRANGED) or (None, [])
    if arranged_for == text and len(order) == count:
        return list(order)
    order = list(range(count))
    if count > 3:
        order[1], order[-2] = order[-2], order[1]
    return order


def move_words(page: LessonPage) -> None:
    chosen = st.session_state.get(CHOSEN)
    if chosen is not None and pairs()[chosen].first != page.sentence.text:
        st.session_state[CHOSEN] = None  # the learner has typed another sentence since
    st.selectbox(
        "Pairs of sentences with the same words", range(len(pairs())), index=None, key=CHOSEN,
        format_func=lambda i: f"{pairs()[i].first} ↔ {pairs()[i].second}", on_change=take_pair,
        placeholder="Choose one, or type your own sentence above", persist_state="session",
    )  # fmt: skip
    text = page.sentence.text
    encoding, gap = with_a_gap(page)
    words = compute.words_of(encoding)
    if not 2 <= len(words) <= LONGEST_MOVED:
        st.info(
            f"Type a sentence of 2 to {LONGEST_MOVED} words to move them about.",
            icon=":material/edit:",
        )
        return
    order = start_order(text, len(words))
    _board(
        key="positions_board",
        data={
            "words": [
                {"text": compute.spelled(encoding, pieces), "masked": gap in pieces}
                for pieces in words
            ],
            "order": order,
        },
        on_order_change=lambda: dropped(text, len(words)),
    )
    with st.container(horizontal=True):
        same = list(range(len(words)))
        st.button("Shuffle", icon=":material/casino:", key="positions.shuffle", on_click=shuffle,
                  args=(text, len(words)))  # fmt: skip
        st.button("Reverse", key="positions.reverse", on_click=arrange, args=(text, same[::-1]))
        st.button("First order", key="positions.back", on_click=arrange, args=(text, same))
    seed = st.session_state.get("positions.seed")
    if seed:
        st.caption(f"Seed of the last shuffle: {seed}.")

    effect = compute.order_effect(page.model(), encoding, compute.reordered(encoding, order), gap)
    moved = sum(word != place for place, word in enumerate(order))
    left, right = st.columns(2)
    left.metric("Largest change, with positions", f"{effect.gaps[0]:.3f}")
    right.metric("Largest change, without", f"{effect.gaps[1]:.1e}" if effect.gaps[1] else "0")
    shown = slice(LONGEST_DRAWN)
    figure = figures.order_bars(
        effect.given.tokens[shown], effect.given.cosines[shown], effect.removed.cosines[shown]
    )
    page.chart(figure, key="order_chart", words=compute.describe_order(effect, moved))
    if effect.given.before:
        rows = ((effect.given, "With positions"), (effect.removed, "Without positions"))
        for column, (change, name) in zip(st.columns(2), rows, strict=True):
            with column:
                prediction_bars(
                    [(f"{name}: first order", change.before), ("this order", change.after)],
                    key=f"positions.{name}",
                )


def measured_pairs(model: LoadedModel) -> list[tuple[str, float, float]]:
    texts = [(pair.first, pair.second) for pair in pairs()]

    def work(progress: Callable[[float], object]) -> list[tuple[str, float, float]]:
        found = []
        for measured in compute.every_pair(model, texts):
            found.append(measured)
            progress(len(found) / len(texts))
        return found

    return long_work.result(("orders", model.name, model.version), "Every pair is run", work)


@fragment
def all_pairs(page: LessonPage) -> None:
    if controls.toggle(f"All {len(pairs())} pairs", key="positions.all"):
        found = measured_pairs(page.model())
        page.chart(figures.pair_gaps(found), key="pairs_chart", words=compute.describe_pairs(found))


def order(page: LessonPage) -> None:
    model = page.model()
    if not compute.can_be_without(model):
        st.info(
            f"The attention of {model.spec.title} reads how far apart two tokens are. No vector "
            "can be taken away that would hide the order from it: choose another model above.",
            icon=":material/neurology:",
        )
        return
    guess = page.predict()
    if guess is None:
        return
    page.reveal(
        guess,
        "Not at all",
        "Without positions nothing changes but the rounding: the gray bars below.",
    )
    move_words(page)
    all_pairs(page)
