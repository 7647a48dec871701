"""Next-sentence prediction: judge pairs, make pairs, and measure order against topic."""

import random

import streamlit as st

from lessons.next_sentence import compute
from pages.ui import controls
from pages.ui.errors import NothingToShow, calmly, fragment
from pages.ui.shell import LessonPage, lesson_page

SLUG = "next_sentence"
OWN, OURS = "your own", "ours"
SAMPLE = "\n\n".join(" ".join(d.sentences) for d in compute.documents()[:3])


@st.cache_data(max_entries=400, show_spinner=False)
def judged(name: str, pairs: tuple[tuple[str, str], ...]) -> list[float]:
    """Probabilities of pairs, remembered for everybody."""
    from pages.ui import resources

    return [float(p) for p in compute.probabilities(resources.model(name), pairs)]


@fragment
def judge(page: LessonPage) -> None:
    """One pair and its rivals."""
    from lessons.next_sentence import figures

    guess = page.predict(page.sentence.model)
    sentence, texts = page.sentence, compute.documents()
    source = controls.segmented_control(
        "Pair",
        [OWN, OURS],
        default=OWN if sentence.pair else OURS,
        key=f"{SLUG}.source.{bool(sentence.pair)}",
    )
    with calmly():
        if source == OWN:
            if not sentence.pair or sentence.empty:
                raise NothingToShow("Type a second sentence above, or take one of ours.")
            named = compute.variants(sentence.text, sentence.pair)
        else:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                about = controls.selectbox(
                    "Text",
                    [d.about for d in texts],
                    key=f"{SLUG}.about",
                )
                place = controls.select_slider(
                    "Sentence", [1, 2, 3], 1, key=f"{SLUG}.place", width=180
                )
                st.button(
                    "Surprise me",
                    icon=":material/casino:",
                    key=f"{SLUG}.any",
                    on_click=another_text,
                )
            document = next(d for d in texts if d.about == about)
            named = compute.preset_pairs(document, place - 1)
        page.model()
        found = judged(sentence.model, tuple((first, second) for _, first, second in named))
        left, right = st.columns([2, 3], gap="large")
        with left:
            for name, first, second in (named[0], named[-1]):
                with st.container(border=True):
                    st.caption(name)
                    st.text(f"A  {first[:300]}\nB  {second[:300]}")
        with right:
            names = [name for name, _, _ in named]
            import numpy as np

            array = np.array(found, dtype=np.float32)
            said = f"You said: {guess.lower()}. " if guess else ""
            page.chart(
                figures.pair_bars(named, array),
                key="pairs",
                words=said + compute.describe_variants(names, array),
            )


def another_text() -> None:
    """Another text of ours."""
    others = [d.about for d in compute.documents()]
    others.remove(st.session_state[f"{SLUG}.about"])
    st.session_state[f"{SLUG}.about"] = random.choice(others)


@fragment
def build(page: LessonPage) -> None:
    """Pairs from a pasted text, with the model's verdict on each."""
    text = st.text_area(
        "A text of yours, blank lines between documents",
        SAMPLE,
        height=170,
        max_chars=20_000,
        key=f"{SLUG}.text",
        persist_state="session",
    )
    seed = st.number_input(
        "Seed of the coin", 0, 9999, 1, key=f"{SLUG}.seed", width=180, persist_state="session"
    )
    with calmly():
        try:
            pairs = compute.make_pairs(text or "", seed)
        except ValueError:
            raise NothingToShow("Paste at least two sentences, one after the other.") from None
        page.model()
        found = judged(page.sentence.model, tuple((p.first, p.second) for p in pairs))
        st.dataframe(
            [
                {
                    "First": pair.first,
                    "Second": pair.second,
                    "Made as": "next" if pair.is_next else "random",
                    "Model: follows": p,
                    "Right": "✓" if (p > 0.5) == pair.is_next else "✗",
                }
                for pair, p in zip(pairs, found, strict=True)
            ],
            hide_index=True,
            height=min(420, 38 + 35 * len(pairs)),
            column_config={
                "First": st.column_config.TextColumn(width=230),
                "Second": st.column_config.TextColumn(width=230),
                "Made as": st.column_config.TextColumn(width=75),
                "Model: follows": st.column_config.ProgressColumn(
                    min_value=0.0, max_value=1.0, format="percent", width=120
                ),
                "Right": st.column_config.TextColumn(width=60),
            },
        )
        import numpy as np

        st.markdown(compute.describe_made(pairs, np.array(found, dtype=np.float32)))


@fragment
def order_or_topic(page: LessonPage) -> None:
    """All our pairs judged, in small batches with progress; any click stops it."""
    from lessons.next_sentence import figures

    seed = st.number_input(
        "Seed of the shuffling", 0, 9999, 0, key=f"{SLUG}.shuffle", width=180,
        persist_state="session",
    )  # fmt: skip
    results = st.session_state.setdefault(f"{SLUG}.measured", {})
    key = (page.sentence.model, seed)
    with calmly():
        if key not in results:
            count = len(compute.all_pairs(seed)) * len(compute.KINDS)
            place = st.empty()
            if not place.button(f"Judge all {count} pairs", key=f"{SLUG}.go", type="primary"):
                a_few(page, seed)
                return
            model = page.model()
            place.button("Stop", key=f"{SLUG}.stop")  # any click ends the run that is going on
            bar = st.progress(0.0, "Judging …")
            for step in compute.measure(model, seed):
                if isinstance(step, compute.Measured):
                    results[key] = step
                else:
                    bar.progress(step, f"Judging … {step:.0%}")
            bar.empty()
            place.empty()
        measured = results[key]
        page.chart(
            figures.score_bars(measured), key="scores", words=compute.describe_scores(measured)
        )
        page.chart(
            figures.kind_strips(measured), key="kinds", words=compute.describe_kinds(measured)
        )


def a_few(page: LessonPage, seed: int) -> None:
    """Some of our pairs, judged before anybody asks for all."""
    from lessons.next_sentence import figures

    page.model()
    rows = compute.few(seed)
    flat = tuple((pair.first, pair.second) for row in rows for pair in row)
    measured = compute.gathered(rows, judged(page.sentence.model, flat))
    page.chart(figures.kind_strips(measured), key="few", words=compute.describe_kinds(measured))


with lesson_page(SLUG, pair=True) as page:
    page.steps({"judge": judge, "build": build, "order-or-topic": order_or_topic})
