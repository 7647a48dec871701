"""How each fact of ``facts.toml`` is measured: one function for each row, of the same name.

Each takes the bundled model that predicts words and returns one number. Its docstring says in a
sentence what it counts, and is printed beside the value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from lessons.applications import chunks, reranking, search
from lessons.applications import compute as applications
from lessons.attention import detective
from lessons.attention.importance import each_head
from lessons.encoder_layer import compute as encoder_layer
from lessons.encoder_layer import outliers
from lessons.engine import load_model, recorded, tasks
from lessons.engine.comparison import compare
from lessons.engine.gaps import longest_word
from lessons.engine.model import BertModel
from lessons.engine.trace import Trace
from lessons.inputs import compute as inputs
from lessons.inputs.texts import texts
from lessons.journey.compute import first_right, journey
from lessons.next_sentence import compute as next_sentence
from lessons.positions import compute as positions
from lessons.similarity import compute as similarity
from lessons.word_senses import claims
from lessons.word_senses import compute as senses
from lessons.word_senses.examples import locate, occurrences, sense_words

ROOT = Path(__file__).resolve().parents[2]
MODEL = "minilm-mlm"
EVERYDAY = (  # a sentence and the place of a word that the context gives away
    ("The cat drank all the milk in the bowl.", 6),
    ("She sat on the bank of the river and watched the boats go by.", 8),
    ("He opened the door with his key.", 7),
    ("The birds built a nest in the old tree.", 5),
    ("We went to the station and took the train to the city.", 9),
    ("In winter the ground was covered with white snow.", 9),
)

Measure = Callable[[BertModel], float]
MEASURES: dict[str, Measure] = {}


def fact(measure: Measure) -> Measure:
    """Enter a function into `MEASURES` under its own name."""
    MEASURES[measure.__name__] = measure
    return measure


def bundled() -> BertModel:
    model = load_model(MODEL)
    assert isinstance(model, BertModel)
    return model


@lru_cache(maxsize=1)
def offered() -> tuple[str, ...]:
    """The sentences that every page offers."""
    table = tomllib.loads((ROOT / "assets/data/sentences.toml").read_text(encoding="utf-8"))
    return tuple(entry["text"] for entry in table["sentence"])


@lru_cache(maxsize=1)
def traces(model: BertModel) -> tuple[Trace, ...]:
    """The model on each of the sentences that every page offers."""
    return tuple(model.trace(text) for text in offered())


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


# --- the layers -----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def streams(model: BertModel) -> tuple[encoder_layer.Stream, ...]:
    found = [encoder_layer.stream_of(trace) for trace in traces(model)]
    return tuple(stream for stream in found if stream is not None)


def by_layer(model: BertModel, name: str) -> NDArray[np.floating]:
    """Mean over all tokens of the offered sentences of one array of `Stream`."""
    mean_of: NDArray[np.floating] = np.concatenate(
        [getattr(stream, name) for stream in streams(model)], axis=1
    ).mean(axis=1)
    return mean_of


@fact
def length_of_the_last_layer(model: BertModel) -> float:
    """Mean length of the last layer's vectors over the sentences that every page offers."""
    return float(by_layer(model, "lengths")[-1])


@fact
def length_of_the_other_layers(model: BertModel) -> float:
    """Mean length of the vectors of layers 1 to 5 on the same sentences."""
    return float(by_layer(model, "lengths")[1:-1].mean())


def in_two_dimensions(vectors: Sequence[NDArray[np.floating]]) -> float:
    """Share of the squared length of (T, D) vectors, all together, in their two loudest ones."""
    by_dimension = np.sort((np.concatenate(vectors) ** 2).sum(axis=0))
    return float(by_dimension[-2:].sum() / by_dimension.sum())


@fact
def last_layer_in_two_dimensions(model: BertModel) -> float:
    """Share of the squared length of the last layer's vectors that is in two dimensions."""
    return in_two_dimensions([trace.hidden_states[-1] for trace in traces(model)])


@fact
def last_sum_in_two_dimensions(model: BertModel) -> float:
    """The same for the sum that the last LayerNorm reads."""
    sums = [trace.feed_forward_sum for trace in traces(model)]
    return in_two_dimensions([layers[-1] for layers in sums if layers is not None])


@fact
def tokens_to_which_attention_adds_more(model: BertModel) -> float:
    """Share of tokens and layers to which attention adds the longer vector of the two halves."""
    return mean([float((s.attention > s.feed_forward).mean()) for s in streams(model)])


@fact
def feed_forward_against_attention_in_the_last_layer(model: BertModel) -> float:
    """Length of what feed-forward adds, in lengths of what attention adds, in the last layer."""
    return float(by_layer(model, "feed_forward")[-1] / by_layer(model, "attention")[-1])


@fact
def kept_from_layer_to_layer(model: BertModel) -> float:
    """Mean cosine of a token's vectors in two neighboring layers, the last step left out."""
    return mean([stream.alike[i, i + 1] for stream in streams(model) for i in range(5)])


@fact
def kept_in_the_last_layer(model: BertModel) -> float:
    """Mean cosine of a token's vectors before and after the last layer."""
    return mean([stream.alike[-2, -1] for stream in streams(model)])


@fact
def kept_over_all_layers(model: BertModel) -> float:
    """Mean cosine of a token's vector at the input and after the last layer."""
    return mean([stream.alike[0, -1] for stream in streams(model)])


def turned_by_layer_norm(model: BertModel) -> NDArray[np.floating]:
    """Cosine of a token's sum and what LayerNorm makes of it, mean over tokens: (2, L)."""
    found = []
    for trace in traces(model):
        assert trace.attention_sum is not None
        assert trace.attention_norm is not None
        assert trace.feed_forward_sum is not None
        pairs = (
            (trace.attention_sum, trace.attention_norm),
            (trace.feed_forward_sum, trace.hidden_states[1:]),
        )
        found.append(np.stack([encoder_layer.cosine(*pair) for pair in pairs]))
    means: NDArray[np.floating] = np.concatenate(found, axis=2).mean(axis=2)
    return means


@fact
def direction_kept_by_layer_norm(model: BertModel) -> float:
    """Mean cosine of a sum and its LayerNorm, all but the last."""
    return float(turned_by_layer_norm(model).T.reshape(-1)[:-1].mean())


@fact
def direction_kept_by_the_last_layer_norm(model: BertModel) -> float:
    """The same for the last one, after the last feed-forward."""
    return float(turned_by_layer_norm(model)[1, -1])


@fact
def units_that_fire(model: BertModel) -> float:
    """Share of feed-forward units above 0.1, over all layers and tokens of those sentences."""
    units = [trace.feed_forward_units for trace in traces(model)]
    return mean([float((u > encoder_layer.FIRES).mean()) for u in units if u is not None])


def without(model: BertModel, part: str) -> list[encoder_layer.Without]:
    """Everyday gaps with one part taken out of all layers."""
    return [
        encoder_layer.without(
            model, model.masked(model.encode(text), [at]), at, [part], range(model.spec.layers)
        )
        for text, at in EVERYDAY
    ]


@fact
def left_without_the_residual_around_attention(model: BertModel) -> float:
    """Median share of the first word's probability left without the residual around attention."""
    found = without(model, "attention_residual")
    return float(np.median([f.probability[1] / f.probability[0] for f in found]))


@fact
def left_without_feed_forward(model: BertModel) -> float:
    """Median share of the first word's probability that is left without feed-forward."""
    found = without(model, "feed_forward")
    return float(np.median([f.probability[1] / f.probability[0] for f in found]))


@fact
def loudest_dimension_against_the_median(model: BertModel) -> float:
    """Mean size of the loudest dimension, in sizes of the middle one, on the same sentences."""
    loud = [outliers.loudness_of(trace) for trace in traces(model)]
    return mean([float(one.overall.max()) / one.median for one in loud])


@fact
def loudest_five_in_common(model: BertModel) -> float:
    """How many of the five loudest dimensions two offered sentences share, on average."""
    tops = [set(outliers.loudness_of(trace).order[:5]) for trace in traces(model)]
    return mean([len(a & b) for i, a in enumerate(tops) for b in tops[:i]])


@lru_cache(maxsize=1)
def without_five(model: BertModel) -> tuple[outliers.Silenced, ...]:
    """Everyday gaps without the five loudest dimensions, and without five others."""
    found = []
    for text, at in EVERYDAY:
        encoding = model.masked(model.encode(text), [at])
        loud = outliers.loudness_of(model.trace(encoding))
        found.append(outliers.silenced(model, encoding, at, loud, 5))
    return tuple(found)


@fact
def left_without_the_five_loudest(model: BertModel) -> float:
    """Median share of the first word's probability left without the five loudest dimensions."""
    return float(np.median([one.without / one.whole for one in without_five(model)]))


@fact
def left_without_five_others(model: BertModel) -> float:
    """The same without five others, mean of 20 draws."""
    return float(np.median([one.others.mean() / one.whole for one in without_five(model)]))


@fact
def layer_where_the_hidden_word_takes_the_lead(model: BertModel) -> float:
    """Median layer from which on the hidden word leads, over gaps that end with it."""
    found = []
    for text, at in EVERYDAY:
        encoding = model.encode(text)
        right = first_right(journey(model, encoding, [at]), at)
        if right is not None:
            found.append(right)
    return float(np.median(found))


# --- attention ------------------------------------------------------------------------------------


def share_of(model: BertModel, token: str) -> float:
    """Share of all attention that goes to a special token, over heads, layers and sentences."""
    return mean(
        [
            float(trace.attention_weights[..., [t == token for t in trace.tokens]].sum(-1).mean())
            for trace in traces(model)
        ]
    )


@fact
def attention_to_cls(model: BertModel) -> float:
    """Share of all attention that goes to [CLS] on the sentences that every page offers."""
    return share_of(model, "[CLS]")


@fact
def attention_to_sep(model: BertModel) -> float:
    """Share of all attention that goes to [SEP] there (an even share would be 8%)."""
    return share_of(model, "[SEP]")


@fact
def heads_that_rest_on_cls(model: BertModel) -> float:
    """Heads of 72 with at least 40% of their attention on [CLS], on average over the sentences."""
    labels = [detective.roles_of(trace).labels for trace in traces(model)]
    return mean([sum(label.role == "[CLS]" for row in rows for label in row) for rows in labels])


@lru_cache(maxsize=1)
def relations(model: BertModel) -> dict[str, detective.Score]:
    return detective.investigate(model)


def beyond_counting(model: BertModel, relation: str) -> float:
    found = relations(model)[relation]
    return found.fair - found.baseline


@fact
def determiners_beyond_the_best_offset(model: BertModel) -> float:
    """Best head for determiners, chosen on one half and tested on the other, less counting."""
    return beyond_counting(model, "det")


@fact
def objects_beyond_the_best_offset(model: BertModel) -> float:
    """The same for direct objects."""
    return beyond_counting(model, "obj")


@fact
def objects_of_prepositions_beyond_the_best_offset(model: BertModel) -> float:
    """The same for objects of prepositions."""
    return beyond_counting(model, "pobj")


@fact
def adjectives_beyond_the_best_offset(model: BertModel) -> float:
    """The same for adjectives, where the next word is nearly always right."""
    return beyond_counting(model, "amod")


@fact
def coreference_beyond_the_best_rule(model: BertModel) -> float:
    """Best head for coreference on unseen sentences, less the best simple rule."""
    found = relations(model)["coref"]
    return found.fair - found.rule


@fact
def relations_beyond_the_best_rule(model: BertModel) -> float:
    """Relations on which the best head certainly beats the best simple rule."""
    return float(sum(bool(score.past_rules.certain) for score in relations(model).values()))


@lru_cache(maxsize=1)
def silenced(model: BertModel) -> tuple[NDArray[np.floating], ...]:
    return tuple(
        each_head(model, model.masked(model.encode(text), [at]), at) for text, at in EVERYDAY
    )


@fact
def heads_that_change_little(model: BertModel) -> float:
    """Share of heads that change the best word's probability by under 5% when silenced alone."""
    return mean([float((np.abs(change) < 0.05).mean()) for change in silenced(model)])


@fact
def most_that_one_head_takes_away(model: BertModel) -> float:
    """What the one head that matters most leaves of the probability: median over everyday gaps."""
    return float(np.median([np.exp(change.min()) for change in silenced(model)]))


# --- inputs, gaps ---------------------------------------------------------------------------------


def moved_by(model: BertModel, change: str) -> float:
    """Share of the probability that a change of the input moves at one gap of each sentence."""
    found = []
    for text in offered():
        encoding = model.encode(text)
        gap = longest_word(encoding)
        if model.mask_token_id in encoding.input_ids or gap is None:
            continue
        encoding = model.masked(encoding, [gap])
        other = inputs.ablated(model, encoding, change)
        moved = compare(model, model.trace(encoding), other, gap).moved
        assert moved is not None
        found.append(moved)
    return mean(found)


@fact
def moved_by_zeros_for_the_segments(model: BertModel) -> float:
    """Share of the probability that moves when segment vectors are zeros (sentences offered)."""
    return moved_by(model, "segments")


@fact
def moved_by_segment_b_for_all(model: BertModel) -> float:
    """The same when every token is told that it belongs to segment B."""
    return moved_by(model, "segment-b")


def follows_laid_out(model: BertModel, layout: str, kind: next_sentence.Kind) -> float:
    """Share of our pairs of a kind that are taken to follow in a layout of the lesson on inputs."""
    import torch

    number = next_sentence.KINDS.index(kind)
    pairs = [row[number] for row in next_sentence.all_pairs(0)]
    laid_out = [
        inputs.laid_out(model.encode(pair.first, pair.second), layout).encoding for pair in pairs
    ]
    first = torch.from_numpy(model.embed(laid_out, pooling="cls"))  # N D, what stands in place 0
    with torch.inference_mode():
        logits = model.module.next_sentence_logits(first[:, None])  # type: ignore[operator]
    return float((logits.softmax(dim=-1)[:, 0] > 0.5).float().mean())


@fact
def pairs_judged_without_cls(model: BertModel) -> float:
    """Share of fitting pairs and strangers judged rightly when [CLS] is taken out."""
    right = follows_laid_out(model, "no-cls", "continuation")
    return mean([right, 1 - follows_laid_out(model, "no-cls", "another text")])


@fact
def strangers_that_follow_with_segments_swapped(model: BertModel) -> float:
    """Share of strangers taken for the next sentence when segments A and B are swapped."""
    return follows_laid_out(model, "swapped", "another text")


@fact
def stand_in_that_follows(model: BertModel) -> float:
    """Probability that the lesson's stand-in follows, at most, over the sentences offered."""
    return max(model.next_sentence(text, texts().second) for text in offered())


@fact
def length_of_the_padding_vector(model: BertModel) -> float:
    """Length of the word vector of [PAD]."""
    return float(np.linalg.norm(model.word_table()[0]))


@fact
def visible_words_given_back(model: BertModel) -> float:
    """Probability of the word that stands there, at words that are not hidden."""
    found: list[float] = []
    for text in offered():
        encoding = model.encode(text)
        ids = encoding.input_ids
        words = [i for i, span in enumerate(encoding.offsets) if span is not None]
        words = [i for i in words if ids[i] != model.mask_token_id]
        rows = model.token_probabilities(encoding, words)
        found += [float(row[ids[i]]) for row, i in zip(rows, words, strict=True)]
    return mean(found)


# --- senses ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sense_accuracy(model: BertModel) -> dict[str, list[float]]:
    """Word → leave-one-out accuracy in each layer."""
    found = {}
    for name, word in sense_words().items():
        vectors = senses.word_vectors(model, word.examples)
        found[name] = [senses.leave_one_out(layer, word.labels).accuracy for layer in vectors]
    return found


@fact
def senses_in_the_last_layer(model: BertModel) -> float:
    """Share of sentences whose nearest sense center is right, last layer, as a mean of words."""
    return mean([curve[-1] for curve in sense_accuracy(model).values()])


@fact
def senses_before_any_layer(model: BertModel) -> float:
    """The same before any attention."""
    return mean([curve[0] for curve in sense_accuracy(model).values()])


@fact
def senses_by_sentence(model: BertModel) -> float:
    """Share of all sentences whose nearest sense center is right, last layer."""
    counts = [len(word.examples) for word in sense_words().values()]
    return float(np.average([c[-1] for c in sense_accuracy(model).values()], weights=counts))


@fact
def bank_before_any_layer(model: BertModel) -> float:
    """The same for “bank” alone, before any attention."""
    return sense_accuracy(model)["bank"][0]


@fact
def bank_in_the_last_layer(model: BertModel) -> float:
    """The same for “bank” alone, last layer."""
    return sense_accuracy(model)["bank"][-1]


@fact
def run_in_the_last_layer(model: BertModel) -> float:
    """The same for “run” alone, last layer."""
    return sense_accuracy(model)["run"][-1]


@fact
def pronoun_nearer_to_its_name_before_any_layer(model: BertModel) -> float:
    """Share of the course's sentences in which a pronoun is nearer to the name that it means."""
    return claims.coreference(model).nearer[0]


@fact
def heartless_leans_to_the_cold_heart(model: BertModel) -> float:
    """Lean of “heartless” to the cold heart less that of “winter”, last layer (above 0: right)."""
    cold = claims.claims()["cold"]
    found = claims.contrast(
        model, locate(cold["first"]), locate(cold["second"]), ["heartless", "winter"]
    )
    lean = found.first[-1] - found.second[-1]
    return float(lean[0] - lean[1])


@fact
def heartless_beyond_the_check_words(model: BertModel) -> float:
    """Lean of “heartless” to the cold heart less that of the check word with the larger one."""
    return beyond_the_check_words(model, "heartless")


@fact
def cruel_beyond_the_check_words(model: BertModel) -> float:
    """The same of “cruel” (above 0 it would count as nearer)."""
    return beyond_the_check_words(model, "cruel")


def beyond_the_check_words(model: BertModel, word: str) -> float:
    cold = claims.claims()["cold"]
    found = claims.contrast(model, locate(cold["first"]), locate(cold["second"]), [word])
    lean = found.first[-1] - found.second[-1]
    return float(lean[0] - lean[1:].max())


@fact
def pronoun_nearer_to_its_name_in_the_last_layer(model: BertModel) -> float:
    """Share of the course's sentences in which a pronoun is nearer to the name that it means."""
    return claims.coreference(model).nearer[-1]


@fact
def senses_by_other_words(model: BertModel) -> float:
    """Nearest sense center of the other words' entries in the vocabulary, as a mean of words."""
    words = sense_words().values()
    topics = [(senses.other_words(model, word.examples), word.labels) for word in words]
    return mean([senses.leave_one_out(*topic).accuracy for topic in topics])


@fact
def senses_by_cls_beyond_the_word(model: BertModel) -> float:
    """The same by the last [CLS], less that by the word's own last vector."""
    found = []
    for name, word in sense_words().items():
        cls = model.embed([example.text for example in word.examples], pooling="cls")
        by_cls = senses.leave_one_out(cls, word.labels).accuracy
        found.append(by_cls - sense_accuracy(model)[name][-1])
    return mean(found)


@fact
def both_banks_by_the_river(model: BertModel) -> float:
    """“They robbed the bank on the bank of the river.”: how many of both get the verdict river."""
    text, word = "They robbed the bank on the bank of the river.", sense_words()["bank"]
    known = senses.word_vectors(model, word.examples)[-1]
    spans = occurrences(text, word.word, word.forms)
    new = model.word_vectors([(text, span) for span in spans])[-1]
    said = [list(word.senses)[senses.verdict(known, word.labels, one).sense] for one in new]
    return float(said.count("river"))


# --- sentence vectors -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def pooled(model: BertModel) -> similarity.Pooled:
    return similarity.pool(model, similarity.pair_texts()[0])


def strangers(model: BertModel, pooling: str) -> float:
    rows = np.array(similarity.random_pairs())
    vectors = pooled(model)[pooling]  # type: ignore[index]
    return float(similarity.cosines(vectors[rows[:, 0]], vectors[rows[:, 1]]).mean())


def order_of_pairs(model: BertModel, pooling: str) -> float:
    rows = np.array(similarity.pair_texts()[1])
    vectors = pooled(model)[pooling]  # type: ignore[index]
    cosines = similarity.cosines(vectors[rows[:, 0]], vectors[rows[:, 1]])
    found = similarity.rank_correlation([pair.score for pair in similarity.pairs()], cosines)
    assert found is not None
    return found


def after_training(name: str) -> dict[str, float]:
    """The last moment of a recorded training on pairs."""
    found: dict[str, float] = recorded.load("similarity", name).moments[-1]
    return found


@fact
def partners_found_before_training(model: BertModel) -> float:
    """Share of 100 held-out sentences whose partner is the nearest of 100, by the mean."""
    dev = tasks.split_partners().dev
    first, second = (
        model.embed(side) for side in ([row.first for row in dev], [row.second for row in dev])
    )
    cosines = first @ second.T / np.linalg.norm(second, axis=1)
    return float((cosines.argmax(axis=1) == np.arange(len(dev))).mean())


@fact
def partners_found_after_training(model: BertModel) -> float:
    """The same after the training on pairs that the lesson opens on."""
    return after_training("good")["found"]


@fact
def agreement_gained_by_training(model: BertModel) -> float:
    """Rank correlation with our ratings after that training, less that before."""
    before = recorded.load("similarity", "good").moments[0]["agreement"]
    return float(after_training("good")["agreement"] - before)


@fact
def partners_found_with_one_negative(model: BertModel) -> float:
    """Share found after training with a batch of 2."""
    return after_training("two")["found"]


@fact
def partners_found_at_a_high_temperature(model: BertModel) -> float:
    """Share found after training with a temperature of 1."""
    return after_training("warm")["found"]


@fact
def strangers_without_negatives(model: BertModel) -> float:
    """Mean cosine of strangers after training without negatives."""
    return after_training("collapse")["strangers"]


def answers_in_the_best_piece(size: int) -> float:
    """Share of our questions whose answer lies whole in the piece nearest by the other model."""
    compares = load_model("minilm")
    text, asked = chunks.long_text()
    found = chunks.chunks(text, size, 0)
    row = chunks.measure(
        size, found, applications.vectors(compares, chunks.texts_of(text, found)), asked,
        applications.vectors(compares, [placed.question for placed in asked]),
    )  # fmt: skip
    return row.found


def gain(method: str, kind: str = "") -> float:
    """By how much more questions a cross-encoder puts the answer first than a search alone.

    Of the recorded run; ``method`` "apart" stands for the bi-encoder of the same school.
    """
    runs = {reads: recorded.load("applications", reads) for reads in reranking.READS}
    scores = {reranking.READS[reads]: run.moments[-1]["scores"] for reads, run in runs.items()}
    first = search.BOTH if method == "apart" else method
    found = reranking.compared(runs["together"].facts, scores, first, reranking.DEEPEST, kind)
    by_title = {score.title: score for score in found}
    other = reranking.READS["apart"] if method == "apart" else search.METHOD_TITLES[method]
    cross = by_title[reranking.READS["together"]]
    return reranking.difference(by_title[other], cross)[0]


@fact
def cross_encoder_beside_bi_encoder(model: BertModel) -> float:
    """Questions answered first: cross-encoder less bi-encoder, taught alike, of 77."""
    return gain("apart")


@fact
def cross_encoder_beside_words(model: BertModel) -> float:
    """The cross-encoder over the search by words, less that search alone."""
    return gain(search.WORDS)


@fact
def cross_encoder_beside_meaning_on_names(model: BertModel) -> float:
    """The same over the search by meaning, for rare names and numbers (26 questions)."""
    return gain(search.MEANING, "exact")


@fact
def cross_encoder_beside_meaning_in_other_words(model: BertModel) -> float:
    """The same for questions in other words: no clear difference."""
    return gain(search.MEANING, "paraphrase")


@fact
def answers_in_pieces_of_10_words(model: BertModel) -> float:
    """Share of our questions whose best piece of 10 words holds the answer (all-MiniLM)."""
    return answers_in_the_best_piece(10)


@fact
def answers_in_pieces_of_80_words(model: BertModel) -> float:
    """The same with pieces of 80 words."""
    return answers_in_the_best_piece(80)


@fact
def answers_in_pieces_of_160_words(model: BertModel) -> float:
    """The same with pieces of 160 words."""
    return answers_in_the_best_piece(160)


@fact
def strangers_by_cls(model: BertModel) -> float:
    """Mean cosine of the last [CLS] of two of our sentences that have nothing in common."""
    return strangers(model, "cls")


@fact
def strangers_by_mean(model: BertModel) -> float:
    """The same by the mean of all tokens."""
    return strangers(model, "mean")


@fact
def strangers_by_max(model: BertModel) -> float:
    """The same by the largest value in each dimension."""
    return strangers(model, "max")


@fact
def course_pairs_by_cls(model: BertModel) -> float:
    """Rank correlation of cosines of [CLS] with our ratings of the course's pairs."""
    return order_of_pairs(model, "cls")


@fact
def course_pairs_by_mean(model: BertModel) -> float:
    """The same by the mean of all tokens."""
    return order_of_pairs(model, "mean")


@fact
def course_pairs_by_max(model: BertModel) -> float:
    """The same by the largest value in each dimension."""
    return order_of_pairs(model, "max")


# --- pairs, positions -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def judged(model: BertModel) -> next_sentence.Measured:
    return next_sentence.measure(model, 0)


@fact
def real_next_sentence_against_another_text(model: BertModel) -> float:
    """Share of our pairs in which the real continuation gets more than one of another text."""
    return judged(model).score("another text").share


@fact
def right_order_against_swapped(model: BertModel) -> float:
    """Share of our pairs in which the right order gets more than the swapped one."""
    return judged(model).score("swapped").share


@fact
def swapped_pairs_that_follow(model: BertModel) -> float:
    """Mean probability that B follows A for our pairs the wrong way round."""
    return float(judged(model).probabilities[next_sentence.KINDS.index("swapped")].mean())


@fact
def order_of_single_pairs(model: BertModel) -> float:
    """Share of real and swapped pairs, one at a time, whose order is judged rightly."""
    return judged(model).alone("swapped").share


@fact
def strangers_that_follow(model: BertModel) -> float:
    """Share of sentences of another text that are taken for the next one."""
    rivals = judged(model).probabilities[next_sentence.KINDS.index("another text")]
    return float((rivals > 0.5).mean())


@fact
def neighbors_early_in_the_table(model: BertModel) -> float:
    """Mean cosine of next-door position vectors, places 0 to 127."""
    return float(positions.nearness(positions.learned_table(model)[:128], 1)[1])


@fact
def neighbors_late_in_the_table(model: BertModel) -> float:
    """The same for places 384 to 511."""
    return float(positions.nearness(positions.learned_table(model)[384:], 1)[1])


def places_told(model: BertModel, layer: int) -> float:
    """R² on 100 sentences of a ridge regression from a token's vector to its place, from 400."""
    texts = [row.text for row in tasks.sentiment()] + [row.text for row in tasks.topics()]
    states = [hidden[layer, 1:-1] for hidden in model.hidden_states(texts[:500])]  # (T, D) each
    sides = []
    for side in (states[:400], states[400:]):
        places = np.concatenate([np.arange(len(rows)) for rows in side])
        sides.append((np.concatenate(side), places))
    (train, places), held_out = sides
    return float(Ridge(1.0).fit(train, places).score(*held_out))


@fact
def places_told_at_the_input(model: BertModel) -> float:
    """How well a linear reader tells a token's place from its vector before any layer, R²."""
    return places_told(model, 0)


@fact
def places_told_after_the_last_layer(model: BertModel) -> float:
    """The same after the last layer."""
    return places_told(model, -1)


# --- people ---------------------------------------------------------------------------------------


def he_against_she(model: BertModel, trade: str) -> float:
    chances = model.token_probabilities(model.encode(f"The {trade} said that [MASK] was tired."))[0]
    he, she = (chances[model.tokenizer.token_to_id(word)] for word in ("he", "she"))
    return float(he / (he + she))


def _entered(trade: str) -> Measure:
    def measure(model: BertModel) -> float:
        return he_against_she(model, trade)

    measure.__name__ = f"he_for_{trade}"
    measure.__doc__ = f"“The {trade} said that [MASK] was tired.”: “he” against “she”."
    return fact(measure)


@fact
def milan_before_rome(model: BertModel) -> float:
    """“The capital of Italy is [MASK].”: probability of “milan” less that of “rome”."""
    chances = model.token_probabilities(model.encode("The capital of Italy is [MASK]."))[0]
    milan, rome = (chances[model.tokenizer.token_to_id(word)] for word in ("milan", "rome"))
    return float(milan - rome)


for _trade in ("nurse", "secretary", "teacher", "doctor", "engineer", "farmer", "soldier", "boss"):
    _entered(_trade)
