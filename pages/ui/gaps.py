"""Playing with gaps: guess and reveal, filling orders, two sentences, surprise.

The mask playground and the masking lesson draw the same four views; ``slug`` is the page that
draws, so that each keeps its own widgets.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine import Encoding, ModelUnavailable, available_models
from lessons.masking import compute
from pages.ui import resources, state
from pages.ui.components import component
from pages.ui.figures import chart
from pages.ui.predictions import Bars, prediction_bars, taken
from pages.ui.sentence import Sentence
from pages.ui.shell import NothingToShow

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lessons.engine.model import LoadedModel

TOP = 8
MOST_GAPS = 6  # lists of bars side by side; more would be a wall of numbers
NO_GAP = (
    "Hide a word first: press **mask** under it, several if you like, or type `[MASK]` "
    "into the sentence."
)

_surprise = component(
    "surprise",
    """<div class="surprise"><div class="text" role="group"
aria-label="Words, tinted by surprise"></div>
<div class="panel" role="status"></div></div>
""",
)
_fillings = component(
    "fillings",
    """<div class="fillings"><button type="button">▶ Fill them step by step</button>
<div class="rows"></div></div>
""",
)


# --- what the model says, remembered for everybody ------------------------------------------------


def _setup(name: str, text: str, pair: str | None) -> tuple[LoadedModel, Encoding]:
    model = resources.model(name)
    return model, resources.encode(name, text, pair)


_remember = partial(st.cache_data, max_entries=400, show_spinner=False)
# Plotly takes some 30 ms to build a chart. A finished one is only read, so all may share it.
_draw_once = partial(st.cache_resource, max_entries=200, show_spinner=False)

Side = tuple[str, str, str | None, tuple[int, ...]]  # model, text, second text, masks


@_remember()
def _predicted(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> tuple[compute.Prediction, ...]:
    model, encoding = _setup(name, text, pair)
    return compute.predict(model, encoding, masks, TOP)


@_remember()
def _gaps(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> tuple[compute.Gap, ...]:
    model, encoding = _setup(name, text, pair)
    return compute.gaps(model, encoding, masks)


@_remember()
def _weighed(
    name: str,
    text: str,
    pair: str | None,
    masks: tuple[int, ...],
    gap: compute.Gap,
    words: tuple[str, ...],
) -> list[compute.Weighed]:
    model, encoding = _setup(name, text, pair)
    return compute.weigh(model, encoding, masks, gap, words)


@_remember()
def _filled(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> list[compute.Filling]:
    model, encoding = _setup(name, text, pair)
    return [compute.fill(model, encoding, masks, order) for order in compute.ORDERS]


@_remember()
def _surprises(name: str, text: str, pair: str | None) -> tuple[compute.Surprise, ...]:
    model, encoding = _setup(name, text, pair)
    return compute.surprise(model, compute.readable(model, encoding))


def plain(text: str) -> str:
    """A learner's words as Markdown shows them letter by letter."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$~:&])", r"\\\1", text)


def _asked(sentence: Sentence) -> Side:
    """What a question to the model depends on."""
    return sentence.model, sentence.text, sentence.pair, sentence.masks


def gaps_of(sentence: Sentence) -> tuple[compute.Gap, ...]:
    """The hidden words of the sentence. Raises ModelUnavailable for a model without masks."""
    _load(sentence.model)
    return _gaps(*_asked(sentence))


def _load(name: str) -> LoadedModel:
    """The model, with a word of patience the first time."""
    if resources.ready(name):
        model = resources.model(name)
    else:
        with st.spinner("Loading the model …", show_time=True):
            model = resources.model(name)
    if not model.has_mlm:
        raise ModelUnavailable(
            f"{model.spec.title} was not trained to predict words: choose another model above."
        )
    return model


# --- guess and reveal -----------------------------------------------------------------------------


def guess_and_reveal(sentence: Sentence, slug: str) -> None:
    """A guess for each gap, then the model's words as bars; a click on a word puts it in."""
    gaps = gaps_of(sentence)
    if not gaps:
        raise NothingToShow(NO_GAP)
    predictions = {p.position: p for p in _predicted(*_asked(sentence))}
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
        st.markdown(plain(verdict))
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
        st.toggle(
            "Show at once",
            key=f"{slug}.at_once",
            persist_state="session",
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
        return _weighed(*_asked(sentence), gap, (guess.strip(),))[0]
    except compute.NotAWord as reason:
        return str(reason)


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
    _put_in(gap, took[1])
    new = resources.encode(state.MODEL.get(), state.TEXT.get(), state.PAIR.get().strip() or None)
    state.MASKS.set(others if len(new) == len(encoding) else ())


def _put_in(gap: compute.Gap, word: str) -> None:
    """Write a token of the model's over the characters of a gap."""
    texts = [state.TEXT.get(), state.PAIR.get()]
    start, end = gap.span
    before, after = texts[gap.sentence][:start], texts[gap.sentence][end:]
    if word.startswith("##"):
        before, word = before.rstrip(), word[2:]
    # The vocabulary has no capitals: one is set where one stood, or where the text begins.
    capital = gap.original[:1].isupper() if gap.original else start == 0
    word = word[:1].upper() + word[1:] if capital else word
    texts[gap.sentence] = f"{before}{word}{after}"
    state.TEXT.set(texts[0])
    state.PAIR.set(texts[1])


# --- words of one's own ---------------------------------------------------------------------------


def weigh_words(sentence: Sentence, slug: str) -> None:
    """Words that the learner types, against each other in the first gap."""
    gaps = gaps_of(sentence)
    if not gaps:
        raise NothingToShow(NO_GAP)
    typed = st.text_input(
        "Weigh words of your own",
        key=f"{slug}.weigh",
        bind="query-params",
        max_chars=120,
        placeholder="he, she (with commas)",
    )
    words = tuple(dict.fromkeys(w.strip() for w in (typed or "").split(",") if w.strip()))[:10]
    if not words:
        return
    try:
        weighed = _weighed(*_asked(sentence), gaps[0], words)
    except compute.NotAWord as reason:
        raise NothingToShow(str(reason)) from None
    ranked = sorted(weighed, key=lambda w: -w.probability)
    title = "In the first gap" if len(gaps) > 1 else "In the gap"
    bars = Bars(title, [(word.word, word.probability) for word in ranked])
    prediction_bars([bars], key=f"{slug}.weighed")
    st.markdown(plain(compute.describe_odds(weighed)))
    for unknown in weighed:
        if unknown.unknown or len(unknown.pieces) > 1:
            st.caption(plain(compute.describe_weighed(unknown)))


# --- filling orders -------------------------------------------------------------------------------


def filling_orders(sentence: Sentence, slug: str) -> None:
    """All gaps filled in three orders, side by side."""
    gaps = gaps_of(sentence)
    if not gaps:
        raise NothingToShow(NO_GAP)
    masks = sum(len(gap.positions) for gap in gaps)
    if masks == 1:
        raise NothingToShow("With a single gap all orders are the same: hide a second word.")
    if masks > compute.MOST_FILLED:
        raise NothingToShow(
            f"Filling in turn works for up to {compute.MOST_FILLED} masks: show some words again."
        )
    fillings = _filled(*_asked(sentence))
    encoding = sentence.encoding
    assert encoding is not None
    _fillings(
        key=f"{slug}.fillings",
        data={"fillings": [_filling_row(filling, encoding) for filling in fillings]},
    )
    st.markdown(plain(compute.describe_fillings(fillings)))


def _filling_row(filling: compute.Filling, encoding: Encoding) -> dict[str, object]:
    steps = {step.position: (i, step) for i, step in enumerate(filling.steps)}
    tokens = []
    for position, token in enumerate(filling.tokens):
        if encoding.offsets[position] is None:
            continue
        continues = token.startswith("##")
        entry: dict[str, object] = {
            "text": token.removeprefix("##"),
            "continues": continues,
            "step": None,
        }
        if position in steps:
            i, step = steps[position]
            together = filling.order == "all at once"
            entry |= {
                "step": 0 if together else i,
                "count": 1 if together else len(steps),
                "shown": compute.percent(step.probability),
            }
        tokens.append(entry)
    return {
        "order": filling.order,
        "tokens": tokens,
        "facts": [
            ["all words together", compute.percent(filling.joint)],
            ["checked against each other", compute.percent(filling.judged)],
        ],
    }


# --- two sentences or two models ------------------------------------------------------------------


def two_sentences(sentence: Sentence, slug: str) -> None:
    """The first gap of the sentence beside the gap of another one, or of another model."""
    model = _load(sentence.model)
    gaps = gaps_of(sentence)
    if not gaps:
        raise NothingToShow(NO_GAP)
    against = st.segmented_control(
        "Compare with",
        ["another sentence", "another model"],
        default="another sentence",
        required=True,
        key=f"{slug}.against",
    )
    assert sentence.encoding is not None
    first = _asked(sentence)
    if against == "another model":
        names = [spec.name for spec in available_models() if spec.name != sentence.model]
        others = [n for n in names if n != "minilm"]  # it was never trained to predict words
        if not others:
            raise NothingToShow(
                "No second model that predicts words is on this machine: download one under "
                "**Model** above, or name a folder of checkpoints when you start the app."
            )
        name = st.selectbox(
            "The other model", others, key=f"{slug}.other_model", persist_state="session"
        )
        other_model = _load(name)
        other = resources.encode(name, sentence.text, sentence.pair)
        if sentence.masks and other.tokens != sentence.encoding.tokens:
            raise NothingToShow(
                "That model cuts the sentence into other pieces, so its gaps are not the same: "
                "show the words again, and type [MASK] into the sentence instead."
            )
        second: Side = (name, *first[1:])
        titles = (model.spec.title, other_model.spec.title)
    else:
        typed = st.text_input(
            "Another sentence with a [MASK]",
            key=f"{slug}.other",
            bind="query-params",
            max_chars=400,
            placeholder="Leave empty to change he and she, is and are",
        )
        own = compute.shown_with_gaps(model, sentence.encoding, sentence.masks)
        second, shown = _second_side(sentence, model, (typed or "").strip(), own)
        titles = (own, shown)
    figure, words = _contrasted(first, second, titles)
    chart(figure, key=f"{slug}.contrast", words=words)


def _second_side(sentence: Sentence, model: LoadedModel, typed: str, own: str) -> tuple[Side, str]:
    """The other sentence, and its text with gaps; ``own`` is that of the first."""
    if typed:
        encoding = resources.encode(sentence.model, typed, None)
        if not compute.gaps(model, encoding, ()):
            raise NothingToShow("The other sentence needs a gap too: type [MASK] for a word.")
        return (sentence.model, typed, None, ()), typed
    turned = compute.counterpart(sentence.text)
    if turned is not None:
        encoding = resources.encode(sentence.model, turned, sentence.pair)
        assert sentence.encoding is not None
        shown = compute.shown_with_gaps(model, encoding, sentence.masks)
        # What changed may itself be hidden, or may have moved the gaps.
        if shown != own and len(encoding) == len(sentence.encoding):
            return (sentence.model, turned, sentence.pair, sentence.masks), shown
    raise NothingToShow("Type another sentence with a [MASK], and see which words divide the two.")


@_draw_once()
def _contrasted(first: Side, second: Side, titles: tuple[str, str]) -> tuple[go.Figure, str]:
    from lessons.masking import figures

    sides = [(*_setup(name, text, pair), masks) for name, text, pair, masks in (first, second)]
    found = compute.contrast(sides[0], sides[1])
    return figures.contrast_bars(found, *titles), compute.describe_contrast(found)


# --- surprise -------------------------------------------------------------------------------------


def every_word(sentence: Sentence, slug: str, *, with_chart: bool = False) -> None:
    """The sentence tinted by surprise; each word opens what the model expected instead."""
    _load(sentence.model)
    if sentence.masks:
        st.caption("Each word is hidden in turn here; your own masks are set aside.")
    found = _surprises(sentence.model, sentence.text, sentence.pair)
    if not found:
        raise NothingToShow("There is no word here that BERT knows: type a sentence above.")
    key = f"{slug}.surprise"
    worst = max(range(len(found)), key=lambda i: found[i].bits)
    _surprise(
        key=key,
        data={
            "text": f"{sentence.text}\n{sentence.pair or ''}"[:2000],
            "parts": _parts(sentence, found),
            "words": [
                {
                    "text": word.gap.title,
                    "bits": word.bits,
                    "position": word.gap.positions[0],
                    "chance": compute.percent(word.probability),
                    "rivals": [[w, p, compute.percent(p)] for w, p in word.suggestions],
                }
                for word in found
            ],
            "worst": worst,
            "scale": 14,  # bits at full tint, the same for every sentence: about 1 in 16,000
        },
        on_take_change=partial(_take_rival, key, [word.gap for word in found]),
    )
    if not with_chart:
        st.markdown(plain(compute.describe_surprise(found)))
    if sentence.encoding is not None and len(sentence.encoding) > compute.LONGEST_SURPRISE:
        st.caption(f"The first {compute.LONGEST_SURPRISE} tokens are read here.")
    if with_chart:
        figure = _surprise_chart(sentence.model, sentence.text, sentence.pair)
        chart(figure, key=f"{slug}.surprise_bars", words=compute.describe_surprise(found))


@_draw_once()
def _surprise_chart(name: str, text: str, pair: str | None) -> go.Figure:
    from lessons.masking import figures

    return figures.surprise_bars(_surprises(name, text, pair))


def _parts(sentence: Sentence, found: Sequence[compute.Surprise]) -> list[dict[str, object]]:
    """The text in order, cut into words (by number) and what stands between them."""
    parts: list[dict[str, object]] = []
    for which, text in enumerate((sentence.text, sentence.pair or "")):
        own = [(i, w.gap.span) for i, w in enumerate(found) if w.gap.sentence == which]
        end = 0
        if which and own:
            parts.append({"text": "\n", "word": None})
        for i, (start, stop) in own:
            if start > end:
                parts.append({"text": text[end:start], "word": None})
            parts.append({"text": text[start:stop], "word": i})
            end = stop
        rest = text[end:]
        if rest and own:
            parts.append({"text": rest if len(rest) < 200 else " …", "word": None})
    return parts


def _take_rival(key: str, gaps: Sequence[compute.Gap]) -> None:
    """Put a clicked suggestion into the sentence in place of a word."""
    took = taken(key)
    gap = took and next((gap for gap in gaps if gap.positions[0] == took[0]), None)
    if took and gap:
        _put_in(gap, took[1])
        state.MASKS.set(())


# --- sentences to begin with ----------------------------------------------------------------------


def preset_row(slug: str, presets: Sequence[compute.Preset], label: str) -> None:
    """Buttons that put a sentence of ours, with its gaps, in place of the learner's."""
    key = f"{slug}.preset.{label.split()[0].lower()}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.caption(label, width="content")
        for i, preset in enumerate(presets):
            st.button(
                preset.about,
                key=f"{key}.{i}",
                help=preset.text,
                type="tertiary",
                on_click=_take_preset,
                args=(slug, preset),
            )


def _take_preset(slug: str, preset: compute.Preset) -> None:
    state.TEXT.set(preset.text)
    state.PAIR.set("")
    encoding = resources.encode(state.MODEL.default, preset.text, None)
    state.MASKS.set(compute.positions_of(encoding, preset.hide))
    for control, value in (("other", preset.other), ("weigh", preset.weigh)):
        st.session_state[f"{slug}.{control}"] = value


# --- one word in two sentences --------------------------------------------------------------------

TWO_BANKS = ("The boat lay at the bank of the river.", "He carried the money to the bank.")


def two_contexts(name: str, word: str, slug: str) -> None:
    """What the model predicts for a word's place in two sentences of the learner's."""
    model = _load(name)
    start = TWO_BANKS if word == "bank" else ("", "")
    bars = []
    for i, column in enumerate(st.columns(2)):
        text = column.text_input(
            f"A sentence with “{word}”",
            start[i],
            key=f"{slug}.context.{word}.{i}",
            max_chars=300,
            placeholder=f"… {word} …",
        )
        encoding = resources.encode(name, text or "", None)
        masks = compute.positions_of(encoding, [word])
        if masks:
            found = _predicted(name, text or "", None, masks)[0]
            shown = compute.shown_with_gaps(model, encoding, masks)
            bars.append(Bars(shown, found.words[:6], compute.describe_uncertainty(found)))
    if bars:
        prediction_bars(bars, key=f"{slug}.contexts")
    else:
        raise NothingToShow(f"Write a sentence with “{word}” to see what BERT makes of its place.")


# --- frame ----------------------------------------------------------------------------------------


@contextmanager
def calmly() -> Iterator[None]:
    """One view that cannot go on says why, and leaves the rest of the page alone."""
    try:
        yield
    except (NothingToShow, ModelUnavailable) as reason:
        st.info(str(reason), icon="💡")
