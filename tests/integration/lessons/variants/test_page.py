"""The page: each control changes what is shown; runs are started, watched and put to use."""

import pytest

from lessons.variants import detection, distillation, family, windows
from pages.ui import runner
from pages.ui.runner import Run
from tests.opening import calm, go_to, open_page, typed

SLUG = "variants"
TASKS = {
    "distillation:Distillation": distillation.Distillation,
    "detection:Detection": detection.Detection,
    "windows:AttentionTiming": windows.AttentionTiming,
    "family:Counting": family.Counting,
}


def opened(step, **session):
    return open_page(SLUG, session, step=step)


def texts(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption, *app.info])


def captions(app):
    return "\n".join(element.value for element in app.caption)


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


class AtOnce(runner.Runs):
    """Runs that are over at once: a few steps of the real task, made in this process."""

    def __init__(self, folder, shorter):
        self.folder, self._runs, self.shorter = folder, {}, shorter

    def warm(self):
        pass

    def place(self, run):
        return 0

    def command(self, run_id, command):
        pass

    def start(self, task, settings):
        made = TASKS[task.removeprefix("lessons.variants.")]({**settings, **self.shorter(task)})
        number = len(self._runs)
        run = Run(
            f"id{number}", f"toy-{number}", task, dict(settings), self.folder / f"toy-{number}"
        )
        run.facts, run.moments = made.facts, [made.moment()]
        while not made.finished and len(run.points) < 4:
            run.points.append(made.step())
            run.moments.append(made.moment())
        made.save(run.folder)
        run.steps, run.saved = len(run.points), True
        run.become("finished")
        self._runs[run.id] = run
        return run


@pytest.fixture
def at_once(tmp_path, monkeypatch, few_sentences):
    def shorter(task):
        if "Timing" in task:
            return {"lengths": [512]}
        if "Counting" in task:
            return {"names": ["BERT-tiny"]}
        return {}

    made = AtOnce(tmp_path, shorter)
    monkeypatch.setattr(runner, "runs", lambda: made)
    yield made
    from streamlit import cache_resource

    cache_resource.clear()


@pytest.mark.parametrize(
    "mechanism", ["roberta", "distilbert", "albert", "electra", "deberta", "modernbert"]
)
def test_each_mechanism_opens_calmly_with_its_own_heading(mechanism):
    app = opened(mechanism)
    calm(app)
    assert not app.info
    heading = app.header[0].value
    assert heading.lower().startswith(mechanism)


EVERY = ("roberta", "distilbert", "albert", "electra", "deberta", "modernbert")
HOSTILE = ("[MASK]", "🙂🙂", "<b>x</b>", "日本語")


@pytest.mark.parametrize("mechanism", EVERY)
def test_hostile_sentences_have_a_calm_answer(mechanism):
    texts = ["", "a", "word " * 20_000, *(HOSTILE if mechanism in ("deberta", "albert") else ())]
    for app in typed(SLUG, texts, {"variants.source": "yours"}, step=mechanism):
        assert app.header[0].value.lower().startswith(mechanism)


def test_choosing_a_mechanism_opens_it():
    app = opened("roberta")
    go_to(app, SLUG, "deberta")
    calm(app)
    assert app.header[0].value.startswith("DeBERTa")


def test_masks_follow_their_sliders():
    app = opened("roberta")
    for key, value in (("mask_seed", 9), ("epochs", 5), ("copies", 3)):
        before = captions(app)
        app.slider(key=f"variants.{key}").set_value(value).run()
        calm(app)
        assert captions(app) != before, key


def test_a_shared_layer_breaks_the_prediction_and_sliders_count():
    app = opened("albert", **{"sentence.masks": (8,)})
    assert metrics(app)["Weights in the layers"] == "1.77 M"
    before = captions(app)
    app.slider(key="variants.layer").set_value(6).run()
    other = captions(app)
    assert other != before
    app.slider(key="variants.times").set_value(2).run()
    assert captions(app) != other
    app.button(key="variants.measure_shared").click().run()
    calm(app)
    assert "Time, 2 × one layer" in metrics(app)


@pytest.mark.parametrize(("key", "value"), [("hidden", 384), ("inner", 512)])
def test_the_two_tables_follow_their_sliders(key, value):
    app = opened("albert")
    assert "3,938,304" in captions(app)
    app.select_slider(key=f"variants.{key}").set_value(value).run()
    assert "3,938,304" not in captions(app)


def test_parted_scores_follow_their_controls():
    app = opened("deberta")
    for control, key, value in (
        (app.slider, "head", 2),
        (app.slider, "deberta_seed", 5),
        (app.select_slider, "buckets", 4),
    ):
        before = captions(app)
        control(key=f"variants.{key}").set_value(value).run()
        calm(app)
        assert captions(app) != before, key


def test_another_query_and_shuffled_words():
    app = opened("deberta")
    query = next(s for s in app.select_slider if s.key.startswith("variants.query"))
    query.set_value(5).run()
    assert "Row of “bank”" in captions(app)
    app.toggle(key="variants.shuffle").set_value(True).run()
    calm(app)
    shown = metrics(app)
    assert shown["Content to position: change in the row"] == "0.00"
    assert float(shown["Content to content: change in the row"]) > 0.1


def test_weights_of_a_checkpoint_take_the_place_of_random_ones(tmp_path, monkeypatch):
    from lessons.engine import registry
    from tests.checkpoints import FAMILIES, make

    make(FAMILIES["deberta-v3"], tmp_path / "deberta-v3")
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    app = opened("deberta")
    calm(app)
    assert "trained checkpoint" in captions(app)
    before = captions(app)
    app.slider(key="variants.deberta_layer").set_value(2).run()
    assert captions(app) != before
    app.toggle(key="variants.deberta_trained").set_value(False).run()
    assert "weights are random" in captions(app)


def test_the_window_and_the_token_change_what_is_seen():
    app = opened("modernbert")
    assert "sees 5 of 17" in captions(app)
    app.select_slider(key="variants.window").set_value(8).run()
    assert "sees 7 of 17" in captions(app)
    token = next(s for s in app.select_slider if s.key.startswith("variants.token"))
    token.set_value(8).run()
    assert "sees 9 of 17" in captions(app)


def test_prices_are_shown_three_ways_and_measured(at_once):
    app = opened("modernbert")
    assert "3.2 GB" in captions(app)
    app.segmented_control(key="variants.price").set_value("Milliseconds").run()
    assert "Measured at" not in captions(app)
    app.button(key="variants.timing.start").click().run()
    calm(app)
    assert "Measured at 512 tokens" in captions(app)


def test_a_student_is_taught_and_offered(at_once):
    app = opened("distilbert")
    app.select_slider(key="variants.temperature").set_value(4.0).run()
    app.segmented_control(key="variants.student").set_value("shared").run()
    app.pills(key="variants.terms").set_value(["soft", "cosine"]).run()
    app.select_slider(key="variants.steps").set_value(20).run()
    app.select_slider(key="variants.rate").set_value(1e-3).run()
    app.select_slider(key="variants.seed").set_value(3).run()
    app.button(key="variants.distil.start").click().run()
    calm(app)
    (run,) = at_once._runs.values()
    assert run.settings == {
        "student": "shared", "temperature": 4.0, "steps": 20, "learning_rate": 1e-3, "seed": 3,
        "soft": True, "masked": False, "cosine": True,
    }  # fmt: skip
    assert metrics(app)["In the layers alone"] == "1.8 M"
    go_to(app, SLUG, "two-models")
    assert any("distilled" in option for option in app.selectbox(key="variants.two_0").options)


def test_without_any_term_nothing_is_taught():
    app = opened("distilbert")
    app.pills(key="variants.terms").set_value([]).run()
    calm(app)
    assert "nothing to learn" in texts(app)


def picks_of(app):
    return next(p for p in app.pills if p.key.startswith("variants.picks"))


def test_before_any_run_a_recorded_student_and_detector_are_there():
    app = opened("distilbert")
    assert "was recorded on" in captions(app)
    assert "In the layers alone" in metrics(app)
    go_to(app, SLUG, "electra")
    assert "was recorded on" in captions(app)


def test_a_round_against_the_recorded_detector_then_against_ones_own(at_once):
    app = opened("electra")
    assert app.button(key="variants.check").disabled
    picks = picks_of(app)
    count = int(picks.label.split()[0])
    picks.set_value(list(range(1, count + 1))).run()
    app.button(key="variants.check").click().run()
    calm(app)
    assert "stood for" in texts(app)
    assert metrics(app)["You"].endswith(f"of {count}")
    before = metrics(app)["The detector"]
    assert before.endswith(f"of {count}")

    app.select_slider(key="variants.detector_steps").set_value(20).run()
    app.button(key="variants.electra.start").click().run()
    calm(app)
    (run,) = at_once._runs.values()
    assert run.settings == {"steps": 20}
    first = picks_of(app).key
    app.button(key="variants.next").click().run()
    picks = picks_of(app)
    assert picks.key != first
    picks.set_value(list(range(1, int(picks.label.split()[0]) + 1))).run()
    app.button(key="variants.check").click().run()
    calm(app)
    assert "The detector" in metrics(app)
    assert "the detector" in captions(app)


def test_the_learners_own_sentence_can_be_played():
    app = opened("electra")
    before = picks_of(app).options
    app.segmented_control(key="variants.source").set_value("yours").run()
    calm(app)
    assert picks_of(app).options != before
    short = opened("electra", **{"sentence.text": "Hi.", "variants.source": "yours"})
    assert "at least 5 whole words" in texts(short)


def test_the_table_is_counted_again(at_once):
    app = opened("table")
    assert len(app.dataframe[0].value) == len(family.family())
    app.button(key="variants.counting.start").click().run()
    calm(app)
    assert "every count agrees" in captions(app)


def test_every_question_of_the_chooser_can_change_its_answer():
    app = opened("chooser")
    for question, answer, model in (
        ("task", "search", "all-MiniLM-L6-v2"),
        ("task", "write", "None of these"),
        ("data", "none", "all-MiniLM-L6-v2"),
        ("machine", "phone", "ELECTRA-small"),
        ("latency", "tight", "DistilBERT"),
        ("language", "many", "XLM-R base"),
        ("length", "long", "ModernBERT-base"),
    ):
        assert app.subheader[0].value == "DeBERTa-v3-base"
        usual = app.segmented_control(key=f"variants.ask_{question}").value
        app.segmented_control(key=f"variants.ask_{question}").set_value(answer).run()
        calm(app)
        assert app.subheader[0].value == model
        app.segmented_control(key=f"variants.ask_{question}").set_value(usual).run()


def test_two_models_read_the_sentence():
    app = opened("two-models", **{"sentence.masks": (8,)})
    assert "no word to offer" in captions(app)
    assert "Not on this computer" in captions(app)
    app.selectbox(key="variants.two_1").set_value("minilm-mlm").run()
    calm(app)
    assert "no word to offer" not in captions(app)


def test_presenter_mode_gives_each_experiment_a_screen():
    for step, heading in (("roberta", "RoBERTa"), ("deberta", "DeBERTa"), ("chooser", "Which one")):
        app = opened(step, present=1)
        calm(app)
        (header,) = app.header
        assert header.value.startswith(heading)
