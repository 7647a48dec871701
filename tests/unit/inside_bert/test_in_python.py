"""The lines that each lesson gives along: they run, and say something."""

import pytest

from lessons.catalog import catalog

LESSONS = catalog()
MOST = 22  # lines, blank ones and imports included


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_every_lesson_can_be_done_in_python(lesson, tmp_path, monkeypatch, capsys):
    assert "inside_bert" in lesson.in_python
    assert len(lesson.in_python.splitlines()) <= MOST
    monkeypatch.chdir(tmp_path)  # what it saves
    space: dict[str, object] = {}
    exec(compile(lesson.in_python, f"{lesson.slug}/in_python.py", "exec"), space)
    assert capsys.readouterr().out.strip()
