"""The learner's sentence: its editor and the ribbon of tokens at the top of every page."""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import dataclass, replace

import streamlit as st

from lessons.engine import (
    MODELS,
    Encoding,
    ModelSpec,
    ModelUnavailable,
    available_models,
    load_model,
    unopened_models,
)
from lessons.engine.registry import BUNDLED, memory_of
from pages.ui import address, good_question, resources, state
from pages.ui.components import component
from pages.ui.figures import as_plain

OWN_MODELS = "own_models"  # names of models that the learner trained
LONGEST_TITLE = 24  # letters of a model's name on the button
LONGEST_RIBBON = 160  # tokens; more are counted, not drawn

_ribbon = component(
    "ribbon", '<div class="ribbon" role="group" aria-label="Tokens"></div>', frame=True
)


@dataclass(frozen=True)
class Sentence:
    """What the learner set: the text, perhaps a second one, masks, a selected token, the model."""

    text: str
    pair: str | None
    masks: tuple[int, ...]
    selected: int | None
    model: str
    encoding: Encoding | None

    @property
    def asked(self) -> tuple[str, str, str | None, tuple[int, ...]]:
        """What an answer of the model depends on: its name, the texts, the masks."""
        return self.model, self.text, self.pair, self.masks

    @property
    def empty(self) -> bool:
        """Nothing to look at: no text, or only blanks."""
        return self.encoding is None or all(word is None for word in self.encoding.word_ids)


def current() -> tuple[Sentence, str]:
    """The sentence as it is set now, and why the bundled model stands in, if it does."""
    text, second = state.TEXT.get(), state.PAIR.get().strip() or None
    name, instead = state.MODEL.get(), ""
    try:
        encoding = resources.encode(name, text, second) if text.strip() else None
    except ModelUnavailable as reason:
        name, instead = state.MODEL.default, f"{reason} The bundled model stands in."
        encoding = resources.encode(name, text, second) if text.strip() else None
    if encoding is None:
        return Sentence(text, second, (), None, name, None), instead
    masks, selected = _still_there(encoding)
    return Sentence(text, second, masks, selected, name, encoding), instead


def sentence_bar(*, pair: bool, gaps: int = 0) -> Sentence:
    """Draw the editor and the ribbon; returns what they say now.

    ``pair`` shows the second sentence even when it is empty. ``gaps`` is how many words must be
    hidden: where the learner hid fewer, good questions are hidden for them, and it is said.
    """
    name = state.MODEL.get()
    waits = name not in BUNDLED and not resources.ready(name)
    with st.container(key="sentence_bar"):
        with st.spinner("Opening the model …") if waits else nullcontext():
            _editor(pair)
        sentence, instead = current()
        encoding = sentence.encoding
        if instead:
            st.warning(instead, icon=":material/warning:")
        if encoding is None:
            st.info("Type a sentence above, or pick an example.", icon=":material/edit:")
            return sentence
        note = ""
        if gaps:
            sentence, note = _with_gaps(sentence, encoding, gaps)
        _draw_ribbon(encoding, sentence.masks, sentence.selected)
        if note:
            st.caption(note)
        if encoding.n_cut:
            st.caption(
                f"This model reads {len(encoding)} tokens at most: the last {encoding.n_cut:,} "
                "tokens of your text were cut off. Your text stays as you typed it."
            )
    return sentence


def _with_gaps(sentence: Sentence, encoding: Encoding, gaps: int) -> tuple[Sentence, str]:
    """The sentence with ``gaps`` words hidden at the least, and what was hidden for the learner."""
    own = {encoding.word_ids[i] for i in sentence.masks}
    typed = sum(token in ("[MASK]", "<mask>") for token in encoding.tokens)
    missing = gaps - len(own) - typed
    if missing <= 0:
        return sentence, ""
    if not resources.ready(sentence.model):
        with st.spinner("Loading the model …", show_time=True):
            resources.model(sentence.model)
    found = good_question.questions(sentence.model, sentence.text, sentence.pair)
    added = [word for word in found if not set(word) & set(sentence.masks)][:missing]
    if not added:
        return sentence, ""
    masks = tuple(sorted({*sentence.masks, *(i for word in added for i in word)}))
    note = good_question.said(encoding, added, more=bool(own or typed))
    return replace(sentence, masks=masks), note


def _editor(pair: bool) -> None:
    for shared in (state.TEXT, state.PAIR):
        shared.set(shared.get())  # a value set before its widget is drawn survives a change of page
    pair = pair or bool(state.PAIR.get())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Your sentence",
            key=state.TEXT.key,
            persist_state="session",
            live="400ms",
            on_change=state.forget_marks,
            placeholder="Type a sentence",
            label_visibility="collapsed",
        )
        address.drawn(state.TEXT.key)
        if own := state.own_sentence():
            st.button(
                "Back to your sentence",
                key="sentence.own",
                icon=":material/undo:",
                help=as_plain(own[:200]),
                on_click=state.back_to_own,
            )
        with st.popover(
            "Examples", icon=":material/auto_awesome:", key="sentence.examples", on_change="rerun"
        ) as box:
            if box.open:
                _examples()
        with st.popover(
            _chosen_model(), icon=":material/neurology:", key="sentence.models", on_change="rerun"
        ) as box:
            if box.open:
                _model_picker()
    if pair:
        st.text_input(
            "Second sentence",
            key=state.PAIR.key,
            persist_state="session",
            live="400ms",
            on_change=state.forget_marks,
            placeholder="A second sentence; leave empty for a single one",
            label_visibility="collapsed",
        )
        address.drawn(state.PAIR.key)


def _chosen_model() -> str:
    """What the button says of the model that runs: if it is not the usual, its title and size."""
    name = state.MODEL.get()
    try:
        spec = MODELS[name] if name in BUNDLED else resources.model(name).spec
    except ModelUnavailable:
        return "Model"
    if name == state.MODEL.default:
        return "Model"
    title = spec.title if len(spec.title) <= LONGEST_TITLE else f"…{spec.title[-LONGEST_TITLE:]}"
    return as_plain(f"{title} · {spec.layers} × {spec.heads} × {spec.hidden}")


def _size(spec: ModelSpec) -> str:
    layers = "1 layer" if spec.layers == 1 else f"{spec.layers} layers"
    heads = "1 head" if spec.heads == 1 else f"{spec.heads} heads"
    return f"{layers} × {heads} × {spec.hidden}"


def _examples() -> None:
    st.button(
        "Surprise me",
        key="sentence.surprise",
        icon=":material/casino:",
        on_click=_surprise,
        width="stretch",
    )
    for i, preset in enumerate(resources.presets()):
        st.button(
            preset.about.capitalize(),
            key=f"sentence.preset{i}",
            help=preset.text + (f" / {preset.pair}" if preset.pair else ""),
            on_click=state.show_example,
            args=(preset.text, preset.pair),
            width="stretch",
        )


def _model_picker() -> None:
    own = st.session_state.get(OWN_MODELS, ())
    specs = {spec.name: spec for spec in available_models(own)}
    names = list(specs)
    current = state.MODEL.get()
    st.radio(
        "The model that computes every number",
        names,
        index=names.index(current) if current in names else 0,
        format_func=lambda name: as_plain(specs[name].title),
        captions=[_about(specs[name]) for name in names],
        key="sentence.model_choice",
        on_change=_choose_model,
    )
    if reasons := unopened_models():
        with st.expander(f"{len(reasons)} cannot be opened"):
            for name, reason in reasons.items():
                st.caption(as_plain(f"{name} cannot be opened, because {reason}."))
    _download(
        [spec for spec in MODELS.values() if spec.name not in specs and spec.hub_id is not None]
    )


def _about(spec: ModelSpec) -> str:
    """What a learner should know of a model before it is loaded: its size, and its memory."""
    needed = memory_of(spec.name)
    memory = "" if needed is None else f" · {max(1, round(needed / 1e6)):,} MB of memory"
    return as_plain(f"{spec.note} {_size(spec)}{memory}")


def _download(specs: list[ModelSpec]) -> None:
    """Fetch another model by name: its size is said first, and nothing is fetched unasked."""
    sizes = {spec.name: f"{spec.title} · {spec.download_mb:,} MB" for spec in specs}
    name = st.selectbox(
        "Download another from the Hugging Face hub",
        list(sizes),
        index=None,
        format_func=sizes.__getitem__,
        placeholder="Choose a model to see its size",
        key="sentence.download",
    )
    if name and st.button(f"Download {sizes[name]}", key="sentence.download_start"):
        bar = st.progress(0.0, "Asking for the model …")

        def progress(done: int, total: int) -> None:
            bar.progress(done / max(total, 1), f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB")

        try:
            load_model(name, download=True, progress=progress)
        except ModelUnavailable as reason:
            bar.empty()
            st.warning(str(reason), icon=":material/wifi_off:")
        else:
            state.MODEL.set(name)
            state.forget_marks()
            st.rerun()
    st.caption(
        "Or put a checkpoint of your own into a folder and name the folder above it in "
        "`INSIDE_BERT_MODELS` when you start the app."
    )


def _choose_model() -> None:
    state.MODEL.set(st.session_state["sentence.model_choice"])
    state.forget_marks()


def _surprise() -> None:
    others = [preset for preset in resources.presets() if preset.text != state.TEXT.get()]
    preset = random.choice(others)
    state.show_example(preset.text, preset.pair)


def _still_there(encoding: Encoding) -> tuple[tuple[int, ...], int | None]:
    """Masks and selection, less any that do not stand on a token of this sentence."""
    maskable = {i for i, offsets in enumerate(encoding.offsets) if offsets is not None}
    masks = tuple(position for position in state.MASKS.get() if position in maskable)
    selected = next((i for i in state.SELECTED.get() if i < len(encoding)), None)
    return masks, selected


def _draw_ribbon(encoding: Encoding, masks: tuple[int, ...], selected: int | None) -> None:
    hidden = len(encoding) - LONGEST_RIBBON
    tokens = []
    for i in range(min(len(encoding), LONGEST_RIBBON)):
        piece = encoding.tokens[i]
        continues = i > 0 and encoding.word_ids[i] is not None
        continues = continues and encoding.word_ids[i] == encoding.word_ids[i - 1]
        tokens.append(
            {
                "text": piece,
                "shown": "[MASK]" if i in masks else piece,
                "id": int(encoding.input_ids[i]),
                "word": encoding.word_ids[i],
                "sentence": encoding.sentence_ids[i],
                "special": encoding.offsets[i] is None,
                "continues": continues,
                "masked": i in masks,
            }
        )
    _ribbon(
        key="ribbon",
        data={
            "tokens": tokens,
            "selected": [] if selected is None else [selected],
            "more": max(0, hidden),
        },
        on_select_change=_toggle_selected,
        on_mask_change=toggle_masked,
    )


def _clicked(component: str, event: str) -> int | None:
    """The position that a component sent; a browser may send anything, so it is checked."""
    sent = (st.session_state.get(component) or {}).get(event) or {}
    position = sent.get("position") if isinstance(sent, dict) else None
    return position if isinstance(position, int) and 0 <= position < 512 else None


def _toggle_selected() -> None:
    position = _clicked("ribbon", "select")
    if position is not None:
        state.SELECTED.set(() if state.SELECTED.get() == (position,) else (position,))


def toggle_masked(component: str = "ribbon") -> None:
    """Mask or show the token whose position a component sent as ``mask``.

    A word of several pieces is masked as a whole: one piece left would give it away.
    """
    position = _clicked(component, "mask")
    text, second = state.TEXT.get(), state.PAIR.get().strip() or None
    if position is None or not text.strip():
        return
    encoding = resources.encode(state.MODEL.get(), text, second)
    if position >= len(encoding) or encoding.offsets[position] is None:
        return
    word = encoding.word_ids[position]
    pieces = {i for i, other in enumerate(encoding.word_ids) if other == word}
    masks = set(state.MASKS.get())
    state.MASKS.set(tuple(sorted(masks - pieces if position in masks else masks | pieces)))
