"""Centers, curves, verdicts: invariants, hand-worked cases, and the real figure of the course."""

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from lessons.engine import load_model
from lessons.word_senses import compute
from lessons.word_senses.examples import Example, sense_words


def slow_leave_one_out(vectors, labels):
    """The same by its definition: N times new centers."""
    v, y = compute.unit(vectors).astype(np.float64), np.array(labels)
    right, cosines = [], []
    for i in range(len(v)):
        others = np.arange(len(v)) != i
        centers = np.stack([v[others & (y == k)].sum(axis=0) for k in range(y.max() + 1)])
        row = centers @ v[i] / np.linalg.norm(centers, axis=1)
        cosines.append(row)
        right.append(row.argmax() == y[i])
    return np.array(right), np.array(cosines)


def test_leave_one_out_agrees_with_its_definition(bank, bank_vectors):
    for layer in bank_vectors:
        found = compute.leave_one_out(layer, bank.labels)
        right, cosines = slow_leave_one_out(layer, bank.labels)
        np.testing.assert_allclose(found.cosines, cosines, atol=1e-5)
        assert found.right.tolist() == right.tolist()


def test_leave_one_out_worked_by_hand():
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]], dtype=np.float32)
    found = compute.leave_one_out(vectors, [0, 0, 1, 1])
    assert found.cosines[0, 0] == pytest.approx(0.8)  # only the second is left of its sense
    assert found.cosines[0, 1] == pytest.approx(0.6 / np.sqrt(0.6**2 + 1.8**2))
    # The two in the middle are nearer to the center of the other sense than to their one partner.
    assert found.right.tolist() == [True, False, True, False]
    assert found.accuracy == 0.5


def test_a_sense_of_one_sentence_cannot_be_judged_rightly():
    found = compute.leave_one_out(np.eye(3, dtype=np.float32), [0, 0, 1])
    assert found.cosines[2, 1] == -1
    assert not found.right[2]


def test_clouds_are_told_apart_and_luck_is_not(blobs):
    vectors, labels = blobs
    curve = compute.layer_curve(vectors[None], labels, vectors[::-1])
    assert curve.accuracy == [1.0]
    assert curve.silhouette[0] > 0.5
    assert curve.shuffled[0] < 0.5
    assert curve.chance == pytest.approx(1 / 3)


def test_equal_vectors_tell_nothing():
    same = np.ones((1, 8, 4), dtype=np.float32)
    curve = compute.layer_curve(same, [0] * 4 + [1] * 4, same[0])
    assert curve.accuracy[0] <= 0.5
    assert curve.silhouette[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["minilm-mlm", "minilm"])
def test_senses_come_apart_in_the_bundled_models(name):
    """What the course claims on its page: ≥ 85% at the last layer, averaged over all words."""
    model = load_model(name)
    curves = [
        compute.layer_curve(
            compute.word_vectors(model, word.examples),
            word.labels,
            compute.other_words(model, word.examples),
        )
        for word in sense_words().values()
    ]
    mean = compute.mean_curve(curves)
    best = mean.accuracy[-1]
    print(f"{name}: {np.round(mean.accuracy, 3)}, shuffled {np.round(mean.shuffled, 3)}")
    assert best >= 0.85
    assert best > mean.accuracy[0] + 0.3
    assert best > mean.chance + 0.4
    assert best > mean.topic > mean.chance
    assert max(mean.shuffled) < mean.chance + 0.02


def test_a_verdict_names_the_nearest_center(blobs):
    vectors, labels = blobs
    found = compute.verdict(vectors, labels, vectors[labels.index(1)])
    assert found.sense == 1
    ordered = sorted(found.cosines)
    assert found.margin == pytest.approx(ordered[-1] - ordered[-2], abs=1e-6)
    assert 0 <= found.as_clear_right <= found.as_clear <= len(labels)
    assert not found.far
    centers = NearestCentroid().fit(compute.unit(vectors), labels)
    assert centers.predict(compute.unit(vectors[9:10]))[0] == found.sense


def test_what_lies_elsewhere_is_far(blobs):
    vectors, labels = blobs
    assert compute.verdict(vectors, labels, -vectors.mean(axis=0)).far


def test_a_verdict_changes_with_the_sentence(model, bank, bank_vectors):
    senses = []
    for text in (
        "She asked her bank for a mortgage and a new credit card.",
        "We fished from the grassy bank of the stream.",
    ):
        start = text.index("bank")
        vector = compute.word_vectors(model, [Example(text, (start, start + 4), "")])
        senses.append(compute.verdict(bank_vectors[-1], bank.labels, vector[-1, 0]).sense)
    assert [list(bank.senses)[i] for i in senses] == ["money", "river"]


def test_neighbors_come_nearest_first(blobs):
    vectors, _ = blobs
    found = compute.neighbors(vectors, vectors[5], 4)
    assert found[0][0] == 5
    assert found[0][1] == pytest.approx(1, abs=1e-5)
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_mean_pair_cosine_agrees_with_the_matrix(blobs):
    vectors, _ = blobs
    matrix = compute.cosine_matrix(vectors)
    off = matrix[~np.eye(len(matrix), dtype=bool)]
    assert compute.mean_pair_cosine(vectors) == pytest.approx(off.mean(), abs=1e-5)
    np.testing.assert_allclose(np.diag(matrix), 1, atol=1e-5)


def test_alikeness_falls_from_sense_to_word_to_anything(model, bank, bank_vectors):
    baseline = compute.word_vectors(model, compute.random_words(40))
    found = compute.alikeness(bank_vectors, bank.labels, baseline)
    assert found.same_sense[-1] > found.self_similarity[-1] > found.other_sense[-1]
    assert found.other_sense[-1] > found.random_words[-1]
    assert "layer 6" in compute.describe_alikeness(found, "bank")


def test_random_words_are_the_same_each_time_and_never_the_marked_ones():
    known = {
        (example.text, example.span) for word in sense_words().values() for example in word.examples
    }
    chosen = compute.random_words(50)
    assert chosen == compute.random_words(50)
    assert chosen != compute.random_words(50, seed=1)
    assert not {(x.text, x.span) for x in chosen} & known


def test_several_pieces_are_averaged(model):
    text = "Her unhappiness was plain."
    encoding = model.encode(text)
    states = model.hidden_states([text])[0]
    vector = compute.word_vectors(model, [Example(text, (4, 15), "")])[-1, 0]
    pieces = [i for i, word in enumerate(encoding.word_ids) if word == 1]
    assert len(pieces) == 4
    np.testing.assert_allclose(vector, states[-1, pieces].mean(axis=0), atol=1e-5)


def test_two_occurrences_have_vectors_of_their_own(model):
    text = "The bank stood on the bank."
    first, second = compute.word_vectors(
        model, [Example(text, (4, 8), ""), Example(text, (22, 26), "")]
    ).transpose(1, 0, 2)
    apart = np.linalg.norm(first[-1] - second[-1]) / np.linalg.norm(first[-1])
    assert apart > 0.1


def test_readable_finds_words_that_the_model_never_sees(model):
    far = "so " * 600 + "bank"
    examples = [Example("a bank", (2, 6), ""), Example(far, (len(far) - 4, len(far)), "")]
    assert compute.readable(model, examples) == [True, False]


def test_the_other_words_are_those_of_the_table(model):
    both = compute.other_words(model, [Example("the old bank", (8, 12), "")])
    table = model.word_table()
    ids = [model.word_id(word) for word in ("the", "old")]
    np.testing.assert_allclose(both[0], table[ids].mean(axis=0), rtol=1e-5)
    assert not compute.other_words(model, [Example("bank", (0, 4), "")]).any()


def test_the_interval_narrows_with_sentences_and_stays_within_one():
    def curve(share, count):
        return compute.LayerCurve([share], [0.0], [0.5], 0.5, 0.6, count)

    low, high = curve(0.5, 100).interval  # Wilson by hand: 0.404 … 0.596
    assert (low, high) == pytest.approx((0.404, 0.596), abs=1e-3)
    assert curve(1.0, 20).interval == pytest.approx((0.839, 1.0), abs=1e-3)


def test_the_span_of_a_token_is_its_whole_word(model):
    encoding = model.encode("Her unhappiness was plain.", "Second one.")
    assert compute.span_of_token(encoding, 3) == (4, 15)
    assert compute.span_of_token(encoding, 0) is None
    assert compute.span_of_token(encoding, len(encoding) - 2) is None


def test_descriptions_say_the_numbers(bank, bank_vectors, mlm):
    others = compute.other_words(mlm, bank.examples)
    curve = compute.layer_curve(bank_vectors, bank.labels, others)
    said = compute.describe_curve(curve, "bank")
    for share in (curve.accuracy[-1], curve.topic, *curve.interval):
        assert compute.percent(share) in said
    found = compute.verdict(bank_vectors[-1], bank.labels, bank_vectors[-1, 0])
    assert "money" in compute.describe_verdict(bank, found)
    assert "different senses" in compute.describe_matrix(
        compute.cosine_matrix(bank_vectors[-1]), bank.labels
    )
    assert "38%" in compute.describe_map(bank, "PCA", 6, 0.38)
    assert "distances" in compute.describe_map(bank, "UMAP", 6, None)
    assert compute.counts()[0] == len(sense_words())
