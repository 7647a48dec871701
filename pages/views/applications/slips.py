"""A proofreader that marks what surprises it, and what it costs."""

from __future__ import annotations

import streamlit as st

from lessons.applications import compute, figures, slips
from pages.ui import controls, resources
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.applications.parts import drawn, examples, first_value, plain, put

LETTER = (
    "Dear Anna, we arrived hear on Monday. The whether is lovely and the sea is worm. "
    "Yesterday we seen a whale form the beach. Please close the widow when it rains."
)


@st.cache_resource(max_entries=400, show_spinner=False)
def checked(model: str, sentence: str) -> tuple[slips.Checked, ...]:
    return slips.check(resources.model(model), sentence)


@st.cache_resource(max_entries=3, show_spinner="Hiding every word of our sentences in turn …")
def slip_material(model: str) -> slips.Material:
    loaded = resources.model(model)
    return [(sentence, slips.check(loaded, sentence.text)) for sentence in slips.sentences()]


def proofread(page: LessonPage) -> tuple[str, float]:
    """A text with its suspicious words marked. Returns what is suspicious, from which limit."""
    text = st.text_area(
        "Text to check", key=first_value("letter", LETTER), height=110, persist_state="session"
    )
    planted = [s.text for s in slips.sentences() if s.wrong][7:10]
    examples(
        "letters",
        {"Your sentence": page.sentence.text, "A letter": LETTER,
         "Three planted mistakes": " ".join(planted)},
        "letter",
    )  # fmt: skip
    by = controls.segmented_control(
        "A word is suspicious when",
        list(slips.SCORES),
        default=slips.ALIKE,
        format_func=slips.SCORES.__getitem__,
        key="applications.by",
        on_change=lambda: put("limit", slips.USUAL_LIMITS[st.session_state["applications.by"]]),
    )
    limit = st.slider(
        "Limit in bits", 0.5, 20.0, step=0.5, persist_state="session", format="%.1f", width=480,
        key=first_value("limit", slips.USUAL_LIMITS[by]),
    )  # fmt: skip
    page.attempt(lambda page: marked_text(page, text or "", by, limit))
    return by, limit


def marked_text(page: LessonPage, text: str, by: str, limit: float) -> None:
    spans = compute.sentence_spans(text[: compute.LONGEST_TEXT])
    if not spans:
        raise NothingToShow("Type a sentence or two: every word is then looked at.")
    if len(spans) > slips.MOST_SENTENCES:
        st.caption(f"The first {slips.MOST_SENTENCES} of {len(spans):,} sentences are checked.")
        spans = spans[: slips.MOST_SENTENCES]
    said, words, at = "", [], 0
    for start, end in spans:
        for word in checked(
            page.sentence.model, text[start : min(end, start + compute.LONGEST_PART)]
        ):
            words.append(word)
            first, last = start + word.span[0], start + word.span[1]
            if word.score(by) >= limit:
                better = word.suggestion(by)
                arrow = f" :small[→ {plain(better)}]" if better else ""
                said += plain(text[at:first])
                said += f":orange-background[**{plain(text[first:last])}**]{arrow}"
                at = last
    st.markdown(said + plain(text[at : spans[-1][1]]))
    if not words:
        raise NothingToShow("There is no word here that the model could be asked for.")
    drawn(
        page, "suspicion", f"{page.sentence.model}/{by}/{limit}/{text[: spans[-1][1]]}",
        lambda: (
            figures.word_bars(words, by, limit), slips.describe_check(words, by, limit)
        ),
    )  # fmt: skip


def alarms(page: LessonPage, by: str, limit: float) -> None:
    """The second guess, and what the limit finds and disturbs in our sentences."""
    guess = page.predict(page.sentence.model, by)
    if guess is None:
        return
    material = slip_material(page.sentence.model)
    found = slips.marks(material, by, limit)
    planted = sum(s.wrong is not None for s in slips.sentences())
    page.reveal(guess, 100 * found.recall, f"It finds {found.found} of the {planted} mistakes.")
    drawn(
        page, "limits", f"{page.sentence.model}/{by}/{limit}",
        lambda: (
            figures.limit_curves(slips.LIMITS, slips.curve(material, by, slips.LIMITS), limit),
            slips.describe_marks(found),
        ),
    )  # fmt: skip
    st.caption(
        "The usual limits of this page were chosen on these very sentences: on others, expect less."
    )
