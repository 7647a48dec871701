"""A lesson is added by the README's four steps, and nothing else is edited."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMPUTE = '''"""What the example shows."""


def something(trace):
    """Lengths of the last layer's vectors: (T)."""
    return [float((vector**2).sum() ** 0.5) for vector in trace.hidden_states[-1]]


def describe_something(values):
    """The lengths in words."""
    return f"{len(values)} vectors."


def answer(values):
    """Which option holds."""
    return "This" if values else "That"


def describe_answer(values):
    """The answer in words."""
    return "This, since there are vectors."
'''
FIGURES = '''"""Figures of the example."""

import plotly.graph_objects as go


def something(values):
    """Bars of the lengths."""
    return go.Figure(go.Bar(y=values))
'''
VISIT = """
from tests.opening import calm, go_to, open_page
from pages.ui.links import every_page
assert "example" in every_page()
app = open_page("example")
calm(app)
assert app.title[0].value == "A lesson"
assert "17 vectors." in [caption.value for caption in app.caption]
for step in ("second", "check"):
    calm(go_to(app, "example", step))
home = open_page("home")
assert any("./example" in text.value for text in home.markdown)
"""


def test_a_lesson_is_added_by_the_four_steps(tmp_path):
    leave = shutil.ignore_patterns("__pycache__", "test_*", "e2e", "benchmarks")
    for name in ("pages", "lessons", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=leave)
    shutil.copy(ROOT / "app.py", tmp_path)
    (tmp_path / "assets").symlink_to(ROOT / "assets")

    lesson = tmp_path / "lessons" / "example"
    shutil.copytree(tmp_path / "lessons" / "_template", lesson)
    about = (lesson / "lesson.toml").read_text(encoding="utf-8")
    about = about.replace('slug = "_template"', 'slug = "example"')
    (lesson / "lesson.toml").write_text(about.replace("part = 1", "part = 7"))
    (lesson / "compute.py").write_text(COMPUTE)
    (lesson / "figures.py").write_text(FIGURES)
    page = (tmp_path / "pages" / "_template.txt").read_text(encoding="utf-8")
    (tmp_path / "pages" / "example.py").write_text(page.replace("<slug>", "example"))

    found = subprocess.run(
        [sys.executable, "-c", VISIT], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert found.returncode == 0, found.stderr[-3000:]
