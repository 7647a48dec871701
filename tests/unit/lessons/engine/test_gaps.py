"""Which word to hide when nobody has chosen one."""

from lessons.engine.gaps import good_questions, longest_word
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


def asked(model: BertModel, text: str, pair: str | None = None) -> list[str]:
    encoding = model.encode(text, pair)
    return [
        "".join(encoding.tokens[i].removeprefix("##") for i in word)
        for word in good_questions(model, encoding)
    ]


def test_the_best_question_is_neither_certain_nor_hopeless(mlm: BertModel) -> None:
    encoding = mlm.encode("My grandmother baked a cake for my birthday.")
    best, *others = good_questions(mlm, encoding)

    def doubt(word: tuple[int, ...]) -> float:
        (row,) = mlm.token_probabilities([mlm.masked(encoding, word)], [list(word)])
        return abs(float(row[encoding.input_ids[word[0]]]) - 0.5)

    assert others
    assert all(doubt(best) <= doubt(other) for other in others)


def test_small_words_are_asked_for_where_there_are_no_others(mlm: BertModel) -> None:
    assert "the" not in asked(mlm, "The cat slept on the warm roof.")
    assert set(asked(mlm, "He is as I am.")) == {"he", "is", "as", "i", "am"}


def test_a_word_of_many_pieces_is_hidden_as_a_whole(mlm: BertModel) -> None:
    assert "unhappiness" in asked(mlm, "Unhappiness vanished.")


def test_typed_masks_marks_and_signs_are_no_questions(mlm: BertModel) -> None:
    assert asked(mlm, "☃ ☃ !") == []
    assert asked(mlm, "[MASK] slept .") == ["slept"]


def test_only_the_beginning_of_a_long_text_is_asked_for(mlm: BertModel) -> None:
    encoding = mlm.encode("The weather was lovely yesterday. " * 60, "Another sentence.")
    found = good_questions(mlm, encoding)
    assert found
    assert max(i for word in found for i in word) < 64
    assert all(encoding.sentence_ids[word[0]] == 0 for word in found)
