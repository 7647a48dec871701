"""Folders and files are read or refused; sorting, leads and the saved table."""

import csv
import io

import numpy as np
import pytest

from lessons.applications import sorting
from lessons.applications.sorting import CENTROID, REGRESSION, Folder, FolderError, Sorted
from lessons.engine.tasks import TOPICS, DataError


def test_folders_are_read():
    assert sorting.read_folders("a: one | two\n\nb\n c : x:y ") == (
        Folder("a", ("one", "two")), Folder("b", ("b",)), Folder("c", ("x:y",)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "2 to 12"), ("only: one", "2 to 12"), ("a\na: x", "Line 2"), (": x\nb: y", "Line 1"),
     ("\n".join(f"f{i}" for i in range(13)), "2 to 12")],
)  # fmt: skip
def test_wrong_folders_are_named(text, said):
    with pytest.raises(FolderError, match=said):
        sorting.read_folders(text)


def test_our_folders_and_messages():
    box = sorting.inbox()
    assert [f.name for f in sorting.read_folders(box.described)] == list(TOPICS)
    assert len(sorting.read_folders(box.by_examples)) == 3
    assert len(box.documents) >= 12


def test_documents_of_files():
    read = sorting.read_documents
    assert read(b"\xef\xbb\xbfone\n\ntwo words\n", "a.txt").parts == ("one", "two words")
    table = b'id;Text\n1;"Hello; <b>you</b>"\n\n2;"two\nlines"\n'
    assert read(table, "a.CSV").parts == ("Hello; <b>you</b>", "two lines")
    assert read(b"", "a.txt").parts == ()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.csv", "line 1: the first line must have one column called text"),
        (b"title\nx\n", "a.csv", "one column called text"),
        (b"id,text\n1,fine\n2\n", "a.csv", "line 3: only 1 cell"),
        (b'text\n"never closed\n', "a.csv", "can't be read"),
        (b"fine\n\xff\xfe", "a.txt", "line 2: this is not UTF-8"),
        (b"x" * 1_000_001, "a.txt", "larger than 1 MB"),
    ],
)
def test_wrong_files_are_refused_with_the_line(data, name, said):
    with pytest.raises(DataError, match=said):
        sorting.read_documents(data, name)


VECTORS = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)


def test_the_center_is_the_mean_of_the_examples():
    found = sorting.centers(VECTORS, [0, 0, 1])
    mean = np.array([0.9, 0.3])
    assert found[0] == pytest.approx(mean / np.linalg.norm(mean))
    scores = sorting.fit_and_score(CENTROID, VECTORS, [0, 0, 1], VECTORS[2:])
    assert scores[0] == pytest.approx([0.3 / np.linalg.norm(mean), 1.0])


def test_a_regression_gives_probabilities():
    scores = sorting.fit_and_score(REGRESSION, VECTORS, [0, 0, 1], VECTORS)
    assert scores.sum(axis=1) == pytest.approx([1, 1, 1])
    assert scores.argmax(axis=1).tolist() == [0, 0, 1]


FOLDERS = (Folder("left", ("l",)), Folder("right", ("r",)))


def test_a_small_lead_leaves_a_document_unsorted():
    scores = np.array([[0.9, 0.2], [0.5, 0.55]])
    found = sorting.sort(["a", "b"], FOLDERS, scores, 0.1)
    assert [(d.folder, d.second) for d in found] == [("left", "right"), ("", "left")]
    assert found[0].lead == pytest.approx(0.7)
    said = sorting.describe_sorted(found, FOLDERS)
    assert said == "2 documents: left 1; 1 left for you."
    assert sorting.sort(["b"], FOLDERS, scores[1:], 0.0)[0].folder == "right"


def test_the_saved_table_runs_nothing():
    found = [Sorted('=HYPERLINK("x")', "a,b", 0.5, "@c", 0.25)]
    rows = list(csv.reader(io.StringIO(sorting.as_csv(found))))
    assert rows == [
        ["text", "folder", "score", "second", "lead"],
        ['\'=HYPERLINK("x")', "a,b", "0.500", "'@c", "0.250"],
    ]


def perfect(n):
    """Vectors that say the topic of each of our sentences."""
    labels = np.asarray(sorting.labelled()[1])
    noise = np.random.default_rng(0).normal(scale=0.05, size=(len(labels), n))
    found = np.eye(n)[labels] + noise
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def test_vectors_that_tell_topics_apart_are_learned_from_one_example():
    found = sorting.few_shot(perfect(len(TOPICS)))
    assert [row.count for row in found[CENTROID]] == list(sorting.COUNTS)
    assert found[CENTROID][0].mean > 0.95
    bag = found[sorting.BAG][-1]
    assert bag.low <= bag.mean <= bag.high < 0.9
    assert "vectors 100%" in sorting.describe_few_shot(found, 0.5)
    again = sorting.few_shot(perfect(len(TOPICS)))
    assert again == found


def test_cross_validation_is_of_sentences_not_learned_from():
    scores = sorting.cross_validated(CENTROID, perfect(len(TOPICS)))
    assert sorting.accuracy(scores) > 0.95
    # A vector of its own for each sentence holds nothing that others could tell of it.
    alone = np.eye(len(sorting.labelled()[0]), dtype=np.float32)
    assert sorting.accuracy(sorting.cross_validated(REGRESSION, alone)) < 0.5


def test_a_limit_on_the_lead():
    labels = np.asarray(sorting.labelled()[1])
    scores = np.eye(len(TOPICS))[labels]
    scores[0] = 0
    scores[0, (labels[0] + 1) % len(TOPICS)] = 0.1  # wrong, with a small lead
    share, right = sorting.sure(scores, 0.5)
    assert share == pytest.approx(1 - 1 / len(labels))
    assert right == 1.0
    assert sorting.sure(scores, 0.0)[1] == pytest.approx(1 - 1 / len(labels))
    assert sorting.sure(scores, 2.0) == (0.0, None)
    assert "no sentence" in sorting.describe_sure(scores, 2.0, CENTROID)
    assert "100% of them" in sorting.describe_sure(scores, 0.5, CENTROID)
