"""Everything that can be done with a room; `rooms` gives the process's own `Rooms`.

Voting follows peer instruction (Mazur 1997; Smith et al. 2009): vote, talk with your neighbor, vote
again, then look at the answer. Until the teacher reveals it, nobody else is given votes or answer.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from pages.rooms import database
from pages.rooms.board import (
    PHASES,
    ROUND,
    Asked,
    Board,
    NoSuchRoom,
    Phase,
    Put,
    RoomError,
    Seat,
    Tally,
    clean,
    plain,
)
from pages.rooms.limits import Allowance
from pages.rooms.tables import Member, Question, Room, Vote

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
CODE = 6  # letters
LIFE = 12 * 3600.0  # seconds after the teacher's last action until a room closes by itself
KEPT = 7 * 86400.0  # seconds after which a closed room and all in it is deleted
HERE = 60.0  # seconds since somebody was last seen, within which they count as here
SEEN_EVERY = 20.0  # seconds between two notes that somebody is here
FRESH = 0.4  # seconds for which a room's board serves everybody who asks
LONGEST_NAME, LONGEST_TEXT = 24, 200  # characters
MOST_MEMBERS, MOST_QUESTIONS, MOST_LABELS = 500, 200, 30


@dataclass(frozen=True)
class Limits:
    """Who may do how much."""

    opens: Allowance = field(default_factory=lambda: Allowance(20, 3600))
    """Rooms, for each address."""
    misses: Allowance = field(default_factory=lambda: Allowance(100, 600))
    """Codes that name no room, for each address: a class may share one."""
    joins: Allowance = field(default_factory=lambda: Allowance(600, 600))
    """New members, for each address."""
    votes: Allowance = field(default_factory=lambda: Allowance(30, 30))
    """Votes, for each member."""
    rooms: int = 2000
    """Open rooms in the whole database."""


class Rooms:
    """The rooms of one database. ``clock`` gives seconds since 1970."""

    def __init__(
        self, address: str, limits: Limits | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.engine = database.connect(address)
        self.limits = limits or Limits()
        self.clock = clock
        self._session = sessionmaker(self.engine, expire_on_commit=False)
        self._boards: dict[str, tuple[float, Board]] = {}
        self._lock = threading.Lock()

    # --- opening and joining

    def open(self, lesson: str, who: str) -> Seat:
        """A new room on a lesson, for somebody at the address ``who``. Returns the teacher's seat.

        Raises RoomError when that address, or everybody, has opened too many.
        """
        if not self.limits.opens.take(who):
            raise RoomError("You opened many rooms in the last hour: use one of them.")
        now, key = self.clock(), secrets.token_urlsafe(24)
        with self._session.begin() as session:
            session.execute(delete(Room).where(Room.expires_at < now - KEPT))
            count = session.scalar(select(func.count()).where(Room.expires_at > now))
            if (count or 0) >= self.limits.rooms:
                raise RoomError("All rooms are taken at the moment: try again later.")
            taken: set[str] = set(session.scalars(select(Room.code)))
            code = next(c for c in iter(_new_code, "") if c not in taken)
            session.add(
                Room(
                    code=code, key_hash=_hash(key), lesson=lesson,
                    opened_at=now, expires_at=now + LIFE, page=None, query={},
                )
            )  # fmt: skip
        return Seat(code, key=key)

    def join(self, code: str, who: str, name: str = "", member: str = "") -> Seat:
        """A student's seat. ``member`` is the secret of an earlier visit, ``name`` may be empty.

        Raises NoSuchRoom, or RoomError when the room is full.
        """
        code, now = code.strip().upper(), self.clock()
        with self._session.begin() as session:
            room = session.scalar(select(Room).where(Room.code == code, Room.expires_at > now))
            if room is None:
                if not self.limits.misses.take(who):
                    raise RoomError("Too many wrong codes: wait a few minutes.")
                raise NoSuchRoom("There is no open room with this code. Look at the board again.")
            found = session.scalar(
                select(Member).where(Member.room_id == room.id, Member.secret_hash == _hash(member))
            )
            if member and found is not None:
                found.name = clean(name, LONGEST_NAME) or found.name
                found.seen_at = now
                return Seat(code, member=member)
            count = session.scalar(select(func.count()).where(Member.room_id == room.id))
            if (count or 0) >= MOST_MEMBERS or not self.limits.joins.take(who):
                raise RoomError("This room is full.")
            member = secrets.token_urlsafe(24)
            session.add(
                Member(
                    room_id=room.id, secret_hash=_hash(member),
                    name=clean(name, LONGEST_NAME) or None, joined_at=now, seen_at=now,
                )
            )  # fmt: skip
        return Seat(code, member=member)

    def returns(self, seat: Seat) -> bool:
        """Whether a seat that a browser remembers is one of a room that can still be looked at."""
        with self._session() as session:
            room = session.scalar(select(Room).where(Room.code == seat.code))
            if room is None:
                return False
            if seat.teaches:
                return secrets.compare_digest(room.key_hash, _hash(seat.key))
            return room.expires_at > self.clock() and self._member(session, seat) is not None

    def seen(self, seat: Seat) -> None:
        """Note that a student is still here."""
        with self._session.begin() as session:
            member = self._member(session, seat)
            if member is not None:
                member.seen_at = self.clock()

    # --- looking

    def look(self, seat: Seat) -> Board:
        """The room now, for that seat. Raises NoSuchRoom once it has been deleted.

        One look at the database serves everybody for `FRESH` seconds.
        """
        board = self._board(seat.code)
        if seat.teaches and self._is_key(seat):
            return board
        question = board.question
        if question is not None and question.phase != "revealed":
            asked = replace(question.asked, answer={})
            board = replace(board, question=replace(question, asked=asked, tallies={}))
        return board

    def own_votes(self, seat: Seat, question: int) -> dict[int, int | str]:
        """What a member answered to a question, by round."""
        with self._session() as session:
            member = self._member(session, seat)
            if member is None:
                return {}
            votes = session.scalars(
                select(Vote).where(Vote.question_id == question, Vote.member_id == member.id)
            )
            return {v.round: v.choice if v.choice is not None else v.text or "" for v in votes}

    def _board(self, code: str) -> Board:
        with self._lock:  # of many who ask at once, one looks and the others take what it found
            at, board = self._boards.get(code, (-FRESH, None))
            now = time.monotonic()
            if board is None or now - at >= FRESH:
                board = self._read(code)
                self._boards[code] = (now, board)
                if len(self._boards) > self.limits.rooms:
                    self._boards.pop(next(iter(self._boards)))
            return board

    def _read(self, code: str) -> Board:
        now = self.clock()
        with self._session() as session:
            room = session.scalar(select(Room).where(Room.code == code))
            if room is None:
                raise NoSuchRoom("This room is gone.")
            members, here = session.execute(
                select(
                    func.count(), func.count().filter(Member.seen_at > now - HERE)
                ).where(Member.room_id == room.id)
            ).one()  # fmt: skip
            question = self._current(session, room)
            return Board(
                code=room.code,
                lesson=room.lesson,
                closed=room.expires_at <= now,
                expires_at=room.expires_at,
                members=members,
                here=here,
                leads_to=(room.page, room.query) if room.page else None,
                question=None if question is None else _put(session, question),
            )

    # --- voting

    def vote(self, seat: Seat, question: int, answer: int | str) -> None:
        """Answer the question that is open, or change one's answer while it is.

        Raises RoomError when voting is over, or the answer is none.
        """
        if not self.limits.votes.take(seat.member):
            raise RoomError("That was very fast: wait a moment.")
        now = self.clock()
        try:
            with self._session.begin() as session:
                put, member = session.get(Question, question), self._member(session, seat)
                if put is None or member is None or put.room_id != member.room_id:
                    raise RoomError("This question belongs to another room.")
                if put.phase not in ROUND or self._closed(session, seat.code):
                    raise RoomError("Voting is over.")
                choice, text = _checked(answer, put.options)
                round_ = ROUND[put.phase]
                vote = session.scalar(
                    select(Vote).where(
                        Vote.question_id == question,
                        Vote.member_id == member.id,
                        Vote.round == round_,
                    )
                )
                if vote is None:
                    vote = Vote(question_id=question, member_id=member.id, round=round_)
                    session.add(vote)
                vote.choice, vote.text, vote.voted_at, vote.hidden = choice, text, now, False
                member.seen_at = now
        except IntegrityError:  # the same member votes in two windows at once: the other counts
            return

    # --- what the teacher does; each raises RoomError without the key

    def ask(self, seat: Seat, asked: Asked) -> None:
        """Put a question to the room; it takes the place of the one before."""
        with self._steering(seat) as (session, room):
            last = session.scalar(
                select(func.max(Question.number)).where(Question.room_id == room.id)
            )
            if (last or 0) >= MOST_QUESTIONS:
                raise RoomError("This room has had its questions: open another one.")
            current = self._current(session, room)
            if current is not None:
                current.phase = "revealed"
            session.add(
                Question(
                    room_id=room.id, number=(last or 0) + 1, kind=asked.kind, prompt=asked.prompt,
                    options=list(asked.options), context=dict(asked.context),
                    answer=dict(asked.answer), phase="first", asked_at=self.clock(),
                )
            )  # fmt: skip

    def move(self, seat: Seat, question: int, phase: Phase) -> None:
        """Take the room's question to another phase, forward only."""
        with self._steering(seat) as (session, room):
            current = self._current(session, room)
            if current is None or current.id != question:
                raise RoomError("Another question is on the board by now.")
            if PHASES.index(phase) > PHASES.index(current.phase):
                current.phase = phase

    def hide(self, seat: Seat, question: int, label: str) -> None:
        """Take a written answer off the board."""
        with self._steering(seat) as (session, room):
            put = session.get(Question, question)
            if put is None or put.room_id != room.id:
                raise RoomError("This question belongs to another room.")
            for vote in session.scalars(select(Vote).where(Vote.question_id == question)):
                if vote.text is not None and plain(vote.text) == label:
                    vote.hidden = True

    def lead(self, seat: Seat, page: str | None, query: Mapping[str, Any] | None = None) -> None:
        """Take those who follow to a page and its state; None lets them go."""
        with self._steering(seat) as (_, room):
            room.page, room.query = page, dict(query or {})

    def close(self, seat: Seat) -> None:
        """End the room; its results can be had for some days more."""
        with self._steering(seat) as (_, room):
            room.page, room.expires_at = None, self.clock()

    def names(self, seat: Seat) -> list[str]:
        """Names of those who are here; those without one are left out."""
        with self._reading(seat) as (session, room):
            found = session.scalars(
                select(Member.name)
                .where(Member.room_id == room.id, Member.name.is_not(None))
                .where(Member.seen_at > self.clock() - HERE)
            )
            return sorted((name for name in found if name), key=str.casefold)

    def results(self, seat: Seat) -> str:
        """All votes of the room as CSV: question, round, name, answer."""
        with self._reading(seat) as (session, room):
            rows = session.execute(
                select(Question, Vote, Member.name)
                .join(Vote, Vote.question_id == Question.id)
                .join(Member, Member.id == Vote.member_id)
                .where(Question.room_id == room.id)
                .order_by(Question.number, Vote.round, Vote.voted_at)
            ).all()
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(("question", "kind", "prompt", "round", "name", "answer", "correct"))
        for question, vote, name in rows:
            right = question.answer.get("option")
            table.writerow(
                _harmless(value)
                for value in (
                    question.number,
                    question.kind,
                    question.prompt,
                    vote.round,
                    name or "",
                    vote.text if vote.choice is None else question.options[vote.choice],
                    "" if None in (vote.choice, right) else "yes" if vote.choice == right else "no",
                )
            )
        return out.getvalue()

    # --- who may

    def _is_key(self, seat: Seat) -> bool:
        with self._session() as session:
            known = session.scalar(select(Room.key_hash).where(Room.code == seat.code))
        return known is not None and secrets.compare_digest(known, _hash(seat.key))

    def _member(self, session: Session, seat: Seat) -> Member | None:
        return session.scalar(
            select(Member)
            .join(Room, Room.id == Member.room_id)
            .where(Room.code == seat.code, Member.secret_hash == _hash(seat.member))
        )

    def _closed(self, session: Session, code: str) -> bool:
        expires = session.scalar(select(Room.expires_at).where(Room.code == code))
        return expires is None or expires <= self.clock()

    def _current(self, session: Session, room: Room) -> Question | None:
        return session.scalar(
            select(Question).where(Question.room_id == room.id).order_by(Question.number.desc())
        )

    def _reading(self, seat: Seat) -> _Steering:
        return _Steering(self, seat, changes=False)

    def _steering(self, seat: Seat) -> _Steering:
        return _Steering(self, seat, changes=True)


class _Steering:
    """A session for the room's teacher. Changes keep the room open, and show at once."""

    def __init__(self, rooms: Rooms, seat: Seat, *, changes: bool) -> None:
        self.rooms, self.seat, self.changes = rooms, seat, changes
        self.session = rooms._session()

    def __enter__(self) -> tuple[Session, Room]:
        found: ColumnElement[bool] = Room.code == self.seat.code
        room = self.session.scalar(select(Room).where(found))
        now = self.rooms.clock()
        try:
            if room is None:
                raise NoSuchRoom("This room is gone.")
            if not secrets.compare_digest(room.key_hash, _hash(self.seat.key)):
                raise RoomError("Only the room's teacher can do that.")
            if self.changes:
                if room.expires_at <= now:
                    raise RoomError("This room is closed.")
                room.expires_at = now + LIFE
        except RoomError:
            self.session.close()
            raise
        return self.session, room

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self.session:
            if kind is None:
                self.session.commit()
        if self.changes:
            with self.rooms._lock:
                self.rooms._boards.pop(self.seat.code, None)


def _checked(answer: int | str, options: list[str]) -> tuple[int | None, str | None]:
    if options:
        if not isinstance(answer, int) or not 0 <= answer < len(options):
            raise RoomError("Choose one of the answers.")
        return answer, None
    text = clean(str(answer), LONGEST_TEXT)
    if not plain(text):
        raise RoomError("Write something first.")
    return None, text


def _put(session: Session, question: Question) -> Put:
    votes = session.execute(
        select(Vote.round, Vote.choice, Vote.text).where(
            Vote.question_id == question.id, Vote.hidden.is_(False)
        )
    ).all()
    tallies: dict[int, Tally] = {}
    for round_ in sorted({vote.round for vote in votes}):
        mine = [vote for vote in votes if vote.round == round_]
        if question.options:
            counts = Counter(vote.choice for vote in mine)
            tallies[round_] = tuple((o, counts[i]) for i, o in enumerate(question.options))
        else:
            words = Counter(plain(vote.text or "") for vote in mine)
            tallies[round_] = tuple(words.most_common(MOST_LABELS))
    round_ = ROUND.get(question.phase, max(tallies, default=1))
    return Put(
        id=question.id,
        number=question.number,
        asked=Asked(
            question.kind, question.prompt, tuple(question.options), question.context,
            question.answer,
        ),
        phase=question.phase,
        voted=sum(vote.round == round_ for vote in votes),
        tallies=tallies,
    )  # fmt: skip


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))


def _hash(secret: str) -> str:
    """Secrets are long and random, so a plain hash is enough to keep them out of the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _harmless(value: object) -> object:
    """A spreadsheet takes a cell that begins with one of these signs for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


@lru_cache(maxsize=1)
def rooms() -> Rooms:
    """The rooms of this process."""
    return Rooms(database.url())
