"""The page: each control changes what it says it changes."""

import pytest

from tests.opening import calm, open_page, typed

PAIR = {"sentence.text": "Did you feed the cat?", "sentence.pair": "Yes, it had a bowl of fish."}


def said(app) -> str:
    return "\n".join(element.value for element in [*app.caption, *app.markdown, *app.info])


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_selected_token_is_the_one_added_up():
    app = open_page("inputs", {"sentence.selected": (5,)})
    calm(app)
    assert "“bank” in place 5, segment A" in said(app)
    app.session_state["sentence.selected"] = (0,)
    app.run()
    assert "“[CLS]” in place 0, segment A" in said(app)


def test_another_change_gives_other_numbers():
    app = open_page("inputs", step="ablate")
    first = metrics(app)["Vectors kept"], metrics(app)["Prediction moved"]
    for change in ("segments", "words", "shuffled", "moved", "segment-b"):
        app.button_group(key="inputs.change").set_value(change).run()
        calm(app)
        assert (metrics(app)["Vectors kept"], metrics(app)["Prediction moved"]) != first, change


def test_another_seed_shuffles_otherwise():
    app = open_page("inputs", {"inputs.change": "shuffled"}, step="ablate")
    before = said(app)
    app.slider(key="inputs.seed").set_value(7).run()
    assert said(app) != before


def test_another_layout_changes_the_next_sentence_head():
    app = open_page("inputs", PAIR, step="layout")
    label = "B follows A, says the next-sentence head"
    usual = metrics(app)[label]
    app.button_group(key="inputs.layout").set_value("swapped").run()
    calm(app)
    assert metrics(app)[label] != usual


def test_without_a_second_sentence_one_stands_in():
    assert "no second sentence, so" in said(open_page("inputs", step="layout"))
    assert "no second sentence, so" not in said(open_page("inputs", PAIR, step="layout"))


def test_the_batch_follows_its_sentences():
    app = open_page("inputs", step="batch")
    before = app.code[0].value
    app.text_area(key="inputs.companions").set_value("One.\nTwo words.").run()
    calm(app)
    assert app.code[0].value != before
    assert "3 inputs" in said(app)


def test_another_field_of_the_batch_is_shown():
    app = open_page("inputs", step="batch")
    app.button_group(key="inputs.field").set_value("attention_mask").run()
    calm(app)
    assert app.session_state["inputs.field"] == "attention_mask"


def test_more_padding_moves_more_when_it_is_looked_at():
    app = open_page("inputs", step="padding")
    app.slider(key="inputs.padding").set_value(1).run()
    little = float(metrics(app)["Mean cosine, mask of ones"])
    app.slider(key="inputs.padding").set_value(64).run()
    calm(app)
    assert float(metrics(app)["Mean cosine, mask of ones"]) < little
    assert float(metrics(app)["Largest change, mask right"]) < 1e-5


def test_limit_and_windows_change_what_is_kept():
    app = open_page("inputs", step="truncate")
    before = said(app)
    app.slider(key="inputs.limit").set_value(8).run()
    shorter = said(app)
    assert shorter != before
    app.slider(key="inputs.stride").set_value(3).run()
    calm(app)
    assert said(app) != shorter


def test_a_long_text_replaces_the_sentence():
    app = open_page("inputs", step="truncate")
    app.button(key="inputs.long0").click().run()
    calm(app)
    assert app.text_input(key="sentence.text").value.startswith("The hotel")


def test_neighbors_of_another_word_and_another_kind():
    app = open_page("inputs", step="neighbors")
    first = said(app)
    app.text_input(key="inputs.word").set_value("music").run()
    assert "Nearest to “music”" in said(app)
    app.button_group(key="inputs.kind").set_value("inner pieces").run()
    calm(app)
    assert "“##" in said(app)
    assert said(app) != first


def test_a_model_without_a_word_head_still_shows_the_lesson():
    app = open_page("inputs", {"sentence.model": "minilm"}, step="ablate")
    calm(app)
    assert "predicts no words" in said(app)
    assert "Vectors kept" in metrics(app)


@pytest.mark.parametrize(
    "step", ["sum", "ablate", "layout", "batch", "padding", "truncate", "neighbors"]
)
def test_strange_texts_are_answered_calmly(step):
    for app in typed("inputs", ["[MASK]", "a", "☃️", "word " * 3000], step=step):
        assert app.header[0].value


def test_zeros_for_the_segments_stand_beside_segment_b_for_all():
    app = open_page("inputs", {"inputs.change": "segments"}, step="ablate")
    calm(app)
    assert "a vector that is missing is worse than one that is wrong" in said(app)
    app.button_group(key="inputs.change").set_value("words").run()
    assert "a vector that is missing" not in said(app)


def test_the_stand_in_is_refused_as_trained_and_accepted_with_segments_swapped():
    app = open_page("inputs", step="layout")
    label = "B follows A, says the next-sentence head"
    assert float(metrics(app)[label].rstrip("%")) < 20
    app.button_group(key="inputs.layout").set_value("swapped").run()
    assert float(metrics(app)[label].rstrip("%")) > 80
