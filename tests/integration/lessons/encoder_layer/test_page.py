"""The page of the lesson: every control changes what is shown."""

from lessons.engine import registry
from tests.opening import calm, go_to, open_page

SENTENCE = "The cat drank all the milk in the bowl."


def said(app):
    return [element.value for element in [*app.caption, *app.info, *app.markdown]]


def one(app, part):
    found = [text for text in said(app) if part in text]
    assert found, f"nothing on the page says {part!r}"
    return found[0]


def fresh(step="code", **session):
    return open_page("encoder_layer", {"sentence.text": SENTENCE, **session}, step=step)


def test_the_code_follows_layer_and_head(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "pages.views.encoder_layer.code._layer_code", lambda *, key, data: drawn.append(data)
    )
    app = fresh()
    calm(app)
    app.slider(key="encoder_layer.layer").set_value(5).run()
    app.slider(key="encoder_layer.head").set_value(3).run()
    assert [(data["layer"], data["head"]) for data in drawn] == [(1, 1), (5, 1), (5, 3)]
    values = [data["tensors"]["query"]["values"] for data in drawn]
    assert values[0] != values[1] != values[2]


def test_the_selected_token_is_followed():
    app = fresh("stream", **{"sentence.selected": (3,)})
    assert one(app, "attention adds vectors").startswith("To “drank”")


def test_parts_and_layers_change_the_outcome():
    app = fresh("remove", **{"sentence.masks": (6,)})
    calm(app)
    first = one(app, "Without the residual around attention")
    app.pills(key="encoder_layer.parts.7").set_value(["gelu"]).run()
    second = one(app, "Without GELU")
    app.segmented_control(key="encoder_layer.where.6").set_value(2).run()
    third = one(app, "Without GELU")
    assert first != second != third
    assert "in layer 2" in third
    app.pills(key="encoder_layer.parts.7").set_value([]).run()
    assert one(app, "Nothing is taken out")


def test_the_number_of_silenced_dimensions_changes_the_outcome():
    app = fresh("outliers", **{"sentence.masks": (6,)})
    calm(app)
    first = one(app, "without the 5 loudest")
    app.slider(key="encoder_layer.silenced").set_value(2).run()
    assert one(app, "without the 2 loudest") != first


def test_a_model_without_a_head_shows_its_loud_dimensions():
    app = fresh("outliers", **{"sentence.model": "minilm"})
    calm(app)
    assert one(app, "Loudest: dimension")
    assert one(app, "predicts words")


def test_the_early_look_follows_the_mask():
    own = one(fresh("early-look", **{"sentence.masks": (6,)}), "Read at the input")
    other = fresh("early-look", **{"sentence.masks": (2,)})
    assert one(other, "Read at the input") != own
    assert one(fresh("early-look"), "You hid no word")


def test_units_follow_layer_and_search():
    app = fresh("units")
    first = one(app, "units give more than")
    app.slider(key="encoder_layer.units_layer").set_value(2).run()
    second = one(app, "units give more than")
    assert first != second
    box = app.selectbox(key="encoder_layer.unit")
    box.set_value(box.options and int(box.options[0].split()[-1])).run()
    calm(app)
    assert sum(" · " in text and "**" in text for text in said(app)) >= 8


def test_a_model_without_words_says_so():
    app = fresh("remove", **{"sentence.model": "minilm"})
    calm(app)
    assert one(app, "predicts words")
    go_to(app, "encoder_layer", "stream")
    assert one(app, "attention adds vectors")


def test_a_local_bert_of_another_shape_works(checkpoints, monkeypatch):
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(checkpoints))
    sentence = "The bird sings in the old tree by the river."
    app = open_page("encoder_layer", {"sentence.text": sentence, "sentence.model": "own-bert"})
    calm(app)
    assert app.slider(key="encoder_layer.layer").max == 3
    assert app.slider(key="encoder_layer.head").max == 2
    go_to(app, "encoder_layer", "stream")
    assert one(app, "attention adds vectors")
