"""The heavy calls of the bundled models on a Ray Serve cluster instead of in this process.

Optional: it takes effect where ``INSIDE_BERT_RAY`` names a cluster on which ``deploy/models.py``
runs. The model that a lesson gets has the same class and the same methods; where the cluster does
not answer, this process computes as it always does.
"""

from __future__ import annotations

import copy
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import LoadedModel

log = logging.getLogger("inside_bert")

VARIABLE = "INSIDE_BERT_RAY"
"""Names the cluster's door for clients: ``ray://host:10001``. (A process that joins the cluster as
a driver is ended with it; a client only loses the connection.)"""
APP = "inside-bert"
PATIENCE = 10.0  # seconds for an answer
REST = 60.0  # seconds for which a cluster that did not answer is left alone
HEAVY = (
    "trace",
    "fill_mask",
    "mask_logits",
    "token_probabilities",
    "next_sentence",
    "hidden_states",
    "embed",
    "word_vector",
    "word_vectors",
)
"""Methods of `LoadedModel` that run whole passes."""

Ask = Callable[[str, str, Sequence[Any], Mapping[str, Any]], Any]
"""Model, method, its arguments → its result. Raises `Unreachable`, or what the method raises."""


class Unreachable(Exception):  # noqa: N818 (says what is the case)
    """The cluster does not answer."""


def shared(model: LoadedModel) -> LoadedModel:
    """The model itself, or with its heavy calls on the cluster where one is named."""
    address = os.environ.get(VARIABLE)
    return on_cluster(model, connect(address)) if address else model


def on_cluster(model: LoadedModel, ask: Ask) -> LoadedModel:
    """A copy of a model whose `HEAVY` methods ask the cluster; it shares the weights."""
    kind = type(model)
    methods = {name: _asking(ask, name, getattr(kind, name)) for name in HEAVY}
    copied = copy.copy(model)
    copied.__class__ = type(f"{kind.__name__}OnCluster", (kind,), methods)
    return copied


def _asking(ask: Ask, name: str, here: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(here)
    def call(self: LoadedModel, *args: Any, **kwargs: Any) -> Any:
        try:
            return ask(self.name, name, args, kwargs)
        except Unreachable as reason:
            log.warning("%s runs here: %s", name, reason)
            return here(self, *args, **kwargs)

    return call


@lru_cache(maxsize=1)
def connect(address: str) -> Ask:
    """A way to ask the cluster at that address. Connecting waits for the first question."""

    handle: Any = None
    failed_at = -REST

    def ask(model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        nonlocal handle, failed_at
        if time.monotonic() - failed_at < REST:
            raise Unreachable("it did not answer a moment ago")
        try:
            import ray
            from ray import serve
            from ray.exceptions import RayTaskError
        except ImportError:
            raise Unreachable("ray is not installed: see requirements-cluster.txt") from None
        try:
            if handle is None:
                ray.init(address=address, log_to_driver=False)
                handle = serve.get_app_handle(APP)
            answer = handle.call.remote(model, method, tuple(args), dict(kwargs))
            return answer.result(timeout_s=PATIENCE)
        except RayTaskError as error:
            raise error.as_instanceof_cause() from None  # the method's own complaint
        except Exception as error:  # Ray has many ways to say that nobody is there
            handle, failed_at = None, time.monotonic()
            ray.shutdown()
            raise Unreachable(type(error).__name__) from None

    return ask
