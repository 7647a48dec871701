"""Text to tokens: any string has an answer, and every piece knows its characters."""

from __future__ import annotations

import numpy as np
import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.engine import load_model
from lessons.engine.model import BertModel
from lessons.engine.registry import minilm_folder
from lessons.engine.tokenizer import batches, longest_first, pieces_of

ANY_TEXT = st.lists(
    st.characters(codec=None) | st.sampled_from(["[MASK]", "[SEP]", " ", "a", "é", "\ud83d"])
).map("".join)


@pytest.fixture(scope="module")
def library() -> transformers.PreTrainedTokenizerFast:
    return transformers.AutoTokenizer.from_pretrained(minilm_folder())


def test_pieces_and_where_they_stand(mlm: BertModel) -> None:
    text = "Unhappiness, Café!"
    encoding = mlm.encode(text)
    assert encoding.tokens == (
        "[CLS]", "un", "##ha", "##pp", "##iness", ",", "cafe", "!", "[SEP]",
    )  # fmt: skip
    assert encoding.offsets == (
        None, (0, 2), (2, 4), (4, 6), (6, 11), (11, 12), (13, 17), (17, 18), None,
    )  # fmt: skip
    assert encoding.word_ids == (None, 0, 0, 0, 0, 1, 2, 3, None)
    assert encoding.sentence_ids == (None, *[0] * 7, None)
    assert encoding.n_cut == 0
    assert len(encoding) == 9


def test_pair(mlm: BertModel) -> None:
    encoding = mlm.encode("One [MASK] two", "Three, four")
    assert encoding.tokens == (
        "[CLS]", "one", "[MASK]", "two", "[SEP]", "three", ",", "four", "[SEP]",
    )  # fmt: skip
    assert encoding.sentence_ids == (None, 0, 0, 0, None, 1, 1, 1, None)
    assert encoding.word_ids == (None, 0, 1, 2, None, 3, 4, 5, None)
    assert encoding.token_type_ids.tolist() == [0] * 5 + [1] * 4
    assert encoding.offsets[2] == (4, 10)
    assert encoding.offsets[5:8] == ((0, 5), (5, 6), (7, 11))


def test_mask_typed_by_hand_is_the_mask(mlm: BertModel) -> None:
    ids = mlm.encode("a [MASK]b[MASK] [mask]").input_ids.tolist()
    assert ids.count(mlm.mask_token_id) == 2  # lower case is not the mask token
    assert mlm.mask_token == "[MASK]"


def test_special_ids(mlm: BertModel) -> None:
    assert mlm.special_ids == {0, 100, 101, 102, 103}


@given(text=ANY_TEXT, pair=st.none() | ANY_TEXT)
@settings(max_examples=150, deadline=None)
def test_any_string_at_all(text: str, pair: str | None) -> None:
    encoding = load_model("minilm-mlm").encode(text, pair)
    assert len(encoding) <= 512
    for offsets, sentence in zip(encoding.offsets, encoding.sentence_ids, strict=True):
        assert (offsets is None) == (sentence is None)
        if offsets is not None:
            source = pair if sentence else text
            assert source is not None
            assert 0 <= offsets[0] < offsets[1] <= len(source)
            assert source[slice(*offsets)].strip() == source[slice(*offsets)]


@given(text=st.text(max_size=200), pair=st.none() | st.text(min_size=1, max_size=200))
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_library(
    library: transformers.PreTrainedTokenizerFast, text: str, pair: str | None
) -> None:
    expected = library(text, pair, return_offsets_mapping=True)
    encoding = load_model("minilm-mlm").encode(text, pair)
    assert encoding.input_ids.tolist() == expected["input_ids"]
    assert encoding.token_type_ids.tolist() == expected["token_type_ids"]
    offsets = [span or (0, 0) for span in encoding.offsets]
    assert offsets == [tuple(span) for span in expected["offset_mapping"]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \t\r\n\u3000", []),
        ("\x00\x01\x7f\ufffd\u200b\u200d\ufeff", []),
        ("a\x00b", ["ab"]),
        ("\ud83d", []),
        ("x\udcffy", ["x", "##y"]),
        ("👩\u200d👩\u200d👧", ["[UNK]"]),
        ("<b>&amp;</b>", ["<", "b", ">", "&", "amp", ";", "<", "/", "b", ">"]),
        ("a\r\nb", ["a", "b"]),
        ("z" * 101, ["[UNK]"]),
        ("北京", ["北", "京"]),
    ],
)
def test_hostile_text(mlm: BertModel, text: str, tokens: list[str]) -> None:
    assert list(mlm.encode(text).tokens) == ["[CLS]", *tokens, "[SEP]"]
    trace = mlm.trace(text)
    assert np.isfinite(trace.hidden_states).all()
    assert mlm.fill_mask(text) == []
    assert np.isfinite(mlm.embed([text])).all()


def test_offsets_count_the_characters_as_typed(mlm: BertModel) -> None:
    """Also behind a half character, a combining accent, and an emoji of several code points."""
    text = "a\ud800 👩\u200d👧 cafe\u0301 bank"
    encoding = mlm.encode(text)
    assert encoding.offsets[-2] == (text.index("bank"), len(text))
    start, end = encoding.offsets[-3] or (0, 0)
    assert text[start:end] in ("cafe", "cafe\u0301")


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "x" * 100_000, "e\u0301" * 50_000, "漢" * 100_000, "[MASK]" * 16_667]
)
def test_hundred_thousand_characters(mlm: BertModel, text: str) -> None:
    encoding = mlm.encode(text)
    assert len(encoding) <= 512
    assert encoding.tokens[-1] == "[SEP]"
    whole = mlm.tokenizer.encode(text, add_special_tokens=False)
    assert encoding.n_cut == len(whole) - (len(encoding) - 2)


def test_cut_keeps_the_end_marks(mlm: BertModel) -> None:
    encoding = mlm.encode("bank " * 600)
    assert (len(encoding), encoding.n_cut) == (512, 90)
    pair = mlm.encode("one " * 300, "two " * 400)
    assert (len(pair), pair.n_cut) == (512, 700 - 509)
    assert [i for i, token in enumerate(pair.tokens) if token == "[SEP]"] == [255, 511]


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ((3, 4), (3, 4)),
        ((2, 30), (2, 8)),
        ((30, 2), (8, 2)),
        ((30, 30), (5, 5)),
        ((0, 30), (0, 10)),
        ((30, 0), (10, 0)),
        ((5, 6), (5, 5)),
    ],
)
def test_the_longer_sentence_gives_way(lengths: tuple[int, int], kept: tuple[int, int]) -> None:
    assert longest_first(*lengths, 10) == kept


@given(first=st.integers(0, 40), second=st.integers(1, 40), room=st.integers(3, 40))
@settings(max_examples=100, deadline=None)
def test_cuts_where_the_library_cuts(
    library: transformers.PreTrainedTokenizerFast, first: int, second: int, room: int
) -> None:
    expected = library(
        "one " * first, "two " * second, truncation="longest_first", max_length=room + 3
    )["input_ids"]
    one, two = (library.convert_tokens_to_ids(word) for word in ("one", "two"))
    assert (expected.count(one), expected.count(two)) == longest_first(first, second, room)


def test_pieces_of_a_span(mlm: BertModel) -> None:
    encoding = mlm.encode("The unhappiness grows", "the other")
    assert pieces_of(encoding, (4, 15)) == [2, 3, 4, 5]
    assert pieces_of(encoding, (5, 6)) == [2]  # part of a piece is enough
    assert pieces_of(encoding, (4, 9), sentence=1) == [9]
    for span in ((3, 4), (7, 7), (90, 99), (9, 4)):
        with pytest.raises(ValueError, match="no token"):
            pieces_of(encoding, span)


def test_replaced_and_padded(mlm: BertModel) -> None:
    encoding = mlm.encode("the river bank")
    masked = mlm.masked(encoding, [2])
    assert masked.tokens == ("[CLS]", "the", "[MASK]", "bank", "[SEP]")
    assert masked.input_ids[2] == 103
    assert masked.offsets == encoding.offsets
    assert encoding.tokens[2] == "river"  # the original is as it was
    padded = mlm.padded(masked, 7)
    assert padded.tokens[-2:] == ("[PAD]", "[PAD]")
    assert padded.attention_mask.tolist() == [1] * 5 + [0] * 2
    assert len(padded.offsets) == len(padded.word_ids) == len(padded.sentence_ids) == 7
    assert len(mlm.padded(encoding, 3)) == 5


def test_batches_hold_similar_lengths() -> None:
    found = list(batches([9, 1, 8, 2, 7], 2))
    assert found == [[1, 3], [4, 2], [0]]
    assert list(batches([], 2)) == []


@pytest.mark.usefixtures("local_models")
def test_words_and_pieces_as_a_person_reads_them(mlm: BertModel) -> None:
    assert mlm.word_id("river") == mlm.tokenizer.token_to_id("river")
    assert [mlm.readable(piece) for piece in ("river", "##ing", "[MASK]", "no such piece")] == [
        "river", "##ing", "[MASK]", "no such piece",
    ]  # fmt: skip
    for word in ("unhappiness", "", " ", "two words", "[MASK]", "\ud800", "👧"):
        assert mlm.word_id(word) is None

    for name, piece in (("roberta", "Ġriver"), ("xlm-roberta", "▁the"), ("modernbert", "Ġriver")):
        model = load_model(name)
        word = piece[1:]
        assert model.tokenizer.id_to_token(model.word_id(word) or 0) == piece
        assert model.readable(piece) == word
    assert load_model("roberta").word_id("unspringiness") is None
