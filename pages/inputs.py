"""What goes in: three vectors added, special tokens, batches, and what does not fit."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from lessons.engine.comparison import Change, compare, describe_change
from lessons.inputs import compute, figures
from lessons.inputs.texts import texts
from pages.ui import controls, state
from pages.ui.components import component
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage, lesson_page

LONGEST_DRAWN = 60  # tokens in a chart; more can't be read

_strips = component("input_sum", '<div class="input-sum"></div>')

CHANGES = {
    "positions": "No positions", "segments": "No segments", "words": "No words",
    "shuffled": "Shuffled places", "moved": "Places from 100", "segment-b": "All in segment B",
}  # fmt: skip
LAYOUTS = {
    "trained": "As trained", "all-a": "All segment A", "swapped": "Segments swapped",
    "no-sep": "No [SEP] between", "no-cls": "No [CLS]", "bare": "Words only",
}  # fmt: skip


def sum_of_parts(page: LessonPage) -> None:
    trace = page.trace()
    chosen = page.sentence.selected
    if chosen is None:
        chosen = min(2, len(trace.tokens) - 1)
    found = compute.input_sum(page.model(), trace, chosen)
    rows = np.stack([*found.parts, found.total, found.normed, found.gain, found.shift])
    st.caption(
        f"Token {chosen}, “{found.token}”. Click another in the ribbon above to see its sum."
    )
    _strips(
        key="inputs_strips",
        data={
            "token": found.token, "position": found.position, "segment": found.segment,
            "rows": base64.b64encode(rows.astype("<f4").tobytes()).decode(),
            "chosen": compute.loudest(found.parts), "mean": found.mean,
            "deviation": found.deviation,
        },
    )  # fmt: skip
    st.caption(compute.describe_sum(found))
    shown = trace.tokens[:LONGEST_DRAWN]
    lengths = compute.lengths(trace)[:, : len(shown)]
    page.chart(
        figures.part_lengths(shown, lengths, chosen if chosen < len(shown) else None),
        key="lengths", words=compute.describe_lengths(shown, lengths),
    )  # fmt: skip


@fragment
def take_one_away(page: LessonPage) -> None:
    guess = page.predict(page.sentence.asked)
    encoding, gap = with_a_gap(page)
    change = controls.segmented_control(
        "What to change",
        list(CHANGES),
        format_func=CHANGES.__getitem__,
        default="positions",
        key="inputs.change",
    )
    seed = 0
    if change == "shuffled":
        seed = controls.slider("Seed of the shuffle", 0, 20, 1, key="inputs.seed")
    model = page.model()
    try:
        second = compute.ablated(model, encoding, change, seed)
    except ValueError as reason:
        st.info(f"This change can't be made here: {reason}.", icon=":material/content_cut:")
        return
    found = compare(model, page.trace(encoding), second, gap)
    st.markdown(compute.ABLATIONS[change])
    numbers(found)
    other = None if page.sentence.pair else compute.AS_SILENT.get(change)
    if other and found.moved is not None:
        beside = compare(model, page.trace(encoding), compute.ablated(model, encoding, other), gap)
        assert beside.moved is not None
        st.caption(compute.describe_both(change, found.moved, beside.moved))
    predictions(found, CHANGES[change], "inputs_change_words")
    if guess and change == "positions" and found.before:
        same = found.before[0][0] == found.after[0][0]
        truth = "Another word leads"
        if same:
            surer = found.after[0][1] >= found.before[0][1]
            truth = "It stays" if surer else "It stays, less sure"
        verdict = "as you guessed" if guess == truth else f"you guessed “{guess}”"
        st.markdown(f"**{truth}**: {verdict}.")
    shown = found.tokens[:LONGEST_DRAWN]
    title = f"{CHANGES[change]}: how much of each vector stays"
    figure = figures.kept_vectors(shown, found.cosines[:LONGEST_DRAWN], gap, title)
    page.chart(figure, key="change_chart", words=describe_change(found))


def numbers(found: Change) -> None:
    first, second, third = st.columns(3)
    first.metric(
        "Vectors kept", f"{found.cosines.mean():.2f}",
        help="Mean cosine of each token's last vector with the one from the unchanged input.",
    )  # fmt: skip
    before, after = found.alike
    second.metric(
        "How alike tokens are", f"{after:.2f}", f"{after - before:+.2f}", delta_color="off",
        help="Mean cosine between different tokens of the input, after the last layer.",
    )  # fmt: skip
    if found.moved is not None:
        third.metric(
            "Prediction moved", f"{found.moved:.0%}",
            help="Share of the probability that now goes to other words than before.",
        )  # fmt: skip


def predictions(found: Change, name: str, key: str) -> None:
    if found.before:
        prediction_bars([("As it is", found.before), (name, found.after)], key=key)


@fragment
def two_sentences(page: LessonPage) -> None:
    model = page.model()
    both = page.encoding()
    if not page.sentence.pair:
        st.caption(f"You have typed no second sentence, so “{texts().second}” stands in.")
        both = model.encode(page.sentence.text, texts().second)
    encoding, gap = with_a_gap(page, both)
    layout = controls.segmented_control(
        "Put together",
        list(LAYOUTS),
        format_func=LAYOUTS.__getitem__,
        default="trained",
        key="inputs.layout",
    )
    chosen = compute.laid_out(encoding, layout)
    st.markdown(compute.LAYOUTS[layout])
    shown = slice(LONGEST_DRAWN)
    special = [span is None for span in chosen.encoding.offsets[shown]]
    figure = figures.input_rows(
        chosen.encoding.tokens[shown], special, chosen.encoding.input_ids[shown].tolist(),
        chosen.encoding.token_type_ids[shown].tolist(),
    )  # fmt: skip
    page.chart(figure, key="rows", words=compute.describe_layout(chosen.encoding))
    with st.expander("The same rows as a table", key="inputs.table"):
        st.dataframe(
            {
                "token": chosen.encoding.tokens,
                "input_ids": chosen.encoding.input_ids,
                "token_type_ids": chosen.encoding.token_type_ids,
                "position_ids": np.arange(len(chosen.encoding)),
            },
            height=280,
        )
    first, second = page.trace(encoding), page.trace(chosen.encoding)
    found = compare(model, first, second, gap, chosen.source)
    usual, now = compute.follows(model, first), compute.follows(model, second)
    if usual is not None and now is not None:
        st.metric(
            "B follows A, says the next-sentence head", f"{now:.1%}",
            None if layout == "trained" else f"{100 * (now - usual):+.1f} points",
            delta_color="off",
        )  # fmt: skip
    if layout != "trained":
        numbers(found)
        title = f"{LAYOUTS[layout]}: how much of each vector stays"
        figure = figures.kept_vectors(found.tokens[shown], found.cosines[shown], None, title)
        page.chart(figure, key="layout_chart", words=describe_change(found))


@fragment
def rectangle(page: LessonPage) -> None:
    model = page.model()
    typed = st.text_area(
        "Sentences that go along with yours, one a line", "\n".join(texts().companions),
        key="inputs.companions", persist_state="session", max_chars=4000, height=110,
    )  # fmt: skip
    lines = [line for line in typed.splitlines() if line.strip()][:7]
    found = compute.batch(model, [page.masked(), *(model.encode(line) for line in lines)])
    field = controls.segmented_control(
        "Show",
        ["tokens", *compute.FIELDS],
        default="tokens",
        key="inputs.field",
    )
    values: Any = getattr(found, field)
    shown = [[str(value) for value in row[:LONGEST_DRAWN]] for row in values]
    padding = found.attention_mask[:, :LONGEST_DRAWN] == 0
    types = found.token_type_ids[:, :LONGEST_DRAWN]
    figure = figures.batch_grid(shown, padding, types, field)
    page.chart(figure, key="batch_chart", words=compute.describe_batch(found))
    with st.expander("The batch as Python, to paste", key="inputs.code"):
        st.code(compute.as_python(found), language="python")


@fragment
def forgotten_mask(page: LessonPage) -> None:
    encoding, gap = with_a_gap(page)
    room = page.model().max_tokens - len(encoding)
    if room < 1:
        st.info(
            "Your text fills every place, so there is no room for padding.",
            icon=":material/content_cut:",
        )
        return
    extra = controls.slider("Padding tokens", 1, min(64, room), min(8, room), key="inputs.padding")
    found = compute.padded(page.model(), page.trace(encoding), encoding, extra, gap)
    left, right = st.columns(2)
    left.metric(
        "Largest change, mask right", f"{found.right_error:.0e}" if found.right_error else "0"
    )
    right.metric("Mean cosine, mask of ones", f"{found.wrong.cosines.mean():.3f}")
    shown = slice(LONGEST_DRAWN)
    figure = figures.two_masks(
        found.wrong.tokens[shown], found.right.cosines[shown], found.wrong.cosines[shown]
    )
    page.chart(figure, key="padding_chart", words=compute.describe_padded(found, extra))
    if found.wrong.before:
        scale = max(found.right.after[0][1], found.wrong.after[0][1])
        left, right = st.columns(2)
        with left:
            prediction_bars([("Padding hidden", found.right.after)], key="inputs_hid", scale=scale)
        with right:
            prediction_bars(
                [("Padding looked at", found.wrong.after)], key="inputs_saw", scale=scale
            )


@fragment
def make_it_fit(page: LessonPage) -> None:
    encoding = page.encoding()
    special = sum(span is None for span in encoding.offsets)
    smallest, longest = special + 1, len(encoding)
    if longest - smallest < 2:
        st.info("There is nothing to cut yet: type a few more words above.", icon=":material/edit:")
        return
    usual = max(smallest, longest * 2 // 3)
    left, right = st.columns(2)
    limit = controls.slider(
        "Tokens that fit", smallest, longest, usual, key="inputs.limit", into=left
    )
    stride = 0
    if not page.sentence.pair and limit - special > 1:
        most = limit - special - 1
        stride = controls.slider(
            "Tokens that windows share", 0, most, 0, key="inputs.stride", into=right
        )
    found = compute.cuts(encoding, limit, stride)
    more = len(found) - 14
    found = found[:14]
    meaning = compute.kept_meaning(page.model(), encoding, found)
    special_at = [span is None for span in encoding.offsets]
    figure = figures.kept_tokens(
        encoding.tokens, special_at, [(cut.name, cut.kept) for cut in found], meaning
    )
    words = compute.describe_cuts(encoding, found, meaning)
    page.chart(figure, key="cuts", words=words + (f" {more} more windows." if more > 0 else ""))
    st.markdown("\n".join(f"- **{cut.name}**: {cut.note}" for cut in found[:4]))


@fragment
def vocabulary(page: LessonPage) -> None:
    encoding = page.encoding()
    chosen = page.sentence.selected
    if chosen is None:
        chosen = min(2, len(encoding) - 1)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    kind = left.segmented_control(
        "Look among", compute.KINDS, default="words", required=True, key="inputs.kind",
        persist_state="session",
    )  # fmt: skip
    other = right.text_input(
        "Or any other word", key="inputs.word", max_chars=60, persist_state="session",
        placeholder="its first piece counts",
    )  # fmt: skip
    token_id = int(encoding.input_ids[chosen])
    model = page.model()
    if other and other.strip():
        pieces = [i for i in model.encode(other).input_ids.tolist() if i not in model.special_ids]
        token_id = pieces[0] if pieces else token_id
    found = compute.neighbors(model, token_id, kind)
    figure = figures.neighbor_bars(found.token, found.found, found.typical)
    page.chart(figure, key="neighbors_chart", words=compute.describe_neighbors(found))


def strips(page: LessonPage) -> None:
    if compute.shows_parts(page.trace()):
        sum_of_parts(page)
    else:
        st.info(
            f"{page.model().spec.title} does not show the vectors that it adds: choose a model "
            "of the BERT family above.",
            icon=":material/neurology:",
        )


def truncate(page: LessonPage) -> None:
    with st.container(horizontal=True, key="inputs_long"):
        for number, (about, text) in enumerate(texts().long):
            st.button(
                about.capitalize(),
                key=f"inputs.long{number}",
                on_click=state.show_example,
                args=(text,),
            )
    make_it_fit(page)


with lesson_page("inputs", pair=True) as page:
    page.encoding()  # without a sentence there is nothing to show
    page.steps({
        "sum": strips, "ablate": take_one_away, "layout": two_sentences, "batch": rectangle,
        "padding": forgotten_mask, "truncate": truncate, "neighbors": vocabulary,
    })  # fmt: skip
