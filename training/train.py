"""Train MiniLM's layers and the two pre-training heads; its embeddings stay as they are.

    python -m training.train DATA --out RUN --minutes 480    # planned by the clock, fall included
    python -m training.train DATA --out RUN --export FILE.safetensors

    python -m training.train DATA --out RUN                  # until stopped; goes on where it was
    python -m training.train DATA --out RUN-END --decay RUN --tokens 2000000   # bring the rate to 0

The rate warms up, stays, and at the end falls to zero, which is what makes the weights worth
using. With ``--minutes`` the fall is planned; without it the rate stays, so that a training can
always be continued, and ``--decay`` branches off the latest checkpoint of another folder and lets
the rate fall. `README.md` tells the whole story.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from lessons.engine.bert import BertConfig, BertForPreTraining, pre_training_loss
from training.batches import IGNORE, LONG, Batch, Corpus, Pools, collate, endless
from training.fused import fuse
from training.prepare import minilm_folder

START = Path(__file__).parents[1] / "assets/models/minilm-mlm/model.safetensors"
NEXT_SENTENCE_WEIGHT = 0.3
CLIP = 1.0


@dataclass
class Settings:
    """Everything that shapes the result; kept in the checkpoint."""

    seed: int = 7
    batch_tokens: int = 8192  # a step
    micro_tokens: int = 1024  # one forward pass
    pool_size: int = 4096  # examples sorted by length at a time
    mask_rate: float = 0.2
    everyday: float = 2.0
    long_share: float = 1 / 6  # of the examples
    groups: str = ""  # how often each text is drawn: "1,0.5,2"; empty: all alike
    optimizer: str = "muon"
    rate: float = 5e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_steps: int = 100
    bfloat16: bool = False  # matrix products in bfloat16; always so on a GPU


@dataclass
class Progress:
    """How far the training is."""

    step: int = 0
    tokens: int = 0  # seen by this training, padding not counted
    position: tuple[int, int] = (0, 0)  # in the endless row of batches
    decay_from: int | None = None  # tokens at which the rate began to fall
    decay_tokens: int = 0
    seconds: float = 0.0  # trained so far, over all sittings

    @property
    def goal(self) -> float:
        """Tokens at which the rate reaches zero; infinite while nothing is planned."""
        return math.inf if self.decay_from is None else self.decay_from + self.decay_tokens

    def begin_decay(self, tokens: int) -> None:
        """Let the rate fall to zero over the next ``tokens`` tokens."""
        self.decay_from, self.decay_tokens = self.tokens, max(1, tokens)


def load_bert(weights: Path) -> BertForPreTraining:
    """MiniLM's embeddings under the layers and heads of ``weights``; dropout off."""
    folder = minilm_folder()
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = BertConfig.from_dict(
        {**values, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    )
    model = BertForPreTraining(config)
    state = {
        f"bert.{name}": tensor.float()
        for name, tensor in load_file(folder / "model.safetensors").items()
        if name.startswith("embeddings.") and not name.endswith("position_ids")
    }
    state |= {name: tensor.float() for name, tensor in load_file(weights).items()}
    model.load_state_dict(state)
    model.bert.embeddings.requires_grad_(False)
    return model


def export(model: BertForPreTraining, path: Path) -> None:
    """Write all but the embeddings as fp16 safetensors."""
    state = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.startswith("bert.embeddings.")
    }
    save_file(state, path, metadata={"format": "pt"})


@torch.no_grad()
def blend(model: BertForPreTraining, other: Path, share: float) -> None:
    """Let the weights be ``share`` of the model's and the rest of another file's.

    Between two checkpoints of one training the mean is often better than either: the noise of
    single steps cancels, as it does when the rate falls (Izmailov et al. 2018,
    arxiv.org/abs/1803.05407; Wortsman et al. 2022, arxiv.org/abs/2109.01903).
    """
    for name, tensor in load_file(other).items():
        param = model.get_parameter(name)
        param.lerp_(tensor.float().to(param.device), 1 - share)


def orthogonalise(gradient: Tensor, steps: int = 5, bfloat16: bool = False) -> Tensor:
    """The nearest matrix with all singular values about 1, by Newton–Schulz iteration.

    The coefficients are those of Jordan 2024 (kellerjordan.github.io/posts/muon).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = gradient.shape[0] > gradient.shape[1]
    x: Tensor = gradient.T if tall else gradient
    x = (x / (x.norm() + 1e-7)).to(torch.bfloat16 if bfloat16 else x.dtype)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum whose step is orthogonalised: for the matrices of the encoder (Jordan 2024).

    The step is scaled to the size of an AdamW step, so that both share a learning rate (Liu et
    al. 2025, arxiv.org/abs/2502.16982, eq. 4). ``pool`` works on several matrices at once.
    PyTorch's own Muon always computes in bfloat16, which is very slow on processors without it.
    """

    def __init__(
        self,
        params: list[Tensor],
        pool: ThreadPoolExecutor,
        lr: float,
        weight_decay: float,
        bfloat16: bool,
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": 0.95})
        self.pool, self.bfloat16 = pool, bfloat16

    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:

            @torch.no_grad()  # inside: gradient mode belongs to a thread
            def update(param: Tensor, group: dict[str, Any] = group) -> None:
                gradient = param.grad
                assert gradient is not None
                state = self.state[param]
                momentum = state.setdefault("momentum", torch.zeros_like(param))
                momentum.lerp_(gradient, 1 - group["momentum"])
                nesterov = gradient.lerp(momentum, group["momentum"])
                scale = 0.2 * math.sqrt(max(param.shape))
                param.mul_(1 - group["lr"] * group["weight_decay"])
                step = orthogonalise(nesterov, bfloat16=self.bfloat16)
                param.add_(step, alpha=-group["lr"] * scale)

            list(self.pool.map(update, group["params"]))


def make_optimizers(
    model: BertForPreTraining, settings: Settings, pool: ThreadPoolExecutor, bfloat16: bool
) -> list[torch.optim.Optimizer]:
    """One optimiser for the encoder's matrices (if Muon), AdamW for everything else."""
    matrices: list[Tensor] = []
    layers: list[Tensor] = []
    heads: list[Tensor] = []
    plain: list[tuple[Tensor, bool]] = []  # and whether it belongs to a head
    for name, param in model.named_parameters():
        if not param.requires_grad:
            continue
        is_head = name.startswith(("cls.", "bert.pooler."))
        if param.dim() < 2:
            plain.append((param, is_head))  # biases and norms are not decayed
        elif is_head:
            heads.append(param)
        else:
            (matrices if settings.optimizer == "muon" else layers).append(param)
    groups = [
        {"params": layers, "lr": settings.rate},
        {"params": heads, "lr": settings.head_rate},
        {"params": [p for p, h in plain if not h], "lr": settings.rate, "weight_decay": 0.0},
        {"params": [p for p, h in plain if h], "lr": settings.head_rate, "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(
        [group for group in groups if group["params"]],
        betas=(0.9, 0.98),
        weight_decay=settings.weight_decay,
        fused=True,
    )
    optimizers: list[torch.optim.Optimizer] = [adamw]
    if matrices:
        rate, decay = settings.rate, settings.weight_decay
        optimizers.append(Muon(matrices, pool, rate, decay, bfloat16))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def rate_factor(progress: Progress, settings: Settings) -> float:
    """Share of the peak rate: warm-up, then 1; once the decay began, a straight line to 0."""
    if progress.decay_from is not None:
        done = (progress.tokens - progress.decay_from) / progress.decay_tokens
        return max(0.0, 1.0 - done)
    return min(1.0, (progress.step + 1) / settings.warmup_steps)


def plan_decay(progress: Progress, seconds: float, minutes: float, share: float) -> None:
    """Begin the decay when only ``share`` of the ``minutes`` is left, ``seconds`` having passed.

    The clock decides once and is then left alone: the time that is left becomes a number of tokens,
    at the speed so far. From there on the rate follows from the tokens, as everything else does, so
    a training that is stopped and continued, or repeated with ``--decay-at``, ends in the same
    weights.
    """
    left = 60 * minutes - seconds
    if progress.decay_from is None and left <= 60 * minutes * share:
        progress.begin_decay(int(progress.tokens / seconds * left))


def gradients(
    model: BertForPreTraining, params: list[Tensor], batch: Batch, bfloat16: bool
) -> tuple[tuple[Tensor, ...], dict[str, float]]:
    """Gradients of the loss of one batch, and the losses."""
    device = params[0].device
    batch = batch.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        hidden = model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        # A batch of spans alone has no pair to learn from, and the mean over none is not a number.
        pairs = batch.next_labels if bool((batch.next_labels >= 0).any()) else None
        masked, follows = pre_training_loss(model, hidden, batch.labels, pairs)
    loss = masked if follows is None else masked + NEXT_SENTENCE_WEIGHT * follows
    found = torch.autograd.grad(loss, params, materialize_grads=True)
    return found, {
        "masked": masked.item(),
        "next": float("nan") if follows is None else follows.item(),
        "tokens": batch.tokens,
    }


class Trainer:
    """Model, optimisers and position in the data, saved and restored as one."""

    def __init__(
        self, corpus: Corpus, settings: Settings, start: Path, device: str, workers: int
    ) -> None:
        self.corpus, self.settings, self.start = corpus, settings, start
        self.device, self.workers = torch.device(device), workers
        self.bfloat16 = settings.bfloat16 or self.device.type == "cuda"
        # Threads of our own, one batch each, beat PyTorch's threads inside every operation: they
        # meet once a step, so a core that is busy elsewhere holds nobody up. The gradients are
        # added in the order of the batches, so the result does not depend on who was first.
        self.threads = ThreadPoolExecutor(workers)
        self.model = load_bert(start)
        if self.device.type == "cuda":
            fuse(self.model)
        self.model.to(self.device)
        self.params: list[Tensor] = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizers = make_optimizers(self.model, settings, self.threads, self.bfloat16)
        self.progress = Progress()

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        names = [name for name, p in self.model.named_parameters() if p.requires_grad]
        return {
            "model": {name: self.model.get_parameter(name).detach().cpu() for name in names},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "settings": vars(self.settings),
            "progress": vars(self.progress),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly from a checkpoint."""
        self.model.load_state_dict(state["model"], strict=False)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.progress = Progress(**state["progress"])

    def save(self, folder: Path) -> None:
        """Write the checkpoint; an interrupted write leaves the old one whole."""
        partial = folder / "checkpoint.partial"
        torch.save(self.state(), partial)
        os.replace(partial, folder / "checkpoint.pt")

    def step(self, batches: list[Batch]) -> dict[str, float]:
        """One update from several batches; the mean losses."""
        factor = rate_factor(self.progress, self.settings)
        total: list[Tensor] | None = None
        losses = []
        for found, loss in self.threads.map(
            lambda batch: gradients(self.model, self.params, batch, self.bfloat16), batches
        ):
            losses.append(loss)
            if total is None:
                total = [g / len(batches) for g in found]
            else:
                torch._foreach_add_(total, list(found), alpha=1 / len(batches))
        for param, gradient in zip(self.params, total or [], strict=True):
            param.grad = gradient
        norm = torch.nn.utils.clip_grad_norm_(self.params, CLIP)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * factor
            optimizer.step()
        self.progress.step += 1
        self.progress.tokens += int(sum(loss["tokens"] for loss in losses))
        return {
            "masked": float(np.mean([loss["masked"] for loss in losses])),
            "next": float(np.nanmean([loss["next"] for loss in losses])),
            "gradient": float(norm),
            "rate": factor,
        }

    @torch.no_grad()
    def measure(self, batches: list[Batch]) -> dict[str, float]:
        """Masked-word and next-sentence accuracy on held-out documents, all masks [MASK]."""

        def count(batch: Batch) -> tuple[int, int, int, int]:
            batch = batch.to(self.device)
            hidden = self.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
            chosen = batch.labels != IGNORE
            right = self.model.token_logits(hidden[chosen]).argmax(-1) == batch.labels[chosen]
            pairs = batch.next_labels >= 0
            guess = self.model.next_sentence_logits(hidden[pairs]).argmax(-1)
            hits = (guess == batch.next_labels[pairs]).sum()
            return int(right.sum()), int(chosen.sum()), int(hits), int(pairs.sum())

        # Gradient mode belongs to a thread: switched off here, it is still on in the others.
        counts = np.sum(list(self.threads.map(torch.no_grad()(count), batches)), axis=0)
        return {
            "heldout": round(float(counts[0] / counts[1]), 4),
            "heldout_next": round(float(counts[2] / max(1, counts[3])), 4),
        }


def heldout_batches(
    folder: Path, micro_tokens: int, size: int = 512, long: bool = False
) -> list[Batch]:
    """The same masked examples of held-out documents every time, all short or all long."""
    corpus = Corpus(folder, heldout=True, long=LONG if long else None)
    rng = np.random.default_rng(0)
    examples = [corpus.draw(i, rng, float(long)) for i in range(size)]
    examples.sort(key=len)
    rows = max(1, micro_tokens // (LONG[1] if long else 64))
    return [
        collate(examples[i : i + rows], rng, 0.15, always_mask=True)
        for i in range(0, len(examples), rows)
    ]


def train(trainer: Trainer, data: Path, folder: Path, args: argparse.Namespace) -> None:
    """Until the tokens or minutes are used up, or a signal comes; then save."""
    settings, progress = trainer.settings, trainer.progress
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, frame: stop.append(got))

    heldout = {"": heldout_batches(data, settings.micro_tokens)}
    if settings.long_share:
        heldout["long_"] = heldout_batches(data, settings.micro_tokens, size=256, long=True)
    pools = Pools(
        trainer.corpus,
        settings.seed,
        settings.pool_size,
        settings.micro_tokens,
        settings.mask_rate,
        settings.long_share,
    )
    row = endless(pools, progress.position, args.loaders)
    before = progress.seconds  # of earlier sittings
    began = saved = logged = time.monotonic()
    since: list[dict[str, float]] = []
    log = folder / "log.jsonl"
    most = math.inf if args.tokens is None else progress.tokens + args.tokens

    def note(line: dict[str, float]) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def measured() -> dict[str, float]:
        return {
            f"{kind}{name}": value
            for kind, batches in heldout.items()
            for name, value in trainer.measure(batches).items()
        }

    bar = tqdm(initial=progress.tokens, unit="tok", unit_scale=True, mininterval=5)
    seen = progress.tokens
    while progress.tokens < min(most, progress.goal) and not stop:
        progress.seconds = before + time.monotonic() - began
        if args.minutes is not None and progress.step and progress.decay_from is None:
            if progress.seconds >= 60 * args.minutes:
                break  # no decay was wanted
            plan_decay(progress, progress.seconds, args.minutes, args.decay_share)
        if args.decay_at and progress.decay_from is None and progress.tokens >= args.decay_at[0]:
            progress.begin_decay(args.decay_at[1])
        if progress.decay_from == progress.tokens:
            note({"decay_from": progress.tokens, "decay_tokens": progress.decay_tokens})
        count = settings.batch_tokens // settings.micro_tokens
        taken = list(itertools.islice(row, count))
        since.append(trainer.step([batch for batch, _ in taken]))
        progress.position = taken[-1][1]
        goal = min(most, progress.goal)
        bar.total = None if goal == math.inf else goal
        bar.update(progress.tokens - bar.n)
        if progress.step % args.log_every == 0:
            line = {key: round(float(np.mean([s[key] for s in since])), 4) for key in since[0]}
            now = time.monotonic()
            line |= {
                "step": progress.step,
                "tokens": progress.tokens,
                "per_second": round((progress.tokens - seen) / (now - logged)),
            }
            if progress.step % args.measure_every == 0:
                line |= measured()
            note(line)
            bar.set_postfix(masked=line["masked"], rate=line["rate"])
            since, seen, logged = [], progress.tokens, time.monotonic()
        if time.monotonic() - saved > 60 * args.save_minutes:
            trainer.save(folder)
            saved = time.monotonic()
    bar.close()
    progress.seconds = before + time.monotonic() - began
    trainer.save(folder)
    last = {"step": progress.step, "tokens": progress.tokens, **measured()}
    note(last)
    print(json.dumps(last))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder made by prepare.py")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--start", type=Path, default=START, help="weights to begin with")
    parser.add_argument("--decay", type=Path, help="branch off this run and let the rate fall")
    parser.add_argument("--tokens", type=int, help="how many tokens more")
    parser.add_argument("--minutes", type=float, help="take so long in all, decay included")
    parser.add_argument(
        "--decay-share", type=float, default=0.4, help="of the minutes; 0: the rate never falls"
    )
    parser.add_argument(
        "--decay-at",
        type=int,
        nargs=2,
        metavar=("FROM", "TOKENS"),
        help="repeat a decay that the clock planned (log.jsonl says it)",
    )
    parser.add_argument("--export", type=Path, help="write the checkpoint's weights here, and end")
    parser.add_argument("--blend", type=Path, help="export a mean with these weights")
    parser.add_argument("--share", type=float, default=0.5, help="of this run in that mean")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, help="batches at once (CPU)")
    parser.add_argument("--loaders", type=int, default=0, help="processes that prepare batches")
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--log-every", type=int, default=10, help="steps")
    parser.add_argument("--measure-every", type=int, default=100, help="steps")
    for name, value in vars(Settings()).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=value)
        else:
            parser.add_argument(option, type=type(value), default=value)
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    # The loaders hand over many small tensors: more than there may be open files.
    torch.multiprocessing.set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]
    workers = args.workers or (1 if args.device == "cuda" else os.cpu_count() or 1)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "checkpoint.pt"
    source = path if path.exists() or not args.decay else args.decay / "checkpoint.pt"
    saved = torch.load(source, map_location="cpu") if source.exists() else None
    settings = (
        Settings(**saved["settings"])
        if saved
        else Settings(**{name: getattr(args, name) for name in vars(Settings())})
    )
    corpus = Corpus(
        args.data,
        everyday=settings.everyday,
        long=LONG if settings.long_share else None,
        groups=[float(weight) for weight in settings.groups.split(",") if weight],
    )
    trainer = Trainer(corpus, settings, args.start, args.device, workers)
    if saved:
        trainer.restore(saved)
    if args.export:
        if not saved:
            parser.error(f"no checkpoint in {args.out}")
        if args.blend:
            blend(trainer.model, args.blend, args.share)
        export(trainer.model, args.export)
        return
    if args.decay and trainer.progress.decay_from is None:
        if args.tokens is None:
            parser.error("--decay needs --tokens")
        trainer.progress.begin_decay(args.tokens)
    train(trainer, args.data, args.out, args)


if __name__ == "__main__":
    main()
