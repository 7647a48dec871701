import os

import pytest

from pages.rooms.rooms import Rooms


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def address(tmp_path):
    """A database of this test's own: a SQLite file, or the one that the environment names."""
    named = os.environ.get("INSIDE_BERT_TEST_DATABASE")
    if not named:
        yield f"sqlite:///{tmp_path}/rooms.sqlite3"
        return
    from sqlalchemy import create_engine, text

    with create_engine(named).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield named


@pytest.fixture
def rooms(address, clock, monkeypatch):
    monkeypatch.setattr("pages.rooms.rooms.FRESH", 0.0)
    found = Rooms(address, clock=clock)
    yield found
    found.engine.dispose()
