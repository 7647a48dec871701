"""Every page with models of one and two layers, as the gym trains them, and with other shapes."""

from lessons.catalog import catalog
from pages.ui.links import PLAYGROUNDS
from tests.checkpoints import make_bert
from tests.conftest import share
from tests.opening import calm, go_to, open_page
from tests.shapes import OPENED

OTHERS = ("no mask", "roberta", "one segment", "deberta-v3", "16 positions")
EVERY = ["home", *PLAYGROUNDS, *(lesson.slug for lesson in catalog())]


def pytest_generate_tests(metafunc):
    metafunc.parametrize("slug", share(metafunc.config, "small models", EVERY, len(EVERY) // 2))


def test_a_page_is_calm_with_one_layer_and_with_two(slug, tmp_path, monkeypatch):
    for layers in (1, 2):
        make_bert(tmp_path / f"small{layers}", num_hidden_layers=layers)
    monkeypatch.setenv("INSIDE_BERT_MODELS", str(tmp_path))
    steps = {lesson.slug: lesson.experiments for lesson in catalog()}.get(slug, ())
    for name in ("small1", "small2"):
        session = {"sentence.model": name, "sentence.text": "the bank of river was cold"}
        app = open_page(slug, session)
        calm(app)
        for step in steps[1:]:
            calm(go_to(app, slug, step.slug))


def test_a_page_is_calm_with_another_shape(slug, chance, tmp_path, monkeypatch):
    """Each page with one of `OTHERS`, drawn by the seed."""
    name = chance.choice(OTHERS)
    OPENED[name].write(tmp_path / "other")
    monkeypatch.setenv("INSIDE_BERT_MODELS", str(tmp_path))
    steps = {lesson.slug: lesson.experiments for lesson in catalog()}.get(slug, ())
    app = open_page(
        slug, {"sentence.model": "other", "sentence.text": "the bank of river was cold"}
    )
    calm(app)
    for step in steps[1:]:
        calm(go_to(app, slug, step.slug))
