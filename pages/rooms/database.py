"""The rooms' database: a SQLite file, or whatever ``INSIDE_BERT_ROOMS`` names.

``INSIDE_BERT_ROOMS=postgresql+psycopg://user:password@host/name`` serves many processes on many
machines. The tables are brought up to date when a process first asks for them.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

HERE = Path(__file__).parent
DEFAULT = HERE.parents[1] / ".rooms" / "rooms.sqlite3"
PATIENCE = 10  # seconds that one writer waits for another
LOCK = 7_230_145  # any number, the same for all processes: who holds it changes the tables


def url() -> str:
    """Where the rooms are kept."""
    return os.environ.get("INSIDE_BERT_ROOMS") or f"sqlite:///{DEFAULT}"


def connect(address: str) -> Engine:
    """An engine on the database, its tables up to date."""
    sqlite = make_url(address).get_backend_name() == "sqlite"
    if sqlite and (file := make_url(address).database):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        pool_pre_ping=not sqlite,
        connect_args={"timeout": PATIENCE} if sqlite else {"connect_timeout": PATIENCE},
    )
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    upgrade(engine)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers and a writer side by side (WAL), and foreign keys, which SQLite leaves off."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:  # while another process does it, SQLite does not wait
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    for setting in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision; of several processes one does it while the others wait."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(config(connection), revision)
        connection.commit()


def config(connection: Connection) -> Config:
    """Alembic's settings for an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE / "migrations"))
    settings.attributes["connection"] = connection
    return settings
