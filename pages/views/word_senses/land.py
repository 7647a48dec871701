"""Where the learner's own sentence lands."""

from __future__ import annotations

from pages.ui.links import link
from pages.ui.shell import LessonPage
from pages.views.word_senses import maps, verdicts
from pages.views.word_senses.parts import on_the_bench


def land(page: LessonPage) -> None:
    """The learner's word as a star on the map, the verdict, the nearest sentences."""
    bench = on_the_bench(page)
    verdicts.tries_view(bench.word)
    settings = maps.map_settings("word_senses")
    maps.map_view(bench, settings, key="word_senses.map", height=420)
    verdicts.verdict_view(bench, page.sentence, key="word_senses.verdict")
    if bench.new is not None:
        verdicts.neighbors_view(bench)
    link("compare_senses", "More room, and a table of your own →")
