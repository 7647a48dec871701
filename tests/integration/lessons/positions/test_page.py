"""The page: each control changes what it says it changes."""

import re

import pytest

from tests.opening import calm, open_page, typed

TEXT = {"sentence.text": "The dog bit the man near the bridge."}
WITH, WITHOUT = "Largest change, with positions", "Largest change, without"


def said(app) -> str:
    shown = [*app.caption, *app.markdown, *app.info, *app.warning, *app.success]
    return "\n".join(element.value for element in shown)


def metrics(app) -> dict[str, float]:
    return {metric.label: float(metric.value) for metric in app.metric}


def words(app) -> list[int]:
    return app.session_state["positions.arranged"][1]


def test_the_page_opens_with_two_words_swapped():
    app = open_page("positions", TEXT)
    calm(app)
    assert metrics(app)[WITH] > 0.1
    assert metrics(app)[WITHOUT] < 1e-5
    assert "2 words stand elsewhere" in said(app)


def test_first_order_brings_everything_back():
    app = open_page("positions", TEXT)
    app.button(key="positions.back").click().run()
    calm(app)
    assert metrics(app)[WITH] < 1e-5
    assert "first order" in said(app)


def test_reverse_and_shuffle_are_orders_of_their_own():
    app = open_page("positions", TEXT)
    swapped = metrics(app)[WITH]
    app.button(key="positions.reverse").click().run()
    assert words(app) == list(range(9))[::-1]
    assert metrics(app)[WITH] != swapped
    app.button(key="positions.shuffle").click().run()
    first = words(app)
    app.button(key="positions.shuffle").click().run()
    calm(app)
    assert sorted(first) == sorted(words(app)) == list(range(9))
    assert first != words(app)
    assert "Seed of the last shuffle: 2" in said(app)
    assert metrics(app)[WITHOUT] < 1e-5


def test_a_pair_sets_the_sentence_and_its_other_order():
    app = open_page("positions", TEXT)
    app.selectbox(key="positions.pair").set_value(0).run()
    calm(app)
    assert app.text_input(key="sentence.text").value == "The dog bit the man."
    assert words(app) == [0, 4, 2, 3, 1, 5]
    assert metrics(app)[WITHOUT] < 1e-5


def test_an_order_belongs_to_its_sentence():
    app = open_page("positions", {**TEXT, "positions.arranged": ("Another text", [1, 0])})
    calm(app)
    assert "2 words stand elsewhere" in said(app)


def test_all_pairs_are_measured_when_asked():
    app = open_page("positions", TEXT)
    assert "In all" not in said(app)
    app.toggle(key="positions.all").set_value(True).run()
    calm(app)
    assert "In all 24 pairs" in said(app)


def test_the_formula_follows_its_sliders():
    app = open_page("positions", TEXT, step="waves")
    for name, value in (("d", 16), ("base", 100), ("length", 128)):
        before = next(c.value for c in app.caption if "in pairs" in c.value or "pairs." in c.value)
        control = app.slider if name == "length" else app.select_slider
        control(key=f"positions.{name}").set_value(value).run()
        calm(app)
        after = next(c.value for c in app.caption if "in pairs" in c.value or "pairs." in c.value)
        assert after != before, name


def test_the_turn_follows_its_sliders():
    app = open_page("positions", TEXT, step="shift")
    for name, value in (("p", 40), ("k", -3), ("rd", 8), ("rbase", 10)):
        before = said(app)
        control = app.slider if name in "pk" else app.select_slider
        control(key=f"positions.{name}").set_value(value).run()
        calm(app)
        assert said(app) != before, name
        assert (
            float(
                re.search(r"largest error over all of them is ([\d.e-]+)", said(app))[1].rstrip(".")
            )
            < 1e-10
        )


def test_views_of_the_learned_table():
    app = open_page("positions", TEXT, step="learned")
    for view, words in (
        ("table", "Every 4th row"),
        ("path", "three directions hold"),
        ("lengths", "longest vector"),
    ):
        app.button_group(key="positions.view").set_value(view).run()
        calm(app)
        assert words in said(app)
        assert "formula's bands" not in said(app)


def test_the_table_ends_at_511():
    app = open_page("positions", TEXT, step="learned")
    assert "There is no row 512" in said(app)
    app.number_input(key="positions.place").set_value(511).run()
    calm(app)
    assert "Place 511 has a vector" in said(app)


def test_schemes_heads_and_bases_change_where_a_token_looks():
    app = open_page("positions", TEXT, step="relatives")
    seen = [next(c.value for c in app.caption if "looks most at" in c.value)]
    for change in (
        lambda: app.slider(key="positions.head").set_value(5),
        lambda: app.select_slider(key="positions.rope").set_value(100),
        lambda: app.button_group(key="positions.scheme").set_value("ALiBi"),
        lambda: app.button_group(key="positions.scheme").set_value("no positions"),
    ):
        change().run()
        calm(app)
        seen.append(next(c.value for c in app.caption if "looks most at" in c.value))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("step", ["order", "waves", "shift", "learned", "relatives"])
def test_strange_texts_are_answered_calmly(step):
    texts = ["[MASK]", "a", "☃️", "word " * 3000, "two words"]
    for app in typed("positions", texts, step=step):
        assert app.header[0].value


def test_a_forged_order_is_left_out():
    app = open_page("positions", {**TEXT, "positions.arranged": (TEXT["sentence.text"], [0, 1])})
    calm(app)
    assert "2 words stand elsewhere" in said(app)


def test_a_model_that_predicts_no_words_still_shows_the_order():
    app = open_page("positions", {**TEXT, "sentence.model": "minilm"})
    calm(app)
    assert metrics(app)[WITHOUT] < 1e-5
