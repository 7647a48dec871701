"""A step along the sines, as a rotation."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lessons.positions import compute, figures, sinusoidal
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.positions.parts import REACH, formula

BLOCK = 16  # dimensions of the matrix that are drawn


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
