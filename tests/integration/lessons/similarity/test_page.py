"""The lesson's page without a browser: every control changes what is shown."""

import pytest
from streamlit.testing.v1 import AppTest

from lessons.similarity import compute, training
from pages.ui import guesses, runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, guess, open_page, veil

PAIR = {"sentence.text": "Our team won the match.", "sentence.pair": "We beat the other side."}


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def said(app: AppTest, start: str) -> str:
    return next(caption.value for caption in app.caption if caption.value.startswith(start))


def test_the_scores_follow_the_pair():
    app = open_page("similarity", PAIR, step="pair")
    calm(app)
    before = said(app, "Compares sentences · mean:")
    app.text_input(key="sentence.pair").set_value("The soup is cold.").run()
    assert said(app, "Compares sentences · mean:") != before


def test_without_a_second_sentence_there_is_a_stand_in():
    app = open_page("similarity", step="pair")
    assert compute.stand_in() in captions(app)
    app.button(key="similarity.preset4").click().run()
    assert app.text_input(key="sentence.pair").value == compute.pairs()[4].second
    assert compute.stand_in() not in captions(app)


def test_models_wait_for_the_ratings_and_then_speak():
    app = open_page("similarity", PAIR, step="rate")
    assert "all of them. The models wait." in captions(app)
    places = compute.deal()
    for i, place in enumerate(places[:-1]):
        app.segmented_control(key=f"similarity.rating.{place}").set_value(float(i % 6))
    app.button(key="similarity.reveal").click().run()
    assert "Still to rate: 8." in captions(app)
    app.segmented_control(key=f"similarity.rating.{places[-1]}").set_value(5.0)
    app.button(key="similarity.reveal").click().run()
    calm(app)
    first = said(app, "Over 8 pairs, the order of")
    assert "closest to yours" in first
    for place in places:
        app.segmented_control(key=f"similarity.rating.{place}").set_value(
            compute.pairs()[place].score // 1
        )
    app.button(key="similarity.reveal").click().run()
    assert said(app, "Over 8 pairs, the order of") != first
    assert "Your order and ours have" in captions(app)
    app.selectbox(key="similarity.method").set_value("Shared words").run()
    calm(app)
    app.button(key="similarity.redeal").click().run()
    assert "The models wait." in captions(app)


def test_equal_ratings_have_no_order():
    session = {f"similarity.rating.{place}": 3.0 for place in compute.deal()}
    app = open_page("similarity", PAIR | session, step="rate")
    calm(app)
    assert "All ratings are the same" in captions(app)


def test_pairs_with_and_without_a_trap():
    app = open_page("similarity", PAIR, step="cls")
    assert f"Over {len(compute.pairs())} pairs" in captions(app)
    app.segmented_control(key="similarity.pairs").set_value("with a trap").run()
    traps = sum(bool(pair.trap) for pair in compute.pairs())
    assert f"Over {traps} pairs" in captions(app)


def test_lists_methods_and_groups_change_the_matrix():
    app = open_page("similarity", PAIR, step="matrix")
    start = "12 sentences in 4 groups by Compares sentences · mean"
    seen = {said(app, start)}
    app.slider(key="similarity.groups").set_value(3).run()
    seen.add(said(app, "12 sentences in 3 groups"))
    app.selectbox(key="similarity.scored_by").set_value("Predicts words · [CLS]").run()
    seen.add(said(app, "12 sentences in 3 groups by Predicts words · [CLS]"))
    app.toggle(key="similarity.mine").set_value(True).run()
    seen.add(said(app, "13 sentences"))
    app.selectbox(key="similarity.list").set_value("What a shop hears").run()
    seen.add(said(app, "13 sentences"))
    assert len(seen) == 5


def test_sentences_of_ones_own_are_grouped():
    app = open_page("similarity", PAIR, step="matrix")
    app.selectbox(key="similarity.list").set_value("Your own").run()
    assert any("Three sentences are the least" in info.value for info in app.info)
    app.text_area(key="similarity.lines").set_value(
        "Cats purr.\nDogs bark.\nStocks fell.\nBonds rose."
    ).run()
    assert "4 sentences in 4 groups" in captions(app)
    app.text_area(key="similarity.lines").set_value("\n".join(f"line {i}" for i in range(99))).run()
    calm(app)
    assert "39 lines beyond 60" in captions(app)


@pytest.mark.parametrize("step", ["pair", "rate", "cls", "contrast", "matrix"])
def test_any_pair_has_a_calm_answer(step):
    app = open_page("similarity", step=step)
    for text in ("", "[MASK]", "<b>x</b>", "x" * 5000, "word " * 2000, "👩‍👩‍👧"):
        app.text_input(key="sentence.text").set_value(text)
        app.text_input(key="sentence.pair").set_value(text)
        calm(app.run())
        assert app.text_input(key="sentence.pair").value == text


@pytest.fixture
def trained(tmp_path, monkeypatch, few_partners):
    made = FinishedRuns(tmp_path, training.Contrast, steps=1)
    monkeypatch.setattr(runner, "runs", lambda: made)
    yield made
    from streamlit import cache_resource

    cache_resource.clear()


def test_before_any_run_the_recorded_one_is_shown_and_follows_the_preset():
    app = open_page("similarity", PAIR, step="contrast")
    calm(app)
    assert "was recorded on" in captions(app)
    usual = said(app, "Over all held-out pairs")
    assert "collapsed" not in usual
    app.pills(key="similarity.preset").set_value("collapse").run()
    calm(app)
    assert app.toggle(key="similarity.train.negatives").value is False
    assert "collapsed" in said(app, "Over all held-out pairs")


def test_every_look_at_a_run_says_something_else():
    app = open_page("similarity", PAIR, step="contrast")
    seen = {said(app, "Over all held-out pairs")}
    for look, start in (
        ("Partners found", "Of 100 held-out sentences"), ("Spread", "Alignment"),
        ("Your sentences", "Before any training on pairs your two sentences"),
    ):  # fmt: skip
        app.segmented_control(key="similarity.look").set_value(look).run()
        calm(app)
        seen.add(said(app, start))
    assert len(seen) == 4


def test_own_sentences_stand_before_and_after_ones_own_run(trained):
    app = open_page("similarity", PAIR, {"similarity.look": "Your sentences"}, step="contrast")
    before = said(app, "Before any training on pairs")
    app.text_input(key="sentence.pair").set_value("The soup is cold.").run()
    assert said(app, "Before any training on pairs") != before
    app.select_slider(key="similarity.train.batch_size").set_value(8).run()
    app.button(key="similarity.start").click().run()
    calm(app)
    (run,) = trained._runs.values()
    assert run.settings["batch_size"] == 8
    after = said(app, "Your two sentences:")
    app.text_area(key="similarity.own_lines").set_value("Cats purr.\nDogs bark.").run()
    calm(app)
    assert said(app, "Your two sentences:") != after


def test_the_guess_at_the_training_is_resolved(trained):
    app = guess(open_page("similarity", PAIR, step="contrast", veiled=True), "similarity",
                "contrast", 60.0)  # fmt: skip
    app.button(key="similarity.start").click().run()
    (run,) = trained._runs.values()
    assert app.session_state[guesses.RUNS] == {run.id: 60.0}
    assert veil(app)["guess"] == 60.0
