"""The tables of the rooms. Times are seconds since 1970 (UTC); secrets are kept as hashes.

A change here needs a step in ``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, Double, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pages.rooms.board import LIFE

HASH = 64  # characters of a SHA-256 in hexadecimal


class Base(DeclarativeBase):
    """All tables of the rooms."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        float: Double,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[int]: JSON,
        list[dict[str, Any]]: JSON,
        dict[str, list[str]]: JSON,
    }


class Room(Base):
    """A teacher's room on a lesson.

    ``page`` and ``query`` say where "follow me" leads, ``leads`` whether it is on. ``lasts`` is how
    many seconds after the teacher's last action it closes; ``prepared`` holds questions to ask.
    """

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    key_hash: Mapped[str] = mapped_column(String(HASH))
    lesson: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[float]
    expires_at: Mapped[float] = mapped_column(index=True)
    page: Mapped[str | None] = mapped_column(String(40))
    query: Mapped[dict[str, Any]]
    leads: Mapped[bool] = mapped_column(default=False, server_default=false())
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    lasts: Mapped[float] = mapped_column(default=LIFE, server_default=str(LIFE))
    prepared: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")


class Member(Base):
    """Somebody who joined a room, perhaps without a name; ``place`` is the page that is open."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("room_id", "secret_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    secret_hash: Mapped[str] = mapped_column(String(HASH))
    name: Mapped[str | None] = mapped_column(String(40))
    joined_at: Mapped[float]
    seen_at: Mapped[float]
    place: Mapped[str] = mapped_column(String(100), default="", server_default="")
    removed: Mapped[bool] = mapped_column(default=False, server_default=false())


class Question(Base):
    """A question put to a room; ``phase`` is one of `pages.rooms.board.PHASES`, or withdrawn.

    ``before`` holds the phases that it had, ``together`` the number of the first of several that
    were put at once.
    """

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("room_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    prompt: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]]
    context: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    phase: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[float]
    before: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    ends_at: Mapped[float | None]
    together: Mapped[int | None]


class Vote(Base):
    """One member's answer in one round: the place of an option, places of several, or a text."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("question_id", "round", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    round: Mapped[int]
    choice: Mapped[int | None]
    choices: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    text: Mapped[str | None] = mapped_column(Text)
    hidden: Mapped[bool] = mapped_column(default=False)
    voted_at: Mapped[float]


class View(Base):
    """What a student sent for the board: a page and its state. ``up`` where the board shows it."""

    __tablename__ = "view"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    page: Mapped[str] = mapped_column(String(40))
    query: Mapped[dict[str, list[str]]]
    sent_at: Mapped[float]
    up: Mapped[bool] = mapped_column(default=False)
