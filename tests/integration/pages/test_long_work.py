"""Work beside the page: quick comes at once, long shows a bar, and Stop ends it."""

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import long_work

PATIENCE = 60


def page():
    import streamlit as st

    from pages.ui import errors, long_work
    from tests.integration.pages import test_long_work

    with errors.calmly():
        st.write(long_work.result(("counted",), "Counting", test_long_work.count))


begun, ended, go_on = threading.Event(), threading.Event(), threading.Event()


def count(progress):
    begun.set()
    try:
        for i in range(2000):
            progress(i / 2000)
            if go_on.wait(0.02):
                return "all are counted"
    finally:
        ended.set()
    return "too long"


@pytest.fixture
def app(monkeypatch):
    for event in (begun, ended, go_on):
        event.clear()
    long_work.forget()
    monkeypatch.setattr(long_work, "PATIENCE", 0.1)
    yield AppTest.from_function(page, default_timeout=PATIENCE)
    go_on.set()
    long_work.forget()


def button(app, label):
    return next(button for button in app.button if button.label == label)


def test_what_is_quick_comes_at_once(app):
    go_on.set()
    app.run()
    assert [text.value for text in app.markdown] == ["all are counted"]
    assert not app.button


def test_what_is_long_is_shown_when_it_is_done(app):
    app.run()
    assert not app.markdown
    assert begun.wait(PATIENCE)
    go_on.set()
    assert ended.wait(PATIENCE)
    app.run()
    assert [text.value for text in app.markdown] == ["all are counted"]


def test_stop_ends_the_work_and_it_can_go_on(app):
    app.run()
    button(app, "Stop").click().run()
    assert ended.wait(PATIENCE)
    assert not go_on.is_set()
    assert not app.exception
    assert [text.value for text in app.caption] == ["Counting: stopped."]
    go_on.set()
    button(app, "Go on").click().run()
    assert [text.value for text in app.markdown] == ["all are counted"]


def test_work_ends_when_nobody_looks(app, monkeypatch):
    monkeypatch.setattr(long_work, "LEFT", 0.3)
    app.run()
    start = time.monotonic()
    assert ended.wait(PATIENCE)
    assert time.monotonic() - start < 30  # all of it takes 40
    assert not go_on.is_set()


def test_another_who_looks_keeps_it_going(app):
    app.run()
    other = AppTest.from_function(page, default_timeout=PATIENCE).run()
    button(app, "Stop").click().run()
    assert not ended.wait(0.5)
    go_on.set()
    assert ended.wait(PATIENCE)
    other.run()
    assert [text.value for text in other.markdown] == ["all are counted"]


def test_an_error_is_raised_where_the_result_is_asked_for(app):
    def ask():
        import streamlit as st

        from pages.ui import long_work

        try:
            long_work.result(("fails",), "Failing", lambda _: 1 / 0)
        except ZeroDivisionError:
            st.write("raised")

    found = AppTest.from_function(ask, default_timeout=PATIENCE).run()
    assert [text.value for text in found.markdown] == ["raised"]
