"""Integrated gradients on labels: they add up, and follow the label that is asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lessons.engine import load_model, registry
from lessons.engine.reasons import of_a_model, probabilities, reasons
from lessons.fine_tuning import figures
from lessons.fine_tuning.reasons import describe, tagged
from tests.shapes import OPENED

TEXT = "The bank of the river was cold."


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    return tmp_path


@pytest.mark.parametrize("name", ["bert classifier", "modernbert classifier", "bert tagger"])
def test_what_the_words_add_makes_up_the_difference(name: str, root: Path) -> None:
    OPENED[name].write(root / name)
    model = load_model(name)
    classifier = of_a_model(model)
    encoding = model.encode(TEXT)
    found = probabilities(classifier, encoding)
    np.testing.assert_allclose(found, model.label_probabilities(encoding), atol=1e-6)
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-5)
    token = 2
    shares: list[float] = []
    whys = [reasons(classifier, encoding, label, token, shares.append) for label in range(3)]
    assert shares[-1] == 1
    own = list(whys[0].own)
    masked = model.masked(encoding, own)
    one, blank = (
        np.log(p[token] if classifier.labels.per == "token" else p)
        for p in (found, probabilities(classifier, masked))
    )
    for label, why in enumerate(whys):
        assert why.gap == pytest.approx(float(one[label] - blank[label]), abs=1e-3)
        # A path of 24 steps through a random model is coarse; it still is no other number.
        assert why.sum == pytest.approx(why.gap, abs=0.35 * max(1.0, abs(why.gap)))
        outside = [i for i in range(len(encoding)) if i not in own]
        np.testing.assert_array_equal(why.values[outside], 0)
        assert why.label in describe(why)
        assert len(figures.reason_bars(why.words, why.label, score=why.score).data[0].x) == len(own)
    assert np.abs(whys[0].values - whys[1].values).max() > 1e-3


def test_tags_stand_at_words(root: Path) -> None:
    OPENED["bert tagger"].write(root / "tagger")
    model = load_model("tagger")
    encoding = model.encode("unhappiness walks")
    found = model.label_probabilities(encoding)
    words = tagged(("cold", "warm", "hot"), found, encoding)
    assert [word for word, _ in words] == ["unhappiness", "walks"]
    first = [encoding.word_ids.index(i) for i in (0, 1)]
    assert [tag for _, tag in words] == [
        ("cold", "warm", "hot")[int(found[i].argmax())] for i in first
    ]
