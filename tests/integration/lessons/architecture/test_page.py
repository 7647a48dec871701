"""The page of the lesson: every control changes what is shown."""

from tests.opening import calm, open_page


def shown(app) -> list[str]:
    return [x.value for x in [*app.caption, *app.markdown, *app.info]] + [
        metric.value for metric in app.metric
    ]


def test_presets_change_every_number():
    app = open_page("architecture")
    calm(app)
    assert app.metric[0].value == "109.5 million"
    app.button(key="architecture.preset.Tiny").click().run()
    assert app.metric[0].value == "4.4 million"
    assert app.slider(key="architecture.layers").value == 2


def test_every_control_changes_something():
    app = open_page("architecture")
    for key, value in (("layers", 3), ("hidden", 192), ("wide", 1024), ("heads", 4)):
        before = shown(app)
        controls = app.select_slider if key == "heads" else app.slider
        controls(key=f"architecture.{key}").set_value(value).run()
        calm(app)
        assert shown(app) != before, key


def test_the_vocabulary_counts():
    app = open_page("architecture")
    before = app.metric[0].value
    app.number_input(key="architecture.vocab").set_value(250000).run()
    assert app.metric[0].value != before


def test_heads_that_do_not_divide_are_explained():
    app = open_page("architecture")
    app.slider(key="architecture.hidden").set_value(64).run()
    calm(app)
    assert any("multiple of 12" in text for text in shown(app))


def test_length_and_measurement():
    app = open_page("architecture", step="cost")
    before = shown(app)
    app.slider(key="architecture.length.512").set_value(400).run()
    assert shown(app) != before
    app.segmented_control(key="architecture.longest").set_value(8192).run()
    calm(app)
    app.button(key="architecture.measure").click().run()
    calm(app)
    assert any("On this machine" in text for text in shown(app))


def test_four_readings_of_a_gap():
    app = open_page("architecture", {"sentence.masks": ()}, step="both-sides")
    assert any("so “river” is hidden here" in text for text in shown(app))
    before = [text for text in shown(app) if "Probability of the word that was hidden" in text]
    app = open_page("architecture", {"sentence.masks": (3,)}, step="both-sides")
    after = [text for text in shown(app) if "Probability of the word that was hidden" in text]
    assert before
    assert before != after
    app = open_page("architecture", {"sentence.text": "☃", "sentence.masks": ()}, step="both-sides")
    assert any("it is guessed four ways" in text for text in shown(app))


def test_the_drawing_of_one_block_follows_the_shape():
    app = open_page("architecture")
    before = shown(app)
    app.segmented_control(key="architecture.view").set_value("One block").run()
    calm(app)
    assert shown(app) != before
    assert any("12 such blocks" in text for text in shown(app))
    app.button(key="architecture.preset.Tiny").click().run()
    assert any("2 such blocks" in text for text in shown(app))
