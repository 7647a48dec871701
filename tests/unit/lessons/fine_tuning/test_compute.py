"""Baselines, scores, answers and words, worked by hand; charts hold what they are given."""

import numpy as np
import pytest
import torch

from lessons.engine import load_model
from lessons.engine.tasks import Asked, Labelled, Name, Split, Tagged
from lessons.fine_tuning import baselines, compute, examples, figures
from lessons.fine_tuning.settings import BASE, Settings

FACTS = {
    "kind": "class", "labels": ["bad", "good"], "n_train": 8, "n_dev": 4, "n_gaps": 80,
    "steps": 20, "baselines": {"most frequent label": 0.5, "bag of words": 0.75},
    "dev": [
        {"text": "a", "right": 0}, {"text": "b", "right": 0},
        {"text": "c", "right": 1}, {"text": "d", "right": 1},
    ],
}  # fmt: skip
BEFORE = {
    "step": 0, "loss": 0.7, "score": 0.5, "second": None, "masked": 0.4,
    "answers": [[0.9, 0.1]] * 4, "map": [[0, 0], [5, 0], [0, 1], [5, 1]],
}  # fmt: skip
AFTER = {
    "step": 20, "loss": 0.3, "score": 0.75, "second": None, "masked": 0.1,
    "answers": [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]],
    "map": [[0, 0], [0, 1], [9, 0], [9, 1]],
}  # fmt: skip


def test_confusion_counts_right_in_rows_and_said_in_columns():
    assert compute.confusion(FACTS, AFTER) == [[1, 1], [0, 2]]
    words = compute.describe_confusion(FACTS, [[1, 1], [0, 2]])
    assert words == "Most frequent confusion: bad taken for good, 1 times."
    assert "No row" in compute.describe_confusion(FACTS, [[2, 0], [0, 2]])


def test_mistakes_come_with_what_was_said_the_surest_first():
    (only,) = compute.mistakes(FACTS, AFTER)
    assert (only.text, only.right, only.said, only.probability) == ("b", "bad", "good", 0.8)
    unsure = {**AFTER, "answers": [[0.4, 0.6], [0.2, 0.8], [0.7, 0.3], [0.1, 0.9]]}
    assert [m.text for m in compute.mistakes(FACTS, unsure)] == ["b", "c", "a"]


def test_neighbors_on_the_map():
    assert compute.separation(FACTS, BEFORE) == 0
    assert compute.separation(FACTS, AFTER) == 1


def test_the_verdict_compares_with_the_best_baseline_and_owns_up():
    assert "0 points less" in compute.describe_run(FACTS, [BEFORE, AFTER])
    better = {**AFTER, "score": 0.9}
    assert "15 points more, too little to tell on 4 rows" in compute.describe_run(
        FACTS, [BEFORE, better]
    )
    many = {**FACTS, "n_dev": 400}
    said = compute.describe_run(many, [BEFORE, better])
    assert "15 points more. On other rows it could as well be from 87% to 93%." in said
    assert "25 points less" in compute.describe_run(FACTS, [BEFORE])


def test_learning_by_heart_shows_in_the_loss_on_dev():
    assert "not turned upward" in compute.describe_curves(FACTS, [BEFORE, AFTER])
    said = compute.describe_curves(FACTS, [BEFORE, AFTER, {**AFTER, "loss": 0.5}])
    assert "0.30 at its lowest and is 0.50 now" in said


@pytest.mark.parametrize(
    ("after", "words"), [(0.1, "forgotten much"), (0.35, "a little"), (0.4, "nothing to speak of")]
)
def test_forgetting_in_words(after, words):
    assert words in compute.describe_forgetting(FACTS, [BEFORE, {**AFTER, "masked": after}])


def test_titles():
    assert compute.title_of(Settings()) == "Sentiment, last 3 layers, 2e-4 × 4, seed 1"


def test_bag_of_words_and_majority():
    train = tuple(Labelled(f"{w} thing {i}", (w,)) for i in range(4) for w in ("red", "blue"))
    train += (Labelled("red again", ("red",)),)
    dev = (Labelled("a red one", ("red",)), Labelled("a blue one", ("blue",)))
    split = Split(train, dev)
    assert baselines.majority(split) == 0.5
    assert baselines.bag_of_words(split, 1) == 1.0


def test_memory_knows_seen_words_only():
    seen = Tagged("Ann sang.", (Name(0, 3, "person"),))
    new = Tagged("Ann met Bo.", (Name(0, 3, "person"), Name(8, 10, "person")))
    given = baselines.remembered_tags(Split((seen,), (new,)))
    assert given == [["B-person", "O", "O", "O"]]
    assert baselines.name_f1(given, [new.tags]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        (["B-person", "I-person", "O"], {(0, 2, "person")}),
        (["B-person", "B-person"], {(0, 1, "person"), (1, 2, "person")}),
        (["I-place", "I-person"], {(0, 1, "place"), (1, 2, "person")}),
        (["O", "B-place"], {(1, 2, "place")}),
        (["O", "O"], set()),
    ],
)
def test_names_in_tags(tags, names):
    assert baselines.names_in(tags) == names


def test_word_overlap():
    assert baselines.overlap("the red barn", "red barn") == 1
    assert baselines.overlap("a red house", "red barn") == 0.5
    assert baselines.overlap("", "red barn") == 0


def test_the_likeliest_sentence():
    row = Asked("It rained. The hens ate corn. We slept.", "What did the hens eat?", "corn", 24)
    start, end = baselines.likeliest_sentence(row)
    assert row.paragraph[start:end] == "The hens ate corn."


def test_spans_stay_in_the_paragraph_and_run_forward():
    base = load_model(BASE)
    encoding = examples.read_text(base, "Where are the hens?", "The hens are behind the barn.")
    logits = torch.zeros(len(encoding), 2)
    places = [i for i, s in enumerate(encoding.sentence_ids) if s == 1]
    logits[1] = 50.0  # in the question: not allowed
    logits[places[5], 0] = 9.0  # the
    logits[places[3], 1] = 20.0  # behind: ends before it begins
    logits[places[6] if len(places) > 6 else places[-1], 1] = 15.0
    start, end, sure = examples.best_span(encoding, logits)
    assert (start, end) != (0, 0)
    assert encoding.pair[start:end]
    assert start < end
    assert 0 < sure <= 1
    with pytest.raises(ValueError, match="no paragraph"):
        examples.best_span(examples.read_text(base, "Where?"), torch.zeros(3, 2))


def test_only_first_pieces_are_asked():
    base = load_model(BASE)
    row = Tagged("Zielinski slept.", (Name(0, 9, "person"),))
    (example,) = examples.token_examples(base, [row])
    assert len(example.encoding) > 5  # the name is cut
    asked = example.target[example.target != examples.IGNORED]
    assert asked.tolist() == [1, 0, 0]


def test_parts_joined_are_the_text():
    text = "Ann Lee went to Rome."
    parts = compute.parts_of(text, ["B-person", "I-person", "O", "O", "B-place", "O"])
    assert "".join(part.text for part in parts) == text
    assert [(p.text, p.kind) for p in parts if p.kind] == [("Ann Lee", "person"), ("Rome", "place")]


def test_charts_hold_what_they_are_given():
    points = [[1, 0.7, 1e-4, 0.5], [2, None, 1e-4, 0.5]]
    chart = figures.curves(points, [BEFORE, AFTER], FACTS, "accuracy")
    assert [trace.name for trace in chart.data] == [
        "loss in training", "loss on dev", "score on dev", "most frequent label", "bag of words",
    ]  # fmt: skip
    assert list(chart.data[2].y) == [0.5, 0.75]
    raced = figures.curves(points, [BEFORE, AFTER], FACTS, "accuracy", [AFTER, BEFORE])
    ghosts = [list(trace.y) for trace in raced.data if trace.name == "recorded run"]
    assert ghosts == [[m[key] for m in (AFTER, BEFORE)] for key in ("loss", "score")]
    heat = figures.confusion_heatmap(["<b>bad", "good"], [[1, 1], [0, 2]])
    assert heat.layout.xaxis.ticktext[0] == "&lt;b&gt;bad"
    np.testing.assert_array_equal(heat.data[0].z, [[1, 1], [0, 2]])
    maps = figures.vector_maps(FACTS, BEFORE, AFTER)
    assert len(maps.data) == 4
    bars = figures.run_bars(["one", "two"], [0.5, 0.6], 0.4, [0.4, 0.1])
    assert list(bars.data[1].x) == [0.4, 0.1]
    assert list(figures.label_bars([("good", 0.9), ("bad", 0.1)]).data[0].x) == [0.9, 0.1]
