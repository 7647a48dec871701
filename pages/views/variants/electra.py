"""ELECTRA: find the replaced words, against a detector that one trains."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.variants import figures
from pages.ui import resources
from pages.ui.errors import NothingToShow, fragment
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.variants.detection import Replaced

ROUND = "variants.round"
SCORE = "variants.score"
CHECKED = "variants.checked"
FEWEST_WORDS = 5
REPLACED = 0.2  # share of the whole words
LONG_ENOUGH = 10  # words of a sentence of ours to play with
detectors = SessionRuns(
    "variants.electra", "lessons.variants.detection:Detection",
    recordings=("electra",), label="Train the detector",
)  # fmt: skip


def new_round(source: str) -> None:
    last = st.session_state.get(ROUND, {"number": 0})
    st.session_state[ROUND] = {"number": last["number"] + 1, "source": source}


def sentence_of_round(page: LessonPage, source: str, number: int) -> Encoding:
    """The learner's sentence, or one that no training here has seen."""
    from lessons.variants.sentences import sentences

    if source == "yours":
        return page.encoding()
    held_out = [text for text in sentences().held_out if len(text.split()) >= LONG_ENOUGH]
    return resources.model("minilm-mlm").encode(held_out[(17 * number) % len(held_out)])


def play(encoding: Encoding, number: int) -> Replaced:
    """The sentence with some of its words drawn anew. Raises NothingToShow if it is too short."""
    import torch

    from lessons.variants.detection import replace_tokens

    words = list(encoding.word_ids)
    whole = [
        i
        for i, token in enumerate(encoding.tokens[:60])
        if token.isalpha()
        and len(token) > 1
        and words.count(words[i]) == 1
        and encoding.offsets[i] is not None
    ]
    if len(whole) < FEWEST_WORDS:
        raise NothingToShow(
            f"Type a sentence with at least {FEWEST_WORDS} whole words, or take one of ours."
        )
    count = max(1, round(REPLACED * len(whole)))
    positions = sorted(random.Random(number).sample(whole, count))
    dice = torch.Generator().manual_seed(number)
    model = resources.model("minilm-mlm")
    return replace_tokens(model, [encoding], [positions], dice, never_the_same=True)[0]


def detector_says(row: Replaced) -> list[float] | None:
    """The detector's suspicion of every token: the newest of one's own, or the recorded one."""
    from lessons.variants.detection import features, suspicion

    for run in [*detectors.all(), *detectors.recorded()]:
        if run.moments and (head := run.moments[-1]["head"]):
            return suspicion(features(resources.model("minilm-mlm"), [row.shown])[0], head)
    return None


def check(row: Replaced, picks: list[int], scores: list[float] | None, number: int) -> None:
    """Count a round once: what you found, what the detector found, what luck would find."""
    from lessons.variants.detection import found_among_top

    if st.session_state.get(CHECKED) == number:
        return
    score = st.session_state.setdefault(SCORE, [])
    replaced = set(row.replaced)
    score.append(
        {
            "words": len(replaced),
            "you": len(replaced & set(picks)),
            "detector": None if scores is None else found_among_top(scores, row.own, row.replaced),
            "luck": len(replaced) ** 2 / len(row.own),
        }
    )
    st.session_state[CHECKED] = number


@fragment
def game(page: LessonPage) -> None:
    source = st.segmented_control(
        "Sentence", ["ours", "yours"], default="ours", required=True, key="variants.source",
        format_func={"ours": "One of ours", "yours": "Your sentence"}.__getitem__,
        persist_state="session",
    )  # fmt: skip
    number = st.session_state.get(ROUND, {"number": 0})["number"]
    try:
        encoding = sentence_of_round(page, source, number)
        if encoding.pair or "[MASK]" in encoding.tokens:
            encoding = resources.model("minilm-mlm").encode(encoding.text.replace("[MASK]", "it"))
        row = play(encoding, number)
    except NothingToShow as reason:
        st.info(str(reason), icon=":material/lightbulb:")
        return
    count = len(row.replaced)
    shown = list(row.own)[:60]
    about = f"{number}.{source}.{hash(encoding.text) % 10**6}"
    over = st.session_state.get(CHECKED) == about
    picks = st.pills(
        f"{count} {'word was' if count == 1 else 'words were'} put there by the model. Pick "
        f"{'it' if count == 1 else 'them'}.",
        shown, selection_mode="multi", format_func=lambda i: row.shown.tokens[i],
        key=f"variants.picks.{about}", disabled=over,
    )  # fmt: skip
    scores = detector_says(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Check",
            icon=":material/check_circle:",
            key="variants.check",
            disabled=over or len(picks) != count,
            type="primary" if not over and len(picks) == count else "secondary",
            on_click=check,
            args=(row, picks, scores, about),
        )
        st.button(
            "Next round",
            icon=":material/casino:",
            key="variants.next",
            on_click=new_round,
            args=(source,),
            type="primary" if over else "secondary",
        )
        if not over and len(picks) != count:
            st.caption(f"{len(picks)} of {count} picked.")
    if over:
        reveal(page, row, picks, scores)
    score_board()


def reveal(page: LessonPage, row: Replaced, picks: list[int], scores: list[float] | None) -> None:
    """Which words were replaced, what stood there, and whom the detector suspected."""
    from lessons.variants.detection import describe_round

    words = describe_round(row, picks, scores)
    if scores is None:
        st.markdown(words)
        return
    own = list(row.own)[:60]
    at = {position: i for i, position in enumerate(own)}
    page.chart(
        figures.suspicion_bars(
            [row.shown.tokens[i] for i in own], [scores[i] for i in own],
            [at[i] for i in row.replaced], [at[i] for i in picks],
        ), key="suspicion", words=words,
    )  # fmt: skip


def score_board() -> None:
    rounds = st.session_state.get(SCORE, [])
    if not rounds:
        return
    total = sum(r["words"] for r in rounds)
    with st.container(horizontal=True):
        st.metric("You", f"{sum(r['you'] for r in rounds)} of {total}")
        both = [r for r in rounds if r["detector"] is not None]
        if both:
            st.metric(
                "The detector",
                f"{sum(r['detector'] for r in both)} of {sum(r['words'] for r in both)}",
            )
        st.metric("Picking at random", f"{sum(r['luck'] for r in rounds):.1f} of {total}")


def draw_detector(page: LessonPage, run: Run) -> None:
    from lessons.variants.detection import describe_detection

    assert run.facts is not None
    left, right = st.columns(2)
    with left:
        words = describe_detection(run.facts, run.moments)
        raced = None if run.recorded else detectors.ghost()
        figure = figures.found_curves(run.facts, run.moments, raced.moments if raced else [])
        page.chart(figure, key="found", words=words)
    with right:
        page.chart(
            figures.loss_curves(run.points, ["every token", "the masked ones"]),
            key="detector_losses",
            words="The two losses count different tokens, so their heights can't be compared.",
        )


def detector(page: LessonPage) -> None:
    from lessons.variants.detection import STEPS

    steps = st.select_slider(
        "Steps", STEPS, 80, key="variants.detector_steps", persist_state="session"
    )
    detectors.watch({"steps": steps}, partial(draw_detector, page))


def electra(page: LessonPage) -> None:
    game(page)
    detector(page)
