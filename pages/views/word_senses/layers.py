"""How well each layer tells senses apart."""

from __future__ import annotations

from lessons.word_senses import compute, figures
from pages.ui import controls
from pages.ui.shell import LessonPage
from pages.views.word_senses import verdicts, workbench
from pages.views.word_senses.parts import on_the_bench


def layers(page: LessonPage) -> None:
    """Curves of this word, or of all words together with each word's own result."""
    bench = on_the_bench(page)
    which = controls.segmented_control(
        "Of", ["this word", "all words"], default="this word", key="word_senses.which"
    )
    if which == "this word":
        verdicts.layers_view(bench, key="word_senses.layers")
        return
    curves = workbench.all_curves(bench.model)
    mean = compute.mean_curve(list(curves.values()))
    what = f"all {len(curves)} words"
    page.chart(
        figures.layer_curve(mean, what), key="all_layers", words=compute.describe_curve(mean, what)
    )
    at = [curve.accuracy[bench.layer] for curve in curves.values()]
    page.chart(
        figures.word_bars(
            list(curves),
            [curve.accuracy[0] for curve in curves.values()],
            at,
            [curve.chance for curve in curves.values()],
        ),
        key="each_word",
        words=compute.describe_words(list(curves), at, bench.layer),
    )
