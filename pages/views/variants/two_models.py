"""Two models on the same sentence."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.engine import MODELS, ModelUnavailable, available_models
from lessons.engine.registry import BUNDLED
from lessons.variants import side_by_side
from pages.ui import resources
from pages.ui.hidden_word import stand_in
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.sentence import OWN_MODELS
from pages.ui.shell import LessonPage
from pages.views.variants.distilbert import students


@st.cache_data(max_entries=64, show_spinner="Running both models …")
def answered(
    names: tuple[str, ...], text: str, pair: str | None, places: Any
) -> list[side_by_side.Answer]:
    models = [resources.model(name) for name in names]
    return side_by_side.answers(models, text, pair, places)


def two_models(page: LessonPage) -> None:
    students.watch_quietly()
    encoding = page.encoding()
    specs = {s.name: s for s in available_models(st.session_state.get(OWN_MODELS, ()))}
    masks = page.sentence.masks
    if not masks and "[MASK]" not in f"{page.sentence.text} {page.sentence.pair or ''}":
        masks = stand_in(page, encoding)
    places = side_by_side.hidden_words(encoding, masks)
    first = page.sentence.model if page.sentence.model in specs else BUNDLED[0]
    usual = (first, next(name for name in BUNDLED if name != first))
    columns, names = st.columns(2), []
    for i, column in enumerate(columns):
        with column:
            name = st.selectbox(
                ("First model", "Second model")[i], list(specs), index=list(specs).index(usual[i]),
                format_func=lambda n: specs[n].title, key=f"variants.two_{i}",
                persist_state="session",
            )  # fmt: skip
            try:
                resources.model(name)
                names.append((name, column))
            except ModelUnavailable as reason:
                st.warning(str(reason), icon=":material/warning:")
    chosen = tuple(name for name, _ in names)
    found = answered(chosen, page.sentence.text, page.sentence.pair, places) if chosen else []
    for i, ((_, column), answer) in enumerate(zip(names, found, strict=True)):
        with column:
            draw_answer(answer, i)
    if len(found) == 2:
        st.caption(side_by_side.describe_two(*found))
    absent = [spec.title for spec in MODELS.values() if spec.name not in specs]
    if absent:
        st.caption(f"Not on this computer: {' · '.join(absent)}. Get one under “Model” at the top.")


def draw_answer(found: side_by_side.Answer, i: int) -> None:
    with st.container(horizontal=True):
        st.metric("Tokens", len(found.tokens))
        st.metric("One pass", f"{found.milliseconds:.0f} ms")
        st.metric("Parameters", f"{found.parameters / 1e6:.1f} M")
    st.code(" ".join(found.tokens[:80]), language=None, wrap_lines=True)
    if found.words is None:
        st.caption("It has no masked-word head, so it has no word to offer.")
    elif not found.words:
        st.caption("There is no word to hide.")
    else:
        prediction_bars(
            [Bars(f"Gap {k + 1}", words) for k, words in enumerate(found.words[:3])],
            key=f"variants_two_{i}",
        )
