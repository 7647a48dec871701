"""The one owner of the address: which page is open, and what a link says.

*Which page.* Streamlit goes from page to page by a message about the page that is left, and loses
its way when another message about that page (a tick, a fragment's clock) leaves the browser at the
same moment: it then empties the new page or returns to the old one. So to Streamlit one page is
open for a whole visit, the one by which the visitor came (`entrance`), and the address alone says
which page really is. Every message from the browser brings the address along, so none can be about
a page that was left. The server runs what the
address says (`locate`), or the page that the app goes to by itself (`move_to`).
``assets/components/address`` follows links, by writing the new page into the address.

*What a link says.* The shared state (`pages.ui.state`), what the open page's controls are set to
(`pages.ui.controls`), and what a page adds (`say`). A run that ends writes it (`publish`); a
control that changes in a fragment writes it at once. The browser replaces its history entry then;
only another page makes a new one. Link, reload, back, forward and "follow me" are one thing: an
`Arrival`, a state read from an address. What it has no use for is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import state
from pages.ui.components import component, nothing

APP = Path(__file__).parents[2] / "app.py"
Query = Mapping[str, Sequence[str]]

HOME = "home"
LONGEST_LINK = 6000  # characters; proxies refuse addresses of some 8,000
KEPT = "kept"  # in a link: the sentence is too long for it, and this tab keeps it under that name
MOST_KEPT = 4

PLACE = "address.place"  # the page that is open
ARRIVAL = "address.arrival"
SHOWN = "address.shown"  # the page in the browser's address, as the last run was told
ENTRANCE = "address.entrance"  # the page that is open to Streamlit
FIRST = "address.first"  # whether the last whole run was the first of the visit
SEEN = "address.seen"  # the number of the last wish that the browser sent
LEFT = "address.left"  # the pages that it left since the browser's address was the right one
MOVES = "address.moves"  # how often the app went to another page by itself
SAID = "address.said"  # {page: {name: texts}}: what pages and controls say in a link
CARRIED = "address.carried"  # {key: text}: the widgets that the browser had before this visit
DRAWN = "address.drawn"  # the sentences whose field was drawn in this visit
AWAITED = "address.awaited"  # the name of such sentences, until the browser's tab brings them
BROUGHT = "address.brought"  # (what stood in their place, the sentences that the tab brought)
LONG = "address.long"  # {name: (sentence, second sentence)} too long for a link

TEXTS = (state.TEXT, state.PAIR)

# The name of a control, of what the attention explorer shows (which the browser alone sets), of a
# lesson's step, or of the room on whose board the page is. What is written before a page is drawn
# must name these too: the browser takes no notice of a query that it shows already, so that left
# out and put in again they would stay out.
_CONTROL = re.compile(r"[a-z0-9_]{1,40}(\.[A-Za-z0-9_-]{1,40}){1,4}|look|step|board")

_address = component("address", "<div hidden></div>", frame=True)


@dataclass
class Arrival:
    """A state read from an address, for the page that it names.

    ``whole`` says that it is the whole state: what it does not name has its default. A link in a
    page names one or two things and leaves all others as they are. A control takes its part once,
    whenever it is first drawn.
    """

    page: str
    query: Query
    whole: bool
    taken: set[str] = field(default_factory=set)


# --- which page


def by_way_of_the_router() -> None:
    """Let app.py run the page that is open, if Streamlit runs its script alone.

    Because the folder is called ``pages``, it does so on the first visit after a start of the
    server.
    """
    if not _routed.get():
        exec(_router(), {"__name__": "__main__", "__file__": str(APP)})
        st.stop()


@contextmanager
def routed() -> Iterator[None]:
    """While app.py runs a page."""
    token = _routed.set(True)
    try:
        yield
    finally:
        _routed.reset(token)


_routed: ContextVar[bool] = ContextVar("routed", default=False)


@lru_cache(maxsize=1)
def _router() -> CodeType:
    return compile(APP.read_text(encoding="utf-8"), APP, "exec")


def entrance(pages: Collection[str]) -> str:
    """The page by which the visitor came: to Streamlit it stays open.

    Streamlit is told so before every run, since back and forward make it think of another one.
    """
    page: str = st.session_state.setdefault(ENTRANCE, _shown(pages))
    context = get_script_run_ctx()
    assert context is not None
    context.pages_manager.set_script_intent("", "" if page == HOME else page)
    return page


def locate(pages: Collection[str]) -> str:
    """The page to run, of all that there are.

    Where the browser's address has moved and no link was clicked, the browser went back or
    forward: the state is read from there.
    """
    session, context, shown = st.session_state, get_script_run_ctx(), _shown(pages)
    assert context is not None
    session[FIRST] = PLACE not in session
    if session[FIRST]:
        arrive(shown, _query(), whole=False)
    elif context.is_history_navigation or shown not in (
        session.get(SHOWN),
        session[PLACE],
        *session.get(LEFT, ()),  # the browser may not have heard of it yet
    ):
        arrive(shown, _query(), whole=True)
    if shown == session[PLACE]:
        session[LEFT] = set()
    session[SHOWN] = shown
    _take_over()
    _hold_what_was_brought()
    if session[PLACE] not in pages:
        session[PLACE] = HOME
    return str(session[PLACE])


def _take_over() -> None:
    """A visit may begin in the midst of another one, whose process is gone: then the browser knows
    better than the address what was set last. Until it is drawn here, that is what counts.
    """
    session, context = st.session_state, get_script_run_ctx()
    if context is not None and (session[FIRST] or session.get(CARRIED)):
        widgets = context.session_state.get_widget_states()
        session[CARRIED] = {w.id.split("-", 2)[-1]: w.string_value for w in widgets}
    for shared in TEXTS:
        typed = None if shared.key in session.setdefault(DRAWN, set()) else carried(shared.key)
        if typed is not None and typed != shared.get() and len(typed) <= state.LONGEST_TEXT:
            shared.set(typed)
            state.forget_marks()


def carried(key: str) -> str | None:
    """What the browser brought of a widget from the process before, if it is a text; None of
    one that it does not know."""
    brought: dict[str, str] = st.session_state.get(CARRIED, {})
    return brought.get(key)


def drawn(key: str) -> None:
    """The field of a sentence stands: from here on Streamlit says what is typed."""
    st.session_state.setdefault(DRAWN, set()).add(key)


def place() -> str:
    """The page that is open."""
    return str(st.session_state.get(PLACE, HOME))


def move_to(page: str, query: Query | None = None) -> None:
    """Go to another page: with what was set, or with the whole state of a link (``query``)."""
    st.session_state[MOVES] = st.session_state.get(MOVES, 0) + 1
    st.session_state.setdefault(LEFT, set()).add(place())
    arrive(page, query or {}, whole=query is not None)
    st.rerun()


def watch(pages: Sequence[str]) -> None:
    """Mount what follows links and moves the browser's address."""
    kept = _keep() if too_long() else None
    text, pair = _texts()
    _address(
        key="address",
        data={
            "pages": list(pages),
            "place": place(),
            "seen": st.session_state.get(SEEN, 0),
            "moves": st.session_state.get(MOVES, 0),
            "travels": [KEPT, *(shared.param for shared in state.SHARED)],
            "awaited": st.session_state.get(AWAITED),
            "kept": kept and {"name": kept, "text": text, "pair": pair},
            "query": urlencode(_whole_link(), doseq=True, errors="replace"),
        },
        on_go_change=_go,
        on_back_change=nothing,  # the browser was away: its server may be another one
        on_kept_change=_take_kept,
    )


def url() -> str:
    """The browser's address, less its query; `st.context.url` has Streamlit's page put into it."""
    context = get_script_run_ctx()
    info = context.context_info if context else None
    return info.url if info else ""


def _shown(pages: Collection[str]) -> str:
    """The page in the browser's address."""
    last = urlsplit(url()).path.rstrip("/").rpartition("/")[2]
    return last if last in pages else HOME


def _query() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _sent(name: str) -> dict[str, Any]:
    """What the browser sent; it may send anything, so it is looked at closely."""
    sent = (st.session_state.get("address") or {}).get(name)
    return sent if isinstance(sent, dict) else {}


def _go() -> None:
    """A link was clicked."""
    sent = _sent("go")
    page, search, number = sent.get("page"), sent.get("search"), sent.get("number")
    if isinstance(number, int):
        st.session_state[SEEN] = number
    if isinstance(page, str) and isinstance(search, str):
        arrive(
            page,
            parse_qs(search.removeprefix("?"), keep_blank_values=True),
            sent.get("whole") is True,
        )


def _take_kept() -> None:
    """After a reload the tab brings the sentence that its link could not hold."""
    sent, before = _sent("kept"), _texts()
    for shared, text in zip(TEXTS, (sent.get("text"), sent.get("pair")), strict=True):
        if isinstance(text, str) and len(text) <= state.LONGEST_TEXT:
            shared.set(text)
    st.session_state[BROUGHT] = before, _texts()
    if state.MASKS.param not in st.session_state[ARRIVAL].query:
        state.forget_marks()  # one may have been set for the course's sentence meanwhile
    st.session_state[AWAITED] = None


def _hold_what_was_brought() -> None:
    """Whatever the browser said before it saw them, it said with the sentences of before."""
    held: tuple[tuple[str, str], tuple[str, str]] | None = st.session_state.get(BROUGHT)
    if held is None:
        return
    before, brought = held
    if _texts() == before and KEPT in st.query_params:
        for shared, text in zip(TEXTS, brought, strict=True):
            shared.set(text)
    elif _texts() != brought:
        st.session_state[BROUGHT] = None


def _texts() -> tuple[str, str]:
    return state.TEXT.get(), state.PAIR.get()


# --- reading


def arrive(page: str, query: Query, whole: bool) -> None:
    """Take over the state that an address names."""
    session = st.session_state
    session[PLACE] = page
    session[ARRIVAL] = Arrival(page, query, whole)
    long = session.get(LONG, {}).get(_first(query, KEPT))
    session[AWAITED] = None if long else _first(query, KEPT)
    for shared in state.SHARED:
        written = _first(query, shared.param)
        if long and shared in TEXTS:
            shared.set(long[TEXTS.index(shared)])
        elif written is not None:
            try:
                shared.set(shared.read(written))
            except ValueError:
                continue
        elif whole and not (KEPT in query and shared in state.SENTENCE):
            shared.set(shared.default)
    if whole:
        session.setdefault(SAID, {}).pop(page, None)


def heard(name: str) -> list[str] | None:
    """What the address says under a name, for the page that is open; once.

    An empty list where a whole state does not name it, None where nothing is said.
    """
    arrival: Arrival | None = st.session_state.get(ARRIVAL)
    if arrival is None or arrival.page != place() or name in arrival.taken:
        return None
    arrival.taken.add(name)
    if name in arrival.query:
        return list(arrival.query[name])
    return [] if arrival.whole else None


def _first(query: Query, name: str) -> str | None:
    return next(iter(query.get(name, ())), None)


# --- writing


def say(name: str, *texts: str) -> None:
    """What the open page's link shall say under a name; nothing takes it out."""
    said = st.session_state.setdefault(SAID, {}).setdefault(place(), {})
    if tuple(said.get(name, ())) == texts:
        return
    if texts:
        said[name] = texts
    else:
        del said[name]
    if not _whole_run():
        publish()  # no end of a whole run will do it


def publish() -> None:
    """Write into the browser's address all that differs from its default.

    What the address said of controls that no run has drawn yet stays in it. The first run of a
    visit writes nothing: ``address.js`` may not stand yet, and Streamlit itself would make a new
    history entry of it. What is to be written then, the browser does with ``query`` (`watch`). But
    where the visit goes on in the midst of another one, it stands.
    """
    stands = not st.session_state.get(FIRST) or st.session_state.get(CARRIED)
    if stands or not _whole_run():
        st.query_params.from_dict(_whole_link())


def _whole_run() -> bool:
    """Whether this run is one of the whole page, and not of a fragment alone."""
    context = get_script_run_ctx()
    return context is None or not context.fragment_ids_this_run


def _whole_link() -> dict[str, list[str]]:
    arrival: Arrival | None = st.session_state.get(ARRIVAL)
    query = link()
    if arrival is not None and arrival.page == place():
        for name, texts in arrival.query.items():
            known = name in arrival.taken or name in query
            if not known and _CONTROL.fullmatch(name) and len(texts) == 1 and len(texts[0]) < 200:
                query[name] = list(texts)
    return query


def link() -> dict[str, list[str]]:
    """The state as a query: for this page's address, and for others who follow."""
    query = _query_of_all()
    if too_long():
        texts = {shared.param for shared in TEXTS}
        return {KEPT: [_keep()]} | {name: query[name] for name in query if name not in texts}
    awaited = st.session_state.get(AWAITED)
    if awaited and state.TEXT.get() == state.TEXT.default:
        query[KEPT] = [awaited]
    return query


def means(name: str) -> bool:
    """Whether a link of the course may say something under that name."""
    return bool(_CONTROL.fullmatch(name)) or name in {shared.param for shared in state.SHARED}


def too_long() -> bool:
    """Whether the link cannot hold the sentences, so that whoever opens it sees the default."""
    return len(urlencode(_query_of_all(), doseq=True, errors="replace")) > LONGEST_LINK


def _query_of_all() -> dict[str, list[str]]:
    """All that differs from its default, however long."""
    query = {
        shared.param: [shared.write(shared.get())]
        for shared in state.SHARED
        if shared.get() != shared.default
    }
    said: Query = st.session_state.get(SAID, {}).get(place(), {})
    return query | {name: list(texts) for name, texts in said.items()}


def _keep() -> str:
    """The name under which the sentences that are too long for a link are kept."""
    texts = _texts()
    name = hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:12]
    long: dict[str, tuple[str, str]] = st.session_state.setdefault(LONG, {})
    long.pop(name, None)
    long[name] = texts
    while len(long) > MOST_KEPT:
        del long[next(iter(long))]
    return name
