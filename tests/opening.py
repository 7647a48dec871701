"""Opens pages of the app without a browser, through the router, for the tests of all lessons."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lessons.catalog import catalog
from pages.ui import guesses
from pages.ui.address import Arrival

PATIENCE = 300  # seconds: a busy machine is slow, not wrong
APP = Path(__file__).parents[1] / "app.py"


def new_app() -> AppTest:
    """The app, not yet run."""
    return AppTest.from_file(APP, default_timeout=PATIENCE)


def open_page(
    slug: str,
    session: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    step: str | None = None,
    *,
    veiled: bool = False,
) -> AppTest:
    """The app as an address opens it. ``session`` sets state first, such as ``sentence.text``.

    ``step`` is the step of a lesson; the first without. ``veiled``: predictions are asked for;
    otherwise the visitor has said "just show me" everywhere.
    """
    app = new_app()
    if not veiled:
        app.session_state[guesses.SHOWN] = {
            (lesson.slug, asked.step) for lesson in catalog() for asked in lesson.predictions
        }
    for key, value in (session or {}).items():
        app.session_state[key] = value
    show(app, slug, {**(query or {}), **({"step": step} if step else {})})
    return app.run()


def guess(app: AppTest, slug: str, step: str, made: guesses.Made) -> AppTest:
    """The app after a guess was made on the veil of a step."""
    asked = app.session_state[guesses.ASKED][slug, step]
    app.session_state[guesses.MADE] = {(slug, step, asked): made}
    return app.run()


def show(app: AppTest, slug: str, query: Mapping[str, Any] | None = None) -> None:
    """Put a page and a query into the address that the browser shows, without a run.

    For an app that has run, that is what the browser does by going back or forward.
    """
    app.context["url"] = f"http://localhost:8501/{'' if slug == 'home' else slug}"
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in (query or {}).items():
        app.query_params[name] = value


def follow(app: AppTest, slug: str, **query: str) -> AppTest:
    """The app after a link to one of its pages was clicked."""
    app.context["url"] = f"http://localhost:8501/{'' if slug == 'home' else slug}"
    arrival = Arrival(slug, {name: [value] for name, value in query.items()}, whole=False)
    app.session_state["address.place"] = slug  # what the browser's word does before the run
    app.session_state["address.arrival"] = arrival
    return app.run()


def go_to(app: AppTest, slug: str, step: str) -> AppTest:
    """The app after a link to a step of a lesson was clicked."""
    return follow(app, slug, step=step)


def typed(
    slug: str,
    texts: Iterable[str],
    session: Mapping[str, Any] | None = None,
    step: str | None = None,
) -> Iterator[AppTest]:
    """A page after each of the texts was typed as the sentence; it must stay calm."""
    app = open_page(slug, session, step=step)
    for text in texts:
        type_sentence(app, text)
        calm(app)
        assert app.session_state["sentence.text"] == text
        yield app


def type_sentence(app: AppTest, text: str) -> None:
    """Type a sentence; where a step has no field for it, as if on another step."""
    if any(field.key == "sentence.text" for field in app.text_input):
        app.text_input(key="sentence.text").set_value(text).run()
    else:
        app.session_state["sentence.text"] = text
        app.run()


def elements(app: AppTest) -> Iterator[tuple[str, str, str]]:
    """All that the page sends: (kind, name, text) of every element."""

    def walk(node: Any) -> Iterator[Any]:
        for child in node.children.values():
            yield child
            if hasattr(child, "children"):
                yield from walk(child)

    for found in walk(app._tree):
        proto = getattr(found, "proto", None)
        if not hasattr(proto, "SerializeToString"):
            continue
        kind = found.type
        if kind == "bidi_component":
            name = proto.component_name.removeprefix("inside_bert.")
            yield kind, name, json.dumps(json.loads(proto.json or "null"), ensure_ascii=False)
        else:
            name = str(getattr(proto, "id", "")).rpartition("-")[2]
            yield kind, name, proto.SerializeToString().decode("utf-8", "replace")


def veil(app: AppTest) -> dict[str, Any]:
    """What the veil's component was handed."""
    data: dict[str, Any]
    (data,) = [json.loads(text) for kind, name, text in elements(app) if name == "veil"]
    return data


def calm(app: AppTest) -> None:
    """Assert that nothing failed and that nothing on the page looks like a traceback."""
    assert not app.exception
    assert not app.error
    for element in [*app.markdown, *app.info, *app.warning, *app.caption]:
        assert "Traceback" not in element.value
        assert "site-packages" not in element.value
