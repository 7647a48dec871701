"""How students reach a room: its address, and the address as a QR picture."""

from __future__ import annotations

import os
from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from urllib.parse import quote, urlsplit, urlunsplit

import streamlit as st

from pages.ui import address
from pages.ui.network import lan_address

LOCAL = {"localhost", "127.0.0.1", "::1"}


def address_of(code: str) -> tuple[str, str]:
    """The address of a room for other devices, and a warning when they may not reach it."""
    here = urlsplit(address.url() or "http://localhost:8501/classroom")
    host, warning = here.hostname or "localhost", ""
    if host in LOCAL:
        # A proxy may stand on another machine, whose address this process does not know.
        found = None if _proxy() == "1" else lan_address()
        if found:
            host = found
            warning = (
                "You opened the app as localhost; this is the machine's address on its network."
            )
        else:
            warning = "Other devices cannot reach localhost: open the app by the machine's address."
    netloc = (f"[{host}]" if ":" in host else host) + (f":{here.port}" if here.port else "")
    path = here.path.rpartition("/")[0] + "/classroom"
    return urlunsplit((here.scheme, netloc, path, f"room={quote(code)}", "")), warning


def behind_proxy() -> bool:
    """Whether learners reach the app through a proxy, which says what their address is."""
    return bool(_proxy())


def _proxy() -> str:
    """``here`` for a proxy on this machine, as `make class` starts it, 1 for any other."""
    return os.environ.get("INSIDE_BERT_BEHIND_PROXY", "")


def qr_picture(link: str) -> None:
    """The address for a phone's camera, dark on white in both themes."""
    st.image(_png(link), width=240, alt="QR code of the room's address")


def picture(link: str) -> str:
    """The same picture as an address that an image can have."""
    return "data:image/png;base64," + b64encode(_png(link)).decode()


@lru_cache(maxsize=64)
def _png(link: str) -> bytes:
    import segno

    file = BytesIO()
    segno.make(link, micro=False).save(file, kind="png", border=3, scale=8)
    return file.getvalue()
