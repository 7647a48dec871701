"""What a lesson is made of, and the reader that refuses a wrong one.

A lesson is a folder with ``lesson.toml`` (facts about the lesson) and ``lesson.md`` (its prose in
``##`` sections). A mistake in either raises `LessonError` that names the file and the field.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

CHECK = "check"  # the last step of every lesson

PARTS: dict[int, str] = {
    1: "Meet BERT",
    2: "From text to numbers",
    3: "Inside the encoder",
    4: "Learning without labels",
    5: "Meaning in context",
    6: "Putting BERT to work",
    7: "The family",
}


class LessonError(ValueError):
    """A lesson file is wrong; the message names the file and the field."""


@dataclass(frozen=True)
class Answer:
    """One answer of a quiz question, with what it teaches whether right or wrong."""

    text: str
    correct: bool
    feedback: str


@dataclass(frozen=True)
class Question:
    """A quiz question with exactly one correct answer; ``step`` is the experiment that shows it."""

    id: str
    prompt: str
    answers: tuple[Answer, ...]
    step: str


@dataclass(frozen=True)
class Reference:
    """A source that the lesson rests on."""

    title: str
    authors: str
    year: int
    url: str


@dataclass(frozen=True)
class Experiment:
    """One step of the lesson: a thing to do, and the sections of prose that stand beside it.

    ``sentence`` says whether the learner's sentence plays a part in it.
    """

    slug: str
    title: str
    script: tuple[str, ...] = ()
    sentence: bool = True


@dataclass(frozen=True)
class Axis:
    """A scale on which a guess is marked, from ``low`` to ``high`` in steps of ``step``.

    ``name`` says what is measured; ``unit`` follows a number, such as " %".
    """

    name: str
    low: float
    high: float
    step: float
    unit: str = ""


FORMS = ("bars", "marker", "cuts", "curve")


@dataclass(frozen=True)
class Prediction:
    """A question that a step asks while a veil covers the answer.

    The guess is made on the veiled figure: in the form ``bars`` one of the ``options`` is chosen,
    as ``marker`` a place on the ``axis``, as ``curve`` a line along it, as ``cuts`` the places
    where a word falls apart. Paper has the ``options`` in every form. ``after`` names sections of
    the step's script that would give the answer away: they wait for the guess.
    """

    step: str
    prompt: str
    options: tuple[str, ...]
    form: str = "bars"
    axis: Axis | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanStep:
    """One step of the classroom plan, ``minutes`` such as ``0–3``."""

    minutes: str
    activity: str


@dataclass(frozen=True)
class Teaching:
    """Notes for the person in front of the room."""

    notes: str
    plan: tuple[PlanStep, ...]


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course, as read from its folder."""

    slug: str
    title: str
    part: int
    order: int
    promise: str
    minutes: int
    objectives: tuple[str, ...]
    prerequisites: tuple[str, ...]
    experiments: tuple[Experiment, ...]
    closing: tuple[str, ...]
    predictions: tuple[Prediction, ...]
    quiz: tuple[Question, ...]
    references: tuple[Reference, ...]
    teaching: Teaching
    sections: Mapping[str, str]
    titles: Mapping[str, str]
    in_python: str = ""
    """The lines that compute with `inside_bert` what a stage shows."""

    @property
    def predict(self) -> Prediction:
        """The question that stands for the lesson, as on paper: the first."""
        return self.predictions[0]

    def prediction(self, step: str) -> Prediction:
        """The question of a step; LessonError where it asks none."""
        for prediction in self.predictions:
            if prediction.step == step:
                return prediction
        raise LessonError(f"{self.slug}/lesson.toml: predict has none for the step {step!r}")

    @property
    def part_title(self) -> str:
        """The name of the part of the course that the lesson stands in."""
        return PARTS[self.part]

    def experiment(self, slug: str) -> Experiment:
        """The experiment of that name; LessonError if ``lesson.toml`` does not list it."""
        for experiment in self.experiments:
            if experiment.slug == slug:
                return experiment
        raise LessonError(f"{self.slug}/lesson.toml: experiments has no {slug!r}")

    def orders(self, seed: int | str) -> dict[str, tuple[int, ...]]:
        """For each question, numbers of its answers (from 0, as in the file) as they are shown.

        The right answers are dealt evenly over the places, so that nobody passes by taking the same
        place each time. The same seed always gives the same orders, in every process.
        """
        rng = random.Random(f"{seed} {self.slug}")
        most = max(len(question.answers) for question in self.quiz)
        deals = [rng.sample(range(most), most) for _ in self.quiz]
        deck = [place for deal in deals for place in deal][: len(self.quiz)]
        rng.shuffle(deck)
        found = {}
        for place, question in zip(deck, self.quiz, strict=True):
            order = [i for i, answer in enumerate(question.answers) if not answer.correct]
            rng.shuffle(order)
            right = next(i for i, answer in enumerate(question.answers) if answer.correct)
            order.insert(place % len(question.answers), right)
            found[question.id] = tuple(order)
        return found

    def section(self, slug: str) -> str:
        """Prose of the section whose title slugs to ``slug``; LessonError if there is none."""
        try:
            return self.sections[slug]
        except KeyError:
            known = ", ".join(self.sections)
            raise LessonError(
                f"{self.slug}/lesson.md: no section {slug!r} (it has {known})"
            ) from None


def read_lesson(folder: Path) -> Lesson:
    """Read and check one lesson folder. Raises LessonError that names file and field."""
    where = f"{folder.name}/lesson.toml"
    try:
        table = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LessonError(f"{where}: the file is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{where}: {error}") from None

    fields = _Fields(table, where)
    sections = _read_sections(folder / "lesson.md")
    code = folder / "in_python.py"
    lesson = Lesson(
        slug=fields.text("slug"),
        title=fields.text("title"),
        part=fields.number("part"),
        order=fields.number("order"),
        promise=fields.text("promise"),
        minutes=fields.number("minutes"),
        objectives=fields.texts("objectives"),
        prerequisites=fields.texts("prerequisites"),
        experiments=fields.tables("experiments", _experiment),
        closing=fields.texts("closing"),
        predictions=fields.tables("predict", _prediction),
        quiz=fields.tables("quiz", _question),
        references=fields.tables("references", _reference),
        teaching=_teaching(fields.table("teaching")),
        sections={slug: body for slug, (_, body) in sections.items()},
        titles={slug: title for slug, (title, _) in sections.items()},
        in_python=code.read_text(encoding="utf-8") if code.is_file() else "",
    )
    fields.finish()
    _check(lesson, folder, where)
    return lesson


def slug_of(title: str) -> str:
    """``What goes in?`` → ``what-goes-in``: the name by which a page asks for a section."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _check(lesson: Lesson, folder: Path, where: str) -> None:
    def demand(holds: bool, field: str, what: str) -> None:
        if not holds:
            raise LessonError(f"{where}: {field} {what}")

    demand(lesson.slug == folder.name, "slug", f"must be {folder.name!r}, the name of the folder")
    demand(lesson.part in PARTS, "part", f"must be one of {', '.join(map(str, PARTS))}")
    demand("\n" not in lesson.promise, "promise", "must be one line")
    demand(3 <= len(lesson.objectives) <= 5, "objectives", "must be 3 to 5")
    demand(4 <= len(lesson.quiz) <= 6, "quiz", "must have 4 to 6 questions")
    demand(len(lesson.experiments) >= 2, "experiments", "must be at least 2")
    demand(lesson.minutes > 0, "minutes", "must be more than 0")
    for name, slugs in (
        ("quiz", [question.id for question in lesson.quiz]),
        ("experiments", [experiment.slug for experiment in lesson.experiments]),
    ):
        demand(len(set(slugs)) == len(slugs), name, "names must differ from each other")
    steps = {experiment.slug for experiment in lesson.experiments}
    demand(CHECK not in steps, "experiments", f"must not be called {CHECK!r}, as the last step is")
    for name, script in (
        ("closing", lesson.closing),
        *((e.slug, e.script) for e in lesson.experiments),
    ):
        for section in script:
            demand(section in lesson.sections, name, f"names no section of lesson.md: {section!r}")
    for question in lesson.quiz:
        demand(question.step in steps, f"quiz.{question.id}.step", "is no experiment")
        right = sum(answer.correct for answer in question.answers)
        demand(right == 1, f"quiz.{question.id}", "must have exactly one correct answer")
    demand(bool(lesson.predictions), "predict", "must be at least one")
    for prediction in lesson.predictions:
        field = f"predict ({prediction.step})"
        demand(prediction.step in steps, field, "has a step that is no experiment")
        demand(len(prediction.options) > 1, field, "must have options, two at the least")
        demand(prediction.form in FORMS, field, f"has a form that is none of {', '.join(FORMS)}")
        scaled = prediction.form in ("marker", "curve")
        demand(scaled == (prediction.axis is not None), field, "needs an axis for its form alone")
        script = lesson.experiment(prediction.step).script
        for section in prediction.after:
            demand(section in script, field, f"holds back what its step does not say: {section!r}")


class _Fields:
    """Typed access to a TOML table; every complaint names the file and the field."""

    def __init__(self, table: Mapping[str, Any], where: str, path: str = "") -> None:
        self.table_, self.where, self.path = table, where, path
        self.used: set[str] = set()

    def _name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str, kind: type[T] | tuple[type[T], ...], what: str) -> T:
        self.used.add(key)
        if key not in self.table_:
            raise LessonError(f"{self.where}: {self._name(key)} is missing")
        value = self.table_[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise LessonError(f"{self.where}: {self._name(key)} must be {what}")
        return value

    def text(self, key: str) -> str:
        value = self.get(key, str, "text").strip()
        if not value:
            raise LessonError(f"{self.where}: {self._name(key)} is empty")
        return value

    def number(self, key: str) -> int:
        return self.get(key, int, "a whole number")

    def decimal(self, key: str) -> float:
        return float(self.get(key, (int, float), "a number"))

    def flag(self, key: str) -> bool:
        return self.get(key, bool, "true or false") if key in self.table_ else False

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list, "a list of texts")
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise LessonError(f"{self.where}: {self._name(key)} must be a list of texts")
        return tuple(value.strip() for value in values)

    def table(self, key: str) -> _Fields:
        return _Fields(self.get(key, dict, "a table"), self.where, self._name(key))

    def tables(self, key: str, build: Callable[[_Fields], T]) -> tuple[T, ...]:
        built = []
        for i, value in enumerate(self.get(key, list, "a list of tables")):
            if not isinstance(value, dict):
                raise LessonError(f"{self.where}: {self._name(key)}[{i}] must be a table")
            fields = _Fields(value, self.where, f"{self._name(key)}[{i}]")
            built.append(build(fields))
            fields.finish()
        return tuple(built)

    def finish(self) -> None:
        """Complain about what nobody asked for: a misspelt key must not pass in silence."""
        for key in self.table_:
            if key not in self.used:
                raise LessonError(f"{self.where}: {self._name(key)} is not a known field")


def _answer(fields: _Fields) -> Answer:
    return Answer(fields.text("text"), fields.flag("correct"), fields.text("feedback"))


def _question(fields: _Fields) -> Question:
    answers = fields.tables("answers", _answer)
    return Question(fields.text("id"), fields.text("prompt"), answers, fields.text("step"))


def _reference(fields: _Fields) -> Reference:
    return Reference(
        fields.text("title"), fields.text("authors"), fields.number("year"), fields.text("url")
    )


def _experiment(fields: _Fields) -> Experiment:
    sentence = fields.flag("sentence") if "sentence" in fields.table_ else True
    return Experiment(fields.text("slug"), fields.text("title"), fields.texts("script"), sentence)


def _plan_step(fields: _Fields) -> PlanStep:
    return PlanStep(fields.text("minutes"), fields.text("activity"))


def _prediction(fields: _Fields) -> Prediction:
    given = fields.table_
    return Prediction(
        fields.text("step"),
        fields.text("prompt"),
        fields.texts("options"),
        fields.text("form") if "form" in given else "bars",
        _axis(fields.table("axis")) if "axis" in given else None,
        fields.texts("after") if "after" in given else (),
    )


def _axis(fields: _Fields) -> Axis:
    axis = Axis(
        fields.text("name"), fields.decimal("low"), fields.decimal("high"), fields.decimal("step"),
        fields.get("unit", str, "text") if "unit" in fields.table_ else "",
    )  # fmt: skip
    fields.finish()
    return axis


def _teaching(fields: _Fields) -> Teaching:
    teaching = Teaching(fields.text("notes"), fields.tables("plan", _plan_step))
    fields.finish()
    return teaching


def _read_sections(path: Path) -> dict[str, tuple[str, str]]:
    """Title and body of every section, by its slug."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LessonError(f"{where}: the file is missing") from None
    before, *parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    if before.strip():
        raise LessonError(f"{where}: text before the first ## section would never be shown")
    sections: dict[str, tuple[str, str]] = {}
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        slug = slug_of(title)
        if slug in sections:
            raise LessonError(f"{where}: section {title!r} stands there twice")
        if not body.strip():
            raise LessonError(f"{where}: section {title!r} is empty")
        sections[slug] = title, body.strip()
    return sections
