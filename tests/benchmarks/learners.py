"""Learners without browsers: they speak Streamlit's own protocol to a server on this machine.

They know what a visitor can see: addresses, labels, texts. A browser draws what the server sends;
these only read it. That leaves the processor to the server,
so that many learners can be simulated on the machine that serves them.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

LONGEST = 60  # seconds that a learner waits for a page
CONTROLS = ("slider", "checkbox", "button_group", "selectbox", "radio")
FAILED = ("Something went wrong", "does not answer")


class Trouble(Exception):  # noqa: N818
    """The server did not do what a learner may expect."""


class Learner:
    """One connection, as one browser tab has it."""

    def __init__(self, url: str, cookie: str = "") -> None:
        if urlsplit(url).hostname != "127.0.0.1":
            raise ValueError("learners visit this machine alone")
        self.address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.headers = {"Cookie": cookie} if cookie else {}
        self.widgets: dict[str, str] = {}  # label, and key → id, of the page as it stands
        self.within: dict[str, str] = {}  # key → fragment that the widget stands in
        self.controls: dict[str, Any] = {}  # key → what Streamlit says of a slider, a choice …
        self.components: set[str] = set()  # keys of those of our own
        self.data: dict[str, str] = {}  # key → what such a component was told, as JSON
        self.votes = 0
        self.values: dict[str, Any] = {}  # id → WidgetState field and value
        self.slug = ""  # the page in the address
        self.fragments: dict[str, float] = {}  # id → seconds between two runs
        self.page_hash = ""
        self.query = ""
        self.texts: list[str] = []  # what the last run said
        self.alerts: list[str] = []  # of it, what stood in a box
        self.codes: list[str] = []  # and what it showed to copy
        self.received = 0  # bytes

    async def __aenter__(self) -> Learner:
        self.socket = await websockets.connect(
            self.address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=self.headers,
            max_size=2**26,
            open_timeout=LONGEST,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def open(self, slug: str = "", query: str | None = None) -> float:
        """Go to a page; "" is home. Returns the seconds until the page was computed.

        ``query`` is the state of the link; without one, what the address shows goes along.
        """
        self.slug, self.query = slug, self.query if query is None else query
        self.values.clear()
        return await self._run()

    async def set(self, key: str, fragment: str = "", /, **value: Any) -> float:
        """Give a widget, by its label, a value such as ``string_value="Hello"``.

        Returns the seconds that the run took.
        """
        self.keep(key, **value)
        return await self._run(fragment)

    def keep(self, key: str, **value: Any) -> None:
        """Give a widget a value that is sent with the next run."""
        if key not in self.widgets:
            raise Trouble(f"there is no {key} on the page")
        self.values[self.widgets[key]] = value

    async def poll(self, fragment: str) -> float:
        """Run a fragment, as the browser does by its clock."""
        return await self._run(fragment, auto=True)

    async def follow(self, page: str, search: str = "") -> float:
        """Go to an address, such as a step of a lesson (``?step=play``), with the sentence."""
        kept = [(name, text) for name, text in parse_qsl(self.query) if name == "text"]
        self.slug, self.query = page, urlencode(kept + parse_qsl(search.removeprefix("?")))
        return await self._run(moved=True)

    async def vote(self, answer: Any, fragment: str) -> float:
        """Answer the question of a class room that is open; Trouble where it is not confirmed.

        The ballot is a component of ours: it sends what was asked along with the answer.
        """
        key = self.ballot()
        asked = json.loads(self.data[key])
        self.votes += 1
        sent = {"question": asked["question"], "round": asked["round"], "answer": answer}
        news = json.dumps([{"event": "vote", "value": {**sent, "number": self.votes}}])
        trigger = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{self.widgets[key]}__events"
        self.values[trigger] = {"json_trigger_value": news}
        seconds = await self._run(fragment)
        if json.loads(self.data[key])["mine"] != answer:
            raise Trouble("a vote was not confirmed")
        return seconds

    def ballot(self) -> str:
        """The key of the question that can be answered; empty without one."""
        keys = [key for key in self.data if key.startswith("room.answer.")]
        return keys[-1] if keys else ""

    async def turn(self, key: str, chance: random.Random) -> float:
        """Give a slider, a switch or a choice of the page another value."""
        control = self.controls[key]
        kind = control.DESCRIPTOR.name
        value: dict[str, Any]
        if kind == "Slider" and control.options:
            value = {"string_array_value": [chance.choice(control.options)]}
        elif kind == "Slider":
            steps = int((control.max - control.min) / (control.step or 1))
            value = {"double_array_value": [control.min + chance.randint(0, steps) * control.step]}
        elif kind == "Checkbox":
            now = self.values.get(self.widgets[key], {"bool_value": control.default})
            value = {"bool_value": not now["bool_value"]}
        elif kind == "ButtonGroup":
            value = {"string_array_value": [chance.choice(control.options).content]}
        else:
            value = {"string_value": chance.choice(control.options)}
        return await self.set(key, self.within[key], **value)

    async def _run(self, fragment: str = "", *, auto: bool = False, moved: bool = False) -> float:
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_script_hash = self.query, self.page_hash
        client.page_name = "" if self.page_hash else self.slug
        client.fragment_id, client.is_auto_rerun = fragment, auto
        client.is_history_navigation = moved
        site = urlsplit(self.address.replace("ws", "http", 1))
        client.context_info.url = f"{site.scheme}://{site.netloc}/{self.slug}"
        for id_, value in self.values.items():
            widget = client.widget_states.widgets.add(id=id_)
            for field, content in value.items():
                if isinstance(content, list):
                    getattr(widget, field).data.extend(content)
                else:
                    setattr(widget, field, content)
        self.texts, self.alerts, self.codes = [], [], []
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await asyncio.wait_for(self._until_finished(), LONGEST)
        seconds = time.perf_counter() - start
        for id_, value in tuple(self.values.items()):
            if "trigger_value" in value or "json_trigger_value" in value:
                del self.values[id_]
        for text in self.alerts:
            if any(sign in text for sign in FAILED):
                raise Trouble(text)
        return seconds

    async def _until_finished(self) -> None:
        async for data in self.socket:
            self.received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "navigation":  # the whole page is drawn anew
                for kept in (self.fragments, self.widgets, self.within, self.controls):
                    kept.clear()
                self.components.clear()
                self.data.clear()
                self.page_hash = message.navigation.page_script_hash
            elif kind == "auto_rerun":
                self.fragments[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._take(message.delta.new_element, message.delta.fragment_id)
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise Trouble("a script does not compile")
                # One that was cut short by another run is followed by that run's end.
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return

    def _take(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        content = getattr(element, kind)
        if kind == "exception":
            raise Trouble(f"{content.type}: {content.message}")
        if kind in ("alert", "markdown"):
            self.texts.append(content.body)
        if kind == "alert":
            self.alerts.append(content.body)
        elif kind == "code":
            self.codes.append(content.code_text)
        id_ = getattr(content, "id", "")
        if isinstance(id_, str) and id_.count("-") >= 2:
            key = id_.split("-", 2)[2]  # Streamlit builds an id as $$ID-<hash>-<key>
            for name in filter(None, (key, getattr(content, "label", ""))):
                self.widgets[name], self.within[name] = id_, fragment
            if kind == "bidi_component":
                self.components.add(key)
                self.data[key] = content.json
            if kind in CONTROLS and not content.disabled and not content.form_id:
                self.controls[key] = content
