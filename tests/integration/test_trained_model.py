"""The model that the gym trains by its default settings opens in every lesson and at every step."""

import pytest

from lessons.catalog import catalog
from lessons.engine import add_trained, load_model, registry
from lessons.pretraining.settings import checked
from lessons.pretraining.training import PreTraining
from pages.ui.links import PLAYGROUNDS
from tests.opening import calm, go_to, open_page

NAME = "toy-of-this-test"
STEPS = 30  # less than the gym's, so that it is soon done; its shape and its words are the same


@pytest.fixture(scope="module")
def sentence(tmp_path_factory):
    """A sentence in the words of the model, which is trained and made known."""
    folder = tmp_path_factory.mktemp("gym") / "model"
    trained = PreTraining(checked({}).to_dict())
    for _ in range(STEPS):
        trained.step()
    trained.save(folder)
    add_trained(NAME, folder, "My model")
    yield next(probe.text for probe in trained.corpus.probes).replace("[MASK]", "").strip()
    registry._trained.pop(NAME)
    registry._loaded.pop(NAME, None)


def test_it_answers_what_lessons_ask(sentence):
    model = load_model(NAME)
    trace = model.trace(sentence)
    assert len(trace.tokens) > 3
    assert trace.num_layers == checked({}).layers
    assert trace.num_heads == checked({}).heads
    assert model.fill_mask(f"{sentence} [MASK]")[0]


@pytest.mark.parametrize("slug", ["home", *PLAYGROUNDS, *(lesson.slug for lesson in catalog())])
def test_it_opens_everywhere(slug, sentence):
    app = open_page(slug, {"sentence.text": sentence, "sentence.model": NAME})
    calm(app)
    for lesson in catalog():
        if lesson.slug == slug:
            for step in lesson.experiments[1:]:
                go_to(app, slug, step.slug)
                calm(app)
    assert app.session_state["sentence.model"] == NAME
