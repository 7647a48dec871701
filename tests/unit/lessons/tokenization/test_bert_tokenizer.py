"""The tokenizer written out in the lesson, against transformers' own."""

from __future__ import annotations

import random
import sys
import unicodedata
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.tokenization.bert_tokenizer import (
    LONGEST_WORD,
    UNK,
    bert_vocabulary,
    is_punctuation,
    is_space,
    longest_bert_piece,
    longest_match,
    normalize,
    tokenize,
    wordpiece,
)


@cache
def reference(cased: bool = False):
    from transformers import BertTokenizerFast

    return BertTokenizerFast(vocab=dict(bert_vocabulary()), do_lower_case=not cased)


LINE_ENDS = "first\r\nsecond\rthird\nfourth\u2028fifth\u2029sixth\x0bseventh\x0ceighth\x85ninth"

HAND_PICKED = [
    "",
    " ",
    "\t\n\r ",
    "Hello, world!",
    "unhappiness",
    "unaffable",
    "The quick brown fox jumps over the lazy dog.",
    "It's O'Neill's co-worker—isn't it?",
    "$3.50 + 20% = £4.20; 1,000,000 e-mails/day @ 37.5°C ^_^ `code` ~tilde|pipe <tag> a=b",
    "e.g. U.S.A., Ph.D., www.example.org, me@example.org, #hashtag, C++ & C#, snake_case",
    "camelCaseWords SHOUTING MiXeD 3rd 21st x2y",
    # accents, composed and decomposed, ligatures, letters that lower-case to two
    "naïve café Zoë Ångström über piñata crème brûlée",
    "nai\u0308ve cafe\u0301 Zoe\u0308 A\u030angstro\u0308m u\u0308ber",
    "e\u0301\u0302\u0303 stacked a\u0323\u0301 and reversed a\u0301\u0323",
    "\u0301 alone, \u0301\u0301\u0301 thrice, x \u0301y",
    "İstanbul Iğdır ısı İİ ŞÇĞÜÖ",
    "Straße STRASSE ẞ ﬁne ﬂow ǅ Ǆ ŉ",
    "ΑΣ ΟΔΥΣΣΕΥΣ σς Ὀδυσσεύς ᾳ",
    "Đặng Thị Tuyết Trẻ em đang đọc sách trong vườn",
    "Łódź Čeština žluťoučký kůň Øresund æther œuvre ð þ",
    "Ω Ω Å K",  # ohm, ångström and kelvin signs among letters
    # Cyrillic, Armenian, Georgian, Hebrew, Arabic, Indic, Thai, Lao, Khmer, Burmese, Tibetan …
    "Дети читают книги в саду. Ёлка, йод, Їжак",
    "Երեխաները գիրք են կարդում։ ქართული ენა",
    "הילדים קוראים ספרים בגינה שָׁלוֹם",
    "الأطفال يقرؤون الكتب في الحديقة، مُحَمَّد ٣٤٥؟",
    "بچه‌ها در باغ کتاب می‌خوانند",
    "बच्चे बगीचे में किताबें पढ़ रहे हैं। क़ ख़",
    "শিশুরা বাগানে বই পড়ছে। தமிழ் తెలుగు ಕನ್ನಡ മലയാളം",
    "เด็ก ๆ กำลังอ่านหนังสืออยู่ในสวน",
    "ພາສາລາວ ភាសាខ្មែរ မြန်မာဘာသာ བོད་ཡིག",
    "አማርኛ ᐃᓄᒃᑎᑐᑦ ᏣᎳᎩ ᚠᚢᚦ",
    # Chinese, Japanese, Korean; composed and decomposed Hangul; rare blocks
    "孩子们在花园里看书。",
    "子どもたちは庭で本を読んでいます。がぎぐ ガ ﾊﾟ",
    "아이들이 정원에서 책을 읽고 있다. 한국어",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8 decomposed",
    "mixed漢字and English語words",
    "\U00020000\U0002a6df\U0002a700\U0002b73f\U0002b740\U0002b81f\U0002b820\U0002b91f\U0002b920",
    "\uf900\ufaff\U0002f800\U0002fa1f\u3400\u4dbf\u4e00\u9fff㐀〇々",
    "ＦＵＬＬ　ｗｉｄｔｈ！",
    # emoji, joiners, flags, skin tones, variation selectors, keycaps
    "I ❤️ NY 😀",
    "family 👨‍👩‍👧‍👦 and 👩🏽‍🚀!",
    "flags 🇩🇪🇹🇷 keycap 3️⃣ rainbow 🏳️‍🌈",
    "good😀morning 😀😀 x😀",
    # zero-width and control characters, bidirectional marks, byte order mark, soft hyphen
    "zero\u200bwidth\u200cnon\u200djoiner\u2060word\ufeff",
    "\ufeffbyte order mark",
    "soft\u00adhyphen non\u2011breaking\u2010hyphen",
    "left\u200eright\u200f\u202aembed\u202c\u2066isolate\u2069",
    "nul\x00 bell\x07 escape\x1b[0m delete\x7f c1\x80\x9f",
    "\x00",
    "a\x00b\x01c\ufffdd",
    "private \ue000 \uf8ff \U000f0000 use",
    "tabs\tand\u00a0no-break\u2003em\u3000ideographic\u202fnarrow",
    LINE_ENDS,
    "line\r\n\r\nbreaks\n\n\n",
    # words about 100 characters long; what counts is their length after normalizing
    "a" * 99 + " " + "a" * 100 + " " + "a" * 101,
    "b" * 5000,
    "é" * 100 + " " + "é" * 101,
    "e\u0301" * 100,
    "x\u200b" * 60,
    "한" * 33 + " " + "한" * 34,
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Çekoslovakyalılaştıramadıklarımızdan",
    # special tokens typed by hand, rightly and wrongly
    "[MASK]",
    "The capital of France is [MASK].",
    "the[MASK]word [MASK][MASK] [[MASK]] ([MASK])",
    "[mask] [Mask] [ MASK ] [MASK [MASK",
    "[CLS] hello [SEP] [PAD] [UNK] [SEP]",
    "e[MASK]\u0301",
    "漢[MASK]字",
    "[MASK]\u200b[MASK]",
    "[unused1] [unused993] ##ing # #ing ## ###",
    # markup, code, paths
    "<b>bold</b> &amp; <script>alert('x')</script>",
    "def f(x): return x**2  # comment",
    'C:\\Users\\name /usr/bin/env {"a": [1, 2]}',
    "¡Hola! ¿Qué tal? «guillemets» „quotes“ ‚single‘ … – — ‐",
    "§ ¶ † ‡ • ¤ € £ ¥ © ® ™ ° ± × ÷ ½ ² № ∑ √ ∞ ≠ ≤ → ← ♥ ♪ ☃",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒮𝒸𝓇𝒾𝓅𝓉 ① Ⅳ ㎏ ﷽",
    "Z͑ͫ̓a̴͂l̷͋g̸̀o",
]

# Words of these are put together at random (with a fixed seed) so that neighbors vary.
SEEDS = [text for text in HAND_PICKED if text.strip() and len(text) < 200]


def mixed_texts(number: int) -> list[str]:
    rng = random.Random(20)
    glue = ["", " ", "  ", "\n", "\r\n", "-", "\u200d", "[MASK]", "漢", "😀"]
    texts = []
    for _ in range(number):
        words = [rng.choice(rng.choice(SEEDS).split() or ["x"]) for _ in range(rng.randint(2, 12))]
        texts.append("".join(word + rng.choice(glue) for word in words))
    return texts


STRINGS = HAND_PICKED + mixed_texts(200)


def assert_same(text: str, pair: str | None = None, cased: bool = False) -> None:
    expected = reference(cased)(text, pair, return_offsets_mapping=True)
    ours = tokenize(text, pair, cased=cased)
    assert ours.tokens == expected.tokens()
    assert ours.input_ids == expected["input_ids"]
    assert ours.offsets == expected["offset_mapping"]
    assert ours.token_type_ids == expected["token_type_ids"]
    assert ours.attention_mask == expected["attention_mask"]
    assert ours.word_ids == expected.word_ids()
    assert ours.sequence_ids == expected.sequence_ids()


def test_there_are_enough_strings() -> None:
    assert len(set(STRINGS)) >= 250


@pytest.mark.parametrize("text", STRINGS)
def test_agrees_with_transformers(text: str) -> None:
    assert_same(text)


@pytest.mark.parametrize("text", HAND_PICKED)
def test_agrees_with_transformers_cased(text: str) -> None:
    assert_same(text, cased=True)


@pytest.mark.parametrize(("first", "second"), list(pairwise(STRINGS))[::7])
def test_agrees_with_transformers_on_pairs(first: str, second: str) -> None:
    assert_same(first, second)


def test_an_empty_second_text_is_none_and_a_blank_one_is_a_text() -> None:
    assert_same("a", "")
    assert_same("a", " ")
    assert tokenize("a", "").pair is None


@cache
def differing_characters() -> str:
    """Characters that this Python's Unicode and the library's older one put into other classes.

    The library's tables of marks and punctuation stem from an older Unicode, so characters that
    came since (new scripts, mostly) may be classed differently. They are left out of the property
    test; `test_characters_that_differ_are_few_and_recent` holds their number down.
    """
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    normalizer, splitter = BertNormalizer(), BertPreTokenizer()
    differ = []
    for char in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(char) in ("Cs", "Cn", "Co"):
            continue
        text = f"a{char}b"
        cuts = is_punctuation(char) or is_space(char)
        if char in "\x0b\x0c\x85":
            cuts = True  # white space to the splitter, but removed before it comes there
        if (
            "".join(piece.text for piece in normalize(text)[0]) != normalizer.normalize_str(text)
            or cuts != (len(splitter.pre_tokenize_str(text)) > 1)
        ):  # fmt: skip
            differ.append(char)
    return "".join(differ)


def test_characters_that_differ_are_few_and_recent() -> None:
    differ = differing_characters()
    assert len(differ) < 600
    assert all(ord(char) > 0x60C for char in differ)  # Latin, Greek, Cyrillic, Hebrew: none
    assert not any(0x2E80 <= ord(char) < 0xA000 for char in differ)  # nor Chinese and Japanese


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_agrees_with_transformers_on_anything(data: st.DataObject) -> None:
    known = st.characters(
        exclude_categories=["Cs", "Cn"], exclude_characters=differing_characters()
    )
    alphabet = known | st.sampled_from("aeiou ñé-.,'漢\u0301\u200d\n[]")
    texts = st.lists(
        st.text(alphabet, max_size=12)
        | st.sampled_from(["[MASK]", "[SEP]", "un", "##able", "playing", "ing", " "]),
        max_size=8,
    ).map("".join)
    pair = data.draw(st.none() | texts)
    assert_same(data.draw(texts), pair)


@given(st.text(max_size=60))
def test_offsets_point_at_what_was_typed(text: str) -> None:
    result = tokenize(text)
    for token, (start, end), word in zip(
        result.tokens, result.offsets, result.word_ids, strict=True
    ):
        assert 0 <= start <= end <= len(text)
        assert (word is None) == (start == end)
        if word is not None and token != UNK and text[start:end].isascii():
            # Invisible characters may lie inside the span; nothing else differs but the case.
            typed = "".join(c for c in text[start:end] if c.isprintable())
            assert typed.lower() == token.removeprefix("##") or typed == token
    typed_starts = [start for (start, end) in result.offsets[1:-1]]
    assert typed_starts == sorted(typed_starts)


def test_half_a_surrogate_pair_goes_as_the_replacement_character_does() -> None:
    text = "a\ud83db \udc00 \ud800\udc00 x"  # Rust cannot hold these: the reference gets U+FFFD
    stand_in = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    expected = reference()(stand_in, return_offsets_mapping=True)
    result = tokenize(text)
    assert result.tokens == expected.tokens()
    assert result.offsets == expected["offset_mapping"]


def test_words_of_the_facts() -> None:
    assert tokenize("unhappiness").tokens == ["[CLS]", "un", "##ha", "##pp", "##iness", "[SEP]"]
    assert tokenize("unaffable").tokens == ["[CLS]", "una", "##ffa", "##ble", "[SEP]"]
    assert tokenize("Hello, world!").input_ids == [101, 7592, 1010, 2088, 999, 102]
    pair = tokenize("Hello,", "how are you")
    assert pair.input_ids == [101, 7592, 1010, 102, 2129, 2024, 2017, 102]
    assert pair.token_type_ids == [0, 0, 0, 0, 1, 1, 1, 1]
    assert len(bert_vocabulary()) == 30522


def test_seven_steps_hang_together() -> None:
    result = tokenize("Zoë’s  unhappiness\x00", "漢字 [MASK]!")
    assert [step.slug for step in result.steps] == [
        "normalize",
        "split",
        "wordpiece",
        "special-tokens",
        "input-ids",
        "attention-mask",
        "token-type-ids",
    ]
    for earlier, later in pairwise(result.steps):
        assert earlier.after == later.before
    normal, split, cut, special, ids, mask, types = result.steps
    assert [piece.text for piece in normal.before] == ["Zoë’s  unhappiness\x00", "漢字 [MASK]!"]
    assert [piece.text for piece in split.after] == [
        "zoe", "’", "s", "unhappiness", "漢", "字", "[MASK]", "!",
    ]  # fmt: skip
    assert [piece.text for piece in special.after] == result.tokens
    assert list(ids.numbers) == result.input_ids
    assert list(mask.numbers) == result.attention_mask
    assert list(types.numbers) == result.token_type_ids
    assert ("ë", "e") in [(c.before, c.after) for c in normal.changes if c.kind == "accent"]
    assert ("Z", "z") in [(c.before, c.after) for c in normal.changes if c.kind == "lower"]
    assert ("\x00", "") in [(c.before, c.after) for c in normal.changes if c.kind == "removed"]
    assert ("漢", " 漢 ") in [(c.before, c.after) for c in normal.changes if c.kind == "cjk"]
    assert [c.before for c in normal.changes if c.kind == "special"] == ["[MASK]"]
    assert [c.before for c in split.changes if c.kind == "punctuation"] == ["’", "!"]
    # Two blanks were typed in the first text and one in the second; those around 漢 were not.
    assert [(c.sequence, c.start) for c in split.changes if c.kind == "gap"] == [
        (0, 5),
        (0, 6),
        (1, 2),
    ]
    assert ("unhappiness", "un ##ha ##pp ##iness") in [(c.before, c.after) for c in cut.changes]
    assert [c.after for c in special.changes] == ["[CLS]", "[SEP]", "[SEP]"]
    for step in result.steps[:3]:
        for change in step.changes:
            typed = (result.text, result.pair or "")[change.sequence]
            assert 0 <= change.start < change.end <= len(typed)
            assert change.why


def test_normalized_characters_know_where_they_came_from() -> None:
    pieces, _ = normalize("Ａé한\u200b!")
    (piece,) = pieces
    assert len(piece.text) == len(piece.origins)
    assert [at for c, at in zip(piece.text, piece.origins, strict=True) if c == "!"] == [4]
    assert piece.origins.count(2) == 3  # one Hangul syllable, three letters


@pytest.mark.parametrize(
    "word", ["unhappiness", "playing", "xyzzy", "q", "a" * 100, "a" * 101, "ab😀", "", "##ing"]
)
def test_the_trace_comes_to_the_same_end(word: str) -> None:
    trace = longest_match(word)
    bare = wordpiece(word, bert_vocabulary(), longest_bert_piece())
    assert list(trace.pieces) == [piece for piece, _, _ in bare]


def test_the_trace_of_unhappiness() -> None:
    trace = longest_match("unhappiness")
    assert [len(tried) for tried in trace.rounds] == [10, 8, 6, 1]
    first = trace.rounds[0]
    assert first[0] == (0, 11, "unhappiness", False)
    assert first[-1] == (0, 2, "un", True)
    assert [tried[-1].text for tried in trace.rounds] == ["un", "##ha", "##pp", "##iness"]
    assert not any(tried.found for round_ in trace.rounds for tried in round_[:-1])


def test_the_trace_of_an_unknown_word_shows_where_it_failed() -> None:
    trace = longest_match("good😀")
    assert trace.unknown
    assert trace.rounds[0][-1].text == "good"
    assert [candidate.text for candidate in trace.rounds[-1]] == ["##😀"]
    assert longest_match("a" * (LONGEST_WORD + 1)).too_long


def test_a_vocabulary_of_ones_own() -> None:
    vocab = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "Caf": 3, "##é": 4, "caf": 5, "##e": 6}
    assert tokenize("Café", cased=True, vocab=vocab).tokens == ["[CLS]", "Caf", "##é", "[SEP]"]
    assert tokenize("Café", vocab=vocab).tokens == ["[CLS]", "caf", "##e", "[SEP]"]
    assert tokenize("[MASK]", vocab=vocab).input_ids == [1, 0, 2]
    with pytest.raises(ValueError, match=r"\[SEP\]"):
        tokenize("x", vocab={"[UNK]": 0, "[CLS]": 1})


def test_the_wrong_vocabulary_for_cased_text_knows_no_capital() -> None:
    assert tokenize("Paris is big", cased=True).tokens == ["[CLS]", UNK, "is", "big", "[SEP]"]
