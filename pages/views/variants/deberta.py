"""DeBERTa: scores in parts, for content and for distance."""

from __future__ import annotations

import streamlit as st

from lessons.engine import available_models
from lessons.variants import figures
from pages.ui import controls, resources
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage

RANDOM_HEADS = 4
MAX_DISTANCE = 512
LONGEST = 28  # tokens in a square picture; more can't be read


def deberta(page: LessonPage) -> None:
    page.trace()  # before the fragment, which could not say what is missing
    scores(page)


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
