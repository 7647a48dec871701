"""The page, with real training runs in processes of their own."""

import time
from collections.abc import Callable

import pytest

from lessons.pretraining.languages import SHORTEST_OWN_TEXT
from lessons.pretraining.training import PreTraining
from pages.ui import guesses, runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, follow, go_to, guess, open_page, typed

STEPS = ("gym", "two-runs", "take-along", "real-thing")
PATIENCE = 600  # seconds: trainings give way to whatever else a busy machine does
QUICK = {"pretraining.layers": 1, "pretraining.hidden_size": 16, "pretraining.steps": 200,
         "pretraining.batch_size": 8}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_runs(monkeypatch):
    """Runs of this test alone."""
    made = runner.Runs(runner.Limits(left=PATIENCE))
    monkeypatch.setattr(runner, "runs", lambda: made)
    yield made
    made.close()


@pytest.fixture
def short_runs(tmp_path, monkeypatch):
    """Runs of five steps that are over when they have begun."""
    made = FinishedRuns(tmp_path, PreTraining, steps=5)
    monkeypatch.setattr(runner, "runs", lambda: made)
    return made


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def said(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    return "\n".join(element.value for element in parts)


def train(app, runs, **more):
    """Press Train, wait for the end, and look at the page then."""
    app.button(key="pretraining.start").click().run()
    run = runs.look(app.session_state["pretraining.runs"][0])
    wait(lambda: run.over and (run.saved or run.status == "failed"))
    app.run()
    return run


def opened(**more):
    return open_page("pretraining", {**QUICK, **{f"pretraining.{k}": v for k, v in more.items()}})


@pytest.mark.parametrize("step", STEPS)
def test_before_any_run_every_step_shows_a_recorded_one(step, fresh_runs):
    app = open_page("pretraining", step=step)
    calm(app)
    assert "recorded" in said(app)
    assert "Train a model" not in said(app)
    assert "pretraining.runs" not in app.session_state


def test_the_recorded_run_follows_the_preset_and_its_model_can_be_used(fresh_runs):
    app = open_page("pretraining")
    usual = next(text for text in said(app).split("\n") if "was recorded on" in text)
    app.button_group(key="pretraining.preset").set_value("no-positions").run()
    other = next(text for text in said(app).split("\n") if "was recorded on" in text)
    assert "positions off" in other
    assert "positions off" not in usual
    go_to(app, "pretraining", "take-along")
    calm(app)
    app.button(key="pretraining.use").click().run()
    calm(app)
    assert app.session_state["sentence.model"] == "toy-standard"
    follow(app, "inputs")
    calm(app)
    assert "dogs" in app.session_state["sentence.text"]


def test_the_recorded_run_is_beside_ones_own(short_runs, monkeypatch):
    from pages.views.pretraining import gym

    drawn = {}
    monkeypatch.setattr(gym, "_gym", lambda key, data, **_: drawn.update(data))
    app = opened()
    assert drawn["recorded"]
    assert drawn["count_moments"] == len(drawn["moments"]) > 4
    run = train(app, short_runs)
    assert (drawn["run"], drawn["recorded"]) == (run.model_name, False)
    assert [other["name"] for other in drawn["others"]] == ["recorded run"]
    train(app, short_runs)
    assert [other["name"] for other in drawn["others"]] == ["recorded run", "run before"]


def test_a_run_ends_is_described_and_its_model_can_be_asked_and_used(fresh_runs):
    app = opened()
    run = train(app, fresh_runs)
    calm(app)
    assert run.status == "finished"
    assert f"At step {run.steps}" in said(app)
    assert "always saying" in said(app)
    go_to(app, "pretraining", "two-runs")
    calm(app)
    assert "were recorded" in said(app)
    # Ask it.
    go_to(app, "pretraining", "take-along")
    calm(app)
    box = app.text_input(key=f"pretraining.ask.{run.model_name}")
    box.set_value("the dogs run fast").run()
    assert "Put [MASK]" in said(app)
    assert "2 words are not in its vocabulary" in said(app)
    # Take it into every lesson.
    app.button(key="pretraining.use").click().run()
    calm(app)
    assert app.session_state["sentence.model"] == run.model_name
    assert "now computes every lesson" in said(app)
    follow(app, "tokenization")
    calm(app)
    follow(app, "inputs")
    calm(app)
    assert "dogs" in app.session_state["sentence.text"]


def test_a_second_run_stands_beside_the_first(short_runs):
    app = opened()
    first = train(app, short_runs)
    app.toggle(key="pretraining.positions").set_value(False).run()
    second = train(app, short_runs)
    calm(app)
    assert app.session_state["pretraining.runs"][:2] == [second.id, first.id]
    assert first.settings["positions"]
    assert not second.settings["positions"]
    go_to(app, "pretraining", "two-runs")
    calm(app)
    (table,) = [f for f in app.dataframe if "second run" in f.value]
    assert list(table.value["setting"]) == ["positions"]
    assert [box.value for box in app.selectbox if box.label in ("First run", "Second run")] == [
        second.model_name, first.model_name,
    ]  # fmt: skip


def test_a_guess_is_about_the_run_before_which_it_was_made(short_runs):
    app, curve = opened(), [10.0] * guesses.KNOTS
    app.session_state[guesses.SHOWN] = set()
    app = guess(app.run(), "pretraining", "gym", curve)
    first = train(app, short_runs)
    second = train(app, short_runs)
    assert app.session_state["guesses.runs"] == {first.id: curve, second.id: None}


def test_pause_step_go_on_stop_reset(fresh_runs):
    app = opened(steps=4000)
    app.button(key="pretraining.start").click().run()
    run = fresh_runs.look(app.session_state["pretraining.runs"][0])
    wait(lambda: run.steps > 0)
    assert app.button(key="pretraining.one_step").disabled
    app.button(key="pretraining.pause").click().run()
    assert run.status == "paused"
    app.button(key="pretraining.one_step").click().run()
    app.button(key="pretraining.resume").click().run()
    assert run.status == "running"
    app.button(key="pretraining.stop").click().run()
    assert run.status == "stopped"
    calm(app)
    app.button(key="pretraining.back").click().run()
    calm(app)
    assert "was recorded on" in said(app)
    assert app.button(key="pretraining.stop").disabled


def test_a_new_run_ends_the_old_one_and_settings_wait_for_the_next(fresh_runs):
    app = opened(steps=4000)
    app.button(key="pretraining.start").click().run()
    run = fresh_runs.look(app.session_state["pretraining.runs"][0])
    app.slider(key="pretraining.seed").set_value(5).run()
    assert "they hold for the next run" in said(app)
    app.button(key="pretraining.back").click().run()
    app.button(key="pretraining.start").click().run()
    new = fresh_runs.look(app.session_state["pretraining.runs"][0])
    assert run.status == "stopped"
    assert (run.settings["seed"], new.settings["seed"]) == (1, 5)
    calm(app)


def test_presets_set_every_control():
    app = open_page("pretraining")
    app.button_group(key="pretraining.preset").set_value("no-positions").run()
    assert app.toggle(key="pretraining.positions").value is False
    app.button_group(key="pretraining.preset").set_value("brackets").run()
    calm(app)
    assert app.toggle(key="pretraining.positions").value is True
    assert app.selectbox(key="pretraining.language").value == "brackets"
    assert "closed in the right order" in said(app)


SET = {
    "layers": 3, "heads": 8, "hidden_size": 32, "learning_rate": 1e-3,
    "masking_rate": 0.4, "batch_size": 128, "steps": 500,
}  # fmt: skip
CHOSEN = {"rule": "mask", "language": "mirror"}


def started(app, runs):
    """Press Train, and find the run."""
    app.button(key="pretraining.start").click().run()
    return runs.look(app.session_state["pretraining.runs"][0])


def test_every_control_reaches_the_run(fresh_runs):
    app = open_page("pretraining")
    usual = started(app, fresh_runs)
    app.button(key="pretraining.back").click().run()
    for key, value in SET.items():
        app.select_slider(key=f"pretraining.{key}").set_value(value).run()
    for key, value in CHOSEN.items():
        app.selectbox(key=f"pretraining.{key}").set_value(value).run()
    app.toggle(key="pretraining.next_sentence").set_value(True).run()
    other = started(app, fresh_runs)
    for key, value in {**SET, **CHOSEN, "next_sentence": True}.items():
        assert usual.settings[key] != value == other.settings[key], key
    calm(app)


def test_own_text_is_trained_on_or_refused_in_a_sentence(fresh_runs):
    app = opened(language="own")
    run = train(app, fresh_runs)
    assert run.status == "finished"
    assert "baker" in run.settings["text"]
    calm(app)
    app.text_area(key="pretraining.text").set_value("too short").run()
    refused = train(app, fresh_runs)
    assert (refused.status, refused.points) == ("failed", [])
    assert f"at least {SHORTEST_OWN_TEXT} characters" in refused.reason
    calm(app)


def test_a_full_line_is_told_calmly(fresh_runs):
    for _ in range(fresh_runs.limits.at_once + fresh_runs.limits.in_line):
        fresh_runs.start("tests.training_tasks:Counting", {"steps": 10_000})
    app = opened()
    app.button(key="pretraining.start").click().run()
    calm(app)
    assert "runs are waiting already" in said(app)
    assert "pretraining.runs" not in app.session_state


def test_another_session_sees_nothing_of_a_run(short_runs):
    mine, other = opened(), opened()
    run = train(mine, short_runs)
    other.run()
    calm(other)
    assert "was recorded on" in said(other)
    assert "pretraining.runs" not in other.session_state
    assert run.model_name not in said(other)


def test_strange_sentences_leave_the_page_calm():
    for app in typed("pretraining", ["", "[MASK]", "☃️", "<b>x</b>", "word " * 3000]):
        assert app.button(key="pretraining.start")
    for app in typed("pretraining", ["", "[MASK]"], step="check"):
        assert app.radio
