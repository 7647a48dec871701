"""The tables and the steps that make them."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from pages.rooms import database
from pages.rooms.board import Seat
from pages.rooms.rooms import Rooms
from pages.rooms.tables import Base


def test_the_steps_make_the_tables_that_the_code_expects(address):
    engine = database.connect(address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_second_start_changes_nothing_and_keeps_what_is_there(address):
    first = database.connect(address)
    with first.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO room (code, key_hash, lesson, opened_at, expires_at, query) "
                "VALUES ('ABCDEF', 'x', 'masking', 0, 0, '{}')"
            )
        )
    first.dispose()
    second = database.connect(address)
    with second.connect() as connection:
        assert connection.execute(text("SELECT code FROM room")).scalars().all() == ["ABCDEF"]
    second.dispose()


def test_a_database_of_before_goes_on(address):
    """A room that was opened, and led, by the app of before."""
    from alembic import command

    engine = database.connect(address)
    with engine.connect() as connection:
        command.downgrade(database.config(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO room (code, key_hash, lesson, opened_at, expires_at, page, query) "
                "VALUES ('ABCDEF', 'x', 'masking', 0, 9e9, 'attention', '{}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO question (room_id, number, kind, prompt, options, context, answer, "
                "phase, asked_at) SELECT id, 1, 'own', '?', '[]', '{}', '{}', 'first', 0 FROM room"
            )
        )
        connection.commit()
    engine.dispose()
    rooms = Rooms(address, clock=lambda: 1.0)
    board = rooms.look(Seat("ABCDEF"))
    assert board.leads_to == ("attention", {})
    assert (board.question.phase, board.question.ends_at) == ("first", None)
    rooms.engine.dispose()


def test_the_steps_can_be_taken_back(address):
    from alembic import command

    engine = database.connect(address)
    with engine.connect() as connection:
        command.downgrade(database.config(connection), "base")
        connection.commit()
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    database.upgrade(engine)
    assert {"room", "member", "question", "vote"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_sqlite_lets_readers_and_a_writer_work_side_by_side(tmp_path):
    engine = database.connect(f"sqlite:///{tmp_path}/deep/er/rooms.sqlite3")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_the_environment_names_the_database(monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_ROOMS", "postgresql+psycopg://somewhere/rooms")
    assert database.url() == "postgresql+psycopg://somewhere/rooms"
    monkeypatch.delenv("INSIDE_BERT_ROOMS")
    assert database.url().startswith("sqlite:///")


def test_many_processes_may_start_at_once(address):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        engines = list(pool.map(lambda _: database.connect(address), range(6)))
    assert {"room", "vote"} <= set(inspect(create_engine(address)).get_table_names())
    for engine in engines:
        engine.dispose()


def test_a_database_that_cannot_be_reached_is_an_error():
    with pytest.raises(OSError, match="/proc/no"):
        database.connect("sqlite:////proc/no/where.sqlite3")
