"""Which words a classifier decides by: one of the learner's runs, or a checkpoint of their own."""

from __future__ import annotations

import streamlit as st

from lessons.engine.gaps import longest_word
from lessons.engine.reasons import Classifier, of_a_model, probabilities, reasons
from lessons.fine_tuning import figures
from lessons.fine_tuning.reasons import LONGEST, describe, of_a_run, tagged
from lessons.fine_tuning.settings import BASE
from pages.ui import controls, long_work, resources
from pages.ui.errors import NothingToShow, fragment
from pages.ui.figures import as_plain
from pages.ui.session_runs import STAND_HERE, say_recorded
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, title, tuned

LIKELIEST = "the likeliest"


@fragment
def decide(page: LessonPage) -> None:
    """What the classifier says of the sentence, and which words it says it for."""
    classes.watch_quietly()
    encoding = page.encoding()
    classifier, name = chosen(page)
    encoding = classifier.model.encode(encoding.text, encoding.pair)
    if len(encoding) > LONGEST:
        raise NothingToShow(f"Words are asked about in up to {LONGEST} tokens.")
    labels = classifier.labels
    found = probabilities(classifier, encoding)
    token = 0
    if labels.per == "token":
        words = tagged(labels.names, found, encoding)
        st.markdown(" ".join(f"{as_plain(word)} :small[{as_plain(tag)}]" for word, tag in words))
        token = page.sentence.selected or longest_word(encoding) or 0
        token = min(token, len(encoding) - 1)
        st.caption(f"Asked about “{as_plain(encoding.tokens[token])}”: select another token above.")
        found = found[token]
    left, right = st.columns(2)
    order = sorted(range(len(found)), key=lambda i: -float(found[i]))
    said = [(labels.names[i], float(found[i])) for i in order]
    with left:
        label = controls.selectbox(
            "Explain the label",
            [LIKELIEST, *labels.names],
            key=f"fine_tuning.label.{len(labels.names)}",
        )
        at = order[0] if label == LIKELIEST else labels.names.index(label)
        if labels.kind == "score":
            st.metric(f"{labels.names[at]}, a score", f"{found[at]:.2f}")
        else:
            sure = f"“{said[0][0]}”, with a probability of {said[0][1]:.1%}."
            figure = figures.label_bars(said[:8], "What the model says")
            page.chart(figure, key="labels", words=sure)
    why = long_work.result(
        (
            "reasons",
            name,
            encoding.input_ids.tobytes(),
            encoding.token_type_ids.tobytes(),
            at,
            token,
        ),
        "Each word is asked",
        lambda progress: reasons(classifier, encoding, at, token, progress),
    )
    with right:
        page.chart(
            figures.reason_bars(why.words, why.label, score=why.score),
            key="reasons",
            words=describe(why),
        )
    if classifier.model.labels is None:
        run = classes.saved()
        assert run is not None  # a recorded one at least
        say_recorded(run, title(run), STAND_HERE)


def chosen(page: LessonPage) -> tuple[Classifier, tuple[str, ...]]:
    """The model above, where it has labels; else what the newest run left; and a key for it."""
    model = page.model()
    if model.labels is not None:
        st.caption(
            f"{as_plain(model.spec.title)} came with a head of its own for "
            f"{len(model.labels.names)} labels, and reads your sentence."
        )
        return of_a_model(model), (model.name, model.version)
    run = classes.saved()
    assert run is not None  # a recorded one at least
    st.caption(
        f"{title(run)} reads your sentence. A classifier chosen in the model menu reads it with a "
        "head of its own."
    )
    module, about = tuned(run.model_name, str(run.folder))
    return of_a_run(resources.model(BASE), module, about["labels"]), (run.id,)
