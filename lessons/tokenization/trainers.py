"""Three ways to learn a vocabulary of word pieces from a text, written out to be stepped through.

- BPE joins the two neighbors seen together most often (Sennrich et al. 2016,
  arxiv.org/abs/1508.07909).
- WordPiece joins the two neighbors seen together most often *for how common each of them is*.
  Google never published its trainer; the score is the usual reading of Schuster & Nakajima 2012,
  and Hugging Face calls it a best guess. (Their own WordPieceTrainer merges by plain frequency.)
- Unigram starts with far too many pieces and throws out those that are missed least
  (Kudo 2018, arxiv.org/abs/1804.10959).

All three see words with their counts and never cut across a word. How a learned vocabulary is then
used differs too: WordPiece takes the longest match, BPE replays its joins in the order it learned
them, Unigram looks for the most probable way to cut.

Conventions. WordPiece writes ## before a piece that does not begin its word. BPE and Unigram have
no mark here, as we always know the word; programs that must put text together again mark either
the end of a word (``</w>``) or the space before it (``Ġ``, ``▁``). Special tokens do not count
towards a vocabulary's size.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Protocol

from .bert_tokenizer import (
    CONTINUATION,
    UNK,
    Piece,
    normalize,
    split_words,
    wordpiece,
)

Pair = tuple[str, str]
Progress = Callable[[float], object]
Stop = Callable[[], bool]


class Cancelled(Exception):  # noqa: N818 (no error: somebody wanted it)
    """Training was stopped by whoever asked for it."""


class Segment(NamedTuple):
    """A piece of a word: characters `start` to `end`, under the name the vocabulary has for it."""

    text: str
    start: int
    end: int
    known: bool = True


class Tokenizer(Protocol):
    """What the three have in common once they are trained."""

    @property
    def name(self) -> str:
        """The algorithm."""

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All pieces, in the order in which they came in."""

    @property
    def history(self) -> Sequence[Merge | Round]:
        """What each step of the training did."""

    def encode(self, word: str) -> list[Segment]:
        """Cut a word by the algorithm's own rule."""


def words_of(text: str, cased: bool = False) -> list[Piece]:
    """The words of a text, normalized and split as BERT does it; special tokens left out."""
    words, _ = split_words(normalize(text, cased)[0])
    return [word for word in words if not word.special]


def count_words(text: str, cased: bool = False) -> dict[str, int]:
    """Word → how often it occurs, in order of first appearance."""
    return dict(Counter(word.text for word in words_of(text, cased)))


# ------------------------------------------------------------------ BPE and WordPiece: merging


class PairScore(NamedTuple):
    """A pair that could be joined: how often it occurs, how often its parts do, and its score."""

    left: str
    right: str
    together: int
    left_count: int
    right_count: int
    score: float


@dataclass(frozen=True)
class Merge:
    """One step of BPE or WordPiece: which pair was joined, and what it was chosen over.

    `ranking` has the best candidates of this step, the winner first. `vocabulary_size` and
    `text_pieces` (in how many pieces the training text now lies) are counted after the join.
    """

    number: int
    winner: PairScore
    piece: str
    ranking: tuple[PairScore, ...]
    vocabulary_size: int
    text_pieces: int


def join(left: str, right: str) -> str:
    """hu + ##g → hug; without ## it is plain concatenation."""
    return left + right.removeprefix(CONTINUATION)


def join_pair(pieces: list[str], pair: Pair) -> list[str]:
    """Join the pair wherever it stands, from left to right: a a a → aa a."""
    joined: list[str] = []
    i = 0
    while i < len(pieces):
        if i + 1 < len(pieces) and (pieces[i], pieces[i + 1]) == pair:
            joined.append(join(*pair))
            i += 2
        else:
            joined.append(pieces[i])
            i += 1
    return joined


class PairTable:
    """The training text as words in pieces, with counts of pieces and of neighbors kept up to date.

    Counting everything anew at each step would give the same numbers, only more slowly: a join
    changes nothing but the words that contain the pair.
    """

    def __init__(self, counts: Mapping[str, int], spell: Callable[[str], list[str]]) -> None:
        self.words = [spell(word) for word in counts]
        self.times = list(counts.values())
        self.pieces: Counter[str] = Counter()
        self.pairs: Counter[Pair] = Counter()
        self.where: defaultdict[Pair, set[int]] = defaultdict(set)  # words that contain the pair
        for word in range(len(self.words)):
            self._count(word, self.times[word])

    def _count(self, word: int, times: int) -> None:
        pieces = self.words[word]
        for piece in pieces:
            self.pieces[piece] += times
        for pair in pairwise(pieces):
            self.pairs[pair] += times
            if self.pairs[pair] == 0:
                del self.pairs[pair]
            self.where[pair].add(word)

    def join(self, pair: Pair) -> None:
        """Join the pair in every word that has it."""
        for word in self.where.pop(pair):
            self._count(word, -self.times[word])
            self.words[word] = join_pair(self.words[word], pair)
            self._count(word, self.times[word])

    def candidate(self, pair: Pair, score: Callable[[int, int, int], float]) -> PairScore:
        """The pair with its numbers."""
        count, left, right = self.pairs[pair], self.pieces[pair[0]], self.pieces[pair[1]]
        return PairScore(*pair, count, left, right, score(count, left, right))

    @property
    def text_pieces(self) -> int:
        """In how many pieces the whole text lies."""
        return self.pieces.total()


def merges(
    counts: Mapping[str, int],
    size: int,
    spell: Callable[[str], list[str]],
    score: Callable[[int, int, int], float],
    keep: int = 8,
) -> Iterator[Merge]:
    """Join the best pair, again and again, until there are `size` pieces or no two neighbors.

    Among equal scores the pair seen more often wins, then the one whose pieces came into the
    vocabulary earlier (single characters in the order of their code points).
    """
    table = PairTable(counts, spell)
    rank = {piece: number for number, piece in enumerate(sorted(table.pieces))}

    def worst_last(candidate: PairScore) -> tuple[float, int, int, int]:
        left, right = rank[candidate.left], rank[candidate.right]
        return (-candidate.score, -candidate.together, left, right)

    number = 0
    while len(rank) < size and table.pairs:
        candidates = (table.candidate(pair, score) for pair in table.pairs)
        ranking = heapq.nsmallest(keep, candidates, key=worst_last)
        winner = ranking[0]
        table.join((winner.left, winner.right))
        piece = join(winner.left, winner.right)
        rank.setdefault(piece, len(rank))  # two joins can lead to the same piece
        number += 1
        yield Merge(number, winner, piece, tuple(ranking), len(rank), table.text_pieces)


def spell_bpe(word: str) -> list[str]:
    """hug → h u g."""
    return list(word)


def spell_wordpiece(word: str) -> list[str]:
    """hug → h ##u ##g: in WordPiece a letter inside a word is not the letter that begins one."""
    return [word[0], *(CONTINUATION + c for c in word[1:])]


def bpe_score(count: int, left: int, right: int) -> float:
    """How often the pair occurs."""
    return count


def wordpiece_score(count: int, left: int, right: int) -> float:
    """freq(ab) / (freq(a) · freq(b)): joining pays if the two seldom stand apart.

    The logarithm of this is, up to a constant, what the join adds to the likelihood of the text
    for each occurrence, if pieces are drawn independently.
    """
    return count / (left * right)


def bpe_merges(counts: Mapping[str, int], size: int) -> Iterator[Merge]:
    """The steps of BPE, one by one."""
    return merges(counts, size, spell_bpe, bpe_score)


def wordpiece_merges(counts: Mapping[str, int], size: int) -> Iterator[Merge]:
    """The steps of WordPiece by score, one by one."""
    return merges(counts, size, spell_wordpiece, wordpiece_score)


def alphabet(counts: Mapping[str, int], spell: Callable[[str], list[str]]) -> list[str]:
    """The single characters that training starts from, sorted."""
    return sorted({piece for word in counts for piece in spell(word)})


@dataclass(frozen=True)
class BPE:
    """A trained BPE: its joins, in the order in which they were learned."""

    letters: tuple[str, ...]
    history: tuple[Merge, ...]
    order: dict[Pair, int] = field(init=False, repr=False)

    name = "BPE"

    def __post_init__(self) -> None:
        order = {(m.winner.left, m.winner.right): m.number for m in self.history}
        object.__setattr__(self, "order", order)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Letters first, then the pieces in the order in which they were made."""
        return tuple(dict.fromkeys((*self.letters, *(merge.piece for merge in self.history))))

    def replay(self, word: str) -> Iterator[tuple[Pair, list[str]]]:
        """The joins that apply to the word, earliest learned first, and the word after each."""
        pieces = list(word)
        while True:
            known = [pair for pair in pairwise(pieces) if pair in self.order]
            if not known:
                return
            pair = min(known, key=self.order.__getitem__)
            pieces = join_pair(pieces, pair)
            yield pair, pieces

    def encode(self, word: str) -> list[Segment]:
        """What is left when no join applies; a letter never seen in training is unknown."""
        pieces = list(word)
        for _, pieces in self.replay(word):  # noqa: B007 (the last one counts)
            pass
        segments: list[Segment] = []
        start = 0
        for piece in pieces:
            known = len(piece) > 1 or piece in self.letters
            end = start + len(piece)
            segments.append(Segment(piece if known else UNK, start, end, known))
            start = end
        return segments


@dataclass(frozen=True)
class WordPiece:
    """A trained WordPiece: only the vocabulary counts, the order is forgotten."""

    letters: tuple[str, ...]
    history: tuple[Merge, ...]
    ids: dict[str, int] = field(init=False, repr=False)
    longest: int = field(init=False, repr=False)

    name = "WordPiece"

    def __post_init__(self) -> None:
        pieces = dict.fromkeys((*self.letters, *(merge.piece for merge in self.history)))
        object.__setattr__(self, "ids", {piece: number for number, piece in enumerate(pieces)})
        object.__setattr__(self, "longest", max(map(len, pieces), default=0))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Letters first, then the pieces in the order in which they were made."""
        return tuple(self.ids)

    def encode(self, word: str) -> list[Segment]:
        """The longest match first; the whole word is unknown if any part of it is."""
        cut = wordpiece(word, self.ids, self.longest)
        return [Segment(piece, start, end, piece in self.ids) for piece, start, end in cut]


# ------------------------------------------------------------------ Unigram: pruning

LONGEST_SEED = 12  # characters; longer substrings that repeat are nearly always whole words
SHRINK = 0.75  # of the pieces stay in each round
EM_STEPS = 2  # per round
SPARED = 8  # how many of the pieces that stay are kept for the record
UNKNOWN_PENALTY = 10.0  # nats below the rarest piece, as in SentencePiece
SMALLEST_COUNT = 1e-6  # so that a piece that nothing uses still has a logarithm


class Weighed(NamedTuple):
    """A piece that could go: its uses in the text, what would stand instead, the cost in nats."""

    piece: str
    uses: int
    instead: tuple[str, ...]
    cost: float


@dataclass(frozen=True)
class Round:
    """One round of Unigram: the pieces are weighed, then the least needed are dropped.

    `scores` (piece → log probability), `log_likelihood` of the training text summed over all ways
    to cut it (in nats) and `text_pieces` of the best way are those of the `size` pieces that the
    round began with. `dropped` is sorted, cheapest first; it is empty in the last round.
    """

    number: int
    size: int
    scores: dict[str, float]
    log_likelihood: float
    text_pieces: int
    dropped: tuple[Weighed, ...]
    spared: tuple[Weighed, ...]


def edges(word: str, scores: Mapping[str, float], longest: int) -> list[list[tuple[int, float]]]:
    """For each end in the word, the pieces that can end there: (start, log probability)."""
    return [
        [
            (start, scores[word[start:end]])
            for start in range(max(0, end - longest), end)
            if word[start:end] in scores
        ]
        for end in range(len(word) + 1)
    ]


def log_sum(values: Iterable[float]) -> float:
    """log(Σ exp(values)), safe for very small probabilities."""
    terms = list(values)
    top = max(terms, default=-math.inf)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(term - top) for term in terms))


def forward_backward(
    word: str, scores: Mapping[str, float], longest: int
) -> tuple[float, dict[str, float]]:
    """Over all ways to cut the word: its log probability, and how often to expect each piece.

    forward[i]: log probability of everything up to character i, whatever the cuts. backward[i]:
    of everything after it. A piece from i to j is then on the path with the probability
    forward[i] · p(piece) · backward[j] / forward[end].
    """
    ending = edges(word, scores, longest)
    forward = [0.0] + [-math.inf] * len(word)
    for end in range(1, len(word) + 1):
        forward[end] = log_sum(forward[start] + score for start, score in ending[end])
    backward: list[list[float]] = [[] for _ in word] + [[0.0]]
    behind = [-math.inf] * len(word) + [0.0]
    for end in range(len(word), 0, -1):
        behind[end] = log_sum(backward[end])
        for start, score in ending[end]:
            backward[start].append(score + behind[end])

    total = forward[len(word)]
    expected: dict[str, float] = {}
    for end in range(1, len(word) + 1):
        for start, score in ending[end]:
            piece = word[start:end]
            probability = math.exp(forward[start] + score + behind[end] - total)
            expected[piece] = expected.get(piece, 0.0) + probability
    return total, expected


def viterbi(
    word: str, scores: Mapping[str, float], longest: int, unknown: float, without: str = ""
) -> tuple[float, list[Segment]]:
    """The most probable way to cut the word, and its log probability.

    best[i] is the best score of the first i characters. A character that is no piece itself may
    stand as unknown at the price `unknown`. `without`: a piece that must not be used.
    Of two equally good ways the one whose last piece is longer wins.
    """
    best = [0.0] + [-math.inf] * len(word)
    begin = [0] * (len(word) + 1)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - longest), end):
            piece = word[start:end]
            score = scores.get(piece) if piece != without else None
            if score is None:
                if end - start > 1:
                    continue
                score = unknown
            if best[start] + score > best[end]:
                best[end] = best[start] + score
                begin[end] = start
    segments: list[Segment] = []
    end = len(word)
    while end:
        start = begin[end]
        piece = word[start:end]
        known = piece in scores
        segments.append(Segment(piece if known else UNK, start, end, known))
        end = start
    return best[len(word)], segments[::-1]


def seed_pieces(counts: Mapping[str, int], limit: int) -> dict[str, int]:
    """Every character, and the `limit` best substrings that occur twice or more.

    Best is count × length: how much of the text the substring could cover. That number is also
    the weight with which a piece starts.
    """
    letters: Counter[str] = Counter()
    substrings: Counter[str] = Counter()
    for word, times in counts.items():
        for start in range(len(word)):
            letters[word[start]] += times
            for end in range(start + 2, min(len(word), start + LONGEST_SEED) + 1):
                substrings[word[start:end]] += times
    weights = {piece: count * len(piece) for piece, count in substrings.items() if count > 1}
    best = heapq.nsmallest(limit, weights, key=lambda piece: (-weights[piece], piece))
    return {**{c: letters[c] for c in sorted(letters)}, **{piece: weights[piece] for piece in best}}


def log_probabilities(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights made to sum to 1, as logarithms."""
    total = sum(weights.values())
    return {piece: math.log(weight / total) for piece, weight in weights.items()}


def expectation_maximization(
    counts: Mapping[str, int], scores: dict[str, float]
) -> tuple[dict[str, float], float]:
    """One EM step: expect how often each piece is used, then make that its probability.

    Returns the new scores and the log-likelihood of the text under the old ones.
    """
    longest = max(map(len, scores))
    expected = dict.fromkeys(scores, SMALLEST_COUNT)
    log_likelihood = 0.0
    for word, times in counts.items():
        total, uses = forward_backward(word, scores, longest)
        log_likelihood += times * total
        for piece, use in uses.items():
            expected[piece] += times * use
    return log_probabilities(expected), log_likelihood


def cheapest(counts: Mapping[str, int], scores: dict[str, float]) -> tuple[list[Weighed], int]:
    """All pieces of two or more letters by what dropping them costs; and the text's best pieces.

    Cost: uses × (the piece's log probability − that of the best way to write it without it), that
    is, how much less probable the text would become. An estimate, as SentencePiece makes it: it
    does not cut the whole text anew for each piece. Single letters always stay.
    """
    longest = max(map(len, scores))
    unknown = min(scores.values()) - UNKNOWN_PENALTY
    uses: Counter[str] = Counter()
    for word, times in counts.items():
        for segment in viterbi(word, scores, longest, unknown)[1]:
            uses[segment.text] += times
    order: list[Weighed] = []
    for piece, score in scores.items():
        if len(piece) > 1:
            score_without, instead = viterbi(piece, scores, longest, unknown, without=piece)
            cost = uses[piece] * (score - score_without) if uses[piece] else 0.0
            order.append(Weighed(piece, uses[piece], tuple(s.text for s in instead), cost))
    order.sort(key=lambda w: (w.cost, scores[w.piece], w.piece))
    return order, uses.total()


def unigram_rounds(counts: Mapping[str, int], size: int) -> Iterator[Round]:
    """Weigh and prune until `size` pieces are left (or the letters alone); the last round prunes
    nothing and has the scores to use."""
    if not counts:
        return
    scores = log_probabilities(seed_pieces(counts, limit=max(10 * size, 1000)))
    letters = sum(len(piece) == 1 for piece in scores)
    target = max(size, letters)
    number = 0
    while True:
        for _ in range(EM_STEPS):
            scores, _ = expectation_maximization(counts, scores)
        _, log_likelihood = expectation_maximization(counts, scores)
        order, text_pieces = cheapest(counts, scores)
        number += 1
        surplus = max(0, len(scores) - max(target, int(len(scores) * SHRINK)))
        dropped, spared = tuple(order[:surplus]), tuple(order[surplus : surplus + SPARED])
        yield Round(number, len(scores), scores, log_likelihood, text_pieces, dropped, spared)
        if not dropped:
            return
        gone = {d.piece for d in dropped}
        scores = {piece: score for piece, score in scores.items() if piece not in gone}


@dataclass(frozen=True)
class Unigram:
    """A trained Unigram: pieces with their log probabilities."""

    scores: dict[str, float]
    history: tuple[Round, ...] = ()
    longest: int = field(init=False, repr=False)
    unknown: float = field(init=False, repr=False)

    name = "Unigram"

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, self.scores), default=1))
        worst = min(self.scores.values(), default=0.0)
        object.__setattr__(self, "unknown", worst - UNKNOWN_PENALTY)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The most probable piece first."""
        return tuple(sorted(self.scores, key=lambda piece: (-self.scores[piece], piece)))

    def encode(self, word: str) -> list[Segment]:
        """The most probable way to cut the word."""
        return viterbi(word, self.scores, self.longest, self.unknown)[1]


# ------------------------------------------------------------------ training to the end


def train_bpe(
    counts: Mapping[str, int],
    size: int,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> BPE:
    """BPE with up to `size` pieces.

    progress is told the share of the work that is done, from 0 to 1. Raises Cancelled as soon as
    `cancelled` says so. Fewer pieces come out when every word has become one piece.
    """
    letters = alphabet(counts, spell_bpe)
    return BPE(
        tuple(letters), _all_merges(bpe_merges(counts, size), letters, size, progress, cancelled)
    )


def train_wordpiece(
    counts: Mapping[str, int],
    size: int,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> WordPiece:
    """WordPiece by score with up to `size` pieces; the rest as in `train_bpe`."""
    letters = alphabet(counts, spell_wordpiece)
    steps = wordpiece_merges(counts, size)
    return WordPiece(tuple(letters), _all_merges(steps, letters, size, progress, cancelled))


def train_unigram(
    counts: Mapping[str, int],
    size: int,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Unigram:
    """Unigram with up to `size` pieces; the rest as in `train_bpe`.

    Fewer come out when the text has too few substrings that repeat, more when it has more
    different letters than `size`.
    """
    history: list[Round] = []
    for round_ in unigram_rounds(counts, size):
        history.append(round_)
        if progress:
            # Sizes shrink by a constant factor, so progress is measured on their logarithms.
            shrunk = math.log(history[0].size / round_.size)
            to_shrink = math.log(max(history[0].size, size + 1) / max(size, 1))
            progress(1.0 if not round_.dropped else min(1.0, shrunk / to_shrink))
        if cancelled and cancelled():
            raise Cancelled
    return Unigram(history[-1].scores if history else {}, tuple(history))


def _all_merges(
    steps: Iterator[Merge],
    letters: list[str],
    size: int,
    progress: Progress | None,
    cancelled: Stop | None,
) -> tuple[Merge, ...]:
    history: list[Merge] = []
    for merge in steps:
        history.append(merge)
        if progress:
            to_learn = max(1, size - len(letters))
            progress(min(1.0, (merge.vocabulary_size - len(letters)) / to_learn))
        if cancelled and cancelled():
            raise Cancelled
    if progress:
        progress(1.0)
    return tuple(history)
