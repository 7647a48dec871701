"""Our labelled sets: large, balanced and right; a mistake in one is named with its line."""

from collections import Counter
from pathlib import Path

import pytest

from lessons.engine import tasks
from lessons.engine.tasks import DataError, Labelled, Name


def test_sentiment_is_large_and_balanced() -> None:
    counts = Counter(row.labels for row in tasks.sentiment())
    assert sum(counts.values()) >= 400
    assert set(counts) == {(label,) for label in tasks.SENTIMENTS}
    assert max(counts.values()) <= 1.1 * min(counts.values())


def test_topics_often_hold_several_labels_and_sometimes_none() -> None:
    rows = tasks.topics()
    sizes = Counter(len(row.labels) for row in rows)
    per_label = Counter(label for row in rows for label in row.labels)
    assert len(rows) >= 300
    assert sizes[2] + sizes[3] > len(rows) / 2
    assert sizes[0] >= 10
    assert max(per_label.values()) <= 1.25 * min(per_label.values())


def test_names_mark_whole_words_and_same_words_that_are_no_names() -> None:
    rows = tasks.names()
    counts = Counter(name.kind for row in rows for name in row.names)
    assert len(rows) >= 200
    assert set(counts) == set(tasks.NAME_KINDS)
    assert max(counts.values()) <= 1.5 * min(counts.values())
    kinds = {(r.text[n.start : n.end], n.kind) for r in rows for n in r.names}
    assert {("Jordan", "person"), ("Jordan", "place")} <= kinds


def test_tags_follow_the_bio_scheme() -> None:
    row = next(row for row in tasks.names() if row.text.startswith("Marta Lindqvist"))
    assert row.names[0] == Name(0, 15, "person")
    words = [row.text[start:end] for start, end in row.words]
    assert dict(zip(words, row.tags, strict=True)) == {
        "Marta": "B-person", "Lindqvist": "I-person", "moved": "O", "from": "O",
        "Gothenburg": "B-place", "to": "O", "Lisbon": "B-place", "in": "O", "the": "O",
        "spring": "O", ".": "O",
    }  # fmt: skip
    assert set(row.tags) <= set(tasks.bio_tags())


def test_answers_stand_in_their_paragraphs() -> None:
    rows = tasks.questions()
    assert len(rows) >= 100
    for row in rows:
        assert row.paragraph[row.start : row.end] == row.answer
        assert row.question.endswith("?")
    assert len({row.paragraph for row in rows}) >= 30


def test_pairs_have_every_relation_equally_often() -> None:
    counts = Counter(row.relation for row in tasks.pairs())
    assert sum(counts.values()) >= 150
    assert set(counts) == set(tasks.RELATIONS)
    assert len(set(counts.values())) == 1


def test_the_split_is_the_same_each_time_and_keeps_the_balance() -> None:
    rows = tasks.sentiment()
    split = tasks.split_labelled(rows)
    assert split == tasks.split_labelled(rows)
    assert split != tasks.split_labelled(rows, seed=8)
    assert sorted(split.train + split.dev, key=rows.index) == list(rows)
    assert len(split.dev) == len(rows) // 5
    assert len(set(Counter(row.labels for row in split.dev).values())) == 1


def test_dev_has_every_topic() -> None:
    split = tasks.split_labelled(tasks.topics())
    counts = Counter(label for row in split.dev for label in row.labels)
    assert min(counts[topic] for topic in tasks.TOPICS) >= 12
    assert len(split.dev) == len(tasks.topics()) // 5


def test_the_three_sentences_on_one_thing_are_on_one_side() -> None:
    rows = tasks.sentiment()
    count = len(rows) // len(tasks.SENTIMENTS)
    split = tasks.split_sentiment()
    assert sorted(split.train + split.dev, key=rows.index) == list(rows)
    assert len(split.dev) == len(rows) // 5
    assert set(Counter(row.labels for row in split.dev).values()) == {len(split.dev) // 3}
    dev = {rows.index(row) for row in split.dev}
    for number in range(count):
        three = {number + count * i for i in range(3)}
        assert {rows[i].labels for i in three} == {(label,) for label in tasks.SENTIMENTS}
        assert three <= dev or not three & dev


def test_no_name_is_on_both_sides() -> None:
    split = tasks.split_names()
    sides = [
        {row.text[name.start : name.end].casefold() for row in side for name in row.names}
        for side in (split.train, split.dev)
    ]
    assert not sides[0] & sides[1]
    assert abs(len(split.dev) - len(tasks.names()) / 5) <= 4
    held = Counter(name.kind for row in split.dev for name in row.names)
    assert set(held) == set(tasks.NAME_KINDS)


def test_no_paragraph_and_no_premise_is_on_both_sides() -> None:
    asked, related = tasks.split_questions(), tasks.split_pairs()
    assert not {r.paragraph for r in asked.train} & {r.paragraph for r in asked.dev}
    assert not {r.first for r in related.train} & {r.first for r in related.dev}
    assert asked.dev
    assert related.dev


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text\tlabel\n", "line 1: the header"),
        ("label\ttext\nfine\tIt is.\n", "line 2: 'fine' is not one of"),
        ("label\ttext\npositive\tGood.\npositive\n", "line 3: 1 cells"),
        ("label\ttext\npositive\t\n", "line 2: a cell is empty"),
        ("label\ttext\npositive\tGood.\nneutral\tgood!\n", "line 3: the same text as in line 2"),
    ],
)
def test_a_wrong_sentiment_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=f"set.tsv, {message}"):
        tasks.read_sentiment(written(tmp_path, "set.tsv", text))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("travel,food\tWe ate.", "labels must be sorted"),
        ("food,food\tWe ate.", "labels must be sorted"),
        ("food,\tWe ate.", "'' is not one of"),
        ("sport\tWe ran.", "'sport' is not one of"),
    ],
)
def test_a_wrong_topic_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError, match=f"line 2: {message}"):
        tasks.read_topics(written(tmp_path, "set.tsv", f"labels\ttext\n{line}\n"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[Ann](hero) sang.", "'hero' is not one of"),
        ("[Ann(person) sang.", "a mark is broken"),
        ("[Ann](person sang.", "a mark is broken"),
        ("[An](person)n sang.", "'An' cuts a word"),
        ("", "the sentence is empty"),
    ],
)
def test_a_wrong_mark_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DataError, match=f"line 2: {message}"):
        tasks.read_names(written(tmp_path, "set.txt", f"It rained.\n{line}\nIt snowed.\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("It is red.\nQ: Which color?\nA: blue\n", "line 3: 'blue' is not in the paragraph"),
        ("Red on red.\nQ: On what?\nA: red\nQ: Which?\nA: ed\n", "line 5: 'ed' stands more"),
        ("It is red.\nQ: Which?\nQ: What?\nA: red\n", "line 3: an answer"),
        ("It is red.\nIt is blue.\n", "line 2: expected a question"),
        ("It is red.\nQ: Which?\n", "line 2: the last question has no answer"),
        ("Q: Which?\nA: red\n", "line 1: expected"),
    ],
)
def test_a_wrong_question_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tasks.read_questions(written(tmp_path, "set.txt", text))


def test_a_premise_repeated_as_its_own_consequence_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path, "p.tsv", "premise\tentailment\tneutral\tcontradiction\nA.\tA.\tB.\tC.\n"
    )
    with pytest.raises(DataError, match="line 2: the same sentence"):
        tasks.read_pairs(path)


def own(rows: list[str], header: str = "text,label") -> bytes:
    return "\n".join([header, *rows]).encode()


ROWS = [f"sentence number {i},{'yes' if i % 2 else 'no'}" for i in range(24)]


def test_an_own_table_is_read_whatever_its_separator_and_order() -> None:
    found = tasks.read_own(own(ROWS))
    assert found.labels == ("no", "yes")
    assert found.rows[1] == Labelled("sentence number 1", ("yes",))
    turned = [";".join(row.split(",")[::-1]) for row in ROWS]
    assert tasks.read_own(b"\xef\xbb\xbf" + own(turned, "Label;Text")).rows == found.rows


def test_an_own_table_says_what_was_left_out() -> None:
    found = tasks.read_own(own([*ROWS, ",yes", "x,", ROWS[0], f"{'a' * 2000},yes"]))
    assert (found.n_empty, found.n_repeated, found.n_shortened) == (2, 1, 1)
    assert len(found.rows) == 25
    assert len(found.rows[-1].text) == tasks.LONGEST_TEXT
    many = tasks.read_own(own([f"text {i},{i % 3}" for i in range(tasks.MOST_ROWS + 7)]))
    assert (len(many.rows), many.n_over) == (tasks.MOST_ROWS, 7)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (own(ROWS, "sentence,label"), "line 1: the first line must have one column called text"),
        (own(ROWS, "text,kind"), "line 1: .* called label"),
        (b"", "line 1: .* called text"),
        (own(ROWS[:5]), "line 6: 5 rows of text are too few"),
        (own([*ROWS, "one,two,three"]), "line 26: 3 cells"),
        (own([*ROWS, "sentence number 1,no"]), "line 26: the text of line 3 again"),
        (own([*ROWS, 'an open "quote,no', '"never closed,yes']), "line 27: this line can't"),
        (own([*ROWS, "one more,maybe"]), "line 26: the label 'maybe' has 1 rows"),
        (own([row.split(",")[0] + ",same" for row in ROWS]), "1 labels"),
        (own([*ROWS[:3]]) + b"\n\xff\xfe,no", "line 5: this is not UTF-8"),
        (b"x" * (tasks.LARGEST_FILE + 1), "larger than 5 MB"),
    ],
)
def test_a_wrong_own_table_is_named_by_line(data: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tasks.read_own(data)


def test_partners_stand_once_and_few_words_are_shared() -> None:
    rows = tasks.partners()
    assert len(rows) >= 300
    texts = [text for row in rows for text in (row.first, row.second)]
    assert len(set(texts)) == 2 * len(rows)
    parts = tasks.split_partners()
    assert len(parts.dev) == 100
    assert len(parts.train) + len(parts.dev) == len(rows)
    assert not set(parts.train) & set(parts.dev)


def test_a_sentence_that_stands_in_two_pairs_is_named(tmp_path: Path) -> None:
    path = tmp_path / "partners.tsv"
    path.write_text("first\tsecond\nIt rains.\tTake a coat.\nIt rains!\tBe careful.\n")
    with pytest.raises(DataError, match="line 3: the same text as in line 2"):
        tasks.read_partners(path)
