"""A second look at what a search found: question and passage read together, or apart."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from lessons.applications import figures, reranking, search
from lessons.applications.reranking import BASE, READS, Settings, checked
from pages.ui import controls, guesses, resources, runner
from pages.ui.errors import NothingToShow
from pages.ui.guesses import Guess
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage
from pages.views.applications.parts import highlighted, plain, vector, vectors
from pages.views.applications.search import bm25

LOOKS = ("All questions", "One question")
KINDS = {"all questions": "", **{title: kind for kind, title in search.KINDS.items()}}
MEASURES = (search.MEASURES[0], search.MEASURES[2])
SHOWN = 4  # results of each


def title(run: Run) -> str:
    settings = checked(run.settings)
    return f"{READS[settings.reads]}, {settings.negatives} wrong passages a question"


second_looks = SessionRuns(
    "applications.second", "lessons.applications.second_look:SecondLook", title,
    recordings=tuple(READS), same=("reads",), label="Train a second look",
)  # fmt: skip


def second_look(page: LessonPage) -> None:
    """The prediction, a run to watch, and what it makes of what a search found."""
    guess = page.predict()
    if guess is None:
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        method = controls.segmented_control(
            "First search", search.METHODS, default=search.BOTH,
            format_func=search.METHOD_TITLES.__getitem__, key="applications.first_search",
        )  # fmt: skip
    with right:
        depth = controls.slider(
            "Passages to look at again", 1, reranking.DEEPEST, reranking.DEEPEST,
            key="applications.depth",
        )  # fmt: skip
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        look = controls.segmented_control(
            "Look at", LOOKS, key="applications.second_view", label_visibility="collapsed"
        )
    with right, st.popover("What is trained", icon=":material/tune:", width="stretch"):
        settings = settings_of_controls()
    if not second_looks.changing():
        runner.runs().warm()
    run = second_looks.watch(settings.to_dict(), going)
    runs = chosen_runs()
    if look == LOOKS[0]:
        compare(page, runs, method, depth)
    else:
        page.attempt(partial(one_question, runs, method, depth))
    if run is not None and run.over:
        resolve(page, guess, runs, method, depth)
    with st.expander("The code: what it is trained on", key="applications.code.second"):
        from lessons.applications import second_look

        st.code(inspect.getsource(second_look.choice_loss), language="python")


def settings_of_controls() -> Settings:
    """What the next run learns, and how."""
    usual = Settings()
    reads = controls.segmented_control(
        "Question and passage are read", tuple(READS), default=usual.reads,
        key="applications.second_reads",
    )  # fmt: skip
    negatives = controls.select_slider(
        "Wrong passages for each question", reranking.NEGATIVES, usual.negatives,
        key="applications.second_negatives",
    )  # fmt: skip
    epochs = controls.select_slider(
        "Epochs", reranking.EPOCHS, usual.epochs, key="applications.second_epochs"
    )
    rate = controls.select_slider(
        "Learning rate", reranking.LEARNING_RATES, usual.learning_rate,
        format_func="{:g}".format, key="applications.second_rate",
    )  # fmt: skip
    seed = controls.select_slider(
        "Seed", tuple(reranking.SEEDS), usual.seed, key="applications.second_seed"
    )
    return Settings(reads, negatives, epochs, rate, seed)


def going(run: Run) -> None:
    """How a run of one's own stands; what it is worth is measured when it ends."""
    if not run.over and run.points:
        loss, right = run.points[-1][1:3]
        if loss is not None and right is not None:
            st.caption(f"Loss {loss:.2f} nats; the right passage first: {right:.0%} of the batch.")


def chosen_runs() -> dict[str, Run]:
    """For each way to read, one's newest run that is over, else the recorded one."""
    found: dict[str, Run] = {}
    for run in second_looks.finished():
        if run.moments[-1]["scores"]:
            found.setdefault(run.settings["reads"], run)
    return {reads: found[reads] for reads in reversed(READS) if reads in found}


def compare(page: LessonPage, runs: Mapping[str, Run], method: str, depth: int) -> None:
    """Every way to search on the questions that nothing learned from."""
    left, right = st.columns(2)
    with left:
        kind = controls.selectbox(
            "Questions", tuple(KINDS), key="applications.second_kind",
            label_visibility="collapsed",
        )  # fmt: skip
    with right:
        measure = controls.selectbox(
            "Measured by", MEASURES, key="applications.second_measure",
            label_visibility="collapsed",
        )  # fmt: skip
    facts = facts_of(runs)
    found = reranking.compared(facts, scores_of(runs), method, depth, KINDS[kind])
    rows = [row for row in facts["questions"] if KINDS[kind] in ("", row["kind"])]
    reach = reranking.within_reach({"questions": rows}, method, depth)
    page.chart(
        figures.second_look_bars(found, measure == MEASURES[1]), key="second_bars",
        words=reranking.describe_compared(found, len(rows), method, reach, depth),
    )  # fmt: skip
    st.caption(f"Learned from {facts['n_train']} other questions, about other passages.")


def facts_of(runs: Mapping[str, Run]) -> dict[str, Any]:
    """What all runs have in common: the test questions, and what the searches found for them."""
    facts = next(iter(runs.values())).facts
    assert facts is not None
    return facts


def scores_of(runs: Mapping[str, Run]) -> dict[str, list[list[float]]]:
    """By title, what each second look says of each candidate of each test question."""
    return {READS[reads]: run.moments[-1]["scores"] for reads, run in runs.items()}


def one_question(runs: Mapping[str, Run], method: str, depth: int, page: LessonPage) -> None:
    """What a search puts first, and what the cross-encoder makes of it.

    For questions of one's own it takes a run of one's own: recorded runs keep no weights.
    """
    facts, passages = facts_of(runs), search.library().passages
    texts = [row["text"] for row in facts["questions"]]
    left = next(
        (r for r in second_looks.all() if r.over and r.saved and r.settings["reads"] == "together"),
        None,
    )
    choices = [*texts, *([page.sentence.text[:300]] if left is not None else [])]
    question = controls.selectbox("Question", choices, key="applications.second_question")
    if question in texts:
        place = texts.index(question)
        row = facts["questions"][place]
        said = dict(zip(row["candidates"], runs["together"].moments[-1]["scores"][place],
                        strict=True))  # fmt: skip
        first, answers = row[method], row["answers"]
    else:
        assert left is not None
        if not question.strip():
            raise NothingToShow("Type a sentence above: it is then asked.")
        found = reranking.found_for(bm25(passages), vectors(passages), question, vector(question))
        first, answers = getattr(found, method), []
        scores = own_scores(left.model_name, str(left.folder), question, tuple(first[:depth]))
        said = dict(zip(first[:depth], scores, strict=True))
    columns = st.columns(2, gap="large")
    orders = {
        search.METHOD_TITLES[method]: first,
        "After a second look": reranking.reranked(first, said, depth),
    }
    for column, (name, order) in zip(columns, orders.items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            for rank, at in enumerate(order[:SHOWN], 1):
                text = passages[at]
                spans = [(0, len(text))] if at in answers else []
                moved = f" :small[was {first.index(at) + 1}]" if order is not first else ""
                st.markdown(f"**{rank}** · {highlighted(text, spans, 'green')}{moved}")
            if not order:
                st.caption("No passage shares a word with the question.")
    if left is None:
        st.caption(
            "Green: the passage that answers. Train a cross-encoder of your own, and it also looks "
            "at your sentence from above."
        )
    elif not answers:
        st.caption(f"{plain(question)}: {depth} passes for the second look.")


@st.cache_resource(max_entries=200, show_spinner="Reading each pair …")
def own_scores(name: str, folder: str, question: str, places: tuple[int, ...]) -> list[float]:
    """What one's own cross-encoder, by the name of its run, says of some passages."""
    from pathlib import Path

    from lessons.applications import second_look

    tuned, about = second_look.trained(Path(folder))
    passages = [search.library().passages[i] for i in places]
    model = resources.model(BASE)
    return second_look.second_scores(model, tuned, about["reads"], question, passages)


def resolve(
    page: LessonPage, guess: Guess, runs: Mapping[str, Run], method: str, depth: int
) -> None:
    """The guess beside what was measured: is a second look better than the search alone?"""
    found = reranking.compared(facts_of(runs), scores_of(runs), method, depth)
    alone = next(s for s in found if s.title == search.METHOD_TITLES[method])
    cross = next(s for s in found if s.title == READS["together"])
    verdict = reranking.verdict(alone, cross)
    own = second_looks.current()
    made = guess if own is None else Guess(guesses.of_run(own.id))
    said = f"{alone.first:.0%} alone, {cross.first:.0%} after the cross-encoder."
    page.reveal(made, verdict, said)
