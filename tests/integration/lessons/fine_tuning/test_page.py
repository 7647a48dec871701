"""The page: controls change what is trained, and what was trained is shown and can be tried."""

import time

import pytest

from lessons.engine import registry
from lessons.fine_tuning import figures, training
from lessons.fine_tuning.settings import WAY_SEEDS, WAYS
from pages.ui import guesses, runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, go_to, guess, open_page, typed, veil
from tests.shapes import OPENED

SLUG = "fine_tuning"
STEPS = ("tune", "look", "words", "compare", "lora", "luck", "sure", "names", "questions")

real = figures.reliability


def markdown(app):
    return "\n".join(element.value for element in app.markdown)


def infos(app):
    return "\n".join(element.value for element in app.info)


def said_in(app):
    return "\n".join([infos(app), markdown(app), *(c.value for c in app.caption)])


@pytest.fixture
def trained(tmp_path, monkeypatch, small_fine_tuning_sets):
    made = FinishedRuns(tmp_path, training.FineTuning, steps=2)
    monkeypatch.setattr(runner, "runs", lambda: made)
    yield made
    from streamlit import cache_resource

    cache_resource.clear()


def test_before_any_run_every_step_shows_a_recorded_one():
    app = open_page(SLUG)
    calm(app)
    assert "was recorded on" in said_in(app)
    assert "without BERT" in markdown(app)
    for step, said in (
        ("look", "mistakes on dev"), ("compare", "were recorded"),
        ("lora", "single seeds"), ("luck", "Between the worst"), ("sure", "calibration error"),
        ("names", "F1 of whole names"), ("questions", "F1 of the answers' words"),
    ):  # fmt: skip
        go_to(app, SLUG, step)
        calm(app)
        assert said in said_in(app), step


def test_the_recorded_run_follows_the_preset_and_answers_own_sentences():
    app = open_page(SLUG)
    usual = next(c.value for c in app.caption if "was recorded on" in c.value)
    app.pills(key="fine_tuning.preset").set_value("frozen").run()
    assert "head only" in next(c.value for c in app.caption if "was recorded on" in c.value)
    assert "head only" not in usual
    go_to(app, SLUG, "look")
    before = [c.value for c in app.caption if "with a probability" in c.value]
    app.text_input(key="fine_tuning.try").set_value("I loved every minute of it.").run()
    after = [c.value for c in app.caption if "with a probability" in c.value]
    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.parametrize("step", ["names", "questions"])
def test_answers_of_the_recorded_run_change_with_its_moments(step):
    app = open_page(SLUG, step=step)
    before = markdown(app)
    slider = app.select_slider(key=f"fine_tuning.{step}_step")
    slider.set_value(0).run()
    calm(app)
    assert markdown(app) != before


def test_hostile_sentences_have_a_calm_answer():
    texts = ["", "[MASK]", "🙂🙂", "<b>x</b>", "word " * 20_000]
    for step in STEPS:
        assert len([*typed(SLUG, texts, step=step)]) == len(texts)


def test_training_shows_the_verdict_the_mistakes_and_the_box(trained):
    app = open_page(SLUG)
    app.button(key="fine_tuning.start.class").click().run()
    calm(app)
    assert "without BERT" in markdown(app)
    go_to(app, SLUG, "look")
    calm(app)
    assert "mistakes on dev" in markdown(app)
    before = [c.value for c in app.caption if "with a probability" in c.value]
    assert len(before) == 1
    app.text_input(key="fine_tuning.try").set_value("It opens at nine.").run()
    after = [c.value for c in app.caption if "with a probability" in c.value]
    assert len(after) == 1
    assert after != before


def test_a_preset_and_the_sliders_reach_the_run(trained):
    app = open_page(SLUG)
    app.pills(key="fine_tuning.preset").set_value("frozen").run()
    assert app.select_slider(key="fine_tuning.class.trained_layers").value == 0
    app.select_slider(key="fine_tuning.class.seed").set_value(7).run()
    app.button(key="fine_tuning.start.class").click().run()
    (run,) = trained._runs.values()
    assert (run.settings["trained_layers"], run.settings["seed"]) == (0, 7)
    assert run.settings["learning_rate"] == 5e-3


def test_the_guess_is_resolved(trained):
    app = guess(open_page(SLUG, veiled=True), SLUG, "tune", 60.0)
    app.button(key="fine_tuning.start.class").click().run()
    (run,) = trained._runs.values()
    assert app.session_state[guesses.RUNS] == {run.id: 60.0}
    assert veil(app)["guess"] == 60.0


def test_two_runs_are_compared_and_the_first_is_stopped(trained):
    app = open_page(SLUG)
    app.button(key="fine_tuning.start.class").click().run()
    app.button(key="fine_tuning.start.class").click().run()
    calm(app)
    go_to(app, SLUG, "compare")
    calm(app)
    assert any("Best on dev" in caption.value for caption in app.caption)
    assert ("id0", "stop") in trained.told


def test_pairs_ask_for_a_second_sentence(trained):
    app = open_page(SLUG)
    app.segmented_control(key="fine_tuning.task").set_value("pairs").run()
    app.button(key="fine_tuning.start.class").click().run()
    calm(app)
    go_to(app, SLUG, "look")
    calm(app)
    assert app.text_input(key="fine_tuning.pair")


def test_a_table_is_asked_for_and_its_mistake_is_named_by_line():
    app = open_page(SLUG)
    app.segmented_control(key="fine_tuning.task").set_value("own").run()
    assert app.button(key="fine_tuning.start.class").disabled
    uploader = app.file_uploader(key="fine_tuning.csv")
    uploader.set_value(("mine.csv", b"text,label\nonly one,yes\n", "text/csv")).run()
    calm(app)
    assert "mine.csv, line 2: 1 rows of text are too few" in infos(app)


def test_a_good_table_can_be_trained_on(trained):
    rows = "\n".join(f"the {w} number {i},{w}" for i in range(15) for w in ("cat", "train"))
    app = open_page(SLUG)
    app.segmented_control(key="fine_tuning.task").set_value("own").run()
    uploader = app.file_uploader(key="fine_tuning.csv")
    uploader.set_value(("mine.csv", f"text,label\n{rows}\n".encode(), "text/csv")).run()
    app.button(key="fine_tuning.start.class").click().run()
    calm(app)
    (run,) = trained._runs.values()
    assert run.facts["labels"] == ["cat", "train"]


def test_names_are_marked_in_own_text(trained):
    app = open_page(SLUG, step="names")
    app.button(key="fine_tuning.start.names").click().run()
    calm(app)
    assert "F1 of whole names" in markdown(app)
    text = "Zoe <b>went</b> to Rome"
    app.text_input(key="fine_tuning.names_text").set_value(text).run()
    calm(app)
    assert "Rome" in markdown(app)
    app.text_input(key="fine_tuning.names_text").set_value(" ").run()
    assert "a name in it" in infos(app)


def test_an_answer_is_a_stretch_of_the_paragraph(trained):
    app = open_page(SLUG, step="questions")
    app.button(key="fine_tuning.start.questions").click().run()
    calm(app)
    app.text_area(key="fine_tuning.par").set_value("Ann lives in Oslo. It is cold.").run()
    calm(app)
    assert "orange-background[" in markdown(app)
    app.text_area(key="fine_tuning.par").set_value("").run()
    assert "a question about it" in infos(app)


def test_rank_and_matrices_change_how_much_learns():
    app = open_page(SLUG, step="lora")
    calm(app)
    first = next(c.value for c in app.caption if "A and B have" in c.value)
    app.select_slider(key="fine_tuning.rank").set_value(32).run()
    second = next(c.value for c in app.caption if "A and B have" in c.value)
    app.segmented_control(key="fine_tuning.adapted").set_value("all six").run()
    third = next(c.value for c in app.caption if "A and B have" in c.value)
    assert len({first, second, third}) == 3
    assert third.startswith("Rank 32 beside all six")


def test_a_run_with_lora_stands_beside_the_recorded_ones_and_becomes_a_dot(trained):
    app = open_page(SLUG, step="lora")
    app.select_slider(key="fine_tuning.rank").set_value(4).run()
    app.number_input(key="fine_tuning.way_seed").set_value(9).run()
    app.button(key="fine_tuning.start.ways").click().run()
    calm(app)
    (run,) = trained._runs.values()
    assert (run.settings["rank"], run.settings["trained_layers"], run.settings["seed"]) == (4, 0, 9)
    assert "without BERT" in markdown(app)
    go_to(app, SLUG, "sure")
    calm(app)
    assert any(
        "LoRA rank 4" in option for option in app.selectbox(key="fine_tuning.sure_run").options
    )


def test_two_settings_are_compared_and_the_choice_changes_the_verdict():
    app = open_page(SLUG, step="luck")
    calm(app)
    before = next(m.value for m in app.markdown if "points on average" in m.value)
    second = app.selectbox(key="fine_tuning.luck_second")
    second.set_value(second.options[1]).run()
    calm(app)
    assert next(m.value for m in app.markdown if "points on average" in m.value) != before


def test_one_more_seed_is_one_that_nobody_trained(trained):
    app = open_page(SLUG, step="luck")
    app.button(key="fine_tuning.ways.start").click().run()
    calm(app)
    (run,) = trained._runs.values()
    assert run.settings["seed"] == 1 + max(WAY_SEEDS)
    assert run.settings["rank"] == WAYS["lora"].values["rank"]


@pytest.mark.parametrize(
    ("step", "button"), [("tune", "start.class"), ("names", "start.names"), ("luck", "ways.start")]
)
def test_a_full_line_is_said_where_the_button_was_pressed(trained, monkeypatch, step, button):
    def full(task, settings):
        raise runner.NoRoom("The line is full.")

    monkeypatch.setattr(trained, "start", full)
    app = open_page(SLUG, step=step)
    app.button(key=f"fine_tuning.{button}").click().run()
    calm(app)
    assert [warning.value for warning in app.warning] == ["The line is full."]


def test_temperature_and_classifier_change_the_reliability(monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "reliability", lambda *given: drawn.append(given) or real(*given))
    app = open_page(SLUG, step="sure")
    calm(app)
    app.slider[0].set_value(1.0).run()
    assert drawn[-1][2] == 1.0
    assert drawn[0][2] != 1.0
    before = next(c.value for c in app.caption if "calibration error" in c.value)
    app.selectbox(key="fine_tuning.sure_run").set_value("Too slow").run()
    calm(app)
    assert next(c.value for c in app.caption if "calibration error" in c.value) != before


def test_a_real_run_in_its_own_process_can_be_stopped():
    app = open_page(SLUG)
    app.button(key="fine_tuning.start.class").click().run()
    run = runner.runs().look(app.session_state["fine_tuning.runs"][0])
    assert run is not None
    deadline = time.monotonic() + 600
    while run.facts is None and time.monotonic() < deadline:
        runner.runs().look(run.id)
        time.sleep(0.05)
    assert run.facts is not None
    app.run()
    calm(app)
    app.button(key="fine_tuning.stop.class").click().run()
    assert run.status == "stopped"


def test_words_of_a_recorded_run_and_of_a_classifier_of_ones_own(tmp_path, monkeypatch):
    session = {"sentence.text": "The bank of the river was cold."}
    app = open_page(SLUG, session, step="words")
    calm(app)
    assert "speaks most for" in said_in(app)
    first = next(c.value for c in app.caption if "speaks most for" in c.value)
    label = app.selectbox(key="fine_tuning.label.3")
    label.set_value(label.options[1]).run()
    assert "speaks most for “negative”" in said_in(app)
    label = app.selectbox(key="fine_tuning.label.3")
    label.set_value(label.options[3]).run()
    assert "speaks most for “positive”" in said_in(app)
    assert first in said_in(app) or "speaks most for “neutral”" in first or "negative" in first

    for name in ("roberta classifier", "bert tagger"):
        OPENED[name].write(tmp_path / name)
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    for name in ("roberta classifier", "bert tagger"):
        app = open_page(SLUG, {**session, "sentence.model": name}, step="words")
        calm(app)
        assert f"{name} came with a head of its own for 3 labels" in said_in(app)
        label = app.selectbox(key="fine_tuning.label.3")
        assert label.options[1:] == ["cold", "warm", "hot"]
        label.set_value("hot").run()
        assert "speaks most for “hot”" in said_in(app)
        app = open_page("attention", {**session, "sentence.model": name}, step="methods")
        calm(app)
        assert "The model says “" in said_in(app)
        app.toggle(key="attention.ask").set_value(True).run()
        calm(app)
        assert "Rank correlation with removal" in said_in(app)
