"""The code that the page shows runs as shown: with small models in place of the downloads."""

import re

import pytest
import torch
import transformers

from lessons.fine_tuning import compute

SMALL = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
}  # fmt: skip
MODELS = {
    "AutoModelForSequenceClassification": transformers.BertForSequenceClassification,
    "AutoModelForTokenClassification": transformers.BertForTokenClassification,
    "AutoModelForQuestionAnswering": transformers.BertForQuestionAnswering,
}


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """`from_pretrained` gives a small untrained BERT and a tokenizer of a few words."""
    text = " ".join(compute.snippet(name) for name in ("classify", "tokens", "span"))
    words = sorted({word.casefold() for word in re.findall(r"[A-Za-z]+", text)})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, ".", "?", ","]
    (tmp_path / "vocab.txt").write_text("\n".join(vocabulary))
    tokenizer = transformers.BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)})
    monkeypatch.setattr(
        transformers.AutoTokenizer, "from_pretrained", lambda name, **kwargs: tokenizer
    )
    for auto, real in MODELS.items():

        def build(name, real=real, **kwargs):
            torch.manual_seed(0)
            return real(transformers.BertConfig(vocab_size=len(vocabulary), **SMALL, **kwargs))

        monkeypatch.setattr(getattr(transformers, auto), "from_pretrained", build)


@pytest.mark.parametrize("name", ["classify", "freeze", "tokens", "span"])
def test_snippet_runs(offline, name, capsys):
    space: dict = {}
    exec(compile(compute.snippet(name), f"{name}.py", "exec"), space)
    said = capsys.readouterr().out.strip()
    assert said
    model = space["model"]
    if name == "classify":
        assert len(eval(said)) == 2
        assert set(eval(said)) <= set(space["LABELS"])
    if name == "freeze":
        layers = model.bert.encoder.layer
        assert not any(p.requires_grad for p in layers[0].parameters())
        assert all(p.requires_grad for p in layers[1].parameters())
        assert model.classifier.weight.requires_grad
        assert not layers[0].training
        assert layers[1].training
    if name == "tokens":
        assert len(eval(said)) == 5
        assert set(eval(said)) <= set(space["TAGS"])
    if name == "span":
        pieces = space["batch"].tokens(0)
        first, last = int(space["start"]), int(space["end"])
        assert pieces[first : last + 1] == ["behind", "the", "bakery"]
        asked = space["asked"]
        given = asked.tokens(0)[space["first"] : space["last"] + 1]
        assert said.replace(" ", "") == "".join(given)
        assert set(asked.sequence_ids(0)[space["first"] : space["last"] + 1]) == {1}
    if name != "freeze":
        assert space["loss"].isfinite()
