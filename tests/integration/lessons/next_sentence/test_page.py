"""The page of the lesson: every control changes what is shown."""

import pytest

from tests.opening import calm, go_to, open_page

STEPS = ("judge", "build", "order-or-topic")


def texts(app):
    return [e.value for e in [*app.markdown, *app.caption, *app.info, *app.text]]


def said(app, part):
    found = [text for text in texts(app) if part in text]
    assert found, part
    return found[0]


def test_another_text_and_another_place_change_the_verdict():
    app = open_page("next_sentence", step="judge")
    calm(app)
    first = said(app, "Swapping the two")
    app.selectbox(key="next_sentence.about").set_value("chess").run()
    second = said(app, "Swapping the two")
    app.select_slider(key="next_sentence.place").set_value(3).run()
    third = said(app, "Swapping the two")
    assert len({first, second, third}) == 3
    app.button(key="next_sentence.any").click().run()
    calm(app)
    assert app.selectbox(key="next_sentence.about").value != "chess"


def test_a_pair_of_ones_own_is_judged_and_its_absence_explained():
    app = open_page("next_sentence", step="judge")
    app.segmented_control(key="next_sentence.source.False").set_value("your own").run()
    assert any("Type a second sentence" in text for text in texts(app))
    app.text_input(key="sentence.pair").set_value("It was a warm evening.").run()
    first = said(app, "A, then A again:")
    app.text_input(key="sentence.pair").set_value("Bolts are sold by weight.").run()
    assert said(app, "A, then A again:") != first


def test_the_text_and_the_seed_change_the_pairs():
    app = open_page("next_sentence", step="build")
    first = app.dataframe[0].value
    app.number_input(key="next_sentence.seed").set_value(5).run()
    second = app.dataframe[0].value
    assert list(first["First"]) == list(second["First"])
    assert list(first["Second"]) != list(second["Second"])
    app.text_area(key="next_sentence.text").set_value("A dog ran. It barked. A cat fled.").run()
    assert list(app.dataframe[0].value["First"]) == ["A dog ran.", "It barked."]
    said(app, "a single document")
    app.text_area(key="next_sentence.text").set_value("Nothing").run()
    calm(app)
    said(app, "at least two sentences")


def test_measuring_shows_both_scores_and_another_seed_asks_again():
    app = open_page("next_sentence", step="order-or-topic")
    assert not [text for text in texts(app) if "Chance is 50%" in text]
    app.button(key="next_sentence.go").click().run()
    calm(app)
    said(app, "Chance is 50%")
    app.number_input(key="next_sentence.shuffle").set_value(1).run()
    assert not [text for text in texts(app) if "Chance is 50%" in text]
    assert app.button(key="next_sentence.go").label.startswith("Judge all 432")


@pytest.mark.parametrize("step", STEPS)
def test_any_second_sentence_has_a_calm_answer(step):
    app = open_page("next_sentence", step=step)
    for pair in ("[MASK]", "<b>&", "👩‍👩‍👧", "word " * 3000, "a\x00b", ""):
        app.text_input(key="sentence.pair").set_value(pair)
        calm(app.run())
        assert app.text_input(key="sentence.pair").value == pair


def test_a_model_without_the_head_says_so_in_every_experiment():
    app = open_page("next_sentence", {"sentence.model": "minilm"})
    for step in STEPS:
        calm(go_to(app, "next_sentence", step))
        if step == "order-or-topic":
            app.button(key="next_sentence.go").click().run()
            calm(app)
        assert sum("choose another model" in text for text in texts(app)) == 1
