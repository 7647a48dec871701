"""Word pieces: the seven steps, longest match first, the race of three trainers, other scripts."""

import streamlit as st

from lessons.tokenization import compute, figures
from lessons.tokenization.steps import steps_data
from pages.ui import controls
from pages.ui.components import component
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage, lesson_page

OWN_TEXT = "Your own text"
STEPPED = 5000  # characters that go through the seven steps; more than 512 tokens hold
COMPARED = 240  # characters of the sentence that the race and the case contrast lay side by side
HOW = {
    "WordPiece": "wordpiece-joins-what-belongs-together",
    "BPE": "bpe-joins-what-is-frequent",
    "Unigram": "unigram-throws-away",
}

_steps = component("token_steps", '<div class="steps" role="group" aria-label="Seven steps"></div>')


@st.cache_resource(max_entries=24, show_spinner=False)
def trained(text: str, size: int, cased: bool) -> compute.Trained:
    """Three vocabularies for a text. A new choice on the page stops a training that still runs."""
    bar = st.progress(0.0, "Learning three vocabularies …")
    try:
        return compute.train(text, size, cased, progress=bar.progress)
    finally:
        bar.empty()


@st.cache_data(max_entries=24, show_spinner=False)
def growth(text: str, size: int) -> dict[str, list[tuple[int, int]]]:
    """Pieces that the text takes as the three vocabularies grow."""
    return compute.growth(trained(text, size, False))


def steps(page: LessonPage) -> None:
    """The learner's sentence through all seven steps."""
    sentence = page.sentence
    if sentence.empty:
        raise NothingToShow("Type a sentence above, and see each step cut it.")
    result = compute.tokenize(sentence.text[:STEPPED], (sentence.pair or "")[:STEPPED])
    _steps(key="tokenization.steps", data={"steps": steps_data(result)})
    if len(sentence.text) > STEPPED:
        st.caption(f"The first {STEPPED:,} characters are followed here.")


def longest(page: LessonPage) -> None:
    """A guess, and every candidate that WordPiece tries for one word."""
    guess = page.predict()
    word = st.text_input(
        "A word", "unhappiness", key="tokenization.word", max_chars=100, live="300ms",
        persist_state="session",
    )  # fmt: skip
    words = compute.words_of(word)
    if not words:
        raise NothingToShow("Type a word to see how it is cut.")
    trace = compute.longest_match(words[0].text)
    if guess:
        pieces = compute.plural(len(trace.pieces), "piece")
        st.markdown(f"You said **{guess}** for “unhappiness”. Here “{trace.word}” makes {pieces}.")
    page.chart(
        figures.candidates_grid(trace),
        key="candidates",
        words=compute.describe_longest_match(trace),
    )
    if guess:
        page.prose("what-the-cut-shows")


def choose_text() -> str:
    """The text to train on: one of ours, or the learner's."""
    texts = {text.title: text for text in compute.training_texts()}
    title = st.selectbox(
        "Text to learn from", [*texts, OWN_TEXT], key="tokenization.text", persist_state="session"
    )
    if title != OWN_TEXT:
        st.caption(texts[title].note)
        return texts[title].text
    return st.text_area(
        "Paste a text", key="tokenization.own_text", height=160, persist_state="session"
    )


def race(page: LessonPage) -> None:
    """WordPiece, BPE and Unigram trained on one text, and the learner's sentence cut by all."""
    left, right = st.columns(2)
    with left:
        text = choose_text()
    with right:
        size = controls.slider(
            "Pieces in the vocabulary",
            60,
            600,
            250,
            10,
            key="tokenization.size",
        )
        view = st.segmented_control(
            "Show", ["The cut", "Step by step", "How it grows"], default="The cut",
            required=True, key="tokenization.view", persist_state="session",
        )  # fmt: skip
    if not compute.count_words(text):
        raise NothingToShow("Paste a text of some sentences to learn a vocabulary from.")
    models = trained(text, size, False)
    if models.n_cut:
        st.caption(f"The last {models.n_cut:,} characters were left out to keep this quick.")
    if view == "The cut":
        cut(page, models)
    elif view == "Step by step":
        step_by_step(page, models)
    else:
        curves = growth(text, size)
        page.chart(
            figures.vocabulary_growth(curves, size),
            key="growth",
            words=compute.describe_growth(curves, size),
        )


def cut(page: LessonPage, models: compute.Trained) -> None:
    """The sentence as each of the three cuts it."""
    result = compute.race(models, page.sentence.text[:COMPARED])
    if not result.words:
        raise NothingToShow("Type a sentence above to see it cut three ways.")
    page.chart(figures.race_cuts(result), key="race", words=compute.describe_race(result))
    if len(page.sentence.text) > COMPARED:
        st.caption(f"Shown for the first {COMPARED} characters of your sentence.")
    st.dataframe(
        {
            "": [standing.name for standing in result.standings],
            "vocabulary": [standing.vocabulary_size for standing in result.standings],
            "pieces in your sentence": [standing.pieces for standing in result.standings],
            "not known": [standing.unknown for standing in result.standings],
            "pieces per word": [round(s.pieces_per_word, 2) for s in result.standings],
            "… in the text": [round(s.text_pieces_per_word, 2) for s in result.standings],
        },
        hide_index=True,
    )


def step_by_step(page: LessonPage, models: compute.Trained) -> None:
    """One step of one training: what was joined or dropped, and over what it was chosen."""
    histories = {model.name: model.history for model in models.tokenizers}
    name = st.segmented_control(
        "Training of", list(histories), default="WordPiece", required=True,
        key="tokenization.trainer", persist_state="session",
    )  # fmt: skip
    history = histories[name or "WordPiece"]
    if not history:
        raise NothingToShow("The letters alone fill this vocabulary: make it larger.")
    number = controls.slider("Step", 1, len(history), 1, key=f"tokenization.step.{name}")
    taken = history[number - 1]
    if isinstance(taken, compute.Merge):
        page.chart(
            figures.merge_scores(taken, name or ""),
            key="merge",
            words=compute.describe_merge(taken, name or ""),
        )
    else:
        page.chart(figures.dropping_costs(taken), key="round", words=compute.describe_round(taken))
    page.prose(HOW[name or "WordPiece"])


def case(page: LessonPage) -> None:
    """The same sentence through a vocabulary with and without capitals and accents."""
    text = next(iter(compute.training_texts())).text
    sentence = page.sentence.text[:COMPARED]
    views = compute.case_contrast(text, sentence, 250)
    if not views[0].words:
        raise NothingToShow("Type a sentence with capitals or accents above.")
    for view in views:
        pieces = [segment for word in view.words for cut in word.cuts.values() for segment in cut]
        st.markdown(f"**Learned {'with' if view.cased else 'without'} capitals**")
        st.code(" ".join(segment.text for segment in pieces), language=None, wrap_lines=True)
    st.markdown("**The mistake**: capitals kept, BERT's uncased vocabulary")
    wrong = compute.tokenize(sentence, cased=True)
    st.code(" ".join(wrong.tokens[1:-1]), language=None, wrap_lines=True)
    st.caption(compute.describe_case(*views))
    if len(page.sentence.text) > COMPARED:
        st.caption(f"Shown for the first {COMPARED} characters of your sentence.")
    same = compute.merged_spellings(sentence)
    if same:
        st.markdown(
            "Uncased, these become one: "
            + "; ".join(" = ".join(f"`{spelling}`" for spelling in many) for many in same.values())
        )


def scripts(page: LessonPage) -> None:
    """One sentence in many languages, and the learner's own, through the English vocabulary."""
    measure = st.segmented_control(
        "Count", ["pieces", "pieces_per_word"], default="pieces", required=True,
        format_func={"pieces": "Pieces", "pieces_per_word": "Pieces per word"}.__getitem__,
        key="tokenization.measure", persist_state="session",
    )  # fmt: skip
    rows = [*compute.survey()]
    if not page.sentence.empty:
        rows.append(compute.coverage(page.sentence.text[:2000], "your sentence"))
    page.chart(
        figures.script_bars(rows, measure or "pieces"),
        key="scripts",
        words=compute.describe_survey(rows),
    )
    text = st.text_input(
        "A few characters", "naïve 🐉 日本", key="tokenization.bytes", max_chars=40, live="300ms",
        persist_state="session",
    )  # fmt: skip
    spelled = compute.utf8(text)
    st.dataframe(
        {
            "character": [char for char, _ in spelled],
            "code point": [f"U+{ord(char):04X}" for char, _ in spelled],
            "bytes": [" ".join(map(str, values)) for _, values in spelled],
        },
        hide_index=True,
    )


with lesson_page("tokenization") as page:
    page.steps({
        "seven-steps": steps, "longest-match": longest, "race": race, "other-scripts": scripts,
        "case": case,
    })  # fmt: skip
