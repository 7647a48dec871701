"""CBOW and skip-gram: gradients against the formula by hand, results against gensim."""

import numpy as np
import pytest
import torch

from lessons.masking import figures, word2vec
from lessons.masking.word2vec import CBOW, NO_WORD, SkipGram, Training, checked

CLASSES = {
    "dog": {"cat", "puppy", "kitten"},
    "lion": {"tiger", "wolf", "bear"},
    "bread": {"cheese", "meat", "fish", "rice", "beans"},
    "red": {"blue", "green", "yellow"},
    "gold": {"money", "coins", "cash"},
    "paris": {"rome", "berlin", "madrid", "moscow"},
}


def finished(folder, stop_after=10**6, **settings):
    """What a run leaves, and its losses."""
    run, losses = Training(settings), []
    while not run.finished and len(losses) < stop_after:
        losses.append(run.step()[1])
    run.save(folder)
    stopped = not run.finished
    return word2vec.read_trained(run.settings.to_dict(), run.facts, folder, stopped=stopped), losses


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Both kinds, trained on the small world, with their losses."""
    return {
        kind: finished(tmp_path_factory.mktemp("trained"), kind=kind) for kind in word2vec.KINDS
    }


@pytest.fixture(scope="module")
def trained(runs):
    return {kind: found for kind, (found, _) in runs.items()}


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def filled(model):
    torch.manual_seed(1)
    with torch.no_grad():
        model.guesses.weight.normal_()
        model.words.weight.normal_()
        model.words.weight[NO_WORD].zero_()
    return model, model.words.weight.detach().numpy(), model.guesses.weight.detach().numpy()


def test_gradients_of_skip_gram_are_those_of_the_formula():
    model, words, guesses = filled(SkipGram(7, 5, torch.Generator()))
    center, around = torch.tensor([2, 4, 2]), torch.tensor([1, 3, 6])
    torch.nn.functional.cross_entropy(model(center), around).backward()
    error = softmax(words[center] @ guesses.T) - np.eye(7)[around]  # p − y: 3 V
    by_guess = error.T @ words[center] / 3  # V D
    by_word = np.zeros_like(words)
    np.add.at(by_word, center.numpy(), error @ guesses / 3)
    assert model.guesses.weight.grad.numpy() == pytest.approx(by_guess, abs=1e-5)
    assert model.words.weight.grad.numpy() == pytest.approx(by_word, abs=1e-5)


def test_gradients_of_cbow_are_shared_equally_by_the_words_of_the_window():
    model, words, guesses = filled(CBOW(7, 5, torch.Generator()))
    context = torch.tensor([[1, 2, 3, 4], [NO_WORD, 5, 6, NO_WORD]])
    center = torch.tensor([5, 2])
    torch.nn.functional.cross_entropy(model(context), center).backward()
    mean = np.stack([words[[1, 2, 3, 4]].mean(axis=0), words[[5, 6]].mean(axis=0)])
    error = softmax(mean @ guesses.T) - np.eye(7)[center]
    back = error @ guesses / 2  # B D
    by_word = np.zeros_like(words)
    for i in (1, 2, 3, 4):
        by_word[i] += back[0] / 4
    for i in (5, 6):
        by_word[i] += back[1] / 2
    assert model.guesses.weight.grad.numpy() == pytest.approx(error.T @ mean / 2, abs=1e-5)
    assert model.words.weight.grad.numpy() == pytest.approx(by_word, abs=1e-5)


def test_cbow_knows_no_order():
    model, _, _ = filled(CBOW(7, 5, torch.Generator()))
    scores = model(torch.tensor([[1, 2, 3, 4], [4, 2, 1, 3], [1, 2, 3, 3]]))
    assert scores[0].tolist() == pytest.approx(scores[1].tolist(), abs=1e-5)
    assert scores[0].tolist() != pytest.approx(scores[2].tolist(), abs=1e-2)


def test_windows_look_to_both_sides_and_stay_in_their_sentence():
    contexts, centers = word2vec.windows([[1, 2, 3], [4], [5, 6]], 2)
    assert centers.tolist() == [1, 2, 3, 5, 6]
    assert contexts.tolist() == [
        [0, 0, 2, 3],
        [0, 1, 3, 0],
        [1, 2, 0, 0],
        [0, 0, 6, 0],
        [0, 5, 0, 0],
    ]
    given, asked = word2vec.questions("skip-gram", contexts, centers)
    pairs = set(zip(given.tolist(), asked.tolist(), strict=True))
    assert pairs == {(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2), (5, 6), (6, 5)}
    assert word2vec.words_seen(list("abcde"), 1, 2) == (["a"], ["c", "d"])


def test_the_small_world_is_one_and_the_same_for_a_seed():
    assert word2vec.small_world(50, 1) == word2vec.small_world(50, 1)
    assert word2vec.small_world(50, 1) != word2vec.small_world(50, 2)
    words = {word for sentence in word2vec.small_world() for word in sentence}
    assert not any("{" in word for word in words)
    for question in word2vec.analogies():
        assert set(question) <= words
    for sentence in word2vec.small_world(400):
        if "capital" in sentence:  # both places of a sentence come from one row
            assert (sentence[0], sentence[-1]) in {
                ("paris", "france"),
                ("rome", "italy"),
                ("berlin", "germany"),
                ("madrid", "spain"),
                ("moscow", "russia"),
            }


@pytest.mark.parametrize("kind", word2vec.KINDS)
def test_words_of_a_kind_are_neighbors_as_gensim_finds_them(trained, kind):
    from gensim.models import Word2Vec

    theirs = Word2Vec(
        word2vec.small_world(), vector_size=32, window=3, min_count=1, sg=kind == "skip-gram",
        negative=10, epochs=25, alpha=0.05, seed=1, workers=1,
    ).wv  # fmt: skip
    ours = trained[kind]
    for word, family in CLASSES.items():
        count = len(family)
        here = {w for w, _ in ours.neighbors(word, count)}
        there = {w for w, _ in theirs.most_similar(word, topn=count)}
        assert len(here & family) >= count - 1, (word, here)
        assert len(here & there) >= count - 2, (word, here, there)


@pytest.mark.parametrize("kind", word2vec.KINDS)
def test_analogies_of_the_small_world_come_out(trained, kind):
    ours = trained[kind]
    answers = {("man", "king", "woman"): "queen", ("boy", "girl", "prince"): "princess"}
    for question, answer in answers.items():
        assert ours.analogy(*question, 1)[0][0] == answer
    assert not {w for w, _ in ours.analogy("man", "king", "woman", 20)} & {"man", "king", "woman"}


def test_the_loss_falls_and_the_seed_decides(runs, tmp_path):
    losses = runs["CBOW"][1]
    assert np.mean(losses[-50:]) < losses[0] / 2
    text = ". ".join(map(" ".join, word2vec.small_world(300)))
    again = [
        finished(
            tmp_path / str(i), kind="CBOW", source=word2vec.TEXTS[-1], text=text, steps=200, seed=s
        )[0]
        for i, s in enumerate((3, 3, 4))
    ]
    assert (again[0].vectors == again[1].vectors).all()
    assert (again[0].vectors != again[2].vectors).any()


def test_a_run_that_was_stopped_keeps_what_it_has_and_says_so(tmp_path):
    found, _ = finished(tmp_path, stop_after=20)
    assert found.stopped
    assert "stopped early" in word2vec.describe_trained(found)
    assert found.neighbors("dog")


@pytest.mark.parametrize("text", ["", "🙂 123 !!", "word", "same same same.", "one. two. three."])
def test_a_text_without_sentences_of_words_is_refused(text):
    with pytest.raises(ValueError, match="sentences"):
        Training({"source": word2vec.TEXTS[-1], "text": text})


@pytest.mark.parametrize(
    "values",
    [{"kind": "GloVe"}, {"source": "x"}, {"width": 0}, {"seed": -1}, {"steps": 0}, {"text": 3},
     {"mood": 1}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(values):
    with pytest.raises(ValueError, match=r"\w"):
        checked(values)


def test_a_text_is_cut_into_words_and_limited():
    assert word2vec.sentences_of("It's late! Don’t go; 3 ways.\nÜber") == [
        ["it's", "late"],
        ["don’t", "go"],
        ["ways"],
        ["über"],
    ]
    assert sum(map(len, word2vec.sentences_of("a b c. " * 50_000))) == word2vec.MOST_WORDS


def test_a_small_text_is_called_small(tmp_path):
    result, _ = finished(tmp_path, kind="CBOW", source="36 short texts", steps=100)
    assert "too few to learn much" in word2vec.describe_trained(result)
    with pytest.raises(KeyError):
        result.vector("xylophone")


def test_the_loss_is_drawn_beside_that_of_the_recorded_run():
    points = [[1, 4.0], [2, None], [3, 2.0]]
    assert [list(t.y) for t in figures.loss_line(points, 10, 50).data] == [[4.0, None, 2.0]]
    raced = figures.loss_line(points, 10, 50, [[5, 3.0]])
    assert [(t.name, list(t.x)) for t in raced.data] == [
        ("recorded run", [5]), ("this run", [1, 2, 3]),
    ]  # fmt: skip
    assert list(raced.layout.xaxis.range) == [0, 10]


def test_the_map_marks_the_chosen_words(trained):
    figure = figures.word_map(trained["CBOW"], ["dog", "cat", "gold"], ["gold"])
    assert list(figure.data[0].text) == ["dog", "cat", "gold"]
    assert len(set(figure.data[0].marker.color)) == 2
    x, y = figure.data[0].x, figure.data[0].y
    assert np.hypot(x[0] - x[1], y[0] - y[1]) < np.hypot(x[0] - x[2], y[0] - y[2])
