"""The lesson contract: what a lesson must have, and that a wrong one is refused by name."""

import shutil
from pathlib import Path

import pytest

from lessons.catalog import LESSONS, catalog, read_catalog
from lessons.schema import LessonError, read_lesson, slug_of

ROOT = LESSONS.parent
TEMPLATE = LESSONS / "_template"


@pytest.fixture
def lesson_folder(tmp_path) -> Path:
    """A right lesson, to be made wrong."""
    folder = tmp_path / "example"
    shutil.copytree(TEMPLATE, folder)
    text = (folder / "lesson.toml").read_text(encoding="utf-8")
    (folder / "lesson.toml").write_text(text.replace('slug = "_template"', 'slug = "example"'))
    return folder


def change(folder: Path, old: str, new: str, name: str = "lesson.toml") -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_template_is_a_lesson(lesson_folder):
    assert read_lesson(lesson_folder).slug == "example"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('title = "', 'titel = "', "title is missing"),
        ("minutes = 15", 'minutes = "15"', "minutes must be a whole number"),
        ("part = 1", "part = 9", "part must be one of"),
        ("order = 1000", "order = 1000\nmood = 1", "mood is not a known field"),
        ("correct = true", "correct = false", "must have exactly one correct answer"),
        ('slug = "example"', 'slug = "other"', "slug must be 'example'"),
        ("[[quiz.answers]]", "[[quiz.replies]]", "quiz[0].replies is not a known field"),
        ('feedback = "', 'feedback = 3 # "', "feedback must be text"),
        ("objectives = [", 'objectives = ["",', "objectives must be a list of texts"),
        ("[teaching]", "[[teaching]]", "teaching must be a table"),
        ("minutes = 15", "minutes = 15 15", "lesson.toml: "),
        ('script = ["the-idea"]', 'script = ["idea"]', "first names no section of lesson.md"),
        ("closing = [", 'closing = ["no",', "closing names no section of lesson.md"),
        ('slug = "second"', 'slug = "check"', "experiments must not be called 'check'"),
        ('id = "one"\nstep = "first"', 'id = "one"\nstep = "third"', "quiz.one.step is no"),
        ('id = "two"\nstep = "second"', 'id = "two"', "quiz[1].step is missing"),
        ('step = "first"', 'step = "third"', "predict (third) has a step that is no experiment"),
        ('options = ["This", ', "options = [", "predict (first) must have options"),
        ('"That"]', '"That"]\nform = "oval"', "predict (first) has a form that is none of"),
        ('"That"]', '"That"]\nform = "marker"', "predict (first) needs an axis"),
        ('"That"]', '"That"]\nafter = ["no"]', "predict (first) holds back what its step"),
    ],
)
def test_a_wrong_lesson_is_refused_with_file_and_field(lesson_folder, old, new, field):
    change(lesson_folder, old, new)
    with pytest.raises(LessonError) as refused:
        read_lesson(lesson_folder)
    assert "example/lesson.toml" in str(refused.value)
    assert field in str(refused.value)


def test_prose_must_stand_in_sections(lesson_folder):
    change(lesson_folder, "## ", "Lost words.\n\n## ", "lesson.md")
    with pytest.raises(LessonError, match=r"example/lesson\.md: text before the first"):
        read_lesson(lesson_folder)


def test_an_unknown_section_names_those_there_are(lesson_folder):
    lesson = read_lesson(lesson_folder)
    with pytest.raises(LessonError, match="no section 'nowhere'"):
        lesson.section("nowhere")
    with pytest.raises(LessonError, match="experiments has no 'nowhere'"):
        lesson.experiment("nowhere")


def test_two_lessons_cannot_stand_in_one_place(lesson_folder):
    twin = lesson_folder.with_name("twin")
    shutil.copytree(lesson_folder, twin)
    change(twin, 'slug = "example"', 'slug = "twin"')
    with pytest.raises(LessonError, match="order 1000 is taken by"):
        read_catalog(lesson_folder.parent)


def test_a_prerequisite_cannot_come_later(lesson_folder):
    twin = lesson_folder.with_name("twin")
    shutil.copytree(lesson_folder, twin)
    change(twin, 'slug = "example"', 'slug = "twin"')
    change(twin, "order = 1000", "order = 1010")
    change(lesson_folder, "prerequisites = []", 'prerequisites = ["twin"]')
    with pytest.raises(LessonError, match="twin comes later"):
        read_catalog(lesson_folder.parent)


def test_slugs_of_titles():
    assert slug_of("What goes in?") == "what-goes-in"


def test_the_course_has_lessons():
    assert catalog()


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_every_lesson_has_its_page_and_tests(lesson):
    page = ROOT / "pages" / f"{lesson.slug}.py"
    assert page.is_file()
    for kind in ("unit", "integration"):
        assert list((ROOT / "tests" / kind / "lessons" / lesson.slug).glob("test_*.py")), kind
    views = (ROOT / "pages" / "views" / lesson.slug).glob("*.py")
    code = "".join(file.read_text(encoding="utf-8") for file in (page, *views))
    for experiment in lesson.experiments:
        assert f'"{experiment.slug}"' in code, f"{page.name} never shows {experiment.slug}"
    placed = {*lesson.closing, *(name for step in lesson.experiments for name in step.script)}
    for section in set(lesson.sections) - placed:
        assert f'"{section}"' in code, f"no step of {lesson.slug} shows the section {section}"
