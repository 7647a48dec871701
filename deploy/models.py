"""The bundled models on Ray Serve: ``serve run deploy.models:app --name inside-bert``.

Every replica holds both models and takes one thread. An app with ``INSIDE_BERT_RAY`` set sends its
heavy calls here; see `lessons.engine.cluster`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from ray import serve

from lessons.engine.cluster import HEAVY, VARIABLE


@serve.deployment(
    num_replicas=int(os.environ.get("INSIDE_BERT_REPLICAS", "1")),
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=4,
)
class Models:
    """Answers the heavy methods of the bundled models."""

    def __init__(self) -> None:
        os.environ.pop(VARIABLE, None)  # a replica computes by itself

        import torch

        from lessons.engine import load_model
        from lessons.engine.registry import BUNDLED

        torch.set_num_threads(1)
        self.models = {name: load_model(name) for name in BUNDLED}

    def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What ``method`` of ``model`` returns. Raises ValueError for any other method."""
        if method not in HEAVY:
            raise ValueError(f"{method} is not answered here")
        return getattr(self.models[model], method)(*args, **kwargs)


app = Models.bind()  # type: ignore[attr-defined]
