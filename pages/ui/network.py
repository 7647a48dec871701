"""Where this machine is in its network."""

from __future__ import annotations

import socket
from functools import lru_cache


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
