"""How often somebody may do something: a count in a stretch of time, for each of many people."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

REMEMBERED = 10_000  # people; who has been quiet longest is forgotten first


class Allowance:
    """``count`` times in ``seconds``, for each name. Kept in this process alone."""

    def __init__(
        self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count, self.seconds, self.clock = count, seconds, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def left(self, name: str) -> bool:
        """Whether one time is left for that name now; it is not used up."""
        with self._lock:
            now = self.clock()
            times = self._times.get(name, ())
            return sum(now - time < self.seconds for time in times) < self.count

    def take(self, name: str) -> bool:
        """Use up one time; False when none is left for that name now."""
        with self._lock:
            now = self.clock()
            times = self._times.setdefault(name, deque())
            self._times.move_to_end(name)
            while len(self._times) > REMEMBERED:
                self._times.popitem(last=False)
            while times and now - times[0] >= self.seconds:
                times.popleft()
            if len(times) >= self.count:
                return False
            times.append(now)
            return True
