"""Who trains now and who waits, over all processes of the app that share a folder.

Each run holds a file: a ticket while it waits, a slot while it trains. The files are locked, and
the operating system opens the locks of a process that dies, so nobody waits for the dead.
"""

from __future__ import annotations

import time
from pathlib import Path

from filelock import FileLock, Timeout

TICKET = "ticket-"


def locked(path: Path) -> FileLock | None:
    """The file, locked by us until it is released; None while somebody else has it."""
    lock = FileLock(path, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


class Line:
    """First come, first served: at most ``at_once`` runs train, in all processes together.

    For one thread at a time. Runs are known by their ids.
    """

    def __init__(self, folder: Path, at_once: int) -> None:
        self.folder, self.at_once = folder, at_once
        self._tickets: dict[str, FileLock] = {}
        self._slots: dict[str, FileLock] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._door = FileLock(folder / "door", thread_local=False)  # one process at a time changes

    @property
    def mine(self) -> list[str]:
        """Those of this process who wait, in their order."""
        return list(self._tickets)

    def __len__(self) -> int:
        """How many wait, in all processes."""
        with self._door:
            return len(self._waiting())

    def place(self, run: str) -> int:
        """1 for the next of all; 0 for one that does not wait."""
        ticket = self._tickets.get(run)
        if ticket is None:
            return 0
        with self._door:
            return self._waiting().index(Path(ticket.lock_file)) + 1

    def enter(self, run: str) -> None:
        """Stand at the end of the line; a slot is given back."""
        self.leave(run)
        with self._door:
            ticket = locked(self.folder / f"{TICKET}{time.time_ns():020d}-{run}")
        assert ticket is not None, "nobody else has a file of that name"
        self._tickets[run] = ticket

    def admit(self, run: str) -> bool:
        """Let one that waits train, if it is the next of all and there is room."""
        with self._door:
            if self.place(run) != 1:
                return False
            slots = (locked(self.folder / f"slot-{i}") for i in range(self.at_once))
            slot = next((slot for slot in slots if slot is not None), None)
            if slot is None:
                return False
            self.leave(run)
            self._slots[run] = slot
            return True

    def leave(self, run: str) -> None:
        """Give back a ticket or a slot."""
        if (slot := self._slots.pop(run, None)) is not None:
            slot.release()
        if (ticket := self._tickets.pop(run, None)) is not None:
            ticket.release()
            Path(ticket.lock_file).unlink(missing_ok=True)

    def close(self) -> None:
        """Give back all."""
        for run in (*self._tickets, *self._slots):
            self.leave(run)

    def _waiting(self) -> list[Path]:
        """Tickets of those who wait, the first first; those of dead processes are thrown away."""
        mine = {Path(ticket.lock_file) for ticket in self._tickets.values()}
        found = []
        for path in sorted(self.folder.glob(f"{TICKET}*")):
            if path not in mine and (abandoned := locked(path)) is not None:
                abandoned.release()
                path.unlink(missing_ok=True)
            else:
                found.append(path)
        return found
