"""Which word to hide when nobody has chosen one."""

from lessons.engine.gaps import longest_word
from lessons.engine.model import BertModel


def test_the_longest_whole_word_is_hidden(mlm: BertModel) -> None:
    encoding = mlm.encode("An unhappiness vanished.")
    position = longest_word(encoding)
    assert position is not None
    assert encoding.tokens[position] == "vanished"


def test_only_the_first_tokens_are_looked_at(mlm: BertModel) -> None:
    encoding = mlm.encode("A red cat disappeared.")
    assert longest_word(encoding, within=4) == 2
    assert longest_word(encoding) == 4


def test_a_text_without_words_has_none(mlm: BertModel) -> None:
    assert longest_word(mlm.encode("☃ ☃")) is None
