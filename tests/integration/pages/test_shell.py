"""The frame of the pages, without a browser: state, bad input, errors."""

import pytest
from streamlit import config, net_util
from streamlit.testing.v1 import AppTest
from streamlit.web import bootstrap

from lessons.catalog import catalog
from pages.ui import navigation, state
from pages.ui.figures import as_plain
from tests.opening import calm, new_app, open_page


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
        app.switch_page(f"pages/{lesson.slug}.py").run()
        assert app.text_input(key="sentence.text").value == "Rain fell on the roof"


def test_the_link_holds_the_state_and_restores_it():
    app = open_page("home", {"sentence.text": "Rain fell", "sentence.masks": (2,)})
    assert app.query_params["text"] == "Rain fell"
    assert app.query_params["mask"] == "2"
    other = new_app()
    other.query_params["text"] = "Rain fell"
    other.query_params["mask"] = "2"
    other.run()
    assert other.session_state["sentence.masks"] == (2,)
    assert other.text_input(key="sentence.text").value == "Rain fell"


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


def test_a_text_too_long_for_a_link_stays_out_of_it():
    app = open_page("home", {"sentence.text": "word " * 1000})
    assert "text" not in app.query_params


def test_home_counts_the_lessons_that_are_done():
    def said(app):
        return [bar.text for bar in app.get("progress")]

    assert said(open_page("home")) == []
    slug = catalog()[2].slug
    app = open_page(slug)
    app.checkbox(key=f"{slug}.done.False").check().run()
    app.switch_page("pages/home.py").run()
    assert said(app) == [f"You have finished 1 of {len(catalog())} lessons."]


def test_masks_go_when_the_sentence_changes():
    app = open_page("home", {"sentence.masks": (2, 3)})
    app.text_input(key="sentence.text").set_value("Another one").run()
    assert app.session_state["sentence.masks"] == ()


def test_a_preset_replaces_sentence_and_pair():
    from pages.ui.resources import presets

    pair = next(preset for preset in presets() if preset.pair)

    def script():
        import streamlit as st

        from pages.ui import sentence
        from pages.ui.resources import presets

        chosen = next(preset for preset in presets() if preset.pair)
        st.button("take", on_click=sentence._take, args=(chosen,))

    app = AppTest.from_function(script).run()
    app.button[0].click().run()
    assert app.session_state[state.TEXT.key] == pair.text
    assert app.session_state[state.PAIR.key] == pair.pair


def test_an_unforeseen_error_is_one_calm_sentence(monkeypatch):
    lesson = catalog()[0]

    def fail(*args, **kwargs):
        raise RuntimeError("secret path /home/someone")

    monkeypatch.setattr("pages.ui.shell.LessonPage.prose", fail)
    app = open_page(lesson.slug)
    assert not app.exception
    assert len(app.error) == 1
    assert "Something went wrong" in app.error[0].value
    assert "secret" not in app.error[0].value
    assert app.radio, "the quiz still stands below"


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_presenter_mode_shows_one_experiment_at_a_time(lesson):
    app = open_page(lesson.slug)
    for step, experiment in enumerate(lesson.experiments, 1):
        app.session_state["present"] = step
        calm(app.run())
        assert [header.value for header in app.header] == [experiment.title]


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_quiz_feedback_changes_with_the_answer(lesson):
    app = open_page(lesson.slug)
    for i in range(max(len(question.answers) for question in lesson.quiz)):
        given = {q.id: q.answers[i] for q in lesson.quiz if i < len(q.answers)}
        for name in given:  # all questions at once: the page is run as often as one has answers
            app.radio(key=f"{lesson.slug}.quiz.{name}").set_value(i)
        app.run()
        for answer in given.values():
            said = [x.value for x in (app.success if answer.correct else app.info)]
            assert any(answer.feedback in text for text in said)


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


def test_the_table_of_contents_leads_to_pages_and_nowhere_else(monkeypatch):
    went = []
    monkeypatch.setattr(
        "streamlit.switch_page", lambda path, query_params=None: went.append((path, query_params))
    )
    session: dict = {}
    monkeypatch.setattr("streamlit.session_state", session)
    for sent in (
        {"slug": "masking"},
        {"slug": "", "query": {"lesson": 3}},
        {"slug": "worksheet", "query": {"lesson": "masking", "text": "x"}},
        {"slug": "../app"},
        {"slug": [1]},
        {},
        "x",
        None,
    ):
        session["contents"] = {"go": sent}
        navigation._go()
        navigation.follow("inputs")
    assert went == [
        ("pages/masking.py", None),
        ("pages/home.py", None),
        ("pages/worksheet.py", {"lesson": "masking"}),
    ]
    session["contents.goal"] = ("masking", None)
    for current in ("inputs", "masking", "inputs"):  # tried again until it is reached
        navigation.follow(current)
    assert went[3:] == [("pages/masking.py", None)]


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
