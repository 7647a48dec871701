"""The small languages: grammar holds, links are right, text is split honestly."""

from itertools import pairwise
from random import Random

import pytest

from lessons.pretraining.languages import (
    HELD_OUT,
    MASK,
    SHORTEST_OWN_TEXT,
    grammar_corpus,
    languages,
    own_text,
    sentences_of,
    text_corpus,
)

ALL = list(languages().values())
by_slug = pytest.mark.parametrize("language", ALL, ids=lambda language: language.slug)


def drawn(language, n=300):
    rng = Random(7)
    return [language.draw(rng) for _ in range(n)]


def test_there_are_at_least_four_languages():
    assert len(languages()) >= 4


@by_slug
def test_sentences_use_the_vocabulary_and_links_stay_inside(language):
    words = set(language.words)
    assert len(words) < 100
    for sentence in drawn(language):
        assert set(sentence.words) <= words
        assert sentence.links
        for asks, answers in sentence.links:
            assert 0 <= asks < len(sentence.words)
            assert 0 <= answers < len(sentence.words)
            assert asks != answers
        follower = language.follow(sentence, Random(1))
        assert set(follower.words) <= words
        assert 3 + len(sentence.words) + len(follower.words) <= 40


@by_slug
def test_a_seed_gives_the_same_text_and_another_seed_another(language):
    one = [str(s) for s in drawn(language)]
    assert one == [str(s) for s in drawn(language)]
    rng = Random(8)
    assert one != [str(language.draw(rng)) for _ in range(300)]


@by_slug
def test_probes_have_one_gap_and_their_answer_makes_a_sentence_of_the_grammar(language):
    class_of = {word: name for name, words in language.classes.items() for word in words}

    def shape(words):
        return tuple(word if class_of[word] == "order" else class_of[word] for word in words)

    links_of_shape, linked = {}, set()
    for sentence in drawn(language, 60_000):
        links_of_shape[shape(sentence.words)] = sentence.links
        linked |= {(sentence.words[asks], sentence.words[to]) for asks, to in sentence.links}
    assert len(language.probes) >= 4
    for probe in language.probes:
        assert probe.text.count(MASK) == 1
        for word in probe.right:
            words = probe.text.replace(MASK, word).split()
            assert {(words[asks], words[to]) for asks, to in links_of_shape[shape(words)]} <= linked


def test_the_verb_agrees_with_its_subject_and_not_with_what_stands_between():
    table = {}
    for sentence in drawn(languages()["agreement"], 3000):
        ((verb, subject),) = sentence.links
        table.setdefault(sentence.words[subject], set()).add(sentence.words[verb])
    assert len(table) == 16
    assert all(len(verbs) == 1 for verbs in table.values())
    assert table["dogs"] == {"bark"}
    assert table["dog"] == {"barks"}
    far = [s for s in drawn(languages()["agreement"]) if s.links[0][0] - s.links[0][1] > 3]
    assert len(far) > 50


def test_brackets_are_balanced_and_linked_to_their_partner():
    closes = {")": "(", "]": "[", "}": "{"}
    for sentence in drawn(languages()["brackets"]):
        waiting = []
        for i, word in enumerate(sentence.words):
            if word in closes:
                assert sentence.words[waiting[-1]] == closes[word]
                assert (i, waiting.pop()) in sentence.links
            else:
                waiting.append(i)
        assert not waiting


def test_copies_are_copies():
    for sentence in drawn(languages()["mirror"]):
        colon = sentence.words.index(":")
        first, second = sentence.words[1:colon], sentence.words[colon + 1 :]
        assert second == (first if sentence.words[0] == "same" else first[::-1])
        assert all(sentence.words[a] == sentence.words[b] for a, b in sentence.links)


def test_facts_belong_to_their_animal():
    facts = {}
    for sentence in drawn(languages()["facts"], 2000):
        for asks, answers in sentence.links:
            facts.setdefault(sentence.words[answers], set()).add(sentence.words[asks])
    assert len(facts) == 16
    assert all(len(known) <= 4 for known in facts.values())


@by_slug
def test_nothing_held_out_or_asked_is_in_the_training_text(language):
    corpus = grammar_corpus(language, 3, pairs=False, size=2000)
    train = {str(first) for first, _, _ in corpus.train}
    held_out = {str(first) for first, _, _ in corpus.held_out}
    assert len(corpus.train) == 2000
    assert len(held_out) == HELD_OUT
    assert not train & held_out
    for probe in corpus.probes:
        assert not train & {probe.text.replace(MASK, word) for word in probe.right}


@by_slug
def test_half_of_the_pairs_follow(language):
    corpus = grammar_corpus(language, 3, pairs=True, size=2000)
    assert all(second is not None for _, second, _ in corpus.train)
    share = sum(follows for _, _, follows in corpus.train) / 2000
    assert 0.45 < share < 0.55


def test_a_pasted_text_is_split_into_sentences_seen_and_held_out():
    corpus = text_corpus(own_text(), 1, pairs=False)
    train = {str(first) for first, _, _ in corpus.train}
    held_out = {str(first) for first, _, _ in corpus.held_out}
    assert len(held_out) >= 3
    assert not train & held_out
    assert corpus.probes
    for probe in corpus.probes:
        filled = probe.text.replace(MASK, probe.right[0]).lower()
        assert filled in {text.lower() for text in held_out}


def test_pairs_of_a_pasted_text_follow_or_do_not():
    sentences = [" ".join(part.split()) for part in sentences_of(own_text())]
    after = set(pairwise(sentences))
    for first, second, follows in text_corpus(own_text(), 1, pairs=True).train:
        if follows:
            assert (str(first), str(second)) in after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", f"at least {SHORTEST_OWN_TEXT}"),
        (" " * 500, f"at least {SHORTEST_OWN_TEXT}"),
        ("word " * 40 + ".", "at least eight sentences"),
        ("The same sentence again and again. " * 20, "more variety"),
    ],
)
def test_a_text_that_cannot_be_learned_from_is_refused_in_words(text, reason):
    with pytest.raises(ValueError, match=reason):
        text_corpus(text, 1, pairs=False)


def test_a_very_long_text_without_an_end_is_cut():
    parts = sentences_of("word " * 1000)
    assert max(len(part.split()) for part in parts) <= 24
    assert sum(len(part.split()) for part in parts) == 1000
