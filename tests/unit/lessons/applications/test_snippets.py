"""The code that the page shows runs as shown: on the bundled model where it names that one, and
with small untrained models in place of other downloads."""

import re

import pytest
import torch
import transformers

from lessons.applications import compute
from lessons.engine.registry import minilm_folder

SMALL = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
}  # fmt: skip


def run(name, capsys):
    space: dict = {}
    exec(compile(compute.snippet(name), f"{name}.py", "exec"), space)
    return space, capsys.readouterr().out.strip().splitlines()


@pytest.fixture
def bundled(monkeypatch):
    """The hub's name of MiniLM leads to the installed folder."""
    for auto in (transformers.AutoModel, transformers.AutoTokenizer):
        real = auto.from_pretrained

        def load(name, real=real, **kwargs):
            assert name == "sentence-transformers/all-MiniLM-L6-v2"
            return real(str(minilm_folder()), **kwargs)

        monkeypatch.setattr(auto, "from_pretrained", load)


@pytest.fixture
def small(monkeypatch):
    """`from_pretrained` gives a small untrained BERT and a tokenizer of a few words."""
    text = " ".join(compute.snippet(name) for name in ("slips", "answers"))
    words = sorted({word.casefold() for word in re.findall(r"[A-Za-z]+", text)})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, ".", "?"]
    tokenizer = transformers.BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)})
    monkeypatch.setattr(
        transformers.AutoTokenizer, "from_pretrained", lambda name, **kwargs: tokenizer
    )
    for auto, real in (
        ("AutoModelForMaskedLM", transformers.BertForMaskedLM),
        ("AutoModelForQuestionAnswering", transformers.BertForQuestionAnswering),
    ):

        def build(name, real=real, **kwargs):
            torch.manual_seed(0)
            return real(transformers.BertConfig(vocab_size=len(vocabulary), **SMALL))

        monkeypatch.setattr(getattr(transformers, auto), "from_pretrained", build)


def test_search_finds_the_onions_and_agrees_with_our_engine(bundled, capsys):
    space, said = run("search", capsys)
    assert len(said) == 3
    assert "Onions" in said[0]
    from lessons.engine import load_model

    ours = compute.vectors(load_model("minilm"), space["passages"])
    assert torch.allclose(space["vectors"], torch.from_numpy(ours), atol=1e-4)


def test_summary_is_as_long_as_asked(capsys):
    space, (said,) = run("summary", capsys)
    kept = [sentence for sentence in space["sentences"] if sentence in said]
    assert said == " ".join(kept)
    assert len(kept) == space["length"]


def test_slips_has_a_line_for_every_word(small, capsys):
    space, said = run("slips", capsys)
    assert [line.split(":")[0] for line in said] == ["please", "close", "the", "widow"]
    assert all(re.search(r": \d+\.\d bits, expected ", line) for line in said)
    assert (space["masked"] == space["tokenizer"].mask_token_id).sum(dim=1).tolist() == [1] * 4


def test_an_answer_is_a_stretch_of_the_paragraph(small, capsys):
    space, (said,) = run("answers", capsys)
    assert said
    assert said in space["paragraph"]


def test_sorting_knows_a_complaint(capsys):
    _, said = run("sort", capsys)
    assert said[0].startswith("cross-validated: 0.")
    assert said[1] == "['complaint' 'praise']"
