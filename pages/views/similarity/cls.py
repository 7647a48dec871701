"""Raw [CLS] vectors against others."""

from __future__ import annotations

import numpy as np

from lessons.similarity import compute, figures
from pages.ui import controls
from pages.ui.drawings import drawing
from pages.ui.shell import LessonPage
from pages.views.similarity.vectors import our_scores


def raw_cls(page: LessonPage) -> None:
    """The prediction, unrelated sentences by each method, and how each orders our pairs."""
    guess = page.predict(page.sentence.model)
    if guess is None:
        return
    methods = tuple(compute.methods(page.sentence.model))
    rows = our_scores(methods)
    strangers = [(m, values) for m, _, values in rows]
    value = float(strangers[1][1].mean())
    page.reveal(guess, value, f"Measured just now, over {len(strangers[1][1])} pairs: {value:.2f}.")
    marked = guess.made if isinstance(guess.made, float) else None
    figure, words = drawing(
        "random",
        f"{page.sentence.model}/{marked}",
        lambda: (
            figures.random_boxes(strangers, marked),
            compute.describe_random(strangers),
        ),
    )
    page.chart(figure, key="random", words=words)
    ours = np.array([pair.score for pair in compute.pairs()])
    traps = [bool(pair.trap) for pair in compute.pairs()]
    which = controls.segmented_control(
        "Pairs", ["all", "with a trap", "without a trap"], default="all", key="similarity.pairs"
    )
    chosen = [
        i for i, trap in enumerate(traps) if which == "all" or trap == (which == "with a trap")
    ]
    found = [(m, compute.rank_correlation(values[chosen], ours[chosen])) for m, values, _ in rows]
    title = f"Agreement with our ratings of {len(chosen)} pairs"
    figure, words = drawing(
        "correlations",
        f"{page.sentence.model}/{which}",
        lambda: (
            figures.correlation_bars(found, title=title),
            compute.describe_correlations(found, len(chosen), "our ratings"),
        ),
    )
    page.chart(figure, key="correlations", words=words)
    figure, words = drawing("sourced", "", lambda: (figures.sourced_bars(), compute.SOURCED))
    page.chart(figure, key="sourced", words=words)
    page.prose("what-others-measured")
