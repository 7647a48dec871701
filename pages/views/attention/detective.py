"""Which head follows which grammatical relation, against simple rules."""

from __future__ import annotations

from lessons.attention import detective, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.attention import results as kept


@fragment
def the_detective(page: LessonPage) -> None:
    """Which heads find which relations, against counting and the best simple rule."""
    if not controls.toggle(
        f"Put all heads to the test on {len(detective.parsed_sentences())} sentences",
        key="attention.test",
    ):
        rivals = detective.rivals()
        page.chart(
            figures.rival_bars(rivals), key="rivals", words=detective.describe_rivals(rivals)
        )
        return  # a pass for each sentence: only for those who ask
    scores = kept.investigated(page.model())
    view = controls.segmented_control("Show", ["Every head", "One relation"], key="attention.show")
    if view == "Every head":
        found = detective.specialists(scores)
        page.chart(
            figures.specialist_grid(found),
            key="specialists",
            words=detective.describe_specialists(found),
        )
    else:
        one_relation(page, scores)
    page.chart(
        figures.relation_bars(list(scores.values())),
        key="relations",
        words=detective.describe_scores(list(scores.values())),
    )


def one_relation(page: LessonPage, scores: dict[str, detective.Score]) -> None:
    """All heads on one relation."""
    relation = controls.selectbox(
        "Relation",
        list(scores),
        format_func=detective.RELATIONS.__getitem__,
        key="attention.relation",
    )
    page.chart(
        figures.relation_grid(scores[relation]),
        key="relation_grid",
        words=detective.describe_score(scores[relation]),
    )
