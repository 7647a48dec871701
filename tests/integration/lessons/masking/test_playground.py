"""The mask playground: every control changes what is shown, and the link carries what it should."""

import pytest

from lessons.engine import load_model
from lessons.masking.compute import presets
from tests.hostile import HOSTILE
from tests.opening import PATIENCE, calm, open_page, typed

CATS = {"sentence.text": "There are three cats under the table.", "sentence.masks": (2,)}


def texts(app):
    return [element.value for element in [*app.markdown, *app.caption, *app.info]]


def guess_field(app, number=0):
    fields = [f for f in app.text_input if (f.key or "").startswith("mask_playground.guess.")]
    return fields[number]


def test_words_are_covered_until_revealed_and_not_even_sent(drawn):
    app = open_page("mask_playground", CATS)
    calm(app)
    (bars,) = drawn["mask_playground.bars"]["masks"]
    assert bars["covered"]
    assert {word for word, _ in bars["words"]} == {""}
    lengths = [p for _, p in bars["words"]]
    app.button(key="mask_playground.reveal").click().run()
    (bars,) = drawn["mask_playground.bars"]["masks"]
    assert not bars["covered"]
    assert bars["words"][0][0] == "were"
    assert [p for _, p in bars["words"]] == lengths


def test_show_at_once_uncovers_every_sentence(drawn):
    app = open_page("mask_playground", CATS)
    app.toggle(key="mask_playground.at_once").set_value(True).run()
    assert not drawn["mask_playground.bars"]["masks"][0]["covered"]
    app.session_state["sentence.masks"] = (3,)
    app.run()
    assert not drawn["mask_playground.bars"]["masks"][0]["covered"]


def test_a_guess_opens_its_gap_and_gets_its_rank(drawn):
    app = open_page("mask_playground", {**CATS, "sentence.masks": (2, 4)})
    guess_field(app).set_value("are").run()
    first, second = drawn["mask_playground.bars"]["masks"]
    assert not first["covered"]
    assert second["covered"]
    marked = [word for word in first["words"] if len(word) == 3]
    (fillings, _) = load_model("minilm-mlm").fill_mask("There [MASK] three [MASK] under the table.")
    assert marked == [["are", pytest.approx(dict(fillings)["are"], abs=1e-4), marked[0][2]]]
    assert marked[0][2] == f"your guess · number {[word for word, _ in fillings].index('are') + 1}"
    assert any("“are” gets" in text for text in texts(app))


def test_a_guess_of_many_pieces_and_one_out_of_vocabulary_are_explained(drawn):
    app = open_page("mask_playground", CATS)
    guess_field(app).set_value("unhappiness").run()
    assert any("4 pieces" in text for text in texts(app))
    assert drawn["mask_playground.bars"]["masks"][0]["words"][-1][2] == "your guess"
    guess_field(app).set_value("🙂").run()
    assert any("out of vocabulary" in text for text in texts(app))
    guess_field(app).set_value("[MASK]").run()
    calm(app)
    assert any("the gap itself" in text for text in texts(app))


def test_a_word_of_many_pieces_is_one_gap_with_a_list_for_each_piece(drawn):
    text = "Her unhappiness was plain."
    app = open_page("mask_playground", {"sentence.text": text, "sentence.masks": (2, 3, 4, 5)})
    assert len(drawn["mask_playground.bars"]["masks"]) == 4
    assert "piece 2 of 4" in drawn["mask_playground.bars"]["masks"][1]["title"]
    assert guess_field(app).label == "Your guess"


def test_a_clicked_word_goes_into_the_sentence_and_the_other_gap_stays(monkeypatch):
    app = open_page("mask_playground", {**CATS, "sentence.masks": (2, 4)})

    def script():
        import streamlit as st

        from lessons.engine import load_model
        from lessons.masking import compute
        from pages.ui import state
        from pages.views.masking import guessing

        st.session_state["sentence.text"] = "There are three cats under the table."
        state.MASKS.set((2, 4))
        encoding = load_model("minilm-mlm").encode(state.TEXT.get())
        found = compute.gaps(load_model("minilm-mlm"), encoding, (2, 4))
        st.session_state["bars"] = {"take": {"position": 2, "word": "were"}}
        guessing._take_word("bars", found, encoding)
        st.session_state["bars"] = {"take": {"position": 99, "word": "never"}}
        guessing._take_word("bars", found, encoding)

    from streamlit.testing.v1 import AppTest

    app = AppTest.from_function(script, default_timeout=PATIENCE).run()
    assert not app.exception
    assert app.session_state["sentence.text"] == "There were three cats under the table."
    assert app.session_state["sentence.masks"] == (4,)


def test_weighed_words_stand_in_order_and_the_odds_are_told(drawn):
    app = open_page("mask_playground", CATS)
    app.text_input(key="mask_playground.weigh").set_value("is, are").run()
    (bars,) = drawn["mask_playground.weighed"]["masks"]
    assert [word for word, _ in bars["words"]] == ["are", "is"]
    assert any("times as likely as “is”" in text for text in texts(app))
    app.text_input(key="mask_playground.weigh").set_value("[MASK], is").run()
    calm(app)
    assert any("the gap itself" in text for text in texts(app))


def test_filling_orders_are_side_by_side(drawn):
    app = open_page(
        "mask_playground",
        {"sentence.text": "He gave [MASK] [MASK] to [MASK] mother."},
    )
    app.segmented_control(key="mask_playground.view").set_value("Fill in order").run()
    calm(app)
    rows = drawn["mask_playground.fillings"]["fillings"]
    assert [row["order"] for row in rows] == [
        "all at once",
        "left to right",
        "most certain first",
    ]
    for row in rows:
        assert sum(token["step"] is not None for token in row["tokens"]) == 3
    assert {token["step"] for token in rows[0]["tokens"]} == {None, 0}
    assert {token["step"] for token in rows[1]["tokens"]} == {None, 0, 1, 2}


def test_two_sentences_change_with_the_other_one():
    app = open_page("mask_playground", CATS)
    app.segmented_control(key="mask_playground.view").set_value("Two sentences").run()
    calm(app)
    other = app.text_input(key="mask_playground.other")
    other.set_value("There [MASK] a cat under the table.").run()
    first = [text for text in texts(app) if "fits the first better" in text]
    assert "“were” fits the first better" in first[0]
    app.text_input(key="mask_playground.other").set_value("He drank [MASK] tea.").run()
    assert [text for text in texts(app) if "fits the first better" in text] != first
    app.text_input(key="mask_playground.other").set_value("No gap at all").run()
    assert any("needs a gap too" in text for text in texts(app))
    app.segmented_control(key="mask_playground.against").set_value("another model").run()
    calm(app)
    assert any("No second model" in text for text in texts(app))


def test_surprise_view_names_the_worst_word(drawn):
    app = open_page("mask_playground", {"sentence.text": "He lives in New Banana City."})
    app.segmented_control(key="mask_playground.view").set_value("Surprise").run()
    calm(app)
    data = drawn["mask_playground.surprise"]
    assert data["words"][data["worst"]]["text"] == "Banana"
    assert data["words"][data["worst"]]["rivals"][0][0] == "york"
    assert "".join(part["text"] for part in data["parts"]) == "He lives in New Banana City."


def test_a_word_is_hidden_for_those_who_hid_none(drawn):
    app = open_page("mask_playground", {"sentence.text": "No gap here.", "sentence.masks": ()})
    assert any("You hid no word, so “here” is hidden" in text for text in texts(app))
    (bars,) = drawn["mask_playground.bars"]["masks"]
    assert "here" in bars["title"]


@pytest.mark.parametrize("view", ["Guess", "Fill in order", "Two sentences", "Surprise"])
def test_any_text_has_a_calm_answer_in_every_view(view, chance, every):
    texts = list(HOSTILE.values())
    texts = texts if every else chance.sample(texts, 4)
    for app in typed("mask_playground", texts, {"mask_playground.view": view}):
        app.session_state["sentence.masks"] = (1, 2)
        calm(app.run())
        assert app.segmented_control(key="mask_playground.view").value == view


def test_a_preset_sets_text_gaps_other_and_words():
    app = open_page("mask_playground", {"sentence.text": "x"})
    preset = presets()[0][0]
    app.button(key="mask_playground.preset.try.0").click().run()
    assert app.session_state["sentence.text"] == preset.text
    assert app.session_state["sentence.masks"] == (2,)
    assert app.text_input(key="mask_playground.weigh").value == preset.weigh


def test_the_link_restores_text_masks_and_view_but_neither_guess_nor_answer(drawn):
    app = open_page("mask_playground", CATS)
    guess_field(app).set_value("were").run()
    app.text_input(key="mask_playground.weigh").set_value("is, are").run()
    link = dict(app.query_params)
    assert "were" not in str(link)
    other = open_page("mask_playground", query=link)
    assert other.text_input(key="sentence.text").value == CATS["sentence.text"]
    assert other.session_state["sentence.masks"] == (2,)
    assert guess_field(other).value == ""
    assert drawn["mask_playground.bars"]["masks"][0]["covered"]


def test_a_model_that_predicts_no_words_says_so():
    app = open_page("mask_playground", {**CATS, "sentence.model": "minilm"})
    calm(app)
    assert any("choose another model" in text for text in texts(app))
