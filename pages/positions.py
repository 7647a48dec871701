"""Where a word stands: order, waves, the learned table, RoPE and ALiBi."""

import random

import numpy as np
import streamlit as st

from lessons.positions import alibi, compute, figures, sinusoidal
from lessons.positions.orders import pairs
from pages.ui import controls, resources, state
from pages.ui.components import component
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage, lesson_page

LONGEST_MOVED = 40  # words to drag
LONGEST_DRAWN = 60  # tokens in a chart; more can't be read
REACH = 120  # positions along a curve
BLOCK = 16  # dimensions of the matrix that are drawn
ARRANGED = "positions.arranged"  # (the text, the order of its words)
CHOSEN = "positions.pair"

_board = component("word_order", '<div class="word-order"></div>')
_waves = component("waves", '<div class="instrument"></div>')


# --- order


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


@st.cache_data(show_spinner="Running every pair through the model …", max_entries=8)
def measured_pairs(model: str) -> list[tuple[str, float, float]]:
    texts = [(pair.first, pair.second) for pair in pairs()]
    return list(compute.every_pair(resources.model(model), texts))


@fragment
def all_pairs(page: LessonPage) -> None:
    if st.toggle(f"All {len(pairs())} pairs", key="positions.all", persist_state="session"):
        found = measured_pairs(page.sentence.model)
        page.chart(figures.pair_gaps(found), key="pairs_chart", words=compute.describe_pairs(found))


def judge(guess: str | None) -> None:
    if guess:
        right = guess == "Not at all"
        st.markdown(
            f"You guessed “{guess}”. " + ("**So it is**" if right else "**Look at the gray bars**")
            + ": without positions nothing changes but the rounding."
        )  # fmt: skip


# --- waves


def formula(prefix: str) -> tuple[int, float]:
    """Sliders for the number of dimensions and the base."""
    left, right = st.columns(2)
    size = controls.select_slider(
        "Dimensions d",
        [8, 16, 32, 64, 128, 256],
        64,
        key=f"positions.{prefix}d",
        into=left,
    )
    base = controls.select_slider(
        "Base b",
        [10, 100, 1000, 10_000, 160_000],
        10_000,
        key=f"positions.{prefix}base",
        into=right,
    )
    return size, float(base)


@fragment
def waves(page: LessonPage) -> None:
    size, base = formula("")
    length = controls.slider("Positions", 8, 256, 64, 8, key="positions.length")
    chosen = page.sentence.selected or 0
    _waves(
        key="positions_waves",
        data={
            "frequencies": sinusoidal.frequencies(size, base).tolist(),
            "length": length,
            "position": min(max(chosen, 1) * 3, length - 1),
        },
    )
    st.caption(compute.describe_waves(length, size, base))


@fragment
def turn(page: LessonPage) -> None:
    size, base = formula("r")
    left, right = st.columns(2)
    position = controls.slider("Position p", 0, 100, 5, key="positions.p", into=left)
    shift = controls.slider("Shift k", -50, 50, 7, key="positions.k", into=right)
    found = compute.shifted(position, shift, 512, size, base)
    drawn = slice(min(BLOCK, size))
    left, right = st.columns(2)
    words = compute.describe_shift(found, position, shift)
    with left:
        figure = figures.shift_map(found.matrix[drawn, drawn], shift)
        page.chart(figure, key="matrix", words=f"The first {drawn.stop} of {size} dimensions.")
    with right:
        figure = figures.shift_lines(found.start, found.turned, found.target, position, shift)
        page.chart(figure, key="landed", words=words)
    curves = {
        f"from {start}": sinusoidal.positional_encoding(
            np.arange(start, start + REACH + 1), size, base
        ) @ sinusoidal.positional_encoding([start], size, base)[0] / (size / 2)
        for start in (0, position, 300)
    }  # fmt: skip
    spread = float(np.ptp(np.stack(list(curves.values())), axis=0).max())
    page.chart(
        figures.closeness_lines(
            curves, title="Alike by distance alone, wherever you start", y="PE(p) · PE(p + k), mean"
        ),
        key="closeness",
        words=f"{len(curves)} starting points, one curve: they differ by {spread:.0e} at most.",
    )


# --- the learned table

VIEWS = ("cosines", "table", "path", "lengths")


@fragment
def learned(page: LessonPage) -> None:
    model = page.model()
    try:
        table = compute.learned_table(model)
    except ValueError as reason:
        st.info(f"{reason}: choose a model of the BERT family above.", icon=":material/neurology:")
        return
    view = controls.segmented_control(
        "Look at",
        VIEWS,
        default="cosines",
        key="positions.view",
    )
    step = max(1, len(table) // 128)
    words = compute.describe_learned(table)
    if view == "cosines":
        left, right = st.columns(2)
        with left:
            found = compute.cosine_matrix(table, step)
            title = "Learned: which positions are alike?"
            page.chart(figures.cosine_map(found, title=title, step=step), key="cos", words=words)
        with right:
            waves_table = sinusoidal.positional_encoding(np.arange(len(table)), table.shape[1])
            found = compute.cosine_matrix(waves_table, step)
            page.chart(
                figures.cosine_map(found, title="The same for the waves", step=step),
                key="cos_waves",
                words="The formula's bands have one width everywhere: distance alone decides.",
            )  # fmt: skip
    elif view == "table":
        spread = float(np.quantile(np.abs(table), 0.995))
        figure = figures.heat(
            table[::step], title="The learned table", x="dimension", y="place", step=step,
            spread=spread,
        )  # fmt: skip
        page.chart(figure, key="table", words=f"Every {step}th row is drawn. {words}")
    elif view == "path":
        path = compute.path(table)
        figure = figures.learned_path(path.points, path.shares)
        page.chart(
            figure, key="path",
            words=f"Each dot is a place; the three directions hold {path.shares.sum():.0%} of the "
            "variance. Turn the picture with the pointer.",
        )  # fmt: skip
    else:
        page.chart(figures.norm_line(np.linalg.norm(table, axis=1)), key="norms", words=words)
    left, right = st.columns([1, 2], vertical_alignment="center")
    asked = left.number_input(
        "Put a token in place", 0, 9999, len(table), key="positions.place", persist_state="session"
    )
    refusal = compute.beyond(model, int(asked))
    if refusal:
        right.warning(
            f"The model refuses: {refusal}. There is no row {asked}.", icon=":material/block:"
        )
    else:
        right.success(
            f"Place {asked} has a vector, so the model runs.", icon=":material/check_circle:"
        )


# --- other ways


@fragment
def relatives(page: LessonPage) -> None:
    model, encoding = page.model(), page.encoding()
    trace = page.trace()
    if trace.queries is None or trace.position_embeddings is None:
        st.info(
            "This needs a model of the BERT family: choose one above.", icon=":material/neurology:"
        )
        return
    scheme = st.segmented_control(
        "Scheme", compute.SCHEMES, default="RoPE", required=True, key="positions.scheme",
        persist_state="session",
    )  # fmt: skip
    left, right = st.columns(2)
    head = controls.slider(
        "Head of the first layer",
        1,
        trace.num_heads,
        1,
        key="positions.head",
        into=left,
    )
    base = float(
        controls.select_slider(
            "Base of RoPE", [100, 1000, 10_000, 160_000], 10_000, key="positions.rope",
            into=right,
        )
    )  # fmt: skip
    found = compute.borrowed_attention(model, encoding, head - 1, scheme, base)
    row = page.sentence.selected or min(2, len(encoding) - 1)
    shown = slice(LONGEST_DRAWN)
    left, right = st.columns(2)
    with left:
        title = f"Your sentence with {scheme}"
        weights = found.weights[shown, shown]
        figure = figures.attention_map(weights, encoding.tokens[shown], title=title)
        page.chart(
            figure, key="borrowed",
            words=compute.describe_borrowed(found, encoding.tokens, row, scheme),
        )  # fmt: skip
    with right:
        if scheme == "ALiBi":
            slopes = alibi.slopes(trace.num_heads)
            page.chart(
                figures.alibi_lines(slopes, REACH, head - 1), key="slopes",
                words=f"Head {head} takes {slopes[head - 1]:.4f} off for each step of distance; "
                f"the steepest takes {slopes.max():.3f}, the flattest {slopes.min():.4f}.",
            )  # fmt: skip
        else:
            size = trace.queries.shape[-1]
            curves = {
                f"base {b:,.0f}": compute.score_by_distance(REACH, size, b)
                for b in dict.fromkeys((base, 10_000.0, 160_000.0))
            }
            near = next(iter(curves.values()))
            page.chart(
                figures.closeness_lines(curves, title="RoPE: score by distance", y="score"),
                key="rope_curve",
                words=f"With base {base:,.0f} the score falls from 1 to {near[1]:.2f} one place "
                f"away and {near[20]:.2f} twenty places away, whatever place you start from.",
            )


def order(page: LessonPage) -> None:
    guess = page.predict()
    if page.trace().position_embeddings is None:
        st.info(
            f"{page.model().spec.title} adds no position vectors that could be taken away: "
            "choose a model of the BERT family above.",
            icon=":material/neurology:",
        )
        return
    judge(guess)
    move_words(page)
    all_pairs(page)


def other_ways(page: LessonPage) -> None:
    relatives(page)
    page.prose("side-by-side")


with lesson_page("positions") as page:
    page.encoding()  # without a sentence there is nothing to show
    page.steps({
        "order": order, "waves": waves, "shift": turn, "learned": learned, "relatives": other_ways,
    })  # fmt: skip
