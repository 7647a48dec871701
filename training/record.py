"""Record the runs that training steps open on: ``python -m training.record [lesson/name …]``.

Without names all are recorded, one after the other. Each trains as the page does, in one thread.
"""

from __future__ import annotations

import datetime
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from lessons.applications.reranking import READS
from lessons.classification_heads.settings import TASKS as HEAD_TASKS
from lessons.classification_heads.settings import Settings as HeadSettings
from lessons.engine import recorded
from lessons.engine.training_process import task_of
from lessons.fine_tuning.settings import DEFAULTS, PRESETS, WAY_SEEDS, WAYS, of_way
from lessons.multilingual.settings import RECORDED as TRANSFERS
from lessons.pretraining.settings import presets
from lessons.similarity.settings import PRESETS as PAIR_PRESETS

MODEL = "minilm-mlm"


@dataclass(frozen=True)
class Run:
    """What to record: the task, its settings, and the bundled model that it starts from.

    ``keep`` is what `save` is told, for a run whose weights are few enough to be kept.
    """

    task: str
    settings: Mapping[str, Any]
    model: str = MODEL
    keep: Mapping[str, Any] | None = None


def runs() -> dict[tuple[str, str], Run]:
    """All recordings by lesson and name, each with its lesson's own default settings."""
    gym, tune = (
        "lessons.pretraining.training:PreTraining",
        "lessons.fine_tuning.training:FineTuning",
    )
    found = {
        ("pretraining", name): Run(
            gym, presets()[name].settings.to_dict(), "", {} if name == "standard" else None
        )
        for name in ("standard", "no-positions")
    }
    for name, preset in PRESETS.items():
        settings = {**preset.values, "task": "sentiment"}
        # A frozen encoder is the bundled one: the pooler and the head are all that is to keep.
        found["fine_tuning", name] = Run(tune, settings, keep={} if name == "frozen" else None)
    for way in WAYS:
        for seed in WAY_SEEDS:
            found["fine_tuning", f"{way}-{seed}"] = Run(tune, of_way(way, seed=seed).to_dict())
    for name in ("names", "questions"):
        found["fine_tuning", name] = Run(tune, {**DEFAULTS[name], "task": name})
    for name in HEAD_TASKS:
        if name != "own":
            found["classification_heads", name] = Run(
                "lessons.classification_heads.training:FourHeads",
                {**HeadSettings().to_dict(), "task": name},
                keep={"seeds": 1} if name == HeadSettings().task else None,
            )
    for name, transfer in TRANSFERS.items():
        found["multilingual", name] = Run(
            "lessons.multilingual.transfer:Transfer", transfer.to_dict(), ""
        )
    found["variants", "distil"] = Run("lessons.variants.distillation:Distillation", {})
    found["variants", "electra"] = Run("lessons.variants.detection:Detection", {})
    for kind in ("skip-gram", "CBOW"):
        found["masking", kind.lower()] = Run(
            "lessons.masking.word2vec:Training", {"kind": kind}, "", keep={}
        )
    for name, chosen in PAIR_PRESETS.items():
        found["similarity", name] = Run("lessons.similarity.training:Contrast", chosen.values)
    for reads in READS:
        found["applications", reads] = Run(
            "lessons.applications.second_look:SecondLook", {"reads": reads}
        )
    return found


def main() -> None:
    """Record what is named, or all."""
    torch.set_num_threads(1)
    every = {f"{slug}/{name}": run for (slug, name), run in runs().items()}
    for about in sys.argv[1:] or every:
        (slug, _, name), run = about.partition("/"), every[about]
        task = task_of(run.task, run.settings)
        settings = json.loads(json.dumps(task.settings.to_dict()))  # type: ignore[attr-defined]
        today = datetime.date.today().isoformat()
        found = recorded.record(task, run.task, settings, run.model, today)
        recorded.write(found, recorded.file_of(slug, name))
        folder = recorded.folder_of(slug, name)
        shutil.rmtree(folder, ignore_errors=True)
        if run.keep is not None:
            task.save(folder, **run.keep)
        size = recorded.file_of(slug, name).stat().st_size
        print(f"{slug}/{name}: {len(found.points)} points, {size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
