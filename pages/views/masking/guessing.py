"""A guess for each gap before the model's words are shown, and words of one's own weighed there."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lessons.engine import Encoding
from lessons.masking import compute
from pages.ui import controls, resources, state
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.predictions import Bars, prediction_bars, taken
from pages.ui.sentence import Sentence
from pages.views.masking.masked_words import predicted, put_in, remember, setup, some_gaps

MOST_GAPS = 6  # lists of bars side by side; more would be a wall of numbers


def guess_and_reveal(sentence: Sentence, slug: str) -> None:
    """A guess for each gap, then the model's words as bars; a click on a word puts it in."""
    gaps = some_gaps(sentence)
    predictions = {p.position: p for p in predicted(*sentence.asked)}
    at_once = bool(st.session_state.get(f"{slug}.at_once"))
    guesses = _guess_row(sentence, slug, gaps[:MOST_GAPS], covered_allowed=not at_once)
    open_ = _revealed(sentence, slug)
    bars, verdicts = [], []
    for number, gap in enumerate(gaps[:MOST_GAPS], 1):
        covered = not at_once and gap.positions[0] not in open_
        weighed = _weigh_guess(sentence, gap, guesses.get(number - 1, ""))
        if isinstance(weighed, str):
            verdicts.append(weighed)
        elif weighed is not None and not covered:
            verdicts.append(compute.describe_weighed(weighed))
        for piece, position in enumerate(gap.positions, 1):
            found = predictions[position]
            words: list[tuple[str, float] | tuple[str, float, str]] = list(found.words)
            if isinstance(weighed, compute.Weighed) and len(gap.positions) == 1 and not covered:
                words = _with_guess(found.words, weighed)
            title = f"Gap {number}" if len(gaps) > 1 else "The gap"
            if len(gap.positions) > 1:
                title += f", piece {piece} of {len(gap.positions)}"
            if gap.original is not None:
                title += f" · hides “{gap.original}”"
            bars.append(Bars(title, words, compute.describe_uncertainty(found), position, covered))
    key = f"{slug}.bars"
    prediction_bars(bars, key=key, on_take=partial(_take_word, key, gaps, sentence.encoding))
    for verdict in verdicts:
        st.markdown(as_plain(verdict))
    if len(gaps) > MOST_GAPS:
        st.caption(f"The first {MOST_GAPS} of {len(gaps)} gaps are shown.")


def _guess_row(
    sentence: Sentence, slug: str, gaps: Sequence[compute.Gap], *, covered_allowed: bool
) -> dict[int, str]:
    """One field for each gap, a button that opens all, and the choice to see all at once."""
    mark = zlib.crc32(f"{sentence.text}\0{sentence.pair}".encode("utf-8", "replace"))
    guesses: dict[int, str] = {}
    open_ = _revealed(sentence, slug)
    hidden = covered_allowed and any(gap.positions[0] not in open_ for gap in gaps)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{slug}.guess_row"):
        for i, gap in enumerate(gaps):
            key = f"{slug}.guess.{mark}.{gap.positions[0]}"
            label = f"Your guess for gap {i + 1}" if len(gaps) > 1 else "Your guess"
            guesses[i] = st.text_input(
                label,
                key=key,
                max_chars=60,
                placeholder="What will BERT say?",
                persist_state="session",
                on_change=_reveal,
                args=(sentence, slug, gap.positions[:1]),
                width=230,
            ) or ""  # fmt: skip
        every = tuple(gap.positions[0] for gap in gaps)
        if hidden:
            st.button(
                "Reveal",
                type="primary",
                key=f"{slug}.reveal",
                on_click=_reveal,
                args=(sentence, slug, every),
            )
        controls.toggle(
            "Show at once",
            key=f"{slug}.at_once",
            help="Without this, the words stay covered until you have made a guess.",
        )
    return guesses


def _revealed(sentence: Sentence, slug: str) -> set[int]:
    """Gaps of this very sentence whose words have been uncovered."""
    shown = st.session_state.get(f"{slug}.revealed")
    return shown[1] if shown and shown[0] == (sentence.text, sentence.pair) else set()


def _reveal(sentence: Sentence, slug: str, positions: tuple[int, ...]) -> None:
    opened = _revealed(sentence, slug) | set(positions)
    st.session_state[f"{slug}.revealed"] = ((sentence.text, sentence.pair), opened)


def _weigh_guess(sentence: Sentence, gap: compute.Gap, guess: str) -> compute.Weighed | str | None:
    """The guess judged; a sentence where it cannot stand there; None without a guess."""
    if not guess.strip():
        return None
    try:
        weighed: compute.Weighed = _weighed(*sentence.asked, gap, (guess.strip(),))[0]
    except compute.NotAWord as reason:
        return str(reason)
    return weighed


def _with_guess(
    words: Sequence[tuple[str, float]], guess: compute.Weighed
) -> list[tuple[str, float] | tuple[str, float, str]]:
    """The list with the guess marked in its place, or added below."""
    rank = f" · number {guess.ranks[0]:,}" if len(guess.ranks) == 1 else ""
    note = f"your guess{rank}"
    if len(guess.pieces) == 1:
        listed = [(w, p, note) if w == guess.pieces[0] else (w, p) for w, p in words]
        if any(len(entry) == 3 for entry in listed):
            return listed
    return [*words, (guess.word, guess.probability, note)]


def _take_word(key: str, gaps: Sequence[compute.Gap], encoding: Encoding | None) -> None:
    """Put a clicked word into the sentence in place of its gap; the other gaps stay."""
    took = taken(key)
    gap = took and next((gap for gap in gaps if gap.positions == (took[0],)), None)
    if not took or not gap or encoding is None:
        return
    others = tuple(p for p in state.MASKS.get() if p not in gap.positions)
    put_in(gap, took[1])
    new = resources.encode(state.MODEL.get(), state.TEXT.get(), state.PAIR.get().strip() or None)
    state.MASKS.set(others if len(new) == len(encoding) else ())


def weigh_words(sentence: Sentence, slug: str) -> None:
    """Words that the learner types, against each other in the first gap."""
    gaps = some_gaps(sentence)
    typed = controls.text_input(
        "Weigh words of your own",
        key=f"{slug}.weigh",
        max_chars=120,
        placeholder="he, she (with commas)",
    )
    words = tuple(dict.fromkeys(w.strip() for w in (typed or "").split(",") if w.strip()))[:10]
    if not words:
        return
    try:
        weighed = _weighed(*sentence.asked, gaps[0], words)
    except compute.NotAWord as reason:
        raise NothingToShow(str(reason)) from None
    ranked = sorted(weighed, key=lambda w: -w.probability)
    title = "In the first gap" if len(gaps) > 1 else "In the gap"
    bars = Bars(title, [(word.word, word.probability) for word in ranked])
    prediction_bars([bars], key=f"{slug}.weighed")
    st.markdown(as_plain(compute.describe_odds(weighed)))
    for unknown in weighed:
        if unknown.unknown or len(unknown.pieces) > 1:
            st.caption(as_plain(compute.describe_weighed(unknown)))


@remember()
def _weighed(
    name: str,
    text: str,
    pair: str | None,
    masks: tuple[int, ...],
    gap: compute.Gap,
    words: tuple[str, ...],
) -> list[compute.Weighed]:
    model, encoding = setup(name, text, pair)
    return compute.weigh(model, encoding, masks, gap, words)
