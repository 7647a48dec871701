"""On a busy server a page draws what is near the window alone, and loses nothing by it."""

import pytest

from lessons.catalog import catalog
from tests.opening import calm, open_page

LESSONS = {lesson.slug: lesson for lesson in catalog()}
IN_PARTS = sorted(set(LESSONS) - {"pretraining", "fine_tuning"})  # their trainings need a look
KEPT = {"applications": {"answers"}, "classification_heads": {"heads"}, "variants": {"roberta"}}
CANNOT_SET = {"encoder_layer.unit"}  # AppTest formats the choice twice


@pytest.fixture(autouse=True)
def busy(monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_WHOLE_PAGES", "0")


def drawn(app, slug):
    """Regions of the page that were drawn, and not only given room."""
    titles = {x.title: x.slug for x in LESSONS[slug].experiments}
    regions = [name for h in app.header if (name := titles.get(h.value))]
    empty = sum('class="far-away"' in element.proto.body for element in app.get("html"))
    has_quiz = any(".quiz." in (radio.key or "") for radio in app.radio)
    return len(regions) + 1 - empty, has_quiz


def see(app, slug, experiments):
    """Run the page as it is when the browser has said that these are near."""
    app.session_state["sight.near"] = (slug, list(experiments))
    return app.run()


@pytest.mark.parametrize("slug", IN_PARTS)
def test_the_first_experiment_is_drawn_before_the_browser_speaks_then_each_alone(slug):
    app = open_page(slug)
    calm(app)
    first = {LESSONS[slug].experiments[0].slug}
    assert drawn(app, slug) == (len(first | KEPT.get(slug, set())), False)
    shown = {h.value for h in app.header}
    for experiment in LESSONS[slug].experiments:
        if experiment.title in shown:
            calm(see(app, slug, [experiment.slug]))
            assert drawn(app, slug) == (len({experiment.slug} | KEPT.get(slug, set())), False)
    calm(see(app, slug, ["quiz"]))
    assert drawn(app, slug) == (len(KEPT.get(slug, set())) + 1, True)


@pytest.mark.parametrize("slug", ["pretraining", "fine_tuning"])
def test_pages_with_trainings_are_drawn_whole(slug):
    assert drawn(open_page(slug), slug) == (len(LESSONS[slug].experiments) + 1, True)


def change(widget):
    """Give a control another value, if it has a choice."""
    if widget.type in ("slider", "number_input") and not isinstance(widget.value, (list, tuple)):
        ends = [end for end in (widget.min, widget.max) if end not in (None, widget.value)]
        if ends:
            widget.set_value(type(widget.value)(ends[0]))
    elif widget.type in ("checkbox", "toggle"):
        widget.set_value(not widget.value)
    elif widget.type == "selectbox" and widget.options:
        widget.select_index(0 if widget.index else len(widget.options) - 1)
    elif widget.type in ("radio", "select_slider"):
        others = [option for option in widget.options if option != str(widget.value)]
        if others:
            widget.set_value(others[-1])
    elif widget.type in ("text_input", "text_area"):
        widget.set_value("A seal slept on the warm rocks.")


@pytest.mark.parametrize("slug", IN_PARTS)
def test_controls_keep_their_values_out_of_sight(slug):
    everything = [*(experiment.slug for experiment in LESSONS[slug].experiments), "quiz"]
    app = see(open_page(slug), slug, everything)
    for kind in ("slider", "number_input", "checkbox", "toggle", "selectbox", "radio",
                 "select_slider", "text_input", "text_area"):  # fmt: skip
        for widget in app.get(kind):
            key = widget.key or ""
            ours = key.startswith(f"{slug}.") and ".done." not in key and key not in CANNOT_SET
            if ours and not widget.disabled:
                change(widget)
    before = values(app.run(), slug)
    see(app, slug, [everything[0]])
    see(app, slug, [everything[-1]])
    after = values(see(app, slug, everything), slug)
    assert after == before


def values(app, slug):
    """Values of all controls of a page, by key."""
    kinds = ("slider", "number_input", "checkbox", "toggle", "selectbox", "radio", "select_slider",
             "text_input", "text_area", "button_group", "multiselect")  # fmt: skip
    return {
        widget.key: widget.value
        for kind in kinds
        for widget in app.get(kind)
        if (widget.key or "").startswith(f"{slug}.")
    }


def test_a_word_of_the_browser_is_checked():
    app = open_page("masking")
    for said in ("x", {"play": 3}, {"nothing": {"near": True}}, {"play": {"near": "yes"}}):
        app.session_state["masking.in_sight"] = {"near": said}
        calm(app.run())


def test_few_learners_see_whole_pages(monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_WHOLE_PAGES", "1")
    assert drawn(open_page("masking"), "masking") == (len(LESSONS["masking"].experiments) + 1, True)


def test_a_page_that_stands_whole_stays_until_the_browser_speaks(monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_WHOLE_PAGES", "1")
    app = open_page("masking")
    monkeypatch.setenv("INSIDE_BERT_WHOLE_PAGES", "0")
    count = len(LESSONS["masking"].experiments)
    assert drawn(app.run(), "masking") == (count + 1, True)
    assert drawn(see(app, "masking", ["play"]), "masking") == (1, False)


def test_a_report_is_answered_once():
    """A browser that calls near what the page does not have must not keep the server running."""
    app = open_page("variants")
    app.session_state["variants.in_sight"] = {"near": {"albert": {"near": True}}}
    calm(app.run())
