"""What models computed lately.

Several views of a page, and the next step of a lesson, ask for the same pass over the same
sentence. With a memory it is run once.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from cachetools import LRUCache


class Memory:
    """Results of passes by what went in, the latest ones, ``size`` bytes in all.

    All threads may use it. What is kept is shared: nobody may change it.
    """

    def __init__(self, size: int) -> None:
        self._kept: LRUCache[Hashable, tuple[Any, int]] = LRUCache(size, lambda kept: kept[1])
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The result, or None."""
        with self._lock:
            return self._kept.get(key, (None, 0))[0]

    def keep(self, key: Hashable, result: Any, size: int) -> None:
        """Remember a result of ``size`` bytes, unless it alone is too large."""
        with self._lock:
            if size <= self._kept.maxsize:
                self._kept[key] = result, size
