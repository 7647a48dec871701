"""The folder in which the processes of one app on one machine meet."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def folder() -> Path:
    """What ``INSIDE_BERT_SHARED`` names; a process that is alone makes one and takes it away."""
    if named := os.environ.get("INSIDE_BERT_SHARED"):
        return Path(named)
    made = tempfile.mkdtemp(prefix="inside-bert-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)
