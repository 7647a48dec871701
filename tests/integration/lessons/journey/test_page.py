"""The page of the lesson: every control changes what is shown."""

from tests.opening import calm, open_page


def texts(app) -> list[str]:
    return [element.value for element in [*app.markdown, *app.caption, *app.info]]


def test_every_hidden_word_has_its_arrival():
    app = open_page("journey", {"sentence.masks": (5, 8)})
    calm(app)
    assert any("“river”" in text for text in texts(app))
    assert not any("You hid no word" in text for text in texts(app))


def test_a_sentence_without_a_gap_gets_one():
    app = open_page("journey", {"sentence.text": "We ate the cake.", "sentence.masks": ()})
    calm(app)
    assert any("You hid no word, so “cake” is hidden here" in text for text in texts(app))


def test_another_sentence_and_another_word_change_the_curve():
    app = open_page("journey", step="elsewhere")
    first = [text for text in texts(app) if "enters both sentences" in text]
    app.text_input(key="journey.other").set_value("He robbed a bank by the sea.").run()
    second = [text for text in texts(app) if "enters both sentences" in text]
    assert first != second
    app.text_input(key="journey.other").set_value("The boats left the bank.").run()
    third = [text for text in texts(app) if "enters both sentences" in text]
    control = next(c for c in app.segmented_control if (c.key or "").startswith("journey.word"))
    control.set_value("boats").run()
    fourth = [text for text in texts(app) if "enters both sentences" in text]
    assert third != fourth
    assert "“boats”" in fourth[0]


def test_no_common_word_says_what_to_do():
    app = open_page("journey", step="elsewhere")
    app.text_input(key="journey.other").set_value("Nothing alike here").run()
    calm(app)
    assert any("no word in common" in info.value for info in app.info)
