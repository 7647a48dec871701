"""One file to send: a component or a figure as a page of its own, which asks nothing of a network.

The page holds the component's script, its style sheet and its data, and follows the light or dark
setting of whoever opens it, in the colors of the app (`.streamlit/config.toml`).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2]
COMPONENTS = HOME / "assets" / "components"

DRAWING = "<!-- the drawing -->"
"""Where a browser puts a figure that it drew."""

_IMPORT = re.compile(r'^(?:import \{[^}]+\} from|@import) "([^"]+)";?\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)

STYLE = """
:root { color-scheme: light dark; --st-heading-font: Georgia, serif;
  --st-font: "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  --st-code-font: ui-monospace, monospace; --st-base-radius: 0.5rem; --st-button-radius: 0.5rem; }
body { margin: 0; font-family: var(--st-font); line-height: 1.5; color: var(--st-text-color);
  background: var(--st-background-color); }
main { max-width: 76rem; margin: 0 auto; padding: 1.25rem; }
h1 { font: 600 1.6rem/1.25 var(--st-heading-font); margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; font-size: 0.9rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.caption { max-width: 46rem; overflow-wrap: anywhere; }
.drawing { position: relative; overflow-x: auto; }
.drawing .main-svg { position: absolute; top: 0; left: 0; }
.drawing .main-svg:first-child { position: static; }
"""

MOUNT = """
const stage = document.getElementById("stage").attachShadow({ mode: "open" })
const about = JSON.parse(document.getElementById("data").textContent)
stage.innerHTML = `<style>${about.style}</style>${about.frame}`
const nobody = () => {} // a page that was sent has no server to ask
mount({ data: about.data, parentElement: stage, setStateValue: nobody, setTriggerValue: nobody })
"""


@dataclass(frozen=True, repr=False)
class Page:
    """A page that opens from a file. Jupyter shows it as it is; `save` writes it."""

    title: str
    html: str
    height: int = 640

    def save(self, path: str | Path) -> Path:
        """Write the page; returns where it is."""
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<Page “{self.title[:50]}”, {len(self.html.encode()) / 1000:.0f} kB>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html)}" '
            f'style="width:100%;height:{self.height}px;border:0"></iframe>'
        )


def component_page(
    name: str,
    data: Mapping[str, Any],
    *,
    title: str,
    words: str,
    about: Mapping[str, str],
    height: int = 640,
) -> Page:
    """The component ``name`` with its ``data``, as a page.

    ``words`` are its caption; ``about`` says more, by name: the sentence, the model, a link. The
    component is told that it is ``saved``: there is no server to ask.
    """
    script = COMPONENTS / name / f"{name}.js"
    parts = {
        "style": joined(script.with_suffix(".css")),
        "frame": frame_of(name),
        "data": {**data, "saved": True},
    }
    code = joined(script).replace("export default function", "function mount", 1)
    inner = (
        f'<h2>The picture</h2><div id="stage"></div>{_about(words, about)}'
        f'<script type="application/json" id="data">{_as_json(parts)}</script>'
        f'<script type="module">{code}{MOUNT}</script>'
    )
    return Page(title, _page(title, inner), height)


def figure_page(*, title: str, words: str, about: Mapping[str, str]) -> str:
    """The page of a figure, with `DRAWING` in the place of the SVG that the browser puts there."""
    described = f'<div class="drawing" role="img" aria-label="{escape(words)}">{DRAWING}</div>'
    return _page(title, f"{described}{_about(words, about)}")


def frame_of(name: str) -> str:
    """A component's fixed frame, ``assets/components/<name>/<name>.html``."""
    return (COMPONENTS / name / f"{name}.html").read_text(encoding="utf-8")


def joined(path: Path) -> str:
    """One text of a script or style sheet and all that it imports, each file once.

    Streamlit takes a component as one text, which cannot import from a file beside it. So each file
    is a module of its own, for editors, linters and tests, and here they are put one after the
    other. They then share their names: no two that meet may declare the same at their top level.
    Imports are by name, without ``as``.
    """
    return "".join(_texts(path.resolve(), set()))


def _texts(path: Path, seen: set[Path]) -> list[str]:
    """Texts of the files that ``path`` needs, before its own; without those already seen."""
    if path in seen:
        return []
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    needed = [(path.parent / other).resolve() for other in _IMPORT.findall(text)]
    own = _EXPORT.sub("", _IMPORT.sub("", text))
    return [part for other in needed for part in _texts(other, seen)] + [own]


def _page(title: str, inner: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">"
        f"<title>{escape(title)}</title><style>{_colors()}{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{inner}</main></body></html>\n"
    )


def _about(words: str, about: Mapping[str, str]) -> str:
    rows = {**about, "Made with": "Inside BERT"}
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in rows.items() if said
    )
    return f'<p class="caption">{escape(words)}</p><dl>{items}</dl>'


def _as_json(values: Mapping[str, Any]) -> str:
    """JSON that can stand in a page: nothing in it ends the script or begins a tag."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@lru_cache(maxsize=1)
def _colors() -> str:
    """The app's colors as the names that the components know them by, light and dark."""
    config = tomllib.loads((HOME / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    light, dark = (
        "".join(
            f"--st-{re.sub('(?=[A-Z])', '-', name).lower()}: {value};"
            for name, value in config["theme"][scheme].items()
            if isinstance(value, str)
        )
        for scheme in ("light", "dark")
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
