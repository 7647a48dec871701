"""The position vectors that the model learned."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lessons.positions import compute, figures, sinusoidal
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage

VIEWS = ("cosines", "table", "path", "lengths")


@fragment
def learned(page: LessonPage) -> None:
    model = page.model()
    try:
        table = compute.learned_table(model)
    except ValueError as reason:
        st.info(f"{reason}. Choose another model above.", icon=":material/neurology:")
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
    asked = controls.number_input(
        "Put a token in place", 0, 9999, len(table), key="positions.place", into=left
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
