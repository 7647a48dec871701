"""Charts on a page: drawn, put into words, and saved."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from lessons.figures.saved import component_page, figure_page
from pages.ui import address, state
from pages.ui.components import component, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go

_export = component(
    "figure_export",
    """<div class="export"><span class="said" role="status"></span><span>Save</span>
<button type="button" data-format="png">PNG</button>
<button type="button" data-format="svg">SVG</button>
<button type="button" data-format="html">Page</button></div>
""",
)


def chart(figure: go.Figure, *, key: str, words: str) -> None:
    """Draw a figure with a line beneath that says in ``words`` what it shows, and save buttons.

    ``key`` names the chart on the page; ``words`` also reach screen readers.
    """
    title = as_text(figure.layout.title.text or key)

    def page() -> str:
        return figure_page(title=title, words=words, about=_about())

    with st.container(key=f"{key}.frame", gap="xsmall"):
        st.plotly_chart(
            figure,
            key=key,
            alt=words,
            config={"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]},
        )
        with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
            st.caption(as_plain(words), width="stretch")
            _save_buttons(title, key, page, drawn=True)


def as_plain(text: str) -> str:
    """Text that may quote a learner, so that Markdown shows it as it is: no links, no emoji."""
    return re.sub(r"[\\`*_~$]|\](?=\()|:(?=[\w+-]+[:\[])", r"\\\g<0>", text)


def picture_caption(
    words: str,
    *,
    key: str,
    title: str,
    component: str,
    data: Callable[[], Mapping[str, Any]],
    sentence: bool = True,
) -> None:
    """A line that says in ``words`` what the component above shows, and "Save as a page".

    ``data`` gives what the component draws, as a page without a server needs it; it is asked for
    when somebody saves. ``sentence`` says whether the learner's plays a part in it.
    """

    def page() -> str:
        about = _about(sentence)
        return component_page(component, data(), title=title, words=words, about=about).html

    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
        st.caption(as_plain(words), width="stretch")
        _save_buttons(title, key, page, drawn=False)


def as_text(title: str) -> str:
    """A chart's title without the tags that Plotly reads."""
    return unescape(re.sub(r"<[^>]*>", " ", title)).strip()


def _about(sentence: bool = True) -> dict[str, str]:
    """What a saved page says of where it comes from: the sentence, the model, and the link."""
    here = urlsplit(st.context.url or "")
    host = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    place = "" if address.place() == address.HOME else address.place()
    query = urlencode(address.link(), doseq=True, errors="replace")
    ours = {
        "Sentence": "  ".join(filter(None, (state.TEXT.get(), state.PAIR.get()))),
        "Model": state.MODEL.get(),
    }
    return {
        **(ours if sentence else {}),
        "Link": f"{host}/{'/'.join(filter(None, (base, place)))}{query and '?'}{query}",
    }


def _save_buttons(title: str, key: str, page: Callable[[], str], *, drawn: bool) -> None:
    """Buttons that save a chart (``drawn``: as PNG, SVG, or put into its page) or a page alone."""
    sent = st.session_state.get(f"{key}.save") or {}
    wants_page = bool(sent.get("html"))
    _export(
        key=f"{key}.save",
        width="content",
        data={
            "chart": re.sub(r"[^A-Za-z0-9_-]", "-", key) if drawn else None,
            "title": title,
            "name": re.sub(r"[^a-z0-9]+", "-", f"inside-bert {title}".lower()).strip("-")[:80],
            "html": page() if wants_page else None,
            "made": time.time() if wants_page else None,
        },
        on_html_change=nothing,
    )
