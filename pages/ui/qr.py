"""How students reach a room: its address, and the address as a QR picture."""

from __future__ import annotations

import os
import socket
from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from urllib.parse import quote, urlsplit, urlunsplit

import streamlit as st

LOCAL = {"localhost", "127.0.0.1", "::1"}


def address_of(code: str) -> tuple[str, str]:
    """The address of a room for other devices, and a warning when they may not reach it."""
    here = urlsplit(st.context.url or "http://localhost:8501/classroom")
    host, warning = here.hostname or "localhost", ""
    if host in LOCAL:
        found = None if behind_proxy() else lan_address()
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
    """Whether learners reach the app through a proxy: its address is theirs, not this process's."""
    return os.environ.get("INSIDE_BERT_BEHIND_PROXY") == "1"


@lru_cache(maxsize=1)
def lan_address() -> str | None:
    """This machine's address on its network. Nothing is sent: the socket is only aimed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as aimed:
        try:
            aimed.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737)
        except OSError:
            return None
        address = str(aimed.getsockname()[0])
    return None if address.startswith("127.") or address == "0.0.0.0" else address


def qr_picture(address: str) -> None:
    """The address for a phone's camera, dark on white in both themes."""
    st.image(_png(address), width=240, alt="QR code of the room's address")


def picture(address: str) -> str:
    """The same picture as an address that an image can have."""
    return "data:image/png;base64," + b64encode(_png(address)).decode()


@lru_cache(maxsize=64)
def _png(address: str) -> bytes:
    import segno

    file = BytesIO()
    segno.make(address, micro=False).save(file, kind="png", border=3, scale=8)
    return file.getvalue()
