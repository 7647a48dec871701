"""Who looks at whom: the sum of one head, all heads, what they do, and whether it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.attention import bertviz_views, compute, detective, figures, importance
from pages.ui import attention_results as kept
from pages.ui import controls
from pages.ui.attention import attention_explorer, attention_sum, head_grid, maps
from pages.ui.errors import NothingToShow, fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.links import link
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.shell import LessonPage, lesson_page

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import BertModel

HOW: dict[importance.How, str] = {"silent": "Silent: hands on nothing", "even": "Looks evenly"}


@fragment
def the_sum(page: LessonPage) -> None:
    """One head, one token that looks: every number, and what if it were another."""
    trace = page.trace()
    left, right = st.columns(2)
    with left:
        layer = page.number("Layer", "layer", trace.num_layers, 3)
    with right:
        head = page.number("Head", "head", trace.num_heads, 1)
    if len(trace.tokens) > compute.LONGEST_SUM:
        raise NothingToShow(
            f"The sum is shown for up to {compute.LONGEST_SUM} tokens: shorten your text."
        )
    one = compute.one_head(trace, layer - 1, head - 1)
    if one is None:
        raise NothingToShow("This model does not show its queries and keys: choose a BERT.")
    query = compute.suggested_query(trace, page.sentence.selected, page.sentence.masks)
    attention_sum(one.as_data(query), key="attention_sum")
    st.caption(compute.describe_sum(one, query))
    steps = compute.one_pass(trace, layer - 1, head - 1, query)
    st.dataframe(
        {
            "step": [step.name for step in steps],
            "formula": [step.formula for step in steps],
            "numbers": [step.count for step in steps],
            "length (norm)": [round(step.norm, 2) for step in steps],
            "the first of them": [step.first for step in steps],
        },
        hide_index=True,
    )


@fragment
def all_heads(page: LessonPage) -> None:
    """The explorer, with every head labelled by what it does."""
    guess = page.predict(page.sentence.asked)
    trace = page.trace()
    bare = controls.toggle(
        "Name heads by what they do between words, [CLS] and [SEP] left out",
        key="attention.bare",
    )
    roles = detective.roles_of(trace, ignore_special=bare)
    if guess:
        st.markdown(f"You said: *{guess}*. {detective.describe_sinks(trace)}")
    attention_explorer(
        maps(page.model(), page.masked()),
        key="attention_heads",
        model=page.model().spec.title,
        labels=figures.head_labels(roles),
    )
    st.caption(detective.describe_roles(roles))
    link("attention_explorer", "Contrast two sentences in the attention explorer →")


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
    scores = kept.investigated(page.model().name)
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


@fragment
def the_game(page: LessonPage) -> None:
    """Find the head with a given role, by its picture alone."""
    trace = page.trace()
    roles = detective.roles_of(trace)
    riddles = detective.riddles(roles)
    if not riddles:
        raise NothingToShow("No head stands out on this sentence: try a longer one.")
    turn = st.session_state.setdefault("attention.turn", 0)
    riddle = riddles[turn % len(riddles)]
    st.markdown(
        f"**Which head gives most of its attention to {detective.ROLES[riddle.role]}?** "
        "Each picture is a map: rows look, columns are looked at. Click one."
    )
    guess = head_grid(maps(page.model(), page.masked()), key=f"attention_game_{turn}")
    if guess:
        rank, verdict = riddle.verdict(roles, *guess)
        if rank == 1:
            st.success(verdict, icon=":material/emoji_events:")
        else:
            st.info(verdict, icon=":material/search:")
    st.button("Another head", key="attention.another", on_click=_next_turn)


def _next_turn() -> None:
    st.session_state["attention.turn"] = st.session_state.get("attention.turn", 0) + 1


def gap(page: LessonPage) -> tuple[BertModel, Encoding, int]:
    """The model, the input, and the masked position that is explained."""
    model = page.model()
    if not model.has_mlm or not hasattr(model, "encoder"):
        raise NothingToShow("This needs a BERT that predicts words: choose another model.")
    encoding, position = with_a_gap(page)
    if position is None:
        raise NothingToShow("Type a sentence with a word in it, so that one can be masked.")
    return model, encoding, position  # type: ignore[return-value]


@fragment
def matter(page: LessonPage) -> None:
    """Silence heads, and see what becomes of the prediction."""
    model, encoding, position = gap(page)
    layers, heads = range(model.spec.layers), range(model.spec.heads)
    left, right = st.columns(2)
    with left:
        choices: list[str | int] = ["all", *(i + 1 for i in layers)]
        layer = controls.segmented_control(
            "Layer", choices, default=min(3, len(layers)), key=f"attention.off_layer.{len(layers)}"
        )
    with right:
        how = st.segmented_control(
            "The chosen heads", list(HOW), format_func=HOW.__getitem__, default="silent",
            required=True, key="attention.how", persist_state="session",
        )  # fmt: skip
    chosen = st.pills(
        "Heads", [i + 1 for i in heads], selection_mode="multi",
        default=[i + 1 for i in heads], key=f"attention.off.{len(heads)}",
        persist_state="session",
    )  # fmt: skip
    off = [
        (i, head - 1) for i in (layers if layer == "all" else [int(layer or 1) - 1])
        for head in chosen or []
    ]  # fmt: skip
    change = importance.silence(model, encoding, position, off, how or "silent")
    prediction_bars(
        [
            Bars("As it is", change.before, position=position),
            Bars("With these heads changed", change.after, position=position),
        ],
        key="attention_change",
    )
    st.caption(importance.describe_change(change, off, how or "silent"))
    if not controls.toggle("Silence every head in turn", key="attention.each"):
        return  # a pass for each head: only for those who ask
    if len(encoding) > importance.LONGEST:
        st.info(
            f"Every head alone is tried on up to {importance.LONGEST} tokens.",
            icon=":material/lightbulb:",
        )
        return
    effects = kept.effects_of(model.name, tuple(encoding.input_ids.tolist()), position, encoding)
    page.chart(
        figures.head_effects(effects, change.word),
        key="effects",
        words=importance.describe_each_head(effects),
    )


@fragment
def methods(page: LessonPage) -> None:
    """Attention beside methods that ask what the prediction depends on."""
    model, encoding, position = gap(page)
    if len(encoding) > importance.LONGEST:
        raise NothingToShow(f"The methods are compared on up to {importance.LONGEST} tokens.")
    looked = importance.attended(model, encoding, position)
    if len(looked.compared) < 3:
        raise NothingToShow("Type a sentence of some more words to compare the methods.")
    if not controls.toggle("Ask all five", key="attention.ask"):
        page.chart(
            figures.importance_strips(looked),
            key="looked",
            words=importance.describe_attended(looked),
        )
        return  # the others need a pass for each word, and gradients: only for those who ask
    found = kept.importance_of(model.name, tuple(encoding.input_ids.tolist()), position, encoding)
    page.chart(
        figures.importance_strips(found),
        key="strips",
        words=importance.describe_importance(found),
    )
    page.chart(
        figures.agreement_grid(found),
        key="agreement",
        words=importance.describe_sum_check(found),
    )


@fragment
def bertviz(page: LessonPage) -> None:
    """BertViz's own three views."""
    view = st.segmented_control(
        "View", list(bertviz_views.VIEWS), format_func=bertviz_views.VIEWS.__getitem__,
        default="head", required=True, key="attention.view", persist_state="session",
    ) or "head"  # fmt: skip
    encoding = page.masked()
    layer = 3
    if len(encoding) > bertviz_views.LONGEST[view]:
        layer = page.number(
            "Layer to draw, of a long text", "bertviz_layer", page.trace().num_layers, 3
        )
    try:
        ids = tuple(encoding.input_ids.tolist())
        html = kept.bertviz_page(page.model().name, ids, view, layer - 1, encoding)
    except ValueError as reason:
        raise NothingToShow(str(reason)) from None
    height = bertviz_views.height(view, len(encoding), page.trace().num_layers)
    st.iframe(html, height=height, alt=f"BertViz, {bertviz_views.VIEWS[view].lower()}")


with lesson_page("attention") as page:
    page.steps({
        "sum": the_sum, "all-heads": all_heads, "detective": the_detective, "game": the_game,
        "matter": matter, "methods": methods, "bertviz": bertviz,
    })  # fmt: skip
