"""The lesson's page without a browser: every control changes what is trained or shown."""

import time

import pytest

from lessons.classification_heads import training
from pages.ui import runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, go_to, guess, open_page, typed

SLUG = "classification_heads"
STEPS = ("heads", "try", "tasks", "activations", "topics")


def markdown(app):
    return "\n".join(element.value for element in app.markdown)


def infos(app):
    return "\n".join(element.value for element in app.info)


def said_in(app):
    return "\n".join([infos(app), markdown(app), *(c.value for c in app.caption)])


def said(app, start):
    return next(c.value for c in app.caption if c.value.startswith(start))


@pytest.fixture
def trained(tmp_path, monkeypatch, small_classification_sets):
    made = FinishedRuns(tmp_path, training.FourHeads, steps=3)
    monkeypatch.setattr(runner, "runs", lambda: made)
    return made


def train(app):
    app.button(key=f"{SLUG}.start").click().run()
    calm(app)
    return app


def test_before_any_run_every_step_shows_recorded_ones():
    app = open_page(SLUG)
    calm(app)
    assert app.button(key=f"{SLUG}.start")
    assert "Who did it?" in said(app, "A run that was recorded on")
    assert list(app.table[0].value["Head"]) == ["[CLS]", "Mean", "LSTM", "CNN"]
    app.segmented_control(key=f"{SLUG}.task").set_value("tone").run()
    assert "Tone" in said(app, "A run that was recorded on")
    go_to(app, SLUG, "try")
    calm(app)
    before = said(app, "The heads say")
    app.button(key=f"{SLUG}.try.twin0").click().run()
    assert said(app, "The heads say") != before
    go_to(app, SLUG, "tasks")
    calm(app)
    assert "Mostly praise?" in said(app, "“Who did it?”:")


def test_hostile_sentences_have_a_calm_answer():
    texts = ["", "[MASK]", "🙂🙂", "<b>x</b>", "word " * 20_000]
    for step in STEPS:
        assert len([*typed(SLUG, texts, step=step)]) == len(texts)


def test_training_gives_the_verdict_the_table_and_the_answers(trained):
    app = train(open_page(SLUG))
    assert "The gap is" in markdown(app) or "A tie" in markdown(app)
    assert "Without BERT" in markdown(app)
    assert list(app.table[0].value["Head"]) == ["[CLS]", "Mean", "LSTM", "CNN"]
    go_to(app, SLUG, "try")
    calm(app)
    assert "The heads differ on" in markdown(app)
    before = said(app, "The heads say")
    app.button(key=f"{SLUG}.try.twin0").click().run()
    after = said(app, "The heads say")
    assert after != before
    app.text_input(key=f"{SLUG}.try").set_value("The dog saw a priest.").run()
    assert said(app, "The heads say") not in (before, after)
    app.text_input(key=f"{SLUG}.try").set_value(" ").run()
    calm(app)
    assert "Type a sentence" in infos(app)


def test_the_box_follows_the_learners_sentence(trained):
    app = go_to(train(open_page(SLUG)), SLUG, "try")
    app.text_input(key="sentence.text").set_value("The farmer met a fox.").run()
    assert app.text_input(key=f"{SLUG}.try").value == "The farmer met a fox."
    app.text_input(key=f"{SLUG}.try").set_value("The fox met a farmer.").run()
    go_to(app, SLUG, "heads")
    go_to(app, SLUG, "try")
    assert app.text_input(key=f"{SLUG}.try").value == "The fox met a farmer."


def test_every_control_reaches_the_run(trained):
    app = open_page(SLUG)
    assert said(app, "“The dog bit the man”")
    app.segmented_control(key=f"{SLUG}.task").set_value("tone").run()
    assert said(app, "Our set of everyday sentences")
    values = {"steps": 50, "seeds": 1, "learning_rate": 1e-3, "seed": 9}
    for name, value in values.items():
        app.select_slider(key=f"{SLUG}.{name}").set_value(value).run()
    train(app)
    (run,) = trained._runs.values()
    assert {name: run.settings[name] for name in values} == values
    assert run.settings["task"] == "tone"
    assert "Seeds 9." in said(app, "Tone:")


def test_the_guess_is_resolved(trained):
    app = guess(open_page(SLUG, veiled=True), SLUG, "heads", "LSTM")
    assert "You guessed **LSTM**" in markdown(app)  # about the recorded run
    assert "You guessed **LSTM**" in markdown(train(app))


def test_two_tasks_are_compared_and_reset_clears_the_screen(trained):
    app = go_to(train(open_page(SLUG)), SLUG, "tasks")
    assert said(app, "Your own runs") == "Your own runs: Who did it?."
    go_to(app, SLUG, "heads")
    app.segmented_control(key=f"{SLUG}.task").set_value("balance").run()
    train(app)
    go_to(app, SLUG, "tasks")
    calm(app)
    assert said(app, "Your own runs") == "Your own runs: Who did it?, Mostly praise?."
    assert "Mostly praise?" in said(app, "“Who did it?”:")
    go_to(app, SLUG, "heads")
    app.button(key=f"{SLUG}.back").click().run()
    calm(app)
    assert said(app, "A run that was recorded on")


def test_own_rows_by_file_or_pasted(trained):
    app = open_page(SLUG)
    app.segmented_control(key=f"{SLUG}.task").set_value("own").run()
    calm(app)
    assert "at least 20 rows" in infos(app)
    assert not [b for b in app.button if b.key == f"{SLUG}.start"]
    app.text_area(key=f"{SLUG}.pasted").set_value("text,label\nonly one,yes").run()
    assert "Your table, line 2: 1 rows of text are too few" in infos(app)
    rows = "\n".join(f"the {w} number {i},{w}" for i in range(60) for w in ("cat", "train"))
    app.text_area(key=f"{SLUG}.pasted").set_value(f"text,label\n{rows}").run()
    train(app)
    (run,) = trained._runs.values()
    assert run.facts["labels"] == ["cat", "train"]
    table = ("mine.csv", b"text,label\nonly one,yes\n", "text/csv")
    app.file_uploader(key=f"{SLUG}.csv").set_value(table).run()
    assert "mine.csv, line 2" in infos(app)


def test_the_scores_start_where_it_is_said():
    app = open_page(SLUG, step="activations")
    seen = {said(app, "At the start")}
    for start in ("One clear answer", "Nothing fits", "Your sentence"):
        app.segmented_control(key=f"{SLUG}.start_from").set_value(start).run()
        calm(app)
        seen.add(said(app, "At the start"))
    app.text_input(key="sentence.text").set_value("The soup was too salty.").run()
    seen.add(said(app, "At the start"))
    assert len(seen) == 5


def test_the_threshold_moves_the_scores_and_the_labels():
    app = open_page(SLUG, step="topics")
    calm(app)
    curve, own, table = said(app, "At 0.50"), said(app, "Sigmoids at"), app.table[0].value
    app.slider(key=f"{SLUG}.threshold").set_value(0.9).run()
    calm(app)
    assert said(app, "At 0.90") != curve
    assert said(app, "Sigmoids at 0.90") != own
    assert not app.table[0].value.equals(table)
    app.pills(key=f"{SLUG}.label").set_value("food").run()
    assert "for food" in said(app, "At 0.90")


def test_an_example_becomes_the_sentence():
    app = open_page(SLUG, step="topics")
    before = said(app, "Sigmoids at")
    app.button(key=f"{SLUG}.example0").click().run()
    assert "clinic" in app.text_input(key="sentence.text").value
    assert said(app, "Sigmoids at") != before


def test_without_a_sentence_the_thresholds_stand():
    app = open_page(SLUG, {"sentence.text": ""}, step="topics")
    assert said(app, "At 0.50")
    assert "type one above" in infos(app)


def test_a_real_run_in_its_own_process_can_be_stopped():
    app = open_page(SLUG)
    app.button(key=f"{SLUG}.start").click().run()
    run = runner.runs().look(app.session_state[f"{SLUG}.runs"][0])
    deadline = time.monotonic() + 600
    while run.steps < 1 and time.monotonic() < deadline:
        runner.runs().look(run.id)
        time.sleep(0.05)
    assert run.steps
    app.run()
    calm(app)
    app.button(key=f"{SLUG}.stop").click().run()
    assert run.status == "stopped"
