"""What every part of the engine knows of a model: its description, and how it can be missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["bundled", "local", "cached", "downloadable"]
Progress = Callable[[int, int], None]
"""Called while a model is fetched, with the bytes that are here and those of the whole."""


class ModelUnavailable(Exception):  # noqa: N818 (the name that the lessons catch)
    """A model cannot be had; the message is one sentence that a page may show as it is."""


class HeadMissing(ModelUnavailable):
    """The model is there, but was not trained for what it was asked."""


class Refused(ValueError):  # noqa: N818 (says what was done)
    """A checkpoint cannot be opened rightly; the message names file and field.

    It goes on after "… cannot be opened, because".
    """


@dataclass(frozen=True)
class ModelSpec:
    """A model by name, and what a learner should know before choosing it.

    ``parameters`` counts encoder and pooler without task heads (None: unknown before loading),
    ``download_mb`` is in units of 10⁶ bytes.
    """

    name: str
    title: str
    family: str
    parameters: int | None
    layers: int
    heads: int
    hidden: int
    cased: bool
    download_mb: int = 0
    hub_id: str | None = None
    note: str = ""
