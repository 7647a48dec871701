"""The made sets ask what they claim to ask: twins, new words in dev, and no help from counting."""

import re
from collections import Counter

import pytest

from lessons.classification_heads import sets
from lessons.classification_heads.settings import Settings


def bag(text):
    return Counter(re.findall(r"\w+", text.casefold()))


@pytest.mark.parametrize("task", list(sets.MAKERS))
def test_a_made_set_is_balanced_repeats_and_has_no_text_twice(task):
    given = sets.made(task)
    sets.made.cache_clear()
    assert sets.made(task) == given
    for side, count in ((given.train, sets.TRAIN_ROWS), (given.dev, sets.DEV_ROWS)):
        assert len(side) == count
        assert len({row.text for row in side}) == count
        assert Counter(row.label for row in side) == dict.fromkeys(given.labels, count // 2)
        assert set(Counter(row.group for row in side).values()) == {2}
    assert not {row.text for row in given.train} & {row.text for row in given.dev}


@pytest.mark.parametrize("task", ["order", "first", "phrases"])
def test_twins_have_the_same_words_and_other_labels(task):
    for side in (sets.made(task).train, sets.made(task).dev):
        for one, two in zip(side[::2], side[1::2], strict=True):
            assert one.group == two.group
            assert one.label != two.label
            known = ("a", "the") if task == "first" else ()
            assert {k: v for k, v in bag(one.text).items() if k not in known} == {
                k: v for k, v in bag(two.text).items() if k not in known
            }


@pytest.mark.parametrize("task", ["order", "first", "phrases"])
def test_counting_words_is_right_exactly_half_of_the_time(task):
    given = sets.made(task)
    found = sets.baselines(given)
    assert found["most frequent label"] == 0.5
    assert found["bag of words"] == 0.5


def test_words_of_dev_are_new():
    given = sets.made("order")
    known = set().union(*(bag(row.text) for row in given.train))
    for row in given.dev:
        assert set(bag(row.text)) - known, row.text


def test_the_doer_is_the_label():
    people = ("priest", "child", "hunter", "singer", "neighbor", "policeman", "king", "cook")
    names = f"{'|'.join(people)}|lion|pig|camel|parrot|sheep|tiger|turkey|hound"
    for row in sets.made("order").dev:
        passive = re.search(r"was \w+ by the (\w+)", row.text)
        doer = passive or re.search(rf"[Tt]he ({names}) ", row.text)
        assert (row.label == "person") == (doer[1] in people), row.text


def test_pairs_of_words_help_where_order_is_local_and_the_words_are_known():
    given = sets.made("order")
    known = sets.Material(given.labels, given.train[:300], given.train[300:])
    found = sets.baselines(known)
    assert found["bag of words"] == 0.5
    assert found["words and pairs"] > 0.6


def test_own_rows_are_split_and_too_few_are_refused():
    rows = tuple((f"row {i} {label}", label) for i in range(15) for label in ("a", "b"))
    given = sets.material(Settings(task="own", rows=rows))
    assert given.labels == ("a", "b")
    assert len(given.train) + len(given.dev) == 30
    with pytest.raises(ValueError, match="too few"):
        sets.material(Settings(task="own", rows=(("x", "a"), ("y", "b"))))


def test_tone_has_three_labels():
    given = sets.material(Settings(task="tone"))
    assert len(given.labels) == 3
    for side in (given.train, given.dev):
        for group in {row.group for row in side}:
            labels = [row.label for row in side if row.group == group]
            assert sorted(labels) == sorted(given.labels)
