"""Lessons that look inside a layer, with models that `transformers` runs."""

import pytest

from lessons.catalog import find
from lessons.engine import registry
from tests.checkpoints import FAMILIES, make
from tests.opening import calm, go_to, open_page

OWN_FORM = "computes its attention in a form of its own"
OTHER_CODE = "does other steps than this code"
DISTANCES = "reads how far apart two tokens are"
NO_WORDS = "This needs a model that predicts words"

# What a family does not have is said in a sentence at these steps, and nowhere else.
LACKS = {
    "roberta": {},
    "albert": {},
    "distilbert": {},
    "electra-generator": {},
    "modernbert": {
        ("encoder_layer", "code"): OTHER_CODE,
        ("positions", "learned"): "it rotates queries and keys instead",
        ("inputs", "ablate"): "modernbert adds no position vectors",
    },
    "deberta-v3": {
        ("encoder_layer", "outliers"): "needs a model that predicts words",
        ("encoder_layer", "code"): OTHER_CODE,
        ("encoder_layer", "remove"): NO_WORDS,
        ("encoder_layer", "early-look"): NO_WORDS,
        ("positions", "order"): DISTANCES,
        ("positions", "learned"): "it scores distances instead",
        ("positions", "relatives"): OWN_FORM,
        ("inputs", "ablate"): "deberta-v3 adds no position vectors",
    },
    "mpnet": {
        ("encoder_layer", "code"): OTHER_CODE,
        ("positions", "order"): DISTANCES,
        ("positions", "relatives"): OWN_FORM,
    },
}


@pytest.mark.parametrize("name", LACKS)
def test_a_sentence_stands_only_where_a_family_lacks_the_thing(name, tmp_path, monkeypatch):
    make(FAMILIES[name], tmp_path / name)
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    session = {"sentence.model": name, "sentence.text": "The bank of the river was cold."}
    for slug in ("encoder_layer", "positions", "inputs"):
        app = open_page(slug, session)
        for step in find(slug).experiments:
            go_to(app, slug, step.slug)
            calm(app)
            expected = LACKS[name].get((slug, step.slug))
            found = [info.value for info in app.info]
            assert len(found) == (expected is not None), (slug, step.slug, found)
            if expected is not None:
                assert expected in found[0]
