"""How pre-training hides words: the 15% and 80/10/10 recipe, drawn once or thousands of times.

Devlin et al. 2019, §3.1 and A.1. The draws follow the data collator of `transformers`: each token
is chosen on its own with probability 15% (the authors' script picks 15% of every sequence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

KEPT, MASKED, RANDOM, SAME = range(4)
ACTIONS = ("not chosen", "becomes [MASK]", "becomes a random word", "stays as it is")
SPLIT = (0.8, 0.1, 0.1)
"""Of the chosen tokens: masked, random, unchanged (Devlin et al. 2019, A.1)."""
IGNORED = -100
"""The label of a token that the loss leaves out: PyTorch's cross-entropy skips it."""


@dataclass(frozen=True)
class Draw:
    """One training example made from the sentence; T tokens.

    ``actions`` (T) says what happened to each token (`ACTIONS`), ``input_ids`` (T) is what the
    model reads, ``tokens`` the same as pieces, ``labels`` (T) what it must say: the original id
    where a token was chosen, −100 elsewhere.
    """

    actions: NDArray[np.int64]
    tokens: tuple[str, ...]
    input_ids: NDArray[np.int64]
    labels: NDArray[np.int64]


def units(encoding: Encoding, whole_words: bool) -> list[list[int]]:
    """What is chosen as one: each token, or all pieces of a word. Special tokens never are."""
    found: list[list[int]] = []
    last: int | None = None
    for position, (offsets, word) in enumerate(
        zip(encoding.offsets, encoding.word_ids, strict=True)
    ):
        if offsets is None:
            continue
        if whole_words and found and word is not None and word == last:
            found[-1].append(position)
        else:
            found.append([position])
        last = word
    return found


def draw_actions(
    encoding: Encoding, draws: int, seed: int, rate: float, whole_words: bool
) -> NDArray[np.int64]:
    """What happens to each token in many independent draws: (draws, T).

    Each unit is chosen with probability ``rate``; each token of a chosen unit then meets its own
    fate, 80% mask, 10% random, 10% unchanged.
    """
    rng = np.random.default_rng(seed)
    actions = np.zeros((draws, len(encoding)), dtype=np.int64)
    for unit in units(encoding, whole_words):
        chosen = rng.random(draws) < rate  # draws
        fate = rng.random((draws, len(unit)))  # draws, pieces
        action = np.where(
            fate < SPLIT[0], MASKED, np.where(fate < SPLIT[0] + SPLIT[1], RANDOM, SAME)
        )
        actions[:, unit] = np.where(chosen[:, None], action, KEPT)
    return actions


def draw(
    model: LoadedModel, encoding: Encoding, seed: int, rate: float = 0.15, whole_words: bool = False
) -> Draw:
    """One training example. A random word is drawn from all of the vocabulary but the specials."""
    actions = draw_actions(encoding, 1, seed, rate, whole_words)[0]
    rng = np.random.default_rng((seed, 1))
    ordinary = np.setdiff1d(
        np.arange(model.tokenizer.get_vocab_size()), np.array(sorted(model.special_ids))
    )
    input_ids = encoding.input_ids.copy()
    input_ids[actions == MASKED] = model.mask_token_id or 0
    random = actions == RANDOM
    input_ids[random] = rng.choice(ordinary, int(random.sum()))
    labels = np.where(actions == KEPT, IGNORED, encoding.input_ids)
    tokens = tuple(model.tokenizer.id_to_token(int(i)) or "" for i in input_ids)
    return Draw(actions, tokens, input_ids, labels)


def losses(model: LoadedModel, encoding: Encoding, drawn: Draw) -> Floats:
    """−ln p of the original token at each chosen position, NaN elsewhere: (T). Their mean is the
    loss of the example."""
    found = np.full(len(encoding), np.nan, dtype=np.float32)
    chosen = np.flatnonzero(drawn.labels != IGNORED).tolist()
    if chosen:
        changed = {i: (drawn.tokens[i], int(drawn.input_ids[i])) for i in chosen}
        rows = model.token_probabilities(encoding.replaced(changed), chosen)
        for row, i in zip(rows, chosen, strict=True):
            found[i] = -math.log(max(float(row[drawn.labels[i]]), 1e-30))
    return found


def describe_losses(drawn: Draw, found: Floats) -> str:
    """What the loss of this draw is made of."""
    chosen = int((drawn.labels != IGNORED).sum())
    if not chosen:
        return "Nothing was chosen in this draw: it would teach the model nothing. Draw again."
    same = int((drawn.actions == SAME).sum())
    worst = float(np.nanmax(found))
    said = (
        f"The loss is the mean over the {chosen} chosen token{'s' * (chosen > 1)}: "
        f"{float(np.nanmean(found)):.2f}. The costliest was given p = {math.exp(-worst):.2g}, and "
        f"−ln p = {worst:.2f}. The other {len(drawn.labels) - chosen} have label −100 "
        "and count for nothing"
    )
    if same:
        said += f"; {same} of the chosen did not change, and count all the same"
    return said + "."


@dataclass(frozen=True)
class Tally:
    """Thousands of draws counted. Shares are of all tokens that may be chosen.

    ``expected``, ``observed`` and ``band`` hold three shares, masked, random, unchanged; ``band``
    is the half width within which 95% of such experiments fall. ``per_token`` (3, N) is the share
    of draws in which each of the N tokens met each fate; ``token_band`` the half width for the
    share in which a token is chosen at all.
    """

    draws: int
    rate: float
    positions: tuple[int, ...]
    expected: tuple[float, float, float]
    observed: tuple[float, float, float]
    band: tuple[float, float, float]
    per_token: Floats
    token_band: float


def tally(
    encoding: Encoding, draws: int, seed: int, rate: float = 0.15, whole_words: bool = False
) -> Tally:
    """Draw many times and count. Raises ValueError for a sentence with nothing to choose."""
    groups = units(encoding, whole_words)
    positions = [position for unit in groups for position in unit]
    if not positions:
        raise ValueError("nothing to choose")
    actions = draw_actions(encoding, draws, seed, rate, whole_words)[:, positions]  # draws N
    per_token = np.stack([(actions == action).mean(axis=0) for action in (MASKED, RANDOM, SAME)])
    sizes = np.array([len(unit) for unit in groups])
    expected, band = [], []
    for share in SPLIT:
        expected.append(rate * share)
        # Pieces of a word are chosen together, so that their counts vary more than lone tokens'.
        variance = rate * (sizes * share * (1 - share) + (sizes * share) ** 2)
        variance = variance - (rate * sizes * share) ** 2
        band.append(1.96 * math.sqrt(float(variance.sum()) / draws) / len(positions))
    observed = per_token.mean(axis=1)
    return Tally(
        draws,
        rate,
        tuple(positions),
        (expected[0], expected[1], expected[2]),
        (float(observed[0]), float(observed[1]), float(observed[2])),
        (band[0], band[1], band[2]),
        per_token.astype(np.float32),
        1.96 * math.sqrt(rate * (1 - rate) / draws),
    )


def describe_shares(counted: Tally) -> str:
    """Observed beside expected, and how many lie where chance would leave them."""
    inside = sum(
        abs(o - e) <= b
        for o, e, b in zip(counted.observed, counted.expected, counted.band, strict=True)
    )
    shares = ", ".join(
        f"{name} {o:.2%} (expected {e:.2%})"
        for name, o, e in zip(
            ("masked", "random", "unchanged"), counted.observed, counted.expected, strict=True
        )
    )
    return f"{counted.draws:,} draws: {shares}. {inside} of 3 lie within their 95% band."


def describe_tokens(counted: Tally) -> str:
    """How many single tokens were chosen as often as chance allows."""
    chosen = counted.per_token.sum(axis=0)
    near = int((np.abs(chosen - counted.rate) <= counted.token_band).sum())
    return (
        f"{near} of {len(chosen)} tokens were chosen as often as {counted.rate:.0%} of the draws "
        f"allow (within {counted.token_band:.1%}); one in twenty may lie outside by chance alone."
    )


@dataclass(frozen=True)
class Epochs:
    """Which tokens are chosen in each epoch, (E, N), drawn once or drawn anew, and how much of
    the sentence has been asked for by then, E each."""

    positions: tuple[int, ...]
    static: NDArray[np.bool_]
    dynamic: NDArray[np.bool_]
    static_coverage: Floats
    dynamic_coverage: Floats
    expected_coverage: Floats


def epochs(encoding: Encoding, count: int, seed: int, rate: float = 0.15) -> Epochs:
    """Static masking repeats the first draw in every epoch; dynamic masking draws anew.

    After e epochs of dynamic masking a token has been asked for with probability
    1 − (1 − rate)^e. Raises ValueError for a sentence with nothing to choose.
    """
    positions = [position for unit in units(encoding, False) for position in unit]
    if not positions:
        raise ValueError("nothing to choose")
    dynamic = draw_actions(encoding, count, seed, rate, False)[:, positions] != KEPT  # E N
    static = np.repeat(dynamic[:1], count, axis=0)
    seen = np.maximum.accumulate(dynamic, axis=0).mean(axis=1)
    return Epochs(
        tuple(positions),
        static,
        dynamic,
        static.mean(axis=1).astype(np.float32),
        seen.astype(np.float32),
        (1 - (1 - rate) ** np.arange(1, count + 1)).astype(np.float32),
    )


def describe_epochs(found: Epochs) -> str:
    """How much of the sentence was asked for in the end, either way."""
    return (
        f"After {len(found.static)} epochs static masking has asked for "
        f"{found.static_coverage[-1]:.0%} of the tokens, always the same ones; dynamic masking "
        f"for {found.dynamic_coverage[-1]:.0%} (expected {found.expected_coverage[-1]:.0%})."
    )


def describe_coverage(found: Epochs) -> str:
    """The rule behind the dotted line."""
    first = float(found.expected_coverage[0])
    return (
        f"The dotted line is 1 − (1 − {first:.0%})ᵉ after e epochs: nine of ten tokens take "
        f"{math.ceil(math.log(0.1) / math.log(1 - first))} epochs."
    )
