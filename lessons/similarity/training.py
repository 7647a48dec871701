"""One contrastive training: a copy of the bundled model learns to place partners close together.

Each sentence of a batch looks for its partner among the partners of all (van den Oord et al. 2018,
arxiv.org/abs/1807.03748, equation 4; between sentences as in the training of all-MiniLM).
`contrastive_loss` is the heart. `Contrast` is a task for `lessons.engine.training_process`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine import load_model, tasks
from ..engine.fine_tuned import FineTuned, encoder_of, load_fine_tuned, padded
from ..engine.trace import Floats
from ..engine.upper_layers import States, UpperLayers, mean_pooled
from . import compute
from .settings import BASE, checked

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

MOMENTS = 8  # closer looks in a run, besides the one before it
LEARNED_BEFORE = "minilm"
SHOWN = 8  # held-out pairs whose cosines a page draws


def contrastive_loss(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Mean surprise, in nats, at the right partner of each sentence.

    ``first`` and ``second`` (B, D) are vectors of length 1; row i of one belongs to row i of the
    other. The other B − 1 rows of the batch are the negatives.
    """
    scores = first @ second.T / temperature  # B B: cosines, spread by the temperature
    partner = torch.arange(len(first))  # the right column of each row
    there = F.cross_entropy(scores, partner)  # each first looks for its second
    back = F.cross_entropy(scores.T, partner)  # and each second for its first
    return (there + back) / 2


def pulling_loss(first: Tensor, second: Tensor) -> Tensor:
    """1 − the mean cosine of partners (B, D): nothing pushes strangers apart."""
    return 1 - (first * second).sum(dim=-1).mean()


def alignment(first: Tensor, second: Tensor) -> float:
    """Mean squared distance of partners on the unit sphere, (N, D) each: 0 is one place.

    Wang and Isola 2020, arxiv.org/abs/2005.10242.
    """
    return float((first - second).pow(2).sum(dim=-1).mean())


def uniformity(vectors: Tensor) -> float:
    """ln of the mean of exp(−2 × squared distance) over all two of N unit vectors (N, D).

    0 is all in one place; the lower, the more evenly they are spread (Wang and Isola 2020).
    """
    return float(torch.pdist(vectors).pow(2).mul(-2).exp().mean().log())


class Contrast:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown.

    Raises ValueError that names the setting for settings that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        torch.manual_seed(settings.seed)  # dropout
        self.order = random.Random(settings.seed)
        model = load_model(BASE)
        # The head over each token is never asked: what learns here are the layers.
        tuned = FineTuned(copy.deepcopy(encoder_of(model)), "tokens", 1, settings.trained_layers)
        self.pairs = tasks.split_partners()
        # A rest too small for a batch waits for the next epoch: in it were fewer negatives.
        per_epoch = len(self.pairs.train) // settings.batch_size
        self.upper = UpperLayers(model, tuned, settings.learning_rate, per_epoch * settings.epochs)
        self.train, self.dev = (
            (self._read([row.first for row in side]), self._read([row.second for row in side]))
            for side in (self.pairs.train, self.pairs.dev)
        )
        rated, self.rated_rows = compute.pair_texts()
        self.rated = self._read(rated)
        self.queue: list[int] = []
        self.due = {round(i * self.upper.steps / MOMENTS) for i in range(1, MOMENTS + 1)}

    def _read(self, texts: Sequence[str]) -> States:
        return self.upper.read([self.upper.model.encode(text) for text in texts])

    def _vectors(self, states: States, places: Sequence[int] | None = None) -> Tensor:
        """Unit vectors (N, D) of some sentences, or of all."""
        chosen = range(len(states.rows)) if places is None else places
        return mean_pooled(*self.upper.hidden(states, chosen))

    # --- the step -------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.upper.steps_done >= self.upper.steps

    def step(self) -> list[float | None]:
        """One batch of pairs: (step, loss in nats, share that is nearest to its own partner)."""
        settings = self.settings
        if len(self.queue) < settings.batch_size:
            self.queue = list(range(len(self.pairs.train)))
            self.order.shuffle(self.queue)
        places, self.queue = self.queue[: settings.batch_size], self.queue[settings.batch_size :]
        self.upper.tuned.train()
        first, second = (self._vectors(side, places) for side in self.train)  # B D
        if settings.negatives:
            loss = contrastive_loss(first, second, settings.temperature)
        else:
            loss = pulling_loss(first, second)
        self.upper.update(loss)
        found = float(finders(first.detach() @ second.detach().T).double().mean())
        return [self.upper.steps_done, float(loss.detach()), found]

    # --- a closer look --------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it.

        How often the partner is found by counting shared words, and by the bundled model that
        learned from a billion pairs, is ``by_words`` and ``by_many_pairs``.
        """
        dev, weights = self.pairs.dev, self.upper.tuned.encoder
        model = load_model(LEARNED_BEFORE)
        first, second = (
            F.normalize(torch.from_numpy(model.embed(side)), dim=-1)
            for side in ([row.first for row in dev], [row.second for row in dev])
        )
        words = torch.tensor(
            [[compute.overlap(row.first, other.second) for other in dev] for row in dev]
        )
        return {
            "steps": self.upper.steps,
            "n_train": len(self.pairs.train),
            "n_dev": len(dev),
            "n_rated": len(self.rated_rows),
            "by_words": float(finders(words).double().mean()),
            "by_many_pairs": float(finders(first @ second.T).double().mean()),
            "shown": [[row.first, row.second] for row in dev[:SHOWN]],
            "learning": sum(weight.numel() for weight in self.upper.tuned.learning().values()),
            "weights": sum(weight.numel() for weight in weights.parameters()),
        }

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.upper.steps_done in self.due

    @torch.no_grad()
    def moment(self) -> dict[str, Any]:
        """Measure on held-out pairs: partners found, cosines, alignment, uniformity.

        ``agreement`` is the rank correlation with our ratings of other pairs (`compute.pairs`).
        """
        self.upper.tuned.eval()
        first, second = (self._vectors(side) for side in self.dev)  # N D
        cosines = first @ second.T  # N N
        strangers = cosines[~torch.eye(len(cosines), dtype=torch.bool)]
        rated = self._vectors(self.rated)
        left, right = torch.tensor(self.rated_rows).T
        ours = [pair.score for pair in compute.pairs()]
        theirs = (rated[left] * rated[right]).sum(dim=-1).tolist()
        return {
            "step": self.upper.steps_done,
            "found": float(finders(cosines).double().mean()),
            "partners": rounded(float(cosines.diagonal().mean())),
            "strangers": rounded(float(strangers.mean())),
            "alignment": rounded(alignment(first, second)),
            "uniformity": rounded(uniformity(torch.cat([first, second]))),
            "agreement": rounded(compute.rank_correlation(ours, theirs) or 0.0),
            "cosines": [[rounded(x) for x in row] for row in cosines[:SHOWN, :SHOWN].tolist()],
        }

    def save(self, folder: Path) -> None:
        """Write the layers that learned, for `own_vectors`."""
        self.upper.tuned.save(folder, {})


def finders(scores: Tensor) -> Tensor:
    """Which of N firsts are nearer to their own partner than to all others: (N, N) → (N).

    A tie is not found: where all vectors are the same, nobody is.
    """
    own = scores.diagonal()
    others = scores.masked_fill(torch.eye(len(scores), dtype=torch.bool), -torch.inf)
    return own > others.max(dim=-1).values


def rounded(value: float) -> float:
    return round(value, 4)


@lru_cache(maxsize=4)
def trained(folder: Path) -> FineTuned:
    """What a run left. Raises OSError when nothing was saved there."""
    return load_fine_tuned(load_model(BASE), folder)[0]


@torch.inference_mode()
def own_vectors(model: LoadedModel, tuned: FineTuned, texts: Sequence[str]) -> Floats:
    """Mean-pooled unit vectors of texts by a trained encoder: (N, D)."""
    batch = padded(model, [model.encode(text) for text in texts])
    below = tuned.below(batch.input_ids, batch.token_type_ids, batch.mask)
    found: Floats = mean_pooled(tuned.above(below, batch.mask), batch.mask).numpy()
    return found
