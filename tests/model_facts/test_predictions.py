"""The answer that is measured stands among the options of a lesson's question."""

from __future__ import annotations

import pytest

from lessons.applications import reranking, search
from lessons.architecture import compute as architecture
from lessons.catalog import find
from lessons.engine import recorded, tasks
from lessons.fine_tuning.settings import WAY_SEEDS
from lessons.tokenization.compute import tokenize
from tests.model_facts.rows import FACTS, read

ROWS = {row.name: row for row in read(FACTS)[1]}


@pytest.mark.parametrize(
    ("lesson", "row", "low", "high", "option"),
    [
        ("journey", "layer_where_the_hidden_word_takes_the_lead", 4, 6, "Only in the last layers"),
        ("attention", "attention_to_cls", 0.5, 1, "To [CLS], the first token"),
        (
            "encoder_layer", "left_without_the_residual_around_attention", 0, 0.1,
            "It falls apart",
        ),
        ("similarity", "strangers_by_cls", 0.4, 1, "Above 0.4"),
        ("next_sentence", "swapped_pairs_that_follow", 0.75, 1, "It hardly changes"),
    ],
)  # fmt: skip
def test_what_is_measured_can_be_chosen(lesson, row, low, high, option):
    assert option in find(lesson).predict.options
    assert low <= ROWS[row].low
    assert ROWS[row].high <= high


def test_the_share_of_embeddings_in_tiny_can_be_chosen():
    tiny = architecture.levels(architecture.PRESETS["Tiny"])
    share = tiny[0].parameters / sum(level.parameters for level in tiny)
    nearest = min((0.1, 0.3, 0.6, 0.9), key=lambda offered: abs(offered - share))
    assert f"about {nearest:.0%}" in find("architecture").predict.options
    assert abs(nearest - share) < 0.05


def test_the_pieces_of_unhappiness_can_be_chosen():
    pieces = len(tokenize("unhappiness").tokens) - 2  # without [CLS] and [SEP]
    assert str(pieces) in find("tokenization").predict.options


def test_what_the_recorded_transfer_reached_can_be_chosen():
    share = recorded.load("multilingual", "shared").moments[-1]["right"][1]
    assert share > 0.8
    assert "more than 8 in 10" in find("multilingual").prediction("transfer").options


def test_the_points_between_recorded_seeds_can_be_chosen():
    runs = [recorded.load("fine_tuning", f"all-{seed}") for seed in WAY_SEEDS]
    scores = [100 * run.moments[-1]["score"] for run in runs]
    apart = max(scores) - min(scores)
    bounds = {"less than 2": (0, 2), "2 to 5": (2, 5), "5 to 10": (5, 10), "more than 10": (10, 20)}
    asked = find("fine_tuning").prediction("luck")
    assert list(bounds) == list(asked.options)
    assert sum(low <= apart < high for low, high in bounds.values()) == 1


def test_what_a_minute_of_training_finds_can_be_chosen():
    asked = find("similarity").prediction("contrast")
    assert f"{len(tasks.split_partners().train)} other pairs" in asked.prompt
    assert "Half to four fifths" in asked.options
    row = ROWS["partners_found_after_training"]
    assert 0.5 < row.low < row.high <= 0.8
    assert row.low > ROWS["partners_found_before_training"].high


def test_what_a_second_look_is_worth_can_be_chosen():
    runs = {reads: recorded.load("applications", reads) for reads in reranking.READS}
    facts = runs["together"].facts
    scores = {reranking.READS[reads]: run.moments[-1]["scores"] for reads, run in runs.items()}
    found = {
        score.title: score
        for score in reranking.compared(facts, scores, search.BOTH, reranking.DEEPEST)
    }
    alone, looked = (
        found[title]
        for title in (search.METHOD_TITLES[search.BOTH], reranking.READS[reranking.TOGETHER])
    )
    assert find("applications").prediction("rerank").options == reranking.VERDICTS
    assert reranking.verdict(alone, looked) == "No clear difference"
    said = find("applications").section("what-came-out")
    exact = [row for row in facts["questions"] if row["kind"] == "exact"]
    assert f"{len(facts['questions'])} questions to measure on, and only {len(exact)} " in said
