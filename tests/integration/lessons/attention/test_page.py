"""The pages of the lesson and of the explorer: every control changes what is shown."""

from lessons.engine import registry
from tests.checkpoints import make_bert
from tests.opening import calm, elements, go_to, open_page, typed

SENTENCE = "The cat drank all the milk in the bowl."


def said(app):
    return [element.value for element in [*app.caption, *app.info, *app.markdown, *app.success]]


def one(app, part):
    found = [text for text in said(app) if part in text]
    assert found, f"nothing on the page says {part!r}"
    return found[0]


def fresh(step="sum", **session):
    return open_page("attention", {"sentence.text": SENTENCE, **session}, step=step)


def test_layer_and_head_change_the_sum():
    app = fresh()
    calm(app)
    first = one(app, "highest weight goes to")
    app.slider(key="attention.layer").set_value(1).run()
    second = one(app, "highest weight goes to")
    app.slider(key="attention.head").set_value(3).run()
    third = one(app, "highest weight goes to")
    assert len({first, second, third}) == 3


def test_the_selected_token_looks():
    app = fresh(**{"sentence.selected": (3,)})
    assert one(app, "highest weight goes to").startswith("For “drank”")


def test_labels_follow_the_switch():
    app = fresh("all-heads")
    before = one(app, "On this input")
    app.toggle(key="attention.bare").set_value(True).run()
    assert one(app, "On this input") != before


def test_the_detective_answers_when_asked():
    app = fresh("detective")
    assert not [box for box in app.selectbox if box.key == "attention.relation"]
    assert one(app, "what a head has to beat")
    app.toggle(key="attention.test").set_value(True).run()
    calm(app)
    assert one(app, "beat counting on some relation")
    app.segmented_control(key="attention.show").set_value("One relation").run()
    first = one(app, "times in our sentences")
    app.selectbox(key="attention.relation").set_value("obj").run()
    second = one(app, "times in our sentences")
    assert first != second
    assert "object → its verb" in second


def test_another_riddle():
    app = fresh("game")
    before = one(app, "Which head gives most")
    app.button(key="attention.another").click().run()
    assert one(app, "Which head gives most") != before


def test_a_click_in_the_game_is_judged():
    app = fresh("game", attention_game_0={"guess": {"layer": 0, "head": 2}})
    one(app, "Layer 1, head 3")


def test_silencing_changes_the_prediction():
    app = fresh("matter", **{"sentence.masks": (6,)})
    first = one(app, "bits")
    app.pills(key="attention.off.12").set_value([1]).run()
    second = one(app, "bits")
    app.segmented_control(key="attention.off_layer.6").set_value("all").run()
    third = one(app, "bits")
    app.segmented_control(key="attention.how").set_value("even").run()
    fourth = one(app, "bits")
    assert len({first, second, third, fourth}) == 4
    assert second.startswith("With 1 head ")
    assert third.startswith("With 6 heads ")
    assert not [text for text in said(app) if "leans most on" in text]
    app.toggle(key="attention.each").set_value(True).run()
    assert one(app, "leans most on")


def test_the_learners_mask_is_explained():
    own = fresh("methods", **{"sentence.masks": (6,), "attention.ask": True})
    other = fresh("methods")
    assert not [text for text in said(other) if "Rank correlation" in text]
    assert one(other, "Where the gap looks")
    other.toggle(key="attention.ask").set_value(True).run()
    assert "“drank” is hidden" in one(other, "You hid no word")
    assert not [text for text in said(own) if "You hid no word" in text]
    assert one(own, "Rank correlation") != one(other, "Rank correlation")


def test_bertviz_is_drawn_at_once_and_in_the_view_that_is_chosen():
    app = fresh("bertviz")
    (first,) = app.get("iframe")
    app.segmented_control(key="attention.view").set_value("neuron").run()
    calm(app)
    (second,) = app.get("iframe")
    assert first.proto != second.proto


def test_a_long_text_has_calm_answers():
    app = fresh(**{"sentence.text": "the cat sat on the mat " * 60})
    calm(app)
    assert one(app, "128 tokens")
    go_to(app, "attention", "methods")
    calm(app)
    assert one(app, "64 tokens")
    app.session_state["attention.view"] = "head"
    go_to(app, "attention", "bertviz")
    calm(app)
    assert one(app, "BertViz draws up to")


def test_a_model_without_a_head_for_words_says_so():
    app = fresh("matter", **{"sentence.model": "minilm"})
    calm(app)
    assert one(app, "predicts no words")
    go_to(app, "attention", "sum")
    assert one(app, "highest weight goes to")


def test_the_explorer_contrasts_two_sentences():
    app = open_page("attention_explorer", {"sentence.text": SENTENCE})
    calm(app)
    assert not [box for box in app.text_input if box.key == "explorer.other"]
    app.toggle(key="explorer.contrast").set_value(True).run()
    app.text_input(key="explorer.other").set_value("The dog drank all the milk.").run()
    calm(app)


def test_the_explorer_has_a_calm_answer_to_any_text():
    for app in typed("attention_explorer", ["", "[MASK]", "☃", "<b>x</b>", "cat " * 600]):
        assert app.title[0].value == "Attention explorer"


def test_a_local_bert_of_another_shape_works(checkpoints, monkeypatch):
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(checkpoints))
    sentence = "The bird sings in the old tree by the river."
    app = open_page("attention", {"sentence.text": sentence, "sentence.model": "own-bert"})
    calm(app)
    assert app.slider(key="attention.layer").max == 3
    assert app.slider(key="attention.head").max == 2
    assert one(app, "highest weight goes to")


def test_a_model_of_another_family_shows_what_it_can(checkpoints, monkeypatch):
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(checkpoints))
    app = fresh("matter", **{"sentence.model": "own-roberta"})
    calm(app)
    assert one(app, "put to silence")
    go_to(app, "attention", "sum")
    assert one(app, "highest weight goes to")


def test_bertviz_opens_on_a_layer_that_a_small_model_has(tmp_path, monkeypatch):
    make_bert(tmp_path / "small", num_hidden_layers=2)
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    app = fresh("bertviz", **{"sentence.model": "small"})
    calm(app)
    assert not [info.value for info in app.info]
    assert any(kind == "iframe" for kind, *_ in elements(app))
