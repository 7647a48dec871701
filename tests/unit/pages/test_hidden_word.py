"""The word that lessons hide is a word, wherever the masks of a shorter input have come to lie."""

from types import SimpleNamespace

from lessons.engine import load_model
from pages.ui.hidden_word import with_a_gap


def test_a_mask_never_lands_on_a_separator():
    model = load_model("minilm-mlm")
    encoding = model.encode("the cat sat " * 200, "It was late.")  # cut: A ends before place 511
    separator = encoding.tokens.index("[SEP]")
    sentence = SimpleNamespace(masks=(3, separator), selected=None, text="the cat sat")
    page = SimpleNamespace(model=lambda: model, sentence=sentence)
    found, gap = with_a_gap(page, encoding)
    assert gap == 3
    assert found.tokens[3] == "[MASK]"
    assert found.tokens[separator] == "[SEP]"
