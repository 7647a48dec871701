"""The sines and cosines of the first transformer."""

from __future__ import annotations

from lessons.positions import compute, sinusoidal
from pages.ui import controls
from pages.ui.components import component
from pages.ui.errors import fragment
from pages.ui.figures import picture_caption
from pages.ui.shell import LessonPage
from pages.views.positions.parts import formula

_waves = component("waves")


@fragment
def waves(page: LessonPage) -> None:
    size, base = formula("")
    length = controls.slider("Positions", 8, 256, 64, 8, key="positions.length")
    chosen = page.sentence.selected or 0
    data = {
        "frequencies": sinusoidal.frequencies(size, base).tolist(),
        "length": length,
        "position": min(max(chosen, 1) * 3, length - 1),
    }
    _waves(key="positions_waves", data=data)
    picture_caption(
        compute.describe_waves(length, size, base),
        key="positions_waves",
        title="Waves that tell places apart",
        component="waves",
        data=lambda: data,
        sentence=False,
    )
