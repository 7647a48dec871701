"""Finds the lessons, checks them against each other, and puts them in order."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .schema import Lesson, LessonError, read_lesson

LESSONS = Path(__file__).parent


@lru_cache(maxsize=1)
def catalog() -> tuple[Lesson, ...]:
    """All lessons of the course in the order of the course; read once per process."""
    return read_catalog(LESSONS)


def read_catalog(folder: Path) -> tuple[Lesson, ...]:
    """Read every folder that holds a ``lesson.toml``; names that begin with ``_`` are skipped.

    Raises LessonError for a wrong lesson, two lessons with one order, parts out of order, or a
    prerequisite that comes later in the course.
    """
    lessons = sorted(
        (
            read_lesson(path.parent)
            for path in folder.glob("*/lesson.toml")
            if not path.parent.name.startswith("_")
        ),
        key=lambda lesson: lesson.order,
    )
    position = {lesson.slug: i for i, lesson in enumerate(lessons)}
    for i, lesson in enumerate(lessons):
        where = f"{lesson.slug}/lesson.toml"
        if i and lessons[i - 1].order == lesson.order:
            raise LessonError(f"{where}: order {lesson.order} is taken by {lessons[i - 1].slug}")
        if i and lessons[i - 1].part > lesson.part:
            raise LessonError(f"{where}: part {lesson.part} comes after part {lessons[i - 1].part}")
        for slug in lesson.prerequisites:
            if position.get(slug, -1) >= i:
                raise LessonError(f"{where}: prerequisites: {slug} comes later in the course")
    return tuple(lessons)


def find(slug: str) -> Lesson:
    """The lesson of that slug; KeyError if the course has none."""
    for lesson in catalog():
        if lesson.slug == slug:
            return lesson
    raise KeyError(slug)


def neighbors(slug: str) -> tuple[Lesson | None, Lesson | None]:
    """The lessons before and after, None at either end."""
    lessons = catalog()
    i = next(i for i, lesson in enumerate(lessons) if lesson.slug == slug)
    before = lessons[i - 1] if i else None
    after = lessons[i + 1] if i + 1 < len(lessons) else None
    return before, after
