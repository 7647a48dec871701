"""The course's sentences, and the reading of a learner's."""

import re

import pytest

from lessons.word_senses.examples import (
    LARGEST_FILE,
    MOST_ROWS,
    OWN_WORDS,
    NotASentence,
    forms_of,
    locate,
    occurrences,
    read_table,
    sense_words,
    unmark,
)

WORDS = sense_words()
ASKED_FOR = [
    "bank",
    "cold",
    "bat",
    "spring",
    "light",
    "match",
    "bark",
    "pitch",
    "seal",
    "cell",
    "charge",
    "crane",
    "mouse",
    "plant",
    "run",
]


# --- our own sentences ---


def test_the_words_that_were_promised_are_there():
    assert set(WORDS) >= set(ASKED_FOR)


@pytest.mark.parametrize("word", WORDS.values(), ids=lambda word: word.word)
def test_every_word_has_two_to_four_senses_of_ten_sentences(word):
    assert 2 <= len(word.senses) <= 4
    assert all(gloss for gloss in word.senses.values())
    for sense in word.senses:
        assert sum(example.sense == sense for example in word.examples) >= 10


@pytest.mark.parametrize("word", WORDS.values(), ids=lambda word: word.word)
def test_every_span_holds_a_form_of_its_word(word):
    for example in word.examples:
        assert example.span in occurrences(example.text, word.word, word.forms), example.text
        assert "[" not in example.text
        assert re.match(r"[“\"A-Z0-9]", example.text)
        assert example.text[-1] in '.?!”"'


@pytest.mark.parametrize("word", WORDS.values(), ids=lambda word: word.word)
def test_sentences_to_try_are_new_and_have_the_word(word):
    known = {example.text for example in word.examples}
    assert len(word.tries) >= 2
    for text in word.tries:
        assert text not in known
        assert occurrences(text, word.word, word.forms)


def test_no_sentence_stands_there_twice():
    texts = [example.text for word in WORDS.values() for example in word.examples]
    assert len(set(texts)) == len(texts) > 500


@pytest.mark.parametrize("word", WORDS.values(), ids=lambda word: word.word)
def test_sentences_are_unalike(word):
    """The word stands early, late and between, and no opening is used over and over."""
    places = [example.span[0] / len(example.text) for example in word.examples]
    assert min(places) < 0.25
    assert max(places) > 0.6
    openings = [" ".join(example.text.split()[:3]) for example in word.examples]
    assert max(openings.count(opening) for opening in openings) <= 2


def test_words_are_inflected_here_and_there():
    inflected = [
        example
        for word in WORDS.values()
        for example in word.examples
        if example.word.lower() != word.word
    ]
    assert len(inflected) > 100


# --- finding a word ---


def test_brackets_become_a_span():
    assert unmark("We sat on the [bank].") == ("We sat on the bank.", [(14, 18)])


def test_tokens_of_the_model_are_no_marks():
    assert unmark("A [MASK] on a [bat] [SEP] []") == ("A [MASK] on a bat [SEP] []", [(14, 17)])


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("bank", "banks"), ("match", "matches"), ("charge", "charging"), ("charge", "charged"),
        ("run", "running"), ("bat", "batted"), ("try", "tries"), ("bark", "barking"),
    ],
)  # fmt: skip
def test_regular_forms(word, form):
    assert form in forms_of(word)


def test_a_batter_is_no_bat_and_a_bankrupt_no_bank():
    assert occurrences("The batter is bankrupt.", "bat") == []
    assert occurrences("The batter is bankrupt.", "bank") == []


def test_occurrences_are_told_apart():
    text = "Can the cat open a can of fish? Cans, can-opener, cannot."
    assert [text[slice(*span)] for span in occurrences(text, "can")] == [
        "Can",
        "can",
        "Cans",
        "can",
    ]


def test_irregular_forms_that_are_named():
    assert occurrences("Three mice.", "mouse") == []
    assert occurrences("Three mice.", "mouse", ["mice"]) == [(6, 10)]


def test_a_script_without_spaces():
    assert occurrences("我去银行取钱", "银行") == [(2, 4)]


@pytest.mark.parametrize(
    ("line", "word", "reason"),
    [
        ("", "bank", "empty"),
        ("The river was high.", "bank", "“bank” is not in"),
        ("Can a can?", "can", "there 2 times"),
        ("A [bank] and a [bank].", "bank", "more than one"),
        ("No marks at all.", "", "no column"),
        ("bank " + "x" * 1000, "bank", "longer than 1,000"),
    ],
)
def test_a_sentence_that_is_not_clear_says_why(line, word, reason):
    with pytest.raises(NotASentence, match=reason):
        locate(line, word)


def test_a_mark_decides_between_several():
    text, span = locate("Can the [can] be opened?", "can")
    assert (text, span) == ("Can the can be opened?", (8, 11))


# --- a learner's table ---

GOOD = """sentence,sense,word
A duck swam by.,bird,duck
Two ducks flew off.,bird,duck
"Duck, or it will hit you!",move,duck
He [ducked] under the rope.,move,duck
"""


def test_a_good_table():
    table = read_table(GOOD.encode())
    assert table.problems == ()
    assert (table.n_rows, table.n_used) == (4, 4)
    duck = table.words["duck"]
    assert list(duck.senses) == ["bird", "move"]
    assert [example.word for example in duck.examples] == ["duck", "ducks", "Duck", "ducked"]
    assert duck.labels == [0, 0, 1, 1]
    assert all(example.own for example in duck.examples)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_a_byte_order_mark(separator):
    rows = ["meaning|text", "a|An [ox].", "a|[Ox] two.", "b|The [ox] b.", "b|Some [ox]."]
    content = "\r\n".join(rows).replace("|", separator)
    table = read_table(content.encode("utf-8-sig"))
    assert table.problems == ()
    assert table.n_used == 4
    assert list(table.words) == [OWN_WORDS]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b"sentence,sense,word\n", "no rows below"),
        (b"a,b\n1,2\n", "Line 1 must name the columns"),
        (b"sentence,sense\n\xff\xfe,x", "Line 2 is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b"x" * (LARGEST_FILE + 1), "larger than 5 MB"),
        (b'sentence,sense\n"never closed,x\n', "the table breaks off"),
        (b"sentence,sense,word\nA duck.,bird,duck\nTwo ducks.,bird,duck\n", "one sense only"),
        (b"sentence,sense,word\nA goose.,bird,duck\n", "Line 2: “duck” is not in"),
        (b"sentence,sense,word\nA duck.,,duck\n", "Line 2: the sense is empty"),
        (b"sentence,sense,word\n\nA duck\n", "Line 3: it has 1 of 3 columns"),
        (b"sentence,sense\n[A],a\nA [B],b\n[C],b\n", "a single sentence for “a”"),
    ],
)  # fmt: skip
def test_a_bad_table_says_what_is_wrong_and_where(content, said):
    table = read_table(content)
    assert any(said in problem for problem in table.problems), table.problems
    assert table.n_used == 0


def test_good_rows_are_used_beside_bad_ones():
    table = read_table((GOOD + "A goose.,bird,duck\n").encode())
    assert table.n_used == 4
    assert [problem[:7] for problem in table.problems] == ["Line 6:"]


def test_a_thousand_rows_are_read_and_more_are_counted():
    rows = [f"Duck number {i}.,{'ab'[i % 2]},duck" for i in range(MOST_ROWS + 7)]
    table = read_table("\n".join(["sentence,sense,word", *rows]).encode())
    assert table.n_used == MOST_ROWS
    assert table.problems == ("Only the first 1,000 rows are used; 7 were left out.",)


def test_too_many_senses():
    rows = [f"Duck {i}.,s{i % 13},duck" for i in range(26)]
    table = read_table("\n".join(["sentence,sense,word", *rows]).encode())
    assert "13 senses" in table.problems[0]


def test_own_sentences_join_and_bring_new_senses(bank):
    from lessons.word_senses.examples import Example

    own = [Example("A blood bank.", (8, 12), "store", own=True)]
    joined = bank.with_own(own)
    assert list(joined.senses) == ["money", "river", "store"]
    assert joined.labels[-1] == 2
    assert joined.examples[-1].marked == "A blood [bank]."
