"""The claims are measured on balanced sentences."""

import numpy as np

from lessons.word_senses import claims
from lessons.word_senses.examples import locate


def test_every_name_is_the_meant_one_once():
    items = claims.coreference_items()
    assert len(items) == 2 * len(claims.claims()["coreference"]) >= 20
    for first, second in zip(items[::2], items[1::2], strict=True):
        assert first.text[slice(*first.meant)] == second.text[slice(*second.other)]
        assert {first.text[slice(*first.pronoun)], second.text[slice(*second.pronoun)]} == {
            "she",
            "he",
        }
        for item in (first, second):
            woman = item.text[slice(*item.pronoun)] == "she"
            assert (item.text[slice(*item.meant)] in WOMEN) == woman, item.text


WOMEN = {
    "Anna",
    "Laura",
    "Mary",
    "Julia",
    "Susan",
    "Emma",
    "Alice",
    "Kate",
    "Sarah",
    "Helen",
    "Jane",
    "Lucy",
}


def test_in_the_role_sentences_only_role_and_place_change():
    for entry in claims.claims()["roles"]:
        words = [
            sorted(entry[name].replace("[", "").lower().rstrip(".").replace("]", "").split())
            for name in claims.ROLES
        ]
        content = [set(w) - {"was", "were", "by", "the", "her", "a"} for w in words]
        assert all(c == content[0] for c in content), content


def test_coreference_is_measured(model):
    found = claims.coreference(model)
    assert len(found.nearer) == model.spec.layers + 1
    assert all(0 <= share <= 1 for share in found.nearer)
    assert claims.percent(found.nearer[-1]) in claims.describe_coreference(found)


def test_roles_share_a_place_at_layer_0(model):
    """Before any attention only the position can differ: at the same place, hardly anything."""
    found = claims.roles(model)
    assert found.same_place[0] > found.same_role[0]
    assert len(found.neither) == model.spec.layers + 1
    assert f"{found.same_role[-1]:.2f}" in claims.describe_roles(found)


def test_the_text_says_to_which_cold_each_word_leans(model):
    cold = claims.claims()["cold"]
    found = claims.contrast(model, locate(cold["first"]), locate(cold["second"]), cold["words"])
    for layer in range(len(found.first)):
        said = claims.describe_contrast(found, layer)
        first, second, neither = found.leaning(layer)
        assert sorted(first + second + neither) == sorted(cold["words"])
        for start, words in (
            ("Nearer to the first", first),
            ("Nearer to the second", second),
            ("No nearer to either than a check word", neither),
        ):
            assert (f"{start}: {', '.join(words)}." in said) == bool(words)
        assert f"{found.each_other[layer]:.2f}" in said
    assert found.each_other[-1] < found.each_other[0]


def test_words_without_a_token_are_left_out(model):
    found = claims.contrast(model, ("a b", (0, 1)), ("a b", (2, 3)), ["\u200b", "b"])
    checks = claims.claims()["cold"]["checks"]
    assert found.words == ["b", *checks]
    none = claims.contrast(model, ("a b", (0, 1)), ("a b", (2, 3)), [])
    assert none.words == checks
    assert none.leaning(6) == ([], [], [])


def test_a_word_leans_only_beyond_both_check_words():
    rows = np.array([[0.5, 0.2, 0.1, 0.3, 0.2]]), np.array([[0.1, 0.4, 0.1, 0.2, 0.3]])
    found = claims.Contrast(["far", "away", "flat", "one", "two"], *rows, 2, [0.5])
    assert found.leaning(0) == (["far"], ["away"], ["flat"])


def test_words_in_a_list():
    assert claims.words_in(" cruel, cold;  cruel\nwinter ,") == ["cruel", "cold", "winter"]
    assert len(claims.words_in(" ".join(map(str, range(50))))) == claims.MOST_WORDS
