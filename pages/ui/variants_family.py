"""The family as a table, a chooser with its reasons, and two models on the same sentence."""

from typing import Any

import streamlit as st

from lessons.engine import MODELS, ModelUnavailable, available_models
from lessons.variants import chooser, family, figures, side_by_side
from pages.ui import resources
from pages.ui.errors import fragment
from pages.ui.hidden_word import stand_in
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.runner import Run
from pages.ui.sentence import OWN_MODELS
from pages.ui.shell import LessonPage
from pages.ui.variants_runs import Watched
from pages.ui.variants_trained import students

counts = Watched("counting", "family:Counting", "Count them again here")


# --- the table


def table(page: LessonPage) -> None:
    members = family.family()
    st.dataframe(
        [
            {
                "model": m.name, "year": m.year, "idea": m.idea, "parameters": m.parameters,
                "GLUE": m.glue, "embeddings": 100 * m.embeddings / m.parameters,
                "context": m.context,
                "layers": m.layers, "hidden": m.hidden, "vocabulary": m.vocabulary,
                "pieces": m.cutting, "source": m.source,
            }
            for m in members
        ],
        hide_index=True, height=430, placeholder="", key="variants.family",
        column_config={
            "model": st.column_config.TextColumn(pinned=True),
            "year": st.column_config.NumberColumn(format="%d"),
            "parameters": st.column_config.NumberColumn(
                format="localized", help="Encoder and pooler, without a task head."
            ),
            "embeddings": st.column_config.NumberColumn(
                format="%.1f%%", help="Share of the parameters in the embedding tables."
            ),
            "GLUE": st.column_config.NumberColumn(
                format="%.1f",
                help="Mean over eight tasks, dev split, Warner et al. 2024, tables 1 and 5.",
            ),
            "context": st.column_config.NumberColumn(format="localized", help="Tokens."),
            "vocabulary": st.column_config.NumberColumn(format="localized"),
            "source": st.column_config.LinkColumn(display_text="open"),
        },
    )  # fmt: skip
    st.caption(
        f"{family.describe_family(members)} Click a column's head to sort. GLUE: "
        "[Warner et al. 2024](https://arxiv.org/abs/2412.13663), tables 1 and 5."
    )
    counts.watch(
        page, {}, draw_counting,
        "Each model is built from its configuration with shapes alone, no weights, and counted.",
    )  # fmt: skip


def draw_counting(page: LessonPage, run: Run) -> None:
    st.caption(family.describe_counting(run.moments[-1]["counted"]))


# --- the chooser


@fragment
def choose(page: LessonPage) -> None:
    answers: dict[str, str] = {}
    columns = st.columns(2)
    for i, (question, options) in enumerate(chooser.QUESTIONS.items()):
        with columns[i % 2]:
            answers[question] = st.segmented_control(
                chooser.LABELS[question], list(options), default=chooser.DEFAULTS[question],
                required=True, format_func=options.__getitem__, key=f"variants.ask_{question}",
                persist_state="session",
            )  # fmt: skip
    found = chooser.choose(answers)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, key="variants.answer"):
        st.subheader(found.model or "None of these", anchor=False)
        st.markdown(
            "\n".join(f"- {reason}" for reason in found.reasons)
            or "- No rule speaks for it; the others have more against them."
        )
        if found.against:
            st.markdown("Against it:\n" + "\n".join(f"- {reason}" for reason in found.against))
    with right:
        st.markdown("**What would change the answer**")
        st.markdown(
            "\n".join(
                f"- {chooser.LABELS[question]} *{chooser.QUESTIONS[question][other]}*: "
                f"**{then or 'none of these'}**"
                for question, other, then in found.changes
            )
            or "Nothing that is asked here."
        )
    if found.model:
        left_in = {name: p for name, p in found.points.items() if p > chooser.OUT // 2}
        page.chart(
            figures.points_bars(left_in, found.model), key="points",
            words=chooser.describe_choice(found),
        )  # fmt: skip
    with st.expander("All rules", key="variants.rules"):
        st.dataframe(
            [
                {
                    "if": " and ".join(
                        f"{chooser.LABELS[question]} {chooser.QUESTIONS[question][answer]}"
                        for question, answer in [
                            (r.question, r.answer),
                            *([r.also] if r.also else []),
                        ]
                    ),
                    "models": ", ".join(r.models),
                    "points": "out" if r.points == chooser.OUT else f"{r.points:+d}",
                    "because": r.reason,
                }
                for r in chooser.RULES
            ],
            hide_index=True,
        )  # fmt: skip


# --- two models


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
        gap = stand_in(page, encoding)
        masks = () if gap is None else (gap,)
    places = side_by_side.hidden_words(encoding, masks)
    columns, names = st.columns(2), []
    for i, column in enumerate(columns):
        with column:
            name = st.selectbox(
                ("First model", "Second model")[i], list(specs), index=i,
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
        st.caption("It was not trained to predict words, so it has none to offer.")
    elif not found.words:
        st.caption("There is no word to hide.")
    else:
        prediction_bars(
            [Bars(f"Gap {k + 1}", words) for k, words in enumerate(found.words[:3])],
            key=f"variants_two_{i}",
        )
