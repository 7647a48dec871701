"""What does each head do? Roles measured on one input, relations measured on parsed sentences.

*Roles* need no grammar: how much of a head's attention goes to the previous token, to [SEP] …
*Relations* follow Clark et al. 2019, *What Does BERT Look At?*, §4: over sentences whose grammar is
known, how often is the word that gets most of a word's attention the right one? A head must beat
counting ("always the next word"), or it has shown nothing but position; and beyond that the best
simple rule ("the nearest verb before"), or it has shown nothing but kinds of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine.intervals import wilson
from ..engine.trace import Floats, Trace
from .maps import Group, by_words

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

DATA = Path(__file__).parents[2] / "assets" / "data" / "attention" / "parsed.txt"

# --- roles on one input -------------------------------------------------------------------------

ROLES: dict[str, str] = {
    "previous": "the token before",
    "next": "the token after",
    "itself": "itself",
    "same word": "the same word elsewhere",
    "[CLS]": "[CLS]",
    "[SEP]": "[SEP]",
    "punctuation": "punctuation",
}
BROAD, MIXED = "broad", "mixed"
LEAST_SHARE = 0.4
"""Of its attention that a head must give to be called after a role."""
LEAST_ENTROPY = 0.8
"""Of the entropy of an even spread, from which a head is called broad."""
ENOUGH = 2
"""Rows to which a role must apply, such as tokens that stand there twice."""


def role_targets(trace: Trace) -> dict[str, NDArray[np.bool_]]:
    """For each role, which column is its target for which row: (T, T), false where none is."""
    tokens, size = trace.tokens, len(trace.tokens)
    ids = trace.input_ids
    special = np.array([offsets is None for offsets in trace.offsets])
    alike = (ids[:, None] == ids) & ~np.eye(size, dtype=bool) & ~special[:, None]
    marks = [not special[i] and not any(c.isalnum() for c in t) for i, t in enumerate(tokens)]
    first = np.arange(size) == 0

    def everywhere(columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.broadcast_to(columns, (size, size))

    return {
        "previous": np.eye(size, k=-1, dtype=bool),
        "next": np.eye(size, k=1, dtype=bool),
        "itself": np.eye(size, dtype=bool),
        "same word": alike,
        # Families name these two differently; what they share is their place.
        "[CLS]": everywhere(first & special),
        "[SEP]": everywhere(~first & special),
        "punctuation": everywhere(np.array(marks)),
    }


def role_shares(weights: Floats, targets: Mapping[str, NDArray[np.bool_]]) -> dict[str, Floats]:
    """How much of a head's attention goes to each role's target: (L, H), mean over rows.

    Rows without a target do not count. A role with fewer than `ENOUGH` rows is left out.
    """
    shares = {}
    for role, target in targets.items():
        rows = target.any(axis=-1)
        if rows.sum() >= ENOUGH:
            shares[role] = (weights * target).sum(axis=-1)[..., rows].mean(axis=-1)
    return shares


def evenness(weights: Floats) -> Floats:
    """Entropy of each head's rows over that of an even spread, 0 to 1: (L, H, T, T) → (L, H)."""
    size = weights.shape[-1]
    safe = np.maximum(weights, 1e-12)
    entropy = -(safe * np.log(safe)).sum(axis=-1).mean(axis=-1)
    result: Floats = (entropy / np.log(max(size, 2))).astype(np.float32)
    return result


@dataclass(frozen=True)
class Label:
    """What a head does on this input: its role, and how much of its attention that takes."""

    role: str
    share: float
    words: str


@dataclass(frozen=True, eq=False)
class Roles:
    """All heads of a trace: ``shares`` role → (L, H), ``evenness`` (L, H), ``labels`` L × H."""

    shares: dict[str, Floats]
    evenness: Floats
    labels: tuple[tuple[Label, ...], ...]


def without_special(weights: Floats, special: NDArray[np.bool_]) -> Floats:
    """What each head does with the attention that it does not rest on special tokens.

    Their columns are emptied and the rows made to sum to 1 again.
    """
    left = weights * ~special
    rest: Floats = left / np.maximum(left.sum(axis=-1, keepdims=True), 1e-9)
    return rest


def roles_of(trace: Trace, *, ignore_special: bool = False) -> Roles:
    """Label every head by what it does on this input, or with the attention between words."""
    weights, targets = trace.attention_weights, role_targets(trace)
    if ignore_special:
        special = np.array([offsets is None for offsets in trace.offsets])
        if special.all():
            return roles_of(trace)
        weights = without_special(weights, special)[..., ~special, :]
        kept = (role for role in targets if role not in ("[CLS]", "[SEP]"))
        targets = {role: targets[role][~special] & ~special for role in kept}
    shares = role_shares(weights, targets)
    even = evenness(weights)
    return Roles(
        shares,
        even,
        tuple(
            tuple(
                _label({role: float(s[layer, head]) for role, s in shares.items()}, float(e))
                for head, e in enumerate(row)
            )
            for layer, row in enumerate(even)
        ),
    )


def _label(shares: Mapping[str, float], even: float) -> Label:
    role, share = max(shares.items(), key=lambda item: item[1], default=(MIXED, 0.0))
    if share >= LEAST_SHARE:
        return Label(role, share, f"On average {share:.0%} of its attention goes to {ROLES[role]}.")
    if even >= LEAST_ENTROPY:
        return Label(BROAD, even, f"It spreads widely: by entropy {even:.0%} as even as can be.")
    most = f"; the most that one role gets is {share:.0%}, {ROLES[role]}" if shares else ""
    return Label(MIXED, share, f"No simple role{most}.")


def special_share(trace: Trace) -> float:
    """How much of all attention, over heads and layers, goes to special tokens."""
    special = np.array([offsets is None for offsets in trace.offsets])
    return float(trace.attention_weights[..., special].sum(axis=-1).mean())


def cls_share(trace: Trace) -> float:
    """How much of all attention, over heads and layers, goes to the first token."""
    return float(trace.attention_weights[..., 0].mean())


def arriving_share(trace: Trace) -> float | None:
    """What special tokens have of all weight × length of value; None where values are hidden.

    After Kobayashi et al. 2020, *Attention is Not Only a Weight*, with the values as they are,
    before W_O.
    """
    if trace.values is None:
        return None
    special = np.array([offsets is None for offsets in trace.offsets])
    lengths = np.linalg.norm(trace.values, axis=-1)  # L H T
    arriving = trace.attention_weights * lengths[:, :, None]  # L H T T
    shares = arriving[..., special].sum(axis=-1) / arriving.sum(axis=-1)
    return float(shares.mean())


def where_it_goes(trace: Trace) -> tuple[str | None, tuple[float | None, ...]]:
    """The answer to the lesson's question, and the share of each of its options.

    What a word matters cannot be read from a share, nor can evenness: both are None. An answer is
    the largest of the others where it is over a third.
    """
    weights = trace.attention_weights  # L H T T
    count = weights.shape[-1]
    beside = np.eye(count, k=1) + np.eye(count, k=-1)
    shares = {
        "To the neighbors": float((weights * beside).sum(axis=-1).mean()),
        "To [CLS], the first token": cls_share(trace),
    }
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > 1 / 3 else None, (None, *shares.values(), None)


def describe_sinks(trace: Trace) -> str:
    """What goes to [CLS] and to all special tokens, by weight and by what arrives."""
    said = (
        f"“{trace.tokens[0]}” alone gets {cls_share(trace):.0%} of all attention, special tokens "
        f"together {special_share(trace):.0%}"
    )
    arriving = arriving_share(trace)
    if arriving is None:
        return f"{said}."
    return f"{said}; counted by weight × length of the value it is {arriving:.0%}."


def describe_roles(roles: Roles) -> str:
    """How many heads have which role."""
    counts: dict[str, int] = {}
    for row in roles.labels:
        for label in row:
            counts[label.role] = counts.get(label.role, 0) + 1
    named = ", ".join(
        f"{count} {role}" for role, count in sorted(counts.items(), key=lambda item: -item[1])
    )
    return f"On this input: {named}. Another sentence may move some labels."


# --- relations over parsed sentences ------------------------------------------------------------

RELATIONS: dict[str, str] = {
    "det": "determiner → its noun (the → dog)",
    "amod": "adjective → its noun (old → dog)",
    "nsubj": "subject → its verb (dog → barks)",
    "obj": "object → its verb (bone → ate)",
    "poss": "possessor → what is possessed (my → dog)",
    "aux": "auxiliary → its verb (has → eaten)",
    "auxpass": "passive auxiliary → its verb (was → eaten)",
    "pobj": "noun → its preposition (garden → in)",
    "prt": "particle → its verb (up → gave)",
    "coref": "a word → an earlier word for the same (she → Anna)",
}

# Clark et al. 2019, table 1 and, for coreference, §4.3: accuracy, baseline, layer-head (BERT-base).
CLARK: dict[str, tuple[float, float | None, str]] = {
    "det": (94.3, 51.7, "8-11"),
    "obj": (86.8, 40.0, "8-10"),
    "auxpass": (82.5, 40.5, "4-10"),
    "poss": (80.5, 47.7, "7-6"),
    "pobj": (76.3, 34.6, "9-6"),
    "prt": (99.1, 91.4, "6-7"),
    "coref": (65.0, None, "5-4"),
}

FARTHEST = 8  # words; offsets beyond are no use as a baseline
OFFSETS = np.arange(-FARTHEST, FARTHEST + 1)

FIRST = "the sentence's first subject"

RULES: dict[str, tuple[str, int]] = {
    f"the nearest {kind} {where}": (kind, step)
    for kind in ("noun", "verb", "preposition")
    for where, step in (("before", -1), ("after", 1))
} | {FIRST: ("subject", 0)}
"""Rules that know kinds of words: name → kind and direction, 0 for the first in the sentence."""


@dataclass(frozen=True)
class Arc:
    """One relation: word number ``word`` is ``relation`` of number ``other``, counted from 0."""

    relation: str
    word: int
    other: int


@dataclass(frozen=True)
class Parsed:
    """A sentence with its grammar."""

    words: tuple[str, ...]
    arcs: tuple[Arc, ...]

    @property
    def text(self) -> str:
        """The words with one blank between them."""
        return " ".join(self.words)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each word in ``text``."""
        spans, start = [], 0
        for word in self.words:
            spans.append((start, start + len(word)))
            start += len(word) + 1
        return tuple(spans)


def kinds_of(sentence: Parsed) -> dict[str, NDArray[np.bool_]]:
    """Which words are nouns (pronouns too), verbs, prepositions, subjects, as the arcs say."""
    found = {kind: np.zeros(len(sentence.words), dtype=bool) for kind, _ in RULES.values()}
    for arc in sentence.arcs:
        if arc.relation in ("nsubj", "obj", "pobj", "coref"):
            found["noun"][arc.word] = True
        if arc.relation in ("det", "amod", "poss", "coref"):
            found["noun"][arc.other] = True
        if arc.relation in ("nsubj", "obj", "aux", "auxpass", "prt"):
            found["verb"][arc.other] = True
        if arc.relation == "pobj":
            found["preposition"][arc.other] = True
        if arc.relation == "nsubj":
            found["subject"][arc.word] = True
    return found


def by_rule(rule: str, kinds: Mapping[str, NDArray[np.bool_]], word: int) -> int | None:
    """The word that one of `RULES` takes for ``word``; None where it finds none."""
    kind, step = RULES[rule]
    places = [int(i) for i in np.flatnonzero(kinds[kind]) if i != word]
    if not step:
        return places[0] if places else None
    ahead = [i for i in places if (i - word) * step > 0]
    return min(ahead, key=lambda i: abs(i - word), default=None)


def parse_line(line: str) -> Parsed:
    """Read one line of ``parsed.txt``. Raises ValueError that says which word is wrong."""
    marked = [item.split("/") for item in line.split()]
    words = tuple(item[0] for item in marked)
    arcs = []
    for place, (word, *marks) in enumerate(marked):
        for mark in marks:
            relation, _, target = mark.partition(">")
            name, _, number = target.partition("#")
            places = [i for i, other in enumerate(words) if other == name and i != place]
            if relation not in RELATIONS:
                raise ValueError(f"{word}/{mark}: no relation {relation!r}")
            if not places or (len(places) > 1 and not number):
                raise ValueError(f"{word}/{mark}: {name!r} stands there {len(places)} times")
            arcs.append(Arc(relation, place, places[int(number or 1) - 1]))
    return Parsed(words, tuple(arcs))


@lru_cache(maxsize=1)
def parsed_sentences() -> tuple[Parsed, ...]:
    """Our own sentences with their grammar. Raises ValueError that names the line."""
    found = []
    for number, line in enumerate(DATA.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                found.append(parse_line(line))
            except ValueError as error:
                raise ValueError(f"{DATA.name}, line {number}: {error}") from None
    return tuple(found)


def word_map(trace: Trace, sentence: Parsed) -> Floats:
    """The attention between the words of a sentence: (L, H, W, W), special tokens left out."""
    groups: list[Group] = []
    for word, (start, end) in zip(sentence.words, sentence.spans, strict=True):
        pieces = [
            i
            for i, place in enumerate(trace.offsets)
            if place is not None and place[0] < end and place[1] > start
        ]
        groups.append((word, tuple(pieces)))
    return by_words(trace.attention_weights, groups)


@dataclass(frozen=True, eq=False)
class Hits:
    """Every arc of one relation, tried by every head and by every fixed offset.

    ``forward`` (N, L, H) is true where a head's strongest weight from the word is on the other,
    ``backward`` where the strongest from the other is on the word; ``offsets`` (N) says how many
    words the other stands to the right. ``rules`` (N, number of `RULES`) is true where a rule takes
    the other for the word. ``sentences`` (N) says which sentence an arc is from.
    """

    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    rules: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    sentences: NDArray[np.int64]


def hits_of(
    maps: Sequence[Floats], sentences: Sequence[Parsed], relations: Sequence[str] = tuple(RELATIONS)
) -> dict[str, Hits]:
    """Try every arc: ``maps`` are the word maps of the sentences. A word never counts as its own
    target."""
    found: dict[str, tuple[list[NDArray[np.bool_]], ...]] = {r: ([], []) for r in relations}
    rules: dict[str, list[list[bool]]] = {r: [] for r in relations}
    offsets: dict[str, list[int]] = {r: [] for r in relations}
    places: dict[str, list[int]] = {r: [] for r in relations}
    for number, (weights, sentence) in enumerate(zip(maps, sentences, strict=True)):
        own = np.eye(weights.shape[-1], dtype=bool)
        kinds = kinds_of(sentence)
        best = np.where(own, -1.0, weights).argmax(axis=-1)  # L H W
        for arc in sentence.arcs:
            if arc.relation in found:
                found[arc.relation][0].append(best[..., arc.word] == arc.other)
                found[arc.relation][1].append(best[..., arc.other] == arc.word)
                rules[arc.relation].append(
                    [by_rule(rule, kinds, arc.word) == arc.other for rule in RULES]
                )
                offsets[arc.relation].append(arc.other - arc.word)
                places[arc.relation].append(number)
    return {
        relation: Hits(
            np.stack(forward), np.stack(backward), np.array(rules[relation]),
            np.array(offsets[relation]), np.array(places[relation]),
        )
        for relation, (forward, backward) in found.items()
        if forward
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lead:
    """By how much something finds more than a rival, as a share of arcs, and half the width of its
    95% interval (arc by arc, normal approximation). Numbers, or (L, H) for all heads."""

    mean: Floats
    half: Floats

    @property
    def certain(self) -> NDArray[np.bool_]:
        """Whether the whole interval lies above zero."""
        return self.mean - self.half > 0


def lead(found: NDArray[np.bool_], rival: NDArray[np.bool_]) -> Lead:
    """How far ``found`` (N, …) is ahead of ``rival`` (N) over the same N arcs."""
    gap = found.astype(np.float64) - rival.reshape(-1, *[1] * (found.ndim - 1))
    count = max(len(gap), 2)
    spread = np.sqrt(((gap - gap.mean(axis=0)) ** 2).sum(axis=0) / (count - 1) / count)
    return Lead(gap.mean(axis=0), 1.96 * spread)


@dataclass(frozen=True, eq=False)
class Score:
    """How well heads find one relation.

    ``accuracy`` (L, H) is each head's, its direction chosen on one half of the sentences and tested
    on the other, both ways round. ``best`` is the best head (layer, head), ``best_forward`` its
    direction. ``fair`` is the best head's, chosen and tested in the same way. ``baseline`` is the
    best that counting reaches, by a fixed offset from the word or from the front of the sentence,
    ``rule`` the best of `RULES`; being few, both are chosen on all sentences.

    ``past_counting`` and ``past_rules`` are the leads of the fair best head over the two. Of every
    head, ``learned`` (L, H) is the lead over counting on the first half of the sentences, and
    ``tested`` and ``tested_rules`` are the leads on the second half.
    """

    relation: str
    count: int
    accuracy: Floats
    best: tuple[int, int]
    best_forward: bool
    fair: float
    baseline: float
    baseline_name: str
    rule: float
    rule_name: str
    past_counting: Lead
    past_rules: Lead
    learned: Floats
    tested: Lead
    tested_rules: Lead

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of ``fair`` (Wilson), which stays within 0 and 1."""
        return wilson(self.fair, self.count)


def _away(offset: int) -> str:
    return f"the word {abs(offset)} to the {'right' if offset > 0 else 'left'}"


@dataclass(frozen=True)
class Rivals:
    """What a head has to beat on one relation: counting, and the best of `RULES`."""

    relation: str
    count: int
    baseline: float
    baseline_name: str
    rule: float
    rule_name: str


def _rivals(relation: str, hits: Hits) -> tuple[Rivals, NDArray[np.bool_], NDArray[np.bool_]]:
    """Both rivals, and for each arc whether counting and whether the rule finds it."""
    front = hits.rules[:, [list(RULES).index(FIRST)]]
    counted = np.hstack([hits.offsets[:, None] == OFFSETS, front])  # N O+1
    count, rule = int(counted.mean(axis=0).argmax()), int(hits.rules.mean(axis=0).argmax())
    counting, ruled = counted[:, count], hits.rules[:, rule]  # N
    return (
        Rivals(
            relation=relation,
            count=len(hits.offsets),
            baseline=float(counting.mean()),
            baseline_name=FIRST if count == len(OFFSETS) else _away(int(OFFSETS[count])),
            rule=float(ruled.mean()),
            rule_name=list(RULES)[rule],
        ),
        counting,
        ruled,
    )


@lru_cache(maxsize=1)
def rivals() -> tuple[Rivals, ...]:
    """Counting and rules on all our sentences: no model takes part."""
    sentences = parsed_sentences()
    no_heads = [np.zeros((0, 0, len(s.words), len(s.words)), dtype=np.float32) for s in sentences]
    return tuple(
        _rivals(relation, hits)[0] for relation, hits in hits_of(no_heads, sentences).items()
    )


def describe_rivals(found: Sequence[Rivals]) -> str:
    """What is found without a model, and so what a head has to beat."""
    low, high = (pick(found, key=lambda r: r.baseline) for pick in (min, max))
    perfect = sum(r.rule > 0.95 for r in found)
    return (
        f"No model takes part yet. Counting finds from {low.baseline:.0%} "
        f"({RELATIONS[low.relation].split(' (')[0]}) to {high.baseline:.0%} "
        f"({RELATIONS[high.relation].split(' (')[0]}); a simple rule finds more than 95% on "
        f"{perfect} of {len(found)} relations. This is what a head has to beat."
    )


def score(relation: str, hits: Hits) -> Score:
    """Score all heads on one relation. With 72 heads one is good by luck: hence two halves."""
    both = np.stack([hits.forward, hits.backward])  # 2 N L H
    overall = both.mean(axis=1)  # 2 L H
    direction, layer, head = np.unravel_index(int(overall.argmax()), overall.shape)
    found, counting, ruled = _rivals(relation, hits)

    first = hits.sentences % 2 == 0
    halves = (first, ~first) if first.any() and not first.all() else (first | True, first | True)
    each = np.empty_like(hits.forward)  # N L H: every head in the direction of the other half
    fair = np.empty(len(first), dtype=bool)  # N: the best head of the other half
    for chosen, kept in (halves, halves[::-1]):
        shares = both[:, chosen].mean(axis=1)  # 2 L H
        each[kept] = np.where(shares[0] >= shares[1], both[0][kept], both[1][kept])
        there = np.unravel_index(int(shares.argmax()), shares.shape)
        fair[kept] = both[there[0]][kept][:, there[1], there[2]]
    learned, tested = halves
    return Score(
        relation=relation,
        count=found.count,
        accuracy=each.mean(axis=0).astype(np.float32),
        best=(int(layer), int(head)),
        best_forward=bool(direction == 0),
        fair=float(fair.mean()),
        baseline=found.baseline,
        baseline_name=found.baseline_name,
        rule=found.rule,
        rule_name=found.rule_name,
        past_counting=lead(fair, counting),
        past_rules=lead(fair, ruled),
        learned=lead(each[learned], counting[learned]).mean,
        tested=lead(each[tested], counting[tested]),
        tested_rules=lead(each[tested], ruled[tested]),
    )


def investigate(
    model: LoadedModel,
    sentences: Sequence[Parsed] | None = None,
    progress: Callable[[float], object] | None = None,
) -> dict[str, Score]:
    """Scores of all heads of a model on all relations of our sentences: one pass for each."""
    sentences = parsed_sentences() if sentences is None else sentences
    maps = []
    for number, sentence in enumerate(sentences, start=1):
        maps.append(word_map(model.trace(sentence.text), sentence))
        if progress:
            progress(number / len(sentences))
    return {relation: score(relation, hits) for relation, hits in hits_of(maps, sentences).items()}


def describe_score(found: Score) -> str:
    """The best head of a relation against its two rivals, and whether that shows anything."""
    layer, head = found.best
    if found.past_rules.certain:
        verdict = "It finds more than any of our simple rules."
    elif found.past_counting.certain:
        verdict = "It does more than count words, but no more than a simple rule."
    else:
        verdict = "That is no better than counting words."
    direction = "from the first to the second" if found.best_forward else "from the second back"
    low, high = found.interval
    return (
        f"{RELATIONS[found.relation]}, {found.count} times in our sentences: the best head is "
        f"layer {layer + 1}, head {head + 1}, looking {direction}. Chosen on one half and "
        f"tested on the other it finds {found.fair:.0%} ({low:.0%} to {high:.0%}); always taking "
        f"{found.baseline_name} finds {found.baseline:.0%}, {found.rule_name} {found.rule:.0%}. "
        f"{verdict}"
    )


@dataclass(frozen=True, eq=False)
class Specialists:
    """For each head the relation on which it leads counting most: ``margins`` (L, H).

    ``names`` (L × H) are relations, None where the lead may be luck; ``past_rules`` (L, H) says
    whether the head certainly leads the best simple rule too.
    """

    names: tuple[tuple[str | None, ...], ...]
    margins: Floats
    past_rules: NDArray[np.bool_]


def specialists(scores: Mapping[str, Score]) -> Specialists:
    """Name every head after the relation on which it beats counting most.

    The relation is chosen on one half of the sentences, the lead measured on the other.
    """
    relations = list(scores)
    chosen = np.stack([scores[r].learned for r in relations]).argmax(axis=0)  # R L H → L H

    def of_chosen(values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        picked: NDArray[Any] = np.take_along_axis(np.stack(values), chosen[None], axis=0)[0]
        return picked  # R L H → L H

    margins = of_chosen([scores[r].tested.mean for r in relations])
    certain = of_chosen([scores[r].tested.certain for r in relations])
    past_rules = of_chosen([scores[r].tested_rules.certain for r in relations])
    return Specialists(
        tuple(
            tuple(relations[r] if sure else None for r, sure in zip(*row, strict=True))
            for row in zip(chosen, certain, strict=True)
        ),
        margins.astype(np.float32),
        past_rules.astype(bool),
    )


def describe_specialists(found: Specialists) -> str:
    """How many heads have a relation of their own, and the strongest of them."""
    named = [name for row in found.names for name in row if name]
    if not named:
        return "No head beats counting on any relation by more than luck would give."
    sure = np.array([[name is not None for name in row] for row in found.names])
    layer, head = np.unravel_index(
        int(np.where(sure, found.margins, -1).argmax()), found.margins.shape
    )
    best = found.names[layer][head]
    counts = ", ".join(f"{named.count(name)} {name}" for name in dict.fromkeys(named))
    ruled = int((found.past_rules & sure).sum())
    return (
        f"{len(named)} of {found.margins.size} heads beat counting on some relation, "
        f"on sentences that did not choose it, by more than luck would give ({counts}). The widest "
        f"lead, {found.margins[layer, head]:.0%}, has layer {layer + 1}, head {head + 1} on "
        f"{RELATIONS[best or ''].split(' (')[0]}. {ruled or 'None'} of them "
        f"{'beats' if ruled <= 1 else 'beat'} the best simple rule as well"
        f"{'; among so many heads one or two may do so by luck' if ruled else ''}."
    )


def describe_scores(scores: Sequence[Score]) -> str:
    """Which relations some head finds better than counting does, and than any simple rule."""
    better = [s for s in scores if s.past_counting.certain]
    if not better:
        return "No head beats counting on any relation."
    named = ", ".join(
        f"{RELATIONS[s.relation].split(' (')[0]} ({s.fair:.0%} against {s.baseline:.0%})"
        for s in sorted(better, key=lambda s: -float(s.past_counting.mean))
    )
    ruled = [RELATIONS[s.relation].split(" (")[0] for s in better if s.past_rules.certain]
    return (
        f"A head beats counting on {len(better)} of {len(scores)} relations, beyond "
        f"what luck would give: {named}. The best simple rule is beaten on "
        f"{', '.join(ruled) or 'none of them'}."
    )


# --- the game -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Riddle:
    """Find the head that gives most of its attention to a role's target on this input."""

    role: str

    def verdict(self, roles: Roles, layer: int, head: int) -> tuple[int, str]:
        """The rank of a guessed head, 1 is best, and what to say about it."""
        shares = roles.shares[self.role]
        rank = int((shares > shares[layer, head]).sum()) + 1
        best = np.unravel_index(int(shares.argmax()), shares.shape)
        own = (
            f"Layer {layer + 1}, head {head + 1} gives {shares[layer, head]:.0%} to "
            f"{ROLES[self.role]}"
        )
        if rank == 1:
            return rank, f"Found! {own}, more than any other of the {shares.size} heads."
        return rank, (
            f"{own}: number {rank} of {shares.size}. The best is layer {best[0] + 1}, head "
            f"{best[1] + 1} with {shares[best]:.0%}."
        )


def riddles(roles: Roles) -> list[Riddle]:
    """The roles worth asking for on this input: some head stands out."""
    return [Riddle(role) for role, shares in roles.shares.items() if shares.max() >= LEAST_SHARE]
