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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from pages.rooms import database
from pages.rooms.board import (
    LIFE,
    PHASES,
    ROUND,
    WITHDRAWN,
    Answer,
    Asked,
    Board,
    NoSuchRoom,
    Phase,
    Pupil,
    Put,
    RoomError,
    Seat,
    Shown,
    Tally,
    clean,
    code_of,
    plain,
)
from pages.rooms.limits import Allowance
from pages.rooms.tables import Member, Question, Room, View, Vote

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
CODE = 6  # letters
KEPT = 7 * 86400.0  # seconds after which a closed room and all in it is deleted
HERE = 60.0  # seconds since somebody was last seen, within which they count as here
SEEN_EVERY = 20.0  # seconds between two notes that somebody is here
FRESH = 0.4  # seconds for which a room's board serves everybody who asks
LONGEST_NAME, LONGEST_TEXT = 24, 200  # characters
MOST_MEMBERS, MOST_QUESTIONS, MOST_PREPARED = 500, 200, 60


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

    def open(self, lesson: str, who: str, lasts: float = LIFE) -> Seat:
        """A new room on a lesson, for somebody at the address ``who``. Returns the teacher's seat.

        It closes by itself ``lasts`` seconds after the teacher's last action.

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
                    opened_at=now, expires_at=now + lasts, lasts=lasts, page=None, query={},
                )
            )  # fmt: skip
        return Seat(code, key=key)

    def join(self, code: str, who: str, name: str = "", member: str = "") -> Seat:
        """A student's seat. ``member`` is the secret of an earlier visit, ``name`` may be empty.

        Raises NoSuchRoom, or RoomError when the room is full.
        """
        code, now = code_of(code), self.clock()
        with self._session.begin() as session:
            room = session.scalar(select(Room).where(Room.code == code, Room.expires_at > now))
            found = None
            if room is not None:
                found = session.scalar(
                    select(Member).where(
                        Member.room_id == room.id, Member.secret_hash == _hash(member)
                    )
                )
            if not (member and found is not None) and not self.limits.misses.left(who):
                raise RoomError("Too many wrong codes: wait a few minutes.")
            if room is None:
                self.limits.misses.take(who)
                raise NoSuchRoom("There is no open room with this code. Look at the board again.")
            if member and found is not None:
                if found.removed:
                    raise RoomError("Your teacher took you out of this room.")
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
            member = self._member(session, seat)
            return room.expires_at > self.clock() and member is not None and not member.removed

    def seen(self, seat: Seat, place: str = "") -> None:
        """Note that a student is still here, on the page ``place``.

        Raises NoSuchRoom for one whom the teacher took out.
        """
        with self._session.begin() as session:
            member = self._member(session, seat)
            if member is None:
                return
            if member.removed:
                raise NoSuchRoom("Your teacher took you out of this room.")
            member.seen_at, member.place = self.clock(), place[:100]

    def name(self, seat: Seat) -> str:
        """A member's own name; empty without one."""
        with self._session() as session:
            member = self._member(session, seat)
            return (member.name or "") if member is not None else ""

    def rename(self, seat: Seat, name: str) -> None:
        """Give a member another name, or none."""
        with self._session.begin() as session:
            member = self._member(session, seat)
            if member is not None:
                member.name = clean(name, LONGEST_NAME) or None

    # --- looking

    def look(self, seat: Seat) -> Board:
        """The room now, for that seat. Raises NoSuchRoom once it has been deleted.

        One look at the database serves everybody for `FRESH` seconds.
        """
        board = self._board(seat.code)
        if seat.teaches and self._is_key(seat):
            return board
        return replace(board, questions=tuple(map(_veiled, board.questions)))

    def show(self, code: str, who: str) -> Board:
        """The room as everybody may see it, for a board on the wall at the address ``who``."""
        code = code_of(code)
        if not self.limits.misses.left(who):
            raise RoomError("Too many wrong codes: wait a few minutes.")
        try:
            return self.look(Seat(code))
        except NoSuchRoom:
            self.limits.misses.take(who)
            raise NoSuchRoom("There is no room with this code.") from None

    def own_votes(self, seat: Seat, question: int) -> dict[int, Answer]:
        """What a member answered to a question, by round."""
        with self._session() as session:
            member = self._member(session, seat)
            if member is None:
                return {}
            votes = session.scalars(
                select(Vote).where(Vote.question_id == question, Vote.member_id == member.id)
            )
            return {vote.round: _answer(vote) for vote in votes}

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
                ).where(Member.room_id == room.id, Member.removed.is_(False))
            ).one()  # fmt: skip
            current = self._current(session, room)
            views = session.execute(_views(room)).all()
            return Board(
                code=room.code,
                lesson=room.lesson,
                closed=room.expires_at <= now,
                expires_at=room.expires_at,
                members=members,
                here=here,
                leads=room.leads,
                leads_to=(room.page, room.query) if room.leads and room.page else None,
                paused=room.paused,
                questions=tuple(_put(session, question) for question in current),
                view=next((Shown(v.id, v.page, v.query) for v, _ in views if v.up), None),
                waiting=sum(not v.up for v, _ in views),
            )

    # --- voting

    def vote(self, seat: Seat, question: int, answer: Answer, round_: int) -> None:
        """Answer the question that is open, or change one's answer while it is.

        Raises RoomError when that round of voting is over, or the answer is none.
        """
        if not self.limits.votes.take(seat.member):
            raise RoomError("That was very fast: wait a moment.")
        now = self.clock()
        try:
            with self._session.begin() as session:
                put, member = session.get(Question, question), self._member(session, seat)
                if put is None or member is None or put.room_id != member.room_id:
                    raise RoomError("This question belongs to another room.")
                if member.removed:
                    raise RoomError("Your teacher took you out of this room.")
                if ROUND.get(put.phase) != round_ or self._closed(session, seat.code):
                    raise RoomError("This vote was over before your answer arrived.")
                choice, choices, text = _checked(answer, _asked(put))
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
                vote.choice, vote.choices, vote.text = choice, choices, text
                vote.voted_at, vote.hidden = now, False
                member.seen_at = now
        except IntegrityError:  # the same member votes in two windows at once: the other counts
            return

    def send(self, seat: Seat, page: str, query: Mapping[str, list[str]]) -> None:
        """Offer the teacher what one sees for the board, in the place of what one sent before.

        Raises RoomError where the room is closed, or too much is sent.
        """
        if not self.limits.votes.take(seat.member):
            raise RoomError("That was very fast: wait a moment.")
        with self._session.begin() as session:
            member = self._member(session, seat)
            if member is None or member.removed or self._closed(session, seat.code):
                raise RoomError("This room takes nothing any more.")
            session.execute(delete(View).where(View.member_id == member.id, View.up.is_(False)))
            session.add(
                View(
                    room_id=member.room_id, member_id=member.id, page=page,
                    query={name: list(texts) for name, texts in query.items()},
                    sent_at=self.clock(), up=False,
                )
            )  # fmt: skip

    # --- what the teacher does; each raises RoomError without the key

    def ask(self, seat: Seat, *asked: Asked) -> None:
        """Put a question to the room, or several at once, in the place of what was there."""
        with self._steering(seat) as (session, room):
            last = session.scalar(
                select(func.max(Question.number)).where(Question.room_id == room.id)
            )
            first = (last or 0) + 1
            if first + len(asked) - 1 > MOST_QUESTIONS:
                raise RoomError("This room has had its questions: open another one.")
            for current in self._current(session, room):
                _turn(current, "revealed")
            self._put_up(session, room, None)
            session.add_all(
                Question(
                    room_id=room.id, number=first + i, kind=one.kind, prompt=one.prompt,
                    options=list(one.options), context=dict(one.context), answer=dict(one.answer),
                    phase="first", asked_at=self.clock(), together=first if asked[1:] else None,
                )
                for i, one in enumerate(asked)
            )  # fmt: skip

    def again(self, seat: Seat, question: int) -> None:
        """Put a question anew that was asked before."""
        with self._session() as session:
            put = session.get(Question, question)
            asked = _asked(put) if put is not None and self._owns(session, seat, put) else None
        if asked is None:
            raise RoomError("This question belongs to another room.")
        self.ask(seat, asked)

    def asked(self, seat: Seat) -> list[Put]:
        """All questions that were put to the room, the newest first."""
        with self._reading(seat) as (session, room):
            found = session.scalars(
                select(Question)
                .where(Question.room_id == room.id, Question.phase != WITHDRAWN)
                .order_by(Question.number.desc())
            )
            return [_put(session, question) for question in found]

    def move(self, seat: Seat, question: int, phase: Phase) -> None:
        """Take what is asked to another phase, forward only."""
        with self._steering(seat) as (session, room):
            for current in self._now(session, room, question):
                if PHASES.index(phase) > PHASES.index(current.phase):
                    _turn(current, phase)

    def undo(self, seat: Seat, question: int, phase: str) -> None:
        """Take the last step back, where the question still stands in ``phase``.

        The first step of a question is to be asked: it is withdrawn, and the one before comes back.
        """
        with self._steering(seat) as (session, room):
            for current in self._now(session, room, question):
                if current.phase == phase:
                    *before, last = current.before or [WITHDRAWN]
                    current.before, current.phase, current.ends_at = before, last, None

    def time(self, seat: Seat, question: int, seconds: float | None) -> None:
        """Give a time for what is asked, which the room sees run; None takes it away."""
        with self._steering(seat) as (session, room):
            for current in self._now(session, room, question):
                current.ends_at = None if seconds is None else self.clock() + seconds

    def hide(self, seat: Seat, question: int, label: str) -> None:
        """Take a written answer off the board."""
        with self._steering(seat) as (session, room):
            put = session.get(Question, question)
            if put is None or put.room_id != room.id:
                raise RoomError("This question belongs to another room.")
            for vote in session.scalars(select(Vote).where(Vote.question_id == question)):
                if vote.text is not None and plain(vote.text) == plain(label):
                    vote.hidden = True

    def lead(self, seat: Seat, page: str, query: Mapping[str, Any] | None = None) -> None:
        """Take those who follow to a page and its state."""
        with self._steering(seat) as (_, room):
            room.leads, room.page, room.query = True, page, dict(query or {})

    def let_lead(self, seat: Seat, on: bool) -> None:
        """Switch "follow me" on, for the page to which the teacher goes next, or off."""
        with self._steering(seat) as (_, room):
            room.leads, room.page, room.query = on, None, {}

    def pause(self, seat: Seat, on: bool) -> None:
        """Ask everybody to look up, or let them go on."""
        with self._steering(seat) as (_, room):
            room.paused = on

    def views(self, seat: Seat) -> list[Shown]:
        """What students sent for the board and the teacher has not put away, the oldest first."""
        with self._reading(seat) as (session, room):
            found = session.execute(_views(room)).all()
            return [Shown(v.id, v.page, v.query, name or "", v.up) for v, name in found]

    def put_up(self, seat: Seat, view: int | None) -> None:
        """Show on the board what a student sent, in the place of all else; None ends it."""
        with self._steering(seat) as (session, room):
            self._put_up(session, room, view)

    def put_away(self, seat: Seat, view: int) -> None:
        """Forget what a student sent."""
        with self._steering(seat) as (session, room):
            session.execute(delete(View).where(View.id == view, View.room_id == room.id))

    def prepared(self, seat: Seat) -> list[dict[str, Any]]:
        """The questions that the teacher has prepared, as in a question set's file."""
        with self._reading(seat) as (_, room):
            return list(room.prepared)

    def prepare(self, seat: Seat, questions: list[dict[str, Any]]) -> None:
        """Keep these questions for later, in the place of those that were prepared."""
        if len(questions) > MOST_PREPARED:
            raise RoomError(f"At most {MOST_PREPARED} questions can be prepared.")
        with self._steering(seat) as (_, room):
            room.prepared = questions

    def remove(self, seat: Seat, member: int) -> None:
        """Take somebody out of the room, and their answers off the board."""
        with self._steering(seat) as (session, room):
            found = session.get(Member, member)
            if found is not None and found.room_id == room.id:
                found.removed = True

    def rotate(self, seat: Seat) -> Seat:
        """The same seat with another secret; the old one ends."""
        key = secrets.token_urlsafe(24)
        with self._steering(seat) as (_, room):
            room.key_hash = _hash(key)
        return replace(seat, key=key)

    def close(self, seat: Seat) -> None:
        """End the room and the vote that is open; its results can be had for some days more."""
        with self._steering(seat) as (session, room):
            for current in self._current(session, room):
                _turn(current, "revealed")
            self._put_up(session, room, None)
            room.leads, room.paused, room.page, room.expires_at = False, False, None, self.clock()

    def pupils(self, seat: Seat) -> list[Pupil]:
        """Everybody who joined, those with a name first."""
        with self._reading(seat) as (session, room):
            current = {question.id: question for question in self._current(session, room)}
            votes: dict[int, dict[int, Vote]] = {}
            for vote in session.scalars(
                select(Vote).where(Vote.question_id.in_(current)).order_by(Vote.round)
            ):
                put = current[vote.question_id]
                if put.phase != "second" or vote.round == 2:
                    votes.setdefault(vote.member_id, {})[vote.question_id] = vote
            found = session.scalars(
                select(Member)
                .where(Member.room_id == room.id, Member.removed.is_(False))
                .order_by(Member.joined_at)
            )
            pupils = []
            for member in found:
                own = votes.get(member.id, {})
                rights = [_asked(current[q]).is_right(_answer(vote)) for q, vote in own.items()]
                known = [right for right in rights if right is not None]
                pupils.append(
                    Pupil(
                        member.id, member.name or "", member.seen_at > self.clock() - HERE,
                        member.place, len(own), all(known) if known else None,
                    )
                )  # fmt: skip
            return sorted(pupils, key=lambda pupil: (not pupil.name, pupil.name.casefold()))

    def results(self, seat: Seat, *, names: bool = False) -> str:
        """All votes of the room as CSV, with a mark by which spreadsheets know its letters."""
        with self._reading(seat) as (session, room):
            lesson = room.lesson
            rows = session.execute(
                select(Question, Vote, Member.name)
                .join(Vote, Vote.question_id == Question.id)
                .join(Member, Member.id == Vote.member_id)
                .where(Question.room_id == room.id)
                .order_by(Question.number, Vote.round, Vote.voted_at)
            ).all()
        out = io.StringIO()
        table = csv.writer(out)
        columns = (
            "time (UTC)", "lesson", "question", "kind", "prompt", "sentence", "layer", "head",
            "round", *(["name"] if names else []), "answer", "correct",
        )  # fmt: skip
        table.writerow(columns)
        for question, vote, name in rows:
            asked, answer = _asked(question), _answer(vote)
            right = asked.is_right(answer)
            table.writerow(
                _harmless(value)
                for value in (
                    datetime.fromtimestamp(vote.voted_at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
                    lesson,
                    question.number,
                    question.kind,
                    question.prompt,
                    asked.answer.get("sentence") or asked.context.get("text", ""),
                    asked.answer.get("layer", ""),
                    asked.answer.get("head", ""),
                    vote.round,
                    *([name or ""] if names else []),
                    asked.in_words(answer),
                    "" if right is None else "yes" if right else "no",
                )
            )
        return "\ufeff" + out.getvalue()

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

    def _owns(self, session: Session, seat: Seat, question: Question) -> bool:
        code = session.scalar(select(Room.code).where(Room.id == question.room_id))
        return code == seat.code

    def _current(self, session: Session, room: Room) -> list[Question]:
        """What is asked now: the last question that was not withdrawn, and those put with it."""
        standing = select(Question).where(Question.room_id == room.id, Question.phase != WITHDRAWN)
        last = session.scalar(standing.order_by(Question.number.desc()).limit(1))
        if last is None or last.together is None:
            return [] if last is None else [last]
        together = standing.where(Question.together == last.together).order_by(Question.number)
        return list(session.scalars(together))

    def _now(self, session: Session, room: Room, question: int) -> list[Question]:
        current = self._current(session, room)
        if question not in [put.id for put in current]:
            raise RoomError("Another question is on the board by now.")
        return current

    def _put_up(self, session: Session, room: Room, view: int | None) -> None:
        """Of all views of a room let this one be up alone; what was up before goes."""
        session.execute(
            delete(View).where(View.room_id == room.id, View.up.is_(True), View.id != (view or 0))
        )
        found = session.get(View, view) if view else None
        if found is not None and found.room_id == room.id:
            found.up = True

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
                room.expires_at = now + room.lasts
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


def _views(room: Room) -> Select[View, str | None]:
    """The views that were sent in a room, with the names of those who did."""
    return (
        select(View, Member.name)
        .join(Member, Member.id == View.member_id)
        .where(View.room_id == room.id, Member.removed.is_(False))
        .order_by(View.sent_at, View.id)
    )


def _turn(question: Question, phase: str) -> None:
    """Take a question to another phase, from which a step back leads here."""
    if question.phase != phase:
        question.before = [*question.before, question.phase]
        question.phase, question.ends_at = phase, None


def _asked(question: Question) -> Asked:
    return Asked(
        question.kind, question.prompt, tuple(question.options), question.context, question.answer
    )


def _answer(vote: Vote) -> Answer:
    if vote.choices is not None:
        return tuple(vote.choices)
    return vote.choice if vote.choice is not None else vote.text or ""


def _checked(answer: Answer, asked: Asked) -> tuple[int | None, list[int] | None, str | None]:
    """What a vote keeps of an answer: the place of an option, places of several, or a text."""
    if asked.takes == "words":
        text = clean(answer if isinstance(answer, str) else "", LONGEST_TEXT)
        if not plain(text):
            raise RoomError("Write something first.")
        return None, None, text
    several = asked.takes == "several"
    given = answer if several and isinstance(answer, tuple) else (answer,)
    chosen = sorted({p for p in given if type(p) is int and 0 <= p < len(asked.options)})
    if not chosen or len(chosen) < len(set(given)):
        raise RoomError("Choose one of the answers.")
    return (None, chosen, None) if several else (chosen[0], None, None)


def _veiled(put: Put) -> Put:
    """A question without what is hidden until it is revealed."""
    if put.phase == "revealed":
        return put
    return replace(put, asked=replace(put.asked, answer={}), tallies={}, voters={}, right={})


def _put(session: Session, question: Question) -> Put:
    votes = session.scalars(
        select(Vote)
        .join(Member, Member.id == Vote.member_id)
        .where(Vote.question_id == question.id, Vote.hidden.is_(False), Member.removed.is_(False))
        .order_by(Vote.id)
    ).all()
    asked = _asked(question)
    tallies: dict[int, Tally] = {}
    voters: dict[int, int] = {}
    right: dict[int, int] = {}
    for round_ in sorted({vote.round for vote in votes}):
        answers = [_answer(vote) for vote in votes if vote.round == round_]
        voters[round_] = len(answers)
        if asked.takes == "words":
            tallies[round_] = _spellings(map(str, answers))
        else:
            places = Counter(
                place for a in answers for place in (a if isinstance(a, tuple) else (a,))
            )
            tallies[round_] = tuple((o, places[i]) for i, o in enumerate(asked.options))
        if asked.right:
            right[round_] = sum(bool(asked.is_right(answer)) for answer in answers)
    round_ = ROUND.get(question.phase, max(tallies, default=1))
    return Put(
        id=question.id,
        number=question.number,
        asked=asked,
        phase=question.phase,
        voted=voters.get(round_, 0),
        tallies=tallies,
        voters=voters,
        right=right,
        ends_at=question.ends_at,
    )


def _spellings(texts: Iterable[str]) -> Tally:
    """Written answers as they were written, the commonest first; those that are the same together.

    Of several spellings of an answer the commonest stands for all.
    """
    same: dict[str, Counter[str]] = {}
    for text in texts:
        same.setdefault(plain(text), Counter())[text] += 1
    found = [(spellings.most_common(1)[0][0], spellings.total()) for spellings in same.values()]
    return tuple(sorted(found, key=lambda row: -row[1]))


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
