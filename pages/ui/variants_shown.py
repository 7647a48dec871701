"""Four mechanisms that need no training: masks, shared layers, parted scores, windows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.engine import available_models
from lessons.variants import coverage, figures, sharing, windows
from pages.ui import controls, resources
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.runner import Run
from pages.ui.shell import LessonPage
from pages.ui.variants_runs import Watched, resolve

LONGEST = 28  # tokens in a square picture; more can't be read
RANDOM_HEADS, MAX_DISTANCE = 4, 512
BELOW_THE_LAST = (20, 19, 18, 17)  # layers of 22, counted from 0: local, local, global, local
COPIES = 10

timings = Watched("timing", "windows:AttentionTiming", "Measure on this machine")


# --- RoBERTa


@fragment
def masks(page: LessonPage, said: str | None) -> None:
    encoding = page.encoding()
    left, middle, right = st.columns(3)
    epochs = controls.slider("Epochs", 2, 40, 40, key="variants.epochs", into=left)
    copies = controls.slider(
        "Copies drawn beforehand", 2, 20, COPIES, key="variants.copies", into=middle
    )
    seed = controls.slider("Seed", 1, 50, 1, key="variants.mask_seed", into=right)
    try:
        ways = [coverage.coverage(encoding, epochs, n, seed) for n in (1, copies, None)]
    except ValueError:
        st.info("Type a sentence with a word in it.", icon=":material/edit:")
        return
    if said:
        ten = coverage.coverage(encoding, 10, None, seed)
        resolve(said, f"{ten.seen[-1]:.0%} after ten epochs, {ten.expected[-1]:.0%} expected")
    named = [(coverage.name_of(way.copies), way) for way in ways]
    left, right = st.columns(2)
    with left:
        page.chart(
            figures.coverage_curves(named), key="coverage", words=coverage.describe_coverage(ways)
        )
    with right:
        drawn = [named[0], named[2]]
        figure = figures.times_asked(ways[0].tokens, drawn)
        page.chart(figure, key="times", words=coverage.describe_times(ways[2]))


# --- ALBERT


def shared_layer(page: LessonPage, said: str | None) -> None:
    encoding, gap = with_a_gap(page)
    shared(page, page.model(), encoding, gap, said)


@fragment
def shared(page: LessonPage, model: Any, encoding: Any, gap: int | None, said: str | None) -> None:
    count = model.spec.layers
    left, right = st.columns(2)
    layer = controls.slider("Layer that is shared", 1, count, 1, key="variants.layer", into=left)
    times = controls.slider(
        "Used how many times", 1, 12, min(count, 12), key="variants.times", into=right
    )
    try:
        found = sharing.share(model, encoding, layer - 1, times, gap)
    except ValueError:
        st.info(
            "Choose a model of the BERT family above to share its layers.",
            icon=":material/neurology:",
        )
        return
    if found.kept is not None:
        resolve(said, "yes" if found.kept else "no")
    with st.container(horizontal=True):
        st.metric("Weights in the layers", f"{found.encoder[1] / 1e6:.2f} M",
                  f"{found.encoder[1] / found.encoder[0] - 1:.0%}",
                  delta_color="inverse")  # fmt: skip
        st.metric("With embeddings and pooler", f"{found.parameters[1] / 1e6:.2f} M",
                  f"{found.parameters[1] / found.parameters[0] - 1:.0%}",
                  delta_color="inverse")  # fmt: skip
        if took := st.session_state.get("variants.shared_ms"):
            st.metric(f"Time, {took[2]} × one layer", f"{took[1]:.1f} ms",
                      f"{took[1] / took[0] - 1:+.0%}", delta_color="inverse")  # fmt: skip
    if found.before:
        prediction_bars(
            [("The model as it is", found.before), (f"Layer {layer}, {times} times", found.after)],
            key="variants_shared",
        )
    st.caption(sharing.describe_shared(found))
    st.button(
        "Measure the time of both", icon=":material/timer:", key="variants.measure_shared",
        on_click=measure_shared, args=(model, encoding, layer - 1, times),
    )  # fmt: skip


def measure_shared(model: Any, encoding: Any, layer: int, times: int) -> None:
    both = sharing.milliseconds([model, sharing.shared_model(model, layer, times)], encoding)
    st.session_state["variants.shared_ms"] = (*both, times)


@fragment
def factors(page: LessonPage) -> None:
    left, right = st.columns(2)
    hidden = controls.select_slider(
        "Hidden size D",
        [384, 768, 1024, 2048, 4096],
        768,
        key="variants.hidden",
        into=left,
    )
    inner = controls.select_slider(
        "Inner size E",
        [16, 32, 64, 128, 256, 384, 512, 768, 1024],
        128,
        key="variants.inner",
        into=right,
    )
    sizes = sorted({*range(16, 1025, 16), inner})
    chosen = sharing.Factors(30_000, hidden, inner)
    figure = figures.factor_curve(
        sizes, [sharing.Factors(30_000, hidden, e).factored for e in sizes], chosen.whole, inner
    )
    page.chart(figure, key="factors", words=sharing.describe_factors(chosen))


# --- DeBERTa


@fragment
def scores(page: LessonPage) -> None:
    import torch

    from lessons.variants import disentangled

    at_hand = [s.name for s in available_models() if s.family in ("deberta-v2", "DeBERTa")]
    trained = st.toggle(
        f"Weights of {at_hand[0]}", True, key="variants.deberta_trained"
    ) if at_hand else False  # fmt: skip
    left, middle, right = st.columns(3)
    if trained:
        model = resources.model(at_hand[0])
        layer = controls.slider(
            "Layer", 1, model.spec.layers, 1, key="variants.deberta_layer", into=left
        )
        tokens, hidden, weights = disentangled.from_checkpoint(
            model, page.sentence.text, layer - 1, LONGEST
        )
    else:
        trace = page.trace()
        vectors = trace.hidden_states[0] if trace.word_embeddings is None else trace.word_embeddings
        tokens = trace.tokens[:LONGEST]
        hidden = torch.nn.functional.layer_norm(
            torch.from_numpy(vectors[:LONGEST].copy()), vectors.shape[-1:]
        )
        buckets = controls.select_slider(
            "Buckets for distances",
            [4, 8, 16, 32, 256],
            256,
            key="variants.buckets",
            into=left,
            help="DeBERTa-v3 has 256.",
        )
        seed = controls.slider(
            "Seed of the weights", 1, 20, 1, key="variants.deberta_seed", into=right
        )
        weights = disentangled.random_projections(
            hidden.shape[-1], RANDOM_HEADS, buckets, MAX_DISTANCE, seed
        )
    head = controls.slider("Head", 1, weights.heads, 1, key="variants.head", into=middle) - 1
    usual = min(page.sentence.selected or 2, len(tokens) - 1)
    query = st.select_slider(
        "The token that looks", range(len(tokens)), usual, key=f"variants.query.{len(tokens)}",
        format_func=lambda i: tokens[i],
    )  # fmt: skip
    moved = st.toggle(
        "Shuffle the other words", key="variants.shuffle", persist_state="session",
        help="The token that looks stays where it is; the others change places.",
    )  # fmt: skip
    parts = disentangled.parts(hidden, weights)
    if moved:
        order = disentangled.shuffled(len(tokens), query)
        changed = disentangled.parts(hidden[order], weights)
        gaps = disentangled.row_changes(parts, changed, head, query)
        with st.container(horizontal=True):
            for name, gap in gaps.items():
                st.metric(f"{name.capitalize()}: change in the row", f"{gap:.2f}")
        parts, tokens = changed, tuple(tokens[i] for i in order)
    drawn = {name: values[head].numpy() for name, values in parts.items()}
    words = disentangled.describe_parts(parts, query, head, tokens)
    page.chart(figures.part_rows(drawn, tokens, query), key="part_row", words=words)
    page.chart(
        figures.part_maps(drawn, tokens, query), key="parts",
        words=("Weights of a trained checkpoint. " if trained else "The weights are random. ")
        + "The same color scale in all four; the framed row is the one above.",
    )  # fmt: skip
    if page.sentence.encoding is not None and len(page.sentence.encoding) > LONGEST:
        st.caption(f"The first {LONGEST} tokens are drawn.")


# --- ModernBERT


@fragment
def window_maps(page: LessonPage) -> None:
    tokens = page.encoding().tokens[:LONGEST]
    left, right = st.columns(2)
    window = controls.select_slider(
        "Window (ModernBERT's is 128; your sentence is shorter)",
        [2, 4, 6, 8, 16, 32, 128],
        4,
        key="variants.window",
        into=left,
    )
    usual = min(page.sentence.selected or 2, len(tokens) - 1)
    selected = right.select_slider(
        "Token", range(len(tokens)), usual, key=f"variants.token.{len(tokens)}",
        format_func=lambda i: tokens[i],
    ) if len(tokens) > 1 else 0  # fmt: skip
    mask = windows.local_mask(len(tokens), window)
    layers = BELOW_THE_LAST
    rows = windows.reach(len(tokens), window, layers, selected)
    left, right = st.columns(2)
    with left:
        seen = int(mask[selected].sum())
        page.chart(
            figures.mask_map(mask, tokens, selected, window), key="window_map",
            words=f"“{tokens[selected]}” sees {seen} of {len(tokens)} tokens in a local layer.",
        )  # fmt: skip
    with right:
        page.chart(
            figures.reach_map(rows, layers, tokens), key="reach",
            words=windows.describe_reach(tokens[selected], rows, layers),
        )  # fmt: skip


@st.cache_resource
def measured() -> dict[str, Any]:
    """What was measured on this machine, for everybody who asks later."""
    return {}


def draw_timing(page: LessonPage, run: Run) -> None:
    following = run.moments[-1]["next"]
    if run.over:
        if following is None:
            measured()["found"] = run.moments[-1]["found"]
    elif following:
        length, kind = following
        st.caption(f"Measuring: {length:,} tokens, {NAMES[kind]} …")


NAMES = {"global": "everything", "local": "a window of 128", "rest": "the rest of the layer"}


def prices(page: LessonPage, said: str | None) -> None:
    last = windows.cost(windows.LENGTHS[-1])
    resolve(said, f"{last.global_operations / last.local_operations:.1f} times")
    view = st.segmented_control(
        "Show", ["Operations", "Memory of the scores", "Milliseconds"], default="Operations",
        required=True, key="variants.price", persist_state="session",
    )  # fmt: skip
    costs = [windows.cost(length) for length in windows.LENGTHS]
    if view == "Milliseconds":
        milliseconds(page)
        return
    if view == "Operations":
        series = {
            "everything": [c.global_operations / 1e9 for c in costs],
            "a window of 128": [c.local_operations / 1e9 for c in costs],
            "the rest of the layer": [c.rest_operations / 1e9 for c in costs],
        }
        title, y = "One layer: operations by length", "billion operations"
    else:
        series = {
            "everything": [c.global_bytes / 1e6 for c in costs],
            "a window of 128": [c.local_bytes / 1e6 for c in costs],
        }
        title, y = "One layer: memory of its scores, all kept", "MB (fp32)"
    figure = figures.price_lines(windows.LENGTHS, series, title=title, y=y)
    page.chart(figure, key="prices", words=windows.describe_cost(costs))


def milliseconds(page: LessonPage) -> None:
    run = timings.watch(
        page, {"lengths": list(windows.LENGTHS)}, draw_timing,
        "One layer, one thread, random weights, a block of queries at a time so that memory stays "
        "small. It takes up to a minute; you can stop it.",
    )  # fmt: skip
    found = run.moments[-1]["found"] if run is not None else measured().get("found")
    if not found:
        return
    series = {
        NAMES[kind]: [found.get(str(n), {}).get(kind) for n in windows.LENGTHS]
        for kind in windows.KINDS
    }
    figure = figures.price_lines(
        windows.LENGTHS, series, title="One layer: milliseconds on this machine", y="milliseconds"
    )
    page.chart(figure, key="measured", words=windows.describe_timing(found))
