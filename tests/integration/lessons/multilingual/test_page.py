"""The page of the lesson: every control changes what is shown."""

import pytest

from lessons.multilingual import transfer
from pages.ui import runner
from tests.finished_runs import FinishedRuns
from tests.opening import calm, open_page


def captions(app, part: str) -> list[str]:
    return [c.value for c in app.caption if part in c.value]


def test_a_closer_look():
    app = open_page("multilingual", step="english-eyes")
    calm(app)
    before = captions(app, "fit into one input")
    app.selectbox(key="multilingual.one").set_value("Finnish").run()
    assert captions(app, "fit into one input") != before
    assert "Lapset" in app.code[0].value or "Kissa" in app.code[0].value


def test_size_start_languages_and_own_text_change_the_mixture():
    app = open_page("multilingual", step="mixture")
    seen = [captions(app, "On average")]
    app.slider(key="multilingual.size").set_value(600).run()
    seen.append(captions(app, "On average"))
    app.segmented_control(key="multilingual.kind").set_value("characters").run()
    seen.append(captions(app, "On average"))
    app.pills(key="multilingual.languages").set_value(["English", "Greek"]).run()
    seen.append(captions(app, "On average"))
    app.text_area(key="multilingual.extra").set_value(
        "Die Katze schläft unter dem Tisch. " * 5
    ).run()
    seen.append(captions(app, "On average"))
    calm(app)
    assert all(len(said) == 1 for said in seen)
    assert len({said[0] for said in seen}) == len(seen)


def test_without_languages_it_says_what_to_do():
    app = open_page("multilingual", step="mixture")
    app.pills(key="multilingual.languages").set_value([]).run()
    calm(app)
    assert any("Choose a language" in info.value for info in app.info)


def test_the_recorded_run_follows_what_is_chosen():
    app = open_page("multilingual", step="transfer")
    calm(app)
    seen = [captions(app, "in the language of the examples")]
    app.select_slider(key="multilingual.shared").set_value(0).run()
    seen.append(captions(app, "in the language of the examples"))
    app.select_slider(key="multilingual.shared").set_value(3).run()
    app.segmented_control(key="multilingual.reads").set_value("the first alone").run()
    seen.append(captions(app, "in the language of the examples"))
    calm(app)
    assert all(len(said) == 1 for said in seen)
    assert len({said[0] for said in seen}) == 3
    assert captions(app, "was recorded on")


@pytest.fixture
def trained(tmp_path, monkeypatch):
    made = FinishedRuns(tmp_path, transfer.Transfer, steps=1)
    monkeypatch.setattr(runner, "runs", lambda: made)
    return made


def test_what_is_chosen_reaches_the_run(trained):
    app = open_page("multilingual", step="transfer")
    app.select_slider(key="multilingual.shared").set_value(1).run()
    app.number_input(key="multilingual.seed").set_value(5).run()
    app.button(key="multilingual.start").click().run()
    calm(app)
    (run,) = trained._runs.values()
    assert (run.settings["shared"], run.settings["seed"]) == (1, 5)
    assert any("Words that both share: pizza, piano" in m.value for m in app.markdown)
