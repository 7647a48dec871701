"""The frame of the pages, without a browser: state, bad input, errors."""

import pytest
from streamlit import config, net_util
from streamlit.testing.v1 import AppTest
from streamlit.web import bootstrap

from lessons.catalog import catalog, find
from lessons.schema import CHECK
from pages.ui import address, errors, shell, state
from pages.ui.figures import as_plain
from tests.opening import calm, follow, go_to, new_app, open_page, show


def test_an_empty_sentence_says_what_to_do():
    app = open_page("home", {"sentence.text": " "})
    assert any("Type a sentence" in info.value for info in app.info)


def test_too_long_a_text_says_how_many_tokens_were_cut():
    app = open_page("home", {"sentence.text": "the cat sat " * 1000})
    said = [caption.value for caption in app.caption if "cut off" in caption.value]
    assert len(said) == 1
    assert "512 tokens at most" in said[0]
    assert "2,490" in said[0]  # 3,000 pieces less the 510 that fit between [CLS] and [SEP]


def test_the_sentence_survives_a_change_of_page():
    app = open_page("home")
    app.text_input(key="sentence.text").set_value("Rain fell on the roof").run()
    for lesson in catalog():
        for step in lesson.experiments:
            go_to(app, lesson.slug, step.slug)
            fields = [field.value for field in app.text_input if field.key == "sentence.text"]
            assert fields == ["Rain fell on the roof"] * step.sentence


def test_what_was_set_while_the_process_died_goes_before_the_address():
    """The first that another process hears is what the browser holds, all of it."""
    before = open_page("attention", query={"text": "Rain fell", "mask": "2"})
    before.text_input(key="sentence.text").set_value("Snow fell")
    before.slider(key="attention.head").set_value(5)
    browser = before._tree.get_widget_states()
    app = new_app()
    show(app, "attention", {"text": "Rain fell", "mask": "2", "attention.head": "3"})
    app._run(browser)
    calm(app)
    assert app.text_input(key="sentence.text").value == "Snow fell"
    assert app.slider(key="attention.head").value == 5
    assert app.session_state["sentence.masks"] == ()
    app.run()
    assert app.query_params["text"] == "Snow fell"
    assert app.query_params["attention.head"] == "5"
    # Whatever comes later is heard as ever.
    app.slider(key="attention.head").set_value(7).run()
    app.text_input(key="sentence.text").set_value("Hail fell").run()
    follow(app, "attention", **{"attention.head": "2"})
    assert app.slider(key="attention.head").value == 2
    assert app.text_input(key="sentence.text").value == "Hail fell"


def test_the_link_holds_the_state_and_restores_it():
    app = open_page("home", {"sentence.text": "Rain fell", "sentence.masks": (2,)})
    assert not dict(app.query_params), "the browser may not be there yet"
    app.run()
    assert app.query_params["text"] == "Rain fell"
    assert app.query_params["mask"] == "2"
    other = new_app()
    other.query_params["text"] = "Rain fell"
    other.query_params["mask"] = "2"
    other.run()
    assert other.session_state["sentence.masks"] == (2,)
    assert other.text_input(key="sentence.text").value == "Rain fell"


def test_what_a_button_calls_may_fail_and_the_page_stands(monkeypatch):
    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shell, "_toggle_presenting", fails)
    app = open_page("journey")
    app.button(key="present.toggle").click().run()
    calm(app)
    assert app.title[0].value == "One sentence through BERT"
    assert [toast.value for toast in app.toast] == [errors.FAILED]


@pytest.mark.parametrize(
    ("param", "value"),
    [("mask", "a.b"), ("mask", "999"), ("present", "x"), ("model", "no-such"), ("token", "-1")],
)
def test_a_wrong_link_opens_the_page_all_the_same(param, value):
    app = new_app()
    app.query_params[param] = value
    app.run()
    calm(app)
    assert app.title[0].value == "Inside BERT"


def test_a_text_too_long_for_a_link_stays_out_of_it_and_comes_back():
    text = "word " * 2000
    app = open_page("home", {"sentence.text": text}).run()
    kept = dict(app.query_params)
    assert "text" not in kept
    assert address.KEPT in kept
    app.text_input(key="sentence.text").set_value("Short again.").run()
    assert app.query_params["text"] == "Short again."
    show(app, "tokenization", kept)  # back to where the long one stood
    app.run()
    assert app.text_input(key="sentence.text").value == text


def test_a_word_that_was_on_its_way_does_not_undo_what_the_tab_brought():
    app = open_page("tokenization", query={"kept": "0123456789ab"})
    app.session_state["sentence.text"] = "word " * 2000  # what the tab's word does before the run
    app.session_state["address.brought"] = (state.DEFAULT_TEXT, ""), ("word " * 2000, "")
    app.query_params["kept"] = "0123456789ab"
    app.run()
    app.text_input(key="sentence.text").set_value(state.DEFAULT_TEXT).run()
    assert app.text_input(key="sentence.text").value == "word " * 2000
    app.text_input(key="sentence.text").set_value("Mine.").run()
    app.text_input(key="sentence.text").set_value(state.DEFAULT_TEXT).run()
    assert app.text_input(key="sentence.text").value == state.DEFAULT_TEXT


def test_home_counts_the_lessons_that_are_done():
    def said(app):
        return [bar.text for bar in app.get("progress")]

    assert said(open_page("home")) == []
    slug = catalog()[2].slug
    app = open_page(slug, step=CHECK)
    app.checkbox(key=f"{slug}.done.False").check().run()
    follow(app, "home")
    assert said(app) == [f"You have finished 1 of {len(catalog())} lessons."]


def test_masks_go_when_the_sentence_changes():
    app = open_page("home", {"sentence.masks": (2, 3)})
    app.text_input(key="sentence.text").set_value("Another one").run()
    assert app.session_state["sentence.masks"] == ()


def test_an_example_never_destroys_the_learners_sentence():
    app = open_page("home", {"sentence.text": "Mine, and mine alone.", "sentence.masks": (1,)})
    assert not [button for button in app.button if button.key == "sentence.own"]

    def show_examples():
        import streamlit as st

        from pages.ui import state

        st.session_state.setdefault(state.TEXT.key, "Mine, and mine alone.")
        st.session_state.setdefault(state.MASKS.key, (1,))
        for text in ("First of ours.", "Second of ours."):
            st.button(text, on_click=state.show_example, args=(text, "And a pair."))
        st.button("back", on_click=state.back_to_own)
        st.button("change", on_click=lambda: state.TEXT.set("Second of ours, changed."))
        st.text(str(state.own_sentence()))

    first, second, back, change = range(4)
    app = AppTest.from_function(show_examples).run()
    for button in (first, second):
        app.button[button].click().run()
        assert app.session_state[state.PAIR.key] == "And a pair."
        assert app.text[0].value == "Mine, and mine alone."
    app.button[back].click().run()
    assert app.session_state[state.TEXT.key] == "Mine, and mine alone."
    assert app.session_state[state.MASKS.key] == (1,)
    app.button[second].click().run()
    app.button[change].click().run()
    assert app.text[0].value == "None"  # a changed example is the learner's own
    app.button[back].click().run()
    assert app.session_state[state.TEXT.key] == "Second of ours, changed."


def test_an_unforeseen_error_is_one_calm_sentence(monkeypatch):
    lesson = catalog()[0]

    def fail(*args, **kwargs):
        raise RuntimeError("secret path /home/someone")

    monkeypatch.setattr("pages.ui.shell.LessonPage.steps", fail)
    app = open_page(lesson.slug)
    assert not app.exception
    assert len(app.error) == 1
    assert "Something went wrong" in app.error[0].value
    assert "secret" not in app.error[0].value
    assert [header.value for header in app.header] == [lesson.experiments[0].title]
    assert lesson.section(lesson.experiments[0].script[0]) in [text.value for text in app.markdown]


def said(app) -> list[str]:
    return [text.value for text in app.markdown]


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_each_step_shows_its_script_and_draws_nothing_of_the_others(lesson):
    app = open_page(lesson.slug)
    assert "step" not in app.query_params
    for step in lesson.experiments:
        calm(go_to(app, lesson.slug, step.slug))
        assert [header.value for header in app.header] == [step.title]
        assert {lesson.section(name) for name in step.script} <= set(said(app))
        others = {name for other in lesson.experiments if other != step for name in other.script}
        assert not {lesson.section(name) for name in others} & set(said(app))
        assert not any(".quiz." in (radio.key or "") for radio in app.radio)
        first = lesson.experiments[0].slug
        assert app.query_params.get("step", first) in (step.slug, [step.slug])
    calm(go_to(app, lesson.slug, CHECK))
    assert {lesson.section(name) for name in lesson.closing} <= set(said(app))
    assert len([radio for radio in app.radio if ".quiz." in radio.key]) == len(lesson.quiz)


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_each_step_is_calm_without_a_sentence(lesson):
    app = open_page(lesson.slug, {"sentence.text": " "})
    for step in lesson.experiments:
        calm(go_to(app, lesson.slug, step.slug))
    calm(go_to(app, lesson.slug, CHECK))
    assert app.radio, "the quiz needs no sentence"


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_presenter_mode_shows_a_step_without_its_script(lesson):
    app = open_page(lesson.slug, query={"present": "1"})
    for step in lesson.experiments:
        calm(go_to(app, lesson.slug, step.slug))
        assert [header.value for header in app.header] == [step.title]
        assert not {lesson.section(name) for name in step.script} & set(said(app))


def test_the_open_step_stays_for_the_visit_and_a_wrong_one_is_the_first():
    app = open_page("masking", step="surprise")
    follow(app, "positions")
    assert app.header[0].value == find("positions").experiments[0].title
    assert "step" not in app.query_params
    follow(app, "masking")
    assert app.header[0].value == find("masking").experiment("surprise").title
    app = open_page("masking", step="<b>none of them")
    assert app.header[0].value == find("masking").experiments[0].title
    assert "step" not in app.run().query_params


def test_feedback_leads_to_the_step_that_shows_it():
    lesson = find("encoder_layer")
    question = lesson.quiz[1]
    mine = "A sentence of my own that goes along."
    app = open_page(lesson.slug, {"sentence.text": mine}, step=CHECK)
    app.radio(key=f"{lesson.slug}.quiz.{question.id}").set_value(0).run()
    title = lesson.experiment(question.step).title
    link = f"[See it in “{title}”](./{lesson.slug}?step={question.step})"
    assert link in said(app)
    go_to(app, lesson.slug, question.step)
    assert app.header[0].value == title
    assert app.session_state["sentence.text"] == mine


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_quiz_feedback_changes_with_the_answer(lesson):
    app = open_page(lesson.slug, step=CHECK)
    for i in range(max(len(question.answers) for question in lesson.quiz)):
        given = {q.id: q.answers[i] for q in lesson.quiz if i < len(q.answers)}
        for name in given:  # all questions at once: the page is run as often as one has answers
            app.radio(key=f"{lesson.slug}.quiz.{name}").set_value(i)
        app.run()
        for answer in given.values():
            said = [x.value for x in (app.success if answer.correct else app.info)]
            assert any(answer.feedback in text for text in said)


def test_answers_keep_their_order_and_each_visitor_has_another():
    lesson = catalog()[0]

    def orders(app) -> list[list[str]]:
        return [app.radio(key=f"{lesson.slug}.quiz.{q.id}").options for q in lesson.quiz]

    first, second = (open_page(lesson.slug, step=CHECK) for _ in range(2))
    before = orders(first)
    assert before != orders(second)
    question = lesson.quiz[0]
    first.radio(key=f"{lesson.slug}.quiz.{question.id}").set_value(0).run()
    assert orders(first) == before
    assert [sorted(options) for options in before] == [
        sorted(answer.text for answer in q.answers) for q in lesson.quiz
    ]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("[go](http://x.y)", "[go\\](http://x.y)"),
        ("costs $5 or $6", "costs \\$5 or \\$6"),
        ("*a* _b_ `c` ~d~", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~"),
        (":red[x]", "\\:red[x]"),
        ("[MASK]: ##iness", "[MASK]: ##iness"),
    ],
)
def test_words_beneath_a_chart_are_shown_as_they_are(typed, written):
    assert as_plain(typed) == written


def test_a_link_leads_to_pages_of_the_course_and_nowhere_else():
    session: dict = {}
    patched = pytest.MonkeyPatch()
    patched.setattr("streamlit.session_state", session)
    for sent in ({"page": [1], "search": ""}, {"page": "masking"}, {}, "x", None):
        session["address"] = {"go": sent}
        address._go()
        assert address.PLACE not in session
    session["address"] = {"go": {"page": "worksheet", "search": "?lesson=masking", "number": 3}}
    address._go()
    assert (session[address.PLACE], address.heard("lesson")) == ("worksheet", ["masking"])
    patched.undo()
    app = open_page("home")
    follow(app, "../app")
    assert app.title[0].value == "Inside BERT"


def test_a_server_without_a_screen_asks_nobody_for_its_address(monkeypatch, capsys):
    def ask():
        raise AssertionError("an outside service was asked")

    monkeypatch.setattr(net_util, "get_external_ip", ask)
    monkeypatch.setattr(net_util, "get_internal_ip", ask)
    before = config.get_option("server.headless")
    config.set_option("server.headless", True)
    try:
        bootstrap._print_url(False)
    finally:
        config.set_option("server.headless", before)
    assert "http://localhost:8501" in capsys.readouterr().out
