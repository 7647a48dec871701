"""Two small languages: what they share, what is hidden, what is measured, and that it repeats."""

import pytest
import torch

from lessons.multilingual import compute, figures, transfer
from lessons.multilingual.settings import READS, Settings, checked
from lessons.multilingual.transfer import IGNORED, MASK, SPECIAL, Transfer

TOPICS = transfer.topics()


@pytest.fixture(scope="module")
def run():
    return Transfer({"shared": 2})


def test_the_second_language_is_the_first_backwards_but_for_the_shared_words():
    assert transfer.translated(["the", "loud", "pizza", "plays"]) == [
        "eht",
        "duol",
        "pizza",
        "syalp",
    ]


def test_the_languages_share_what_they_are_told_to_share_and_nothing_else():
    own = {w for t in TOPICS.values() for k in ("nouns", "verbs", "adjectives") for w in t[k]}
    assert not {word[::-1] for word in own} & own, "a word that reads backwards as another"
    for shared in range(4):
        words = transfer.vocabulary(shared)
        assert len(words) == len(set(words)) == len(SPECIAL) + 2 * (len(own) + 1) + 3 * shared


def test_no_test_sentence_holds_a_shared_word_and_training_does(run):
    shared = {word for topic in TOPICS.values() for word in topic["shared"]}
    for test in run.tests:
        assert not shared & {word for row in test.words for word in row}
    assert shared & {word for row in run.labelled.words for word in row}
    first, second = ({w for row in test.words for w in row} for test in run.tests)
    assert not first & second


def test_a_sentence_is_about_its_topic(run):
    names = list(TOPICS)
    for row, label in zip(run.labelled.words, run.labelled.labels.tolist(), strict=True):
        known = {word for words in TOPICS[names[label]].values() for word in words}
        assert set(row) - {"the"} <= known


def test_hidden_words_are_asked_and_the_frame_is_not(run):
    ids = run.train[:64]
    hidden, labels = run.masked(ids)
    asked = labels != IGNORED
    assert (labels[asked] == ids[asked]).all()
    assert (hidden[~asked] == ids[~asked]).all()
    assert not (asked & (ids < len(SPECIAL))).any()
    assert 0.6 < float((hidden[asked] == MASK).double().mean()) < 0.95


def test_who_reads_the_first_alone_never_sees_a_word_of_the_second():
    alone = Transfer({"reads": READS[1]})
    second = {alone.ids[word] for row in alone.tests[1].words for word in row}
    assert not second & set(alone.train.unique().tolist())


def test_fine_tuning_leaves_the_word_vectors_and_the_model_as_they_are(run):
    before = {name: w.clone() for name, w in run.model.state_dict().items()}
    encoder, _ = run.tuned()
    assert all(torch.equal(w, before[name]) for name, w in run.model.state_dict().items())
    assert torch.equal(
        encoder.embeddings.word_embeddings.weight,
        run.model.bert.embeddings.word_embeddings.weight,
    )
    moved = encoder.encoder.layer[0].attention.self.query.weight
    assert not torch.equal(moved, run.model.bert.encoder.layer[0].attention.self.query.weight)


def test_a_run_repeats_and_learns_the_first_language():
    runs = [Transfer({"shared": 1}) for _ in range(2)]
    points = [[run.step() for _ in range(3)] for run in runs]
    assert points[0] == points[1]
    moments = [run.moment() for run in runs]
    assert moments[0] == moments[1]
    assert moments[0]["right"][0] > 0.9


def test_the_words_say_whether_it_transfers():
    facts = {"topics": ["a", "b", "c"], "tested": 150}

    def said(second):
        return compute.describe_transfer(facts, [{"step": 600, "right": [1.0, second]}])

    assert "It transfers" in said(0.7)
    assert "No transfer" in said(0.35)
    assert "Worse than guessing" in said(0.1)
    figure = figures.transfer_curves(
        {**facts, "steps": 600}, [{"step": 0, "right": [1.0, 0.3]}], [{"step": 0, "right": [1, 1]}]
    )
    assert [trace.y[0] for trace in figure.data] == [1.0, 0.3, 1]


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="shared"):
        checked({"shared": 9})
    with pytest.raises(ValueError, match="reads"):
        checked({"reads": "nothing"})
    assert "no shared word" in compute.transfer_title(Settings(shared=0))
