"""The table, counted again to the last digit; the chooser; two models on one sentence."""

import itertools
from dataclasses import replace

import pytest

from lessons.engine import load_model
from lessons.variants import chooser, family, side_by_side

# Encoder and pooler without task head, and the embeddings among them, to the last digit.
PUBLISHED = {
    "BERT-tiny": (4_385_920, 3_972_864),
    "BERT-mini": (11_170_560, 7_945_728),
    "BERT-small": (28_763_648, 15_891_456),
    "BERT-medium": (41_373_184, 15_891_456),
    "BERT-base uncased": (109_482_240, 23_837_184),
    "BERT-base cased": (108_310_272, 22_665_216),
    "BERT-large": (335_141_888, 31_782_912),
    "DistilBERT": (66_362_880, 23_835_648),
    "RoBERTa-base": (124_645_632, 39_000_576),
    "ALBERT-base-v2": (11_683_584, 3_906_048),
    "ELECTRA-small": (13_483_008, 3_972_864),
    "ELECTRA-base": (108_891_648, 23_837_184),
    "DeBERTa-v3-small": (141_304_320, 98_382_336),
    "DeBERTa-v3-base": (183_831_552, 98_382_336),
    "ModernBERT-base": (149_014_272, 38_683_392),
    "ModernBERT-large": (394_781_696, 51_577_856),
    "mBERT cased": (177_853_440, 92_208_384),
    "XLM-R base": (278_043_648, 192_398_592),
    "all-MiniLM-L6-v2": (22_713_216, 11_918_592),
    "paraphrase-multilingual-MiniLM-L12-v2": (117_653_760, 96_212_352),
    "BGE-M3": (567_754_752, 264_395_776),
}


def test_the_table_has_every_model_with_a_source():
    assert {m.name: (m.parameters, m.embeddings) for m in family.family()} == PUBLISHED
    assert all(m.source.startswith("https://") for m in family.family())
    assert {m.name: m.glue for m in family.family() if m.glue} == {
        "BERT-base uncased": 84.7, "RoBERTa-base": 86.4, "DeBERTa-v3-base": 88.1,
        "ModernBERT-base": 88.4, "BERT-large": 85.2, "ModernBERT-large": 90.4,
    }  # fmt: skip


@pytest.mark.parametrize("member", family.family(), ids=lambda m: m.name)
def test_a_model_built_without_memory_has_what_the_table_says(member):
    counted = family.count(member)
    said = (
        member.parameters, member.embeddings, member.layers, member.hidden, member.vocabulary,
        member.context,
    )  # fmt: skip
    found = (
        counted.parameters, counted.embeddings, counted.layers, counted.hidden,
        counted.vocabulary, counted.context,
    )  # fmt: skip
    assert found == said


def test_one_layer_in_place_of_twelve_leaves_mostly_the_word_table():
    """What the lesson says of ALBERT: sharing alone does not make BERT-base that small."""
    base = next(member for member in family.family() if member.name == "BERT-base uncased")
    one = family.count(replace(base, values={"num_hidden_layers": 1}))
    assert round(one.parameters / 1e6, 1) == 31.5
    assert one.embeddings > one.parameters / 2


def test_a_run_counts_and_a_wrong_count_is_named():
    run = family.Counting({"names": ["BERT-tiny", "ALBERT-base-v2"]})
    while not run.finished:
        run.step()
    counted = run.moment()["counted"]
    assert counted == {"BERT-tiny": 4_385_920, "ALBERT-base-v2": 11_683_584}
    assert "every count agrees" in family.describe_counting(counted)
    assert "wrong about BERT-tiny" in family.describe_counting({"BERT-tiny": 1})


def test_the_family_in_words():
    said = family.describe_family(family.family())
    assert "BERT-tiny" in said
    assert "567.8 million (BGE-M3)" in said


# --- the chooser


def every_answer():
    options = [list(answers) for answers in chooser.QUESTIONS.values()]
    for values in itertools.product(*options):
        yield dict(zip(chooser.QUESTIONS, values, strict=True))


def test_every_answer_gets_a_model_with_a_reason_or_an_honest_no():
    seen = set()
    for answers in every_answer():
        found = chooser.choose(answers)
        seen.add(found.model)
        if answers["task"] == "write":
            assert found.model is None
            assert "decoder" in found.reasons[0]
        elif (answers["task"], answers["data"]) == ("words", "none"):
            assert found.model is None
            assert any("label some sentences" in reason for reason in found.reasons)
        else:
            assert found.model is not None
            assert found.reasons or found.points[found.model] <= 0
    assert {"ModernBERT-base", "XLM-R base", "all-MiniLM-L6-v2", "ELECTRA-small", "BGE-M3"} <= seen


def test_no_answer_is_a_model_that_cannot_do_the_job():
    for answers in every_answer():
        model = chooser.winner(answers)
        if model is None:
            continue
        if answers["task"] == "search" or answers["data"] == "none":
            assert model in chooser.COMPARE, answers
        if answers["machine"] == "phone":
            assert chooser.SIZES[model] <= chooser.TOO_LARGE_FOR_A_PHONE, answers
        assert (model in chooser.ENGLISH) <= (answers["language"] == "english"), answers
        if answers["task"] == "search" and answers["length"] == "long":
            fits = [m for m in chooser.COMPARE if m in chooser.LONG]
            assert model in fits or answers["machine"] == "phone", answers


@pytest.mark.parametrize(
    ("answers", "model"),
    [
        ({}, "DeBERTa-v3-base"),
        ({"task": "search"}, "all-MiniLM-L6-v2"),
        ({"task": "search", "language": "many"}, "paraphrase-multilingual-MiniLM-L12-v2"),
        ({"task": "search", "length": "long"}, "BGE-M3"),
        ({"language": "many"}, "XLM-R base"),
        ({"length": "long"}, "ModernBERT-base"),
        ({"latency": "tight"}, "DistilBERT"),
        ({"machine": "phone"}, "ELECTRA-small"),
    ],
)
def test_jobs_and_their_models(answers, model):
    assert chooser.winner({**chooser.DEFAULTS, **answers}) == model


def test_what_would_change_the_answer_does_change_it():
    found = chooser.choose(chooser.DEFAULTS)
    assert found.changes
    for question, other, then in found.changes:
        assert chooser.winner({**chooser.DEFAULTS, question: other}) == then != found.model


def test_rules_speak_of_questions_answers_and_models_that_exist():
    names = {member.name for member in family.family()}
    assert set(chooser.MODELS) <= names
    for rule in chooser.RULES:
        assert rule.answer in chooser.QUESTIONS[rule.question]
        assert rule.also is None or rule.also[1] in chooser.QUESTIONS[rule.also[0]]
        assert set(rule.models) <= set(chooser.MODELS)
    with pytest.raises(KeyError):
        chooser.points_of({**chooser.DEFAULTS, "task": "dance"})


def test_a_tie_is_called_one():
    tie = chooser.Choice("a", {"a": 3, "b": 3}, (), (), ())
    assert "either will do" in chooser.describe_choice(tie)
    alone = chooser.Choice("a", {"a": 3, "b": chooser.OUT}, (), (), ())
    assert "ruled out" in chooser.describe_choice(alone)


# --- two models


def test_a_hidden_word_is_the_same_place_for_any_vocabulary():
    model = load_model("minilm-mlm")
    encoding = model.encode("Her unhappiness grew.", "It did.")
    places = side_by_side.hidden_words(encoding, (0, 2, 3, 4, 5, 9))
    assert places == ((0, 4, 15), (1, 0, 2))
    texts = side_by_side.with_masks("Her unhappiness grew.", "It did.", places, "<mask>")
    assert texts == ["Her <mask> grew.", "<mask> did."]


def test_one_model_predicts_and_the_other_has_nothing_to_say():
    text = "Paris is the capital of France."
    models = [load_model(name) for name in ("minilm-mlm", "minilm")]
    places = side_by_side.hidden_words(models[0].encode(text), (6,))
    first, second = side_by_side.answers(models, text, None, places)
    assert second.words is None
    assert first.words is not None
    assert len(first.words) == 1
    assert first.tokens[6] == "[MASK]"
    assert first.words[0][0][1] >= first.words[0][-1][1]
    assert first.milliseconds > 0
    said = side_by_side.describe_two(first, second)
    assert "same number of parameters" in said


def test_a_mask_typed_by_hand_is_a_gap_too():
    model = load_model("minilm-mlm")
    text = "Paris is the [MASK] of France."
    (found,) = side_by_side.answers([model], text, None, ())
    assert found.words is not None
    assert len(found.words) == 1
    (nothing,) = side_by_side.answers([model], "No gap.", None, ())
    assert nothing.words == []
