"""Roles and relations, on attention made by hand and on our own sentences."""

import numpy as np
import pytest

from lessons.attention import detective as d
from lessons.catalog import find


def made(trace, **heads):
    """The trace with one layer of hand-made heads."""
    import dataclasses

    return dataclasses.replace(trace, attention_weights=np.stack(list(heads.values()))[None])


def test_every_role_is_recognised(model):
    trace = model.trace("the dog saw the cat , and the cat ran .")
    size = len(trace.tokens)
    eye = np.eye(size, dtype=np.float32)
    rng = np.random.default_rng(0)

    def shifted(step):
        weights = np.full((size, size), 0.1 / size, dtype=np.float32)
        for i in range(size):
            weights[i, min(max(i + step, 0), size - 1)] += 0.9
        return weights

    def column(place):
        weights = np.full((size, size), 0.1 / size, dtype=np.float32)
        weights[:, place] += 0.9
        return weights

    the = [i for i, token in enumerate(trace.tokens) if token == "the"]
    same = eye.copy()
    for i, token in enumerate(trace.tokens):
        twins = [j for j, other in enumerate(trace.tokens) if other == token and j != i]
        if twins:
            same[i] = 0
            same[i, twins] = 1 / len(twins)
        else:
            same[i] = rng.dirichlet(np.full(size, 5.0))
    trace = made(
        trace, previous=shifted(-1), next=shifted(1), itself=0.9 * eye + 0.1 / size,
        same=same, cls=column(0), sep=column(size - 1), comma=column(6),
        broad=np.full((size, size), 1 / size, dtype=np.float32),
    )  # fmt: skip
    assert len(the) == 3
    labels = [label.role for label in d.roles_of(trace).labels[0]]
    assert labels == [
        "previous", "next", "itself", "same word", "[CLS]", "[SEP]", "punctuation", "broad",
    ]  # fmt: skip
    assert "1 previous" in d.describe_roles(d.roles_of(trace))


def test_left_out_special_tokens_show_what_is_beneath(model):
    trace = model.trace("the dog saw the cat")
    size = len(trace.tokens)
    weights = np.zeros((size, size), dtype=np.float32)
    weights[:, 0] = 0.8
    for i in range(size):
        weights[i, max(1, i - 1)] += 0.2
    trace = made(trace, one=weights)
    assert d.roles_of(trace).labels[0][0].role == "[CLS]"
    assert d.roles_of(trace, ignore_special=True).labels[0][0].role == "previous"
    assert d.special_share(trace) == pytest.approx(0.8 + 0.0, abs=0.01)


def test_a_line_of_the_file_is_read():
    parsed = d.parse_line("The/det>dog dog/nsubj>saw saw itself/obj>saw/coref>dog .")
    assert parsed.text == "The dog saw itself ."
    assert d.Arc("det", 0, 1) in parsed.arcs
    assert d.Arc("coref", 3, 1) in parsed.arcs
    assert parsed.text[slice(*parsed.spans[3])] == "itself"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("The/det>dog cat", "stands there 0 times"),
        ("The/dett>dog dog", "no relation"),
        ("the/det>dog dog and a dog", "stands there 2 times"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line, why):
    with pytest.raises(ValueError, match=why):
        d.parse_line(line)


def test_our_sentences():
    sentences = d.parsed_sentences()
    assert len(sentences) >= 150
    assert len({sentence.text for sentence in sentences}) == len(sentences)
    counts = {r: sum(a.relation == r for s in sentences for a in s.arcs) for r in d.RELATIONS}
    assert min(counts.values()) >= 20, counts
    for sentence in sentences:
        for arc in sentence.arcs:
            before = {"det": 1, "amod": 1, "aux": 1, "auxpass": 1, "poss": 1}.get(arc.relation)
            if before:
                assert arc.word < arc.other, (sentence.text, arc)
            if arc.relation in ("obj", "pobj", "prt", "coref"):
                assert arc.word > arc.other, (sentence.text, arc)


def test_word_maps_leave_special_tokens_out(model):
    sentence = d.parse_line("John's/poss>unhappiness unhappiness grew .")
    trace = model.trace(sentence.text)
    found = d.word_map(trace, sentence)
    assert found.shape == (6, 12, 4, 4)
    pieces = [i for i, token in enumerate(trace.tokens) if token in ("john", "'", "s")]
    grew = trace.tokens.index("grew")
    np.testing.assert_allclose(
        found[2, 3, 2, 0], trace.attention_weights[2, 3, grew, pieces].sum(), atol=1e-6
    )


def test_a_head_that_follows_the_grammar_scores_full_and_an_offset_does_not():
    sentences = [
        d.parse_line("the/det>dog dog saw"),
        d.parse_line("a/det>cat big cat saw"),
        d.parse_line("the/det>bird small red bird saw"),
        d.parse_line("a/det>fish fish saw"),
    ] * 4
    maps = []
    for sentence in sentences:
        count = len(sentence.words)
        knows, next_one = np.eye(count), np.eye(count, k=1)
        for arc in sentence.arcs:
            knows[arc.word] = np.eye(count)[arc.other]
        maps.append(np.stack([knows, next_one])[None].astype(np.float32))
    found = d.score("det", d.hits_of(maps, sentences)["det"])
    assert found.best == (0, 0)
    assert found.best_forward
    assert found.fair == 1
    np.testing.assert_allclose(found.accuracy[0], [1.0, 0.5])
    assert found.baseline <= 0.5
    assert found.baseline_name == "the word 1 to the right"
    assert found.rule_name == "the nearest noun after"
    assert found.rule == 1
    assert not found.past_rules.certain
    assert "more than count words, but no more than a simple rule" in d.describe_score(found)


def test_short_rules_solve_our_sentences_all_but_coreference():
    sentences = d.parsed_sentences()
    maps = [np.zeros((1, 1, len(s.words), len(s.words)), dtype=np.float32) for s in sentences]
    scores = {r: d.score(r, hits) for r, hits in d.hits_of(maps, sentences).items()}
    assert all(score.rule > 0.95 for r, score in scores.items() if r != "coref")
    assert scores["coref"].rule_name == "the sentence's first subject"


def test_some_head_of_the_model_beats_counting(model):
    sentences = d.parsed_sentences()[:40]
    seen = []
    scores = d.investigate(model, sentences, seen.append)
    assert scores["obj"].fair > scores["obj"].baseline + 0.2
    assert seen[-1] == 1
    assert "object → its verb" in d.describe_scores(list(scores.values()))


def test_the_rivals_need_no_model_and_are_those_of_the_scores():
    sentences = d.parsed_sentences()
    maps = [np.zeros((1, 1, len(s.words), len(s.words)), dtype=np.float32) for s in sentences]
    found = {rival.relation: rival for rival in d.rivals()}
    assert set(found) == set(d.RELATIONS)
    for relation, hits in d.hits_of(maps, sentences).items():
        rival, score = found[relation], d.score(relation, hits)
        assert rival.count == score.count
        assert (rival.baseline, rival.baseline_name) == (score.baseline, score.baseline_name)
        assert (rival.rule, rival.rule_name) == (score.rule, score.rule_name)
    assert "what a head has to beat" in d.describe_rivals(d.rivals())


def test_rules_know_kinds_of_words_and_no_more():
    sentence = d.parse_line("Anna/nsubj>saw saw a/det>dog dog/obj>saw with her/coref>Anna .")
    kinds = d.kinds_of(sentence)
    assert list(np.flatnonzero(kinds["noun"])) == [0, 3, 5]
    assert list(np.flatnonzero(kinds["verb"])) == [1]
    assert d.by_rule("the nearest noun before", kinds, 5) == 3
    assert d.by_rule("the nearest noun after", kinds, 2) == 3
    assert d.by_rule("the sentence's first subject", kinds, 5) == 0
    assert d.by_rule("the sentence's first subject", kinds, 0) is None
    assert d.by_rule("the nearest preposition before", kinds, 5) is None


def test_a_lead_has_an_interval_and_one_of_few_is_not_certain():
    assert not d.lead(np.array([True] * 25), np.array([True] * 24 + [False])).certain
    sure = d.lead(np.array([True] * 25), np.array([True] * 10 + [False] * 15))
    assert sure.certain
    assert sure.mean == pytest.approx(0.6)
    assert sure.half == pytest.approx(1.96 * np.sqrt(0.24 / 24), rel=1e-6)


def test_a_head_is_tested_where_it_was_not_chosen():
    first, second = "the/det>dog dog saw", "a/det>cat big cat saw"
    sentences = [d.parse_line(line) for line in (first, second)]
    maps = []
    for sentence, right in zip(sentences, (True, False), strict=True):
        weights = np.eye(len(sentence.words), k=1 if right else 3, dtype=np.float32)
        weights[sentence.arcs[0].other, -1] = 1  # the noun looks ahead, never back to "the"
        maps.append(weights[None, None])
    found = d.score("det", d.hits_of(maps, sentences)["det"])
    assert found.learned[0, 0] == 0  # right in the first sentence, as the next word is
    assert found.accuracy[0, 0] == 0.5
    assert found.tested.mean[0, 0] == 0  # wrong in the second, as the next word is


def test_heads_are_named_after_what_they_find_beyond_counting():
    def a_score(relation, learned, tested, half):
        found = np.array(learned, dtype=np.float32)[None]
        lead = d.Lead(np.array([tested]), np.array([half]))
        past = d.Lead(np.array([[0.2, -0.2, 0.0]]), np.full((1, 3), 0.1))
        return d.Score(
            relation, 9, found, (0, 0), True, fair=0.9, baseline=0.6,
            baseline_name="the word 1 to the right", rule=0.8,
            rule_name="the nearest noun after", past_counting=lead, past_rules=past,
            learned=found, tested=lead, tested_rules=past,
        )  # fmt: skip

    found = d.specialists(
        {
            "det": a_score("det", [0.3, 0.1, 0.1], [0.3, 0.9, 0.1], [0.1, 0.1, 0.2]),
            "obj": a_score("obj", [0.1, 0.4, 0.0], [0.9, 0.4, 0.9], [0.1, 0.1, 0.1]),
        }
    )
    assert found.names == (("det", "obj", None),)
    np.testing.assert_allclose(found.margins, [[0.3, 0.4, 0.1]], atol=1e-6)
    said = d.describe_specialists(found)
    assert "2 of 3 heads" in said
    assert "layer 1, head 2 on object → its verb" in said
    assert "1 of them beats the best simple rule" in said
    none = d.specialists({"det": a_score("det", [0.3] * 3, [0.1] * 3, [0.2] * 3)})
    assert "No head" in d.describe_specialists(none)


def test_sinks_are_counted_by_weight_and_by_what_arrives(trace):
    import dataclasses

    silent = trace.values.copy()
    silent[:, :, [0, -1]] = 0  # [CLS] and [SEP] hand over nothing
    silent_trace = dataclasses.replace(trace, values=silent)
    assert d.arriving_share(silent_trace) == 0
    assert 0 < d.arriving_share(trace) < 1
    assert d.cls_share(trace) < d.special_share(trace)
    assert "weight × length" in d.describe_sinks(trace)
    assert "weight ×" not in d.describe_sinks(dataclasses.replace(trace, values=None))


def test_the_game_ranks_a_guess(trace):
    roles = d.roles_of(trace)
    riddle = next(r for r in d.riddles(roles) if r.role == "previous")
    best = np.unravel_index(int(roles.shares["previous"].argmax()), (6, 12))
    worst = np.unravel_index(int(roles.shares["previous"].argmin()), (6, 12))
    assert riddle.verdict(roles, *best)[0] == 1
    assert riddle.verdict(roles, *worst)[0] == 72
    assert f"layer {best[0] + 1}, head {best[1] + 1}" in riddle.verdict(roles, *worst)[1]


def test_only_special_tokens_are_labelled_all_the_same(model):
    trace = model.trace("")
    assert len(d.roles_of(trace, ignore_special=True).labels) == 6


def test_where_most_attention_goes_is_read_from_the_weights(model):
    trace = model.trace("the dog saw the cat .")
    size = len(trace.tokens)
    rows = np.arange(size)
    to_first, to_next, even = (np.zeros((size, size), dtype=np.float32) for _ in range(3))
    to_first[:, 0] = 1
    to_next[rows, np.minimum(rows + 1, size - 1)] = 1
    even[:] = 1 / size
    options = find("attention").predict.options
    for weights, truth in ((to_first, options[2]), (to_next, options[1]), (even, None)):
        said, values = d.where_it_goes(made(trace, head=weights))
        assert said == truth
        assert len(values) == len(options)
        assert values[2] == pytest.approx(weights[:, 0].mean())
