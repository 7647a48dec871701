"""The page of the lesson: every control changes what is shown."""

import time

import pytest

from lessons.masking.word2vec import TEXTS, Training
from pages.ui import runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, go_to, open_page

CATS = {"sentence.text": "There are three cats under the table.", "sentence.masks": (2,)}


def texts(app):
    return [e.value for e in [*app.markdown, *app.caption, *app.info]]


def said(app, part):
    found = [text for text in texts(app) if part in text]
    assert found, part
    return found[0]


def test_the_page_opens_with_a_gap_to_guess(drawn):
    app = open_page("masking")
    calm(app)
    (bars,) = drawn["masking.bars"]["masks"]
    assert bars["covered"]
    assert "river" in bars["title"]
    app.button(key="masking.reveal").click().run()
    assert not drawn["masking.bars"]["masks"][0]["covered"]


def test_without_a_gap_every_experiment_stands():
    app = open_page("masking", {**CATS, "sentence.masks": ()})
    calm(app)
    said(app, "You hid no word, so ")
    for step, words in (
        ("orders", " are hidden here"),
        ("contrast", " is hidden here"),
        ("surprise", "Pseudo-log-likelihood"),
        ("recipe", "5,000 draws"),
        ("epochs", "After 10 epochs"),
        ("word2vec", "**CBOW** is asked"),
    ):
        go_to(app, "masking", step)
        calm(app)
        said(app, words)


def test_seed_rate_whole_words_and_draws_change_the_recipe(drawn):
    app = open_page(
        "masking", {"sentence.text": "Her unhappiness was plain to see by day."}, step="recipe"
    )
    first, line = drawn["masking.draw"]["columns"], said(app, "5,000 draws")
    app.button(key="masking.again").click().run()
    assert drawn["masking.draw"]["columns"] != first
    assert app.number_input(key="masking.seed").value == 8
    app.slider(key="masking.rate").set_value(40).run()
    half = drawn["masking.draw"]["columns"]
    assert sum(c["kind"] != "kept" for c in half) > sum(c["kind"] != "kept" for c in first)
    assert "expected 32.00%" in said(app, "5,000 draws")
    app.toggle(key="masking.whole").set_value(True).run()
    pieces = [c["label"] == "−100" for c in drawn["masking.draw"]["columns"][2:6]]
    assert len(set(pieces)) == 1
    app.select_slider(key="masking.draws").set_value(100).run()
    assert said(app, "100 draws") != line


def test_labels_and_losses_stand_under_the_chosen_tokens_alone(drawn):
    app = open_page("masking", CATS, step="recipe")
    app.number_input(key="masking.seed").set_value(7).run()
    columns = drawn["masking.draw"]["columns"]
    for column in columns:
        assert (column["label"] == "−100") == (column["kind"] == "kept") == (column["loss"] == "")
    assert any(column["kind"] != "kept" for column in columns)


def test_epochs_and_their_seed_change_the_coverage():
    app = open_page("masking", CATS, step="epochs")
    first = said(app, "After 10 epochs")
    app.number_input(key="masking.epoch_seed").set_value(3).run()
    second = said(app, "After 10 epochs")
    app.slider(key="masking.epochs").set_value(4).run()
    assert len({first, second, said(app, "After 4 epochs")}) == 3


def test_weighing_and_contrast_answer_in_the_lesson_too(drawn):
    app = open_page("masking", CATS, step="contrast")
    app.text_input(key="masking.weigh").set_value("is, are").run()
    said(app, "“are” is ")
    ours = said(app, "fits the first better")  # is and are are hidden themselves
    app.text_input(key="masking.other").set_value("There [MASK] a cat under the table.").run()
    first = said(app, "fits the first better")
    assert first != ours
    app.text_input(key="masking.other").set_value("The [MASK] barked at the cat.").run()
    assert said(app, "fits the first better") != first


def test_a_second_word_is_hidden_where_one_gap_has_no_order():
    app = open_page("masking", CATS, step="orders")
    said(app, "Two gaps are needed, so ")
    said(app, "different fillings")
    app.button(key="masking.preset.several.1").click().run()
    assert not any("Two gaps are needed" in caption.value for caption in app.caption)
    said(app, "2 different fillings")


def test_the_first_contrast_shows_an_effect():
    app = open_page("masking", step="contrast")
    assert "“river” fits the first better" in said(app, "fits the first better")


def test_presets_set_the_gaps():
    app = open_page("masking", CATS, step="orders")
    app.button(key="masking.preset.several.1").click().run()
    assert app.session_state["sentence.text"] == "Either Tom or Mary will come with us."
    assert app.session_state["sentence.masks"] == (2, 4)
    go_to(app, "masking", "surprise")
    app.button(key="masking.preset.slips.0").click().run()
    assert "“then”" in said(app, "most surprised")


def test_the_window_follows_the_selected_word():
    app = open_page(
        "masking",
        {"sentence.text": "The dog bit the man.", "sentence.selected": (3,)},
        step="word2vec",
    )
    assert "**bit** ?" in said(app, "**CBOW** is asked")
    wide = said(app, "**Skip-gram** is asked")
    app.slider(key="masking.window").set_value(1).run()
    narrow = said(app, "**Skip-gram** is asked")
    assert narrow == "**Skip-gram** is asked: **bit** → dog · the ?"
    assert len(wide) > len(narrow)
    app.session_state["sentence.selected"] = (2,)
    app.run()
    assert "**dog** ?" in said(app, "**CBOW** is asked")


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Runs of 30 steps that are over when they have begun."""
    made = FinishedRuns(tmp_path, Training, steps=30)
    monkeypatch.setattr(runner, "runs", lambda: made)
    return made


def test_before_any_run_the_words_of_a_recorded_one_are_there(drawn):
    app = open_page("masking", CATS, step="word2vec")
    calm(app)
    assert "skip-gram" in said(app, "was recorded on")
    first = drawn["masking.neighbors"]["masks"][0]
    app.segmented_control(key="masking.kind").set_value("CBOW").run()
    assert "CBOW" in said(app, "was recorded on")
    assert drawn["masking.neighbors"]["masks"][0]["words"] != first["words"]


def test_word2vec_is_trained_and_its_words_can_be_asked(drawn, quick):
    app = open_page("masking", CATS, step="word2vec")
    app.segmented_control(key="masking.source").set_value("36 short texts").run()
    app.button(key="masking.start").click().run()
    calm(app)
    said(app, "too few to learn much")
    before = drawn["masking.neighbors"]["masks"][0]
    app.selectbox(key="masking.word").set_value("water").run()
    after = drawn["masking.neighbors"]["masks"][0]
    assert before["words"] != after["words"]
    assert "“water”" in after["title"]
    app.text_input(key="masking.context.water.0").set_value("He drank the water.").run()
    (context,) = drawn["masking.contexts"]["masks"]
    assert context["title"] == "He drank the [MASK]."
    line = said(app, "are left out, as is usual")
    third = next(s for s in app.selectbox if (s.key or "").startswith("masking.analogy.2"))
    third.set_value("water").run()
    assert said(app, "are left out, as is usual") != line


def test_a_real_run_goes_on_while_another_step_is_open_and_stops_when_told():
    app = open_page("masking", CATS, step="word2vec")
    app.segmented_control(key="masking.kind").set_value("CBOW").run()
    app.session_state["masking.source"] = TEXTS[0]
    app.button(key="masking.start").click().run()
    run = runner.runs().look(app.session_state["masking.runs"][0])
    looked = run.seen_at
    go_to(app, "masking", "recipe")
    calm(app)
    assert run.seen_at > looked
    deadline = time.monotonic() + 600
    while not run.points and time.monotonic() < deadline:
        runner.runs().look(run.id)
        time.sleep(0.02)
    go_to(app, "masking", "word2vec")
    calm(app)
    runner.runs().command(run.id, "stop")
    while not run.saved and time.monotonic() < deadline:
        time.sleep(0.02)
    app.run()
    calm(app)
    assert said(app, " read ").startswith("CBOW read")


def test_an_own_text_without_words_says_what_to_do():
    app = open_page("masking", CATS, step="word2vec")
    app.segmented_control(key="masking.source").set_value("a text of yours").run()
    app.text_area(key="masking.own_text").set_value("123 🙂").run()
    app.button(key="masking.start").click().run()
    run = runner.runs().look(app.session_state["masking.runs"][0])
    deadline = time.monotonic() + 600
    while not run.over and time.monotonic() < deadline:
        runner.runs().look(run.id)
        time.sleep(0.02)
    app.run()
    calm(app)
    said(app, "Paste a text with some sentences first.")


def test_a_model_without_the_head_leaves_the_page_standing():
    app = open_page("masking", {**CATS, "sentence.model": "minilm"})
    calm(app)
    assert any("choose another model" in text for text in texts(app))
    assert not any("Hide a word first" in text for text in texts(app))
    go_to(app, "masking", "word2vec")
    calm(app)
    assert app.button(key="masking.start")
    assert not any("Hide a word first" in text for text in texts(app))
