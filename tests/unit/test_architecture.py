"""Who may import whom.

app → pages/<slug> → pages/views/<slug> → pages/ui, and each of them → lessons/<slug> →
lessons/{figures,engine}; `pages/ui` knows no lesson. No circles. `lessons/api`, what a notebook
gets, stands above the lessons as the pages do, and no page needs it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = {"engine", "figures", "catalog", "schema"}


def module_of(node: ast.ImportFrom, path: Path) -> str:
    """Full dotted name of what an import takes from, a relative one from where ``path`` stands."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *filter(None, [node.module])])


def imports_of(path: Path) -> Iterator[str]:
    """Dotted names of all modules that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = module_of(node, path)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def wrong_kind(path: Path) -> list[int]:
    """Lines of imports of the other kind: `lessons` also stands within a package, so it imports
    relative to itself; scripts of the app cannot."""
    inside = path.relative_to(ROOT).parts[0] == "lessons"
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.level == 0 if inside else node.level > 0)
        and module_of(node, path).split(".")[0] in {"lessons", "pages", "app"}
    ]


def violations(path: Path) -> list[str]:
    """Imports of a file of the project that the design does not allow."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    found = []
    for name in imports_of(path):
        top, *rest = name.split(".")
        second = rest[0] if rest else ""
        if parts[0] == "lessons":
            lesson = parts[1]
            other = top == "lessons" and second not in SHARED | {lesson, ""}
            figures = lesson == "figures" or parts[-1] == "figures"
            computes = parts[-1] == "compute" or lesson == "engine"
            if (
                top in {"streamlit", "pages", "app"}
                or (other and lesson not in {"catalog", "schema", "api"})
                or (computes and top == "plotly")
                or (figures and top == "lessons" and second == "engine")
            ):
                found.append(f"{'/'.join(parts)} imports {name}")
        elif parts[0] == "pages" and (
            top in {"app", "tests", "training"}
            or name.startswith("lessons.api")
            or (top == "pages" and second not in _BELOW.get(_floor(parts), {"rooms"}))
            or (top == "lessons" and _floor(parts) != "views" and _knows_no_lesson(parts, second))
        ):
            found.append(f"{'/'.join(parts)} imports {name}")
    return found


_BELOW = {"page": {"views", "ui", "rooms", ""}, "views": {"views", "ui", "rooms", ""},
          "ui": {"ui", "rooms", ""}}  # fmt: skip
"""What each floor of `pages` may import of `pages`; the rooms of class rooms nothing but rooms."""


def _floor(parts: tuple[str, ...]) -> str:
    return parts[1] if len(parts) > 2 else "page"


def _knows_no_lesson(parts: tuple[str, ...], lesson: str) -> bool:
    """Whether a file may not import this part of `lessons`."""
    return _floor(parts) in {"ui", "rooms"} and lesson not in SHARED | {""}


def project_imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the project that a file imports, at its head, within functions, for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = module_of(node, path)
            names = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else module for name in names} & set(known)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & set(known)
    return found


def circles(root: Path, paths: list[Path]) -> list[str]:
    """Modules that need each other, directly or over others."""
    known = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }
    needs = {name: project_imports(path, known) for name, path in known.items()}
    found = []
    for start in needs:
        seen, waiting = set(), list(needs[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(needs[name])
        if start in seen:
            found.append(start)
    return sorted(found)


def sources() -> list[Path]:
    return [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "lessons").rglob("*.py")]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    assert wrong_kind(path) == []
    assert violations(path) == []


def test_the_rule_finds_what_it_forbids(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.unit.test_architecture.ROOT", tmp_path)
    bad = {
        "lessons/masking/compute.py": "import streamlit as st",
        "lessons/inputs/compute.py": "from lessons.masking.compute import draw",
        "lessons/positions/compute.py": "def f():\n    import plotly.graph_objects as go",
        "lessons/attention/figures.py": "from lessons.engine import load_model",
        "lessons/journey/figures.py": "def f():\n    from ..engine import load_model",
        "lessons/variants/answers.py": "from ..fine_tuning import compute",
        "lessons/inputs/figures.py": "from ..api import load",
        "pages/home.py": "import app",
        "pages/masking.py": "from lessons.api import load",
        "pages/ui/quiz.py": "from lessons.masking import compute",
        "pages/ui/shell.py": "from pages.views.masking import recipe",
        "pages/views/masking/recipe.py": "from pages.masking import play",
        "pages/rooms/board.py": "from pages.ui import state",
    }
    for name, code in bad.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        assert violations(path), name


def test_nothing_imports_in_a_circle(tmp_path):
    assert circles(ROOT, sources()) == []
    for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        (tmp_path / f"{name}.py").write_text(f"import {other}")
    assert circles(tmp_path, sorted(tmp_path.glob("*.py"))) == ["a", "b", "c"]


def test_weights_are_loaded_in_the_engine_alone():
    loaders = ("load_file", "from_pretrained", "torch.load", "snapshot_download")
    for path in sources():
        if "engine" in path.parts:
            continue
        code = ast.unparse(ast.parse(path.read_text(encoding="utf-8")))
        shown = [name for name in loaders if f"{name}(" in code]
        assert not shown, f"{path.relative_to(ROOT)} loads weights by {shown}"


def test_no_module_with_a_name_that_says_nothing():
    names = {path.stem for path in sources()}
    assert not names & {"utils", "util", "helpers", "helper", "misc", "common"}


def unlimited_caches(path: Path) -> list[str]:
    """Functions with arguments whose results are kept without a limit."""
    return [
        f"{path.name}: @{mark} def {node.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.args.args
        for mark in map(ast.unparse, node.decorator_list)
        if "cache" in mark and mark != "cached_property"
        if not re.search(r"(max_entries|maxsize)=\d", mark)
    ]


def test_what_is_remembered_is_limited(tmp_path):
    assert [line for path in sources() for line in unlimited_caches(path)] == []
    path = tmp_path / "bad.py"
    path.write_text("@st.cache_data\ndef f(x): ...\n@lru_cache(maxsize=None)\ndef g(x): ...")
    assert len(unlimited_caches(path)) == 2


OWNED = {  # what only one module may touch
    "st.query_params": "address.py",
    "query-params": "",
    "st.switch_page": "",
    "st.fragment": "errors.py",
    "session_state.items": "",  # fails for widgets that are gone
    "session_state.values": "",
    "session_state.to_dict": "",
}


def test_the_address_and_the_fragments_have_one_owner_each():
    for path in sources():
        code = ast.unparse(ast.parse(path.read_text(encoding="utf-8")))
        code = "\n".join(line for line in code.splitlines() if '"""' not in line)
        for name, owner in OWNED.items():
            assert path.name == owner or name not in code, f"{path.relative_to(ROOT)}: {name}"
