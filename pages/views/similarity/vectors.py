"""Sentence vectors, kept for everybody."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lessons.similarity import compute
from lessons.similarity.compute import Method, Numbers, Vectors
from pages.ui import resources


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
