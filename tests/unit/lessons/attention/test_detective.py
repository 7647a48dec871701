"""Roles and relations, on attention made by hand and on our own sentences."""

import numpy as np
import pytest

from lessons.attention import detective as d


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
    ]
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
    assert found.offset == 1
    assert "more than count words" in d.describe_score(found)


def test_some_head_of_the_model_beats_counting(model):
    sentences = d.parsed_sentences()[:40]
    seen = []
    scores = d.investigate(model, sentences, seen.append)
    assert scores["obj"].fair > scores["obj"].baseline + 0.2
    assert seen[-1] == 1
    assert "object → its verb" in d.describe_scores(list(scores.values()))


def test_heads_are_named_after_what_they_find_beyond_counting():
    def a_score(relation, accuracy, baseline):
        found = np.array(accuracy, dtype=np.float32)[None]
        return d.Score(relation, 9, found, (0, 0), True, 0.9, baseline, 1)

    found = d.specialists(
        {"det": a_score("det", [0.9, 0.62, 0.2], 0.6), "obj": a_score("obj", [0.4, 0.7, 0.3], 0.3)}
    )
    assert found.names == (("det", "obj", None),)
    np.testing.assert_allclose(found.margins, [[0.3, 0.4, 0.0]], atol=1e-6)
    said = d.describe_specialists(found)
    assert "2 of 3 heads" in said
    assert "layer 1, head 2 on object → its verb" in said
    none = d.specialists({"det": a_score("det", [0.6, 0.1, 0.2], 0.6)})
    assert "No head" in d.describe_specialists(none)


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
