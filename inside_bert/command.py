"""The command ``inside-bert``: the whole course in the browser; with ``--class``, for a class.

What the command does not know goes on to Streamlit: ``inside-bert --server.headless true``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import inside_bert

HERE = Path(__file__).parent
INSTALLED = (HERE / "app.py").is_file()
HOME = HERE if INSTALLED else HERE.parent
"""The folder of `app.py`: this package where it is installed, the one above it in a checkout."""

ROOMS = Path.home() / ".inside-bert" / "rooms.sqlite3"
"""Class rooms of an installed course: where packages lie, nothing is written."""


def arguments(given: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """What the command line says, and what is left over for Streamlit."""
    parser = argparse.ArgumentParser(
        prog="inside-bert",
        description="Start the interactive course on BERT. Nothing is fetched from the network.",
        epilog="Any other option goes to Streamlit, as --server.headless true.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--class", dest="for_a_class", action="store_true",
        help="several processes behind one address; needs inside-bert[class]",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--version", action="version", version=inside_bert.__version__)
    return parser.parse_known_args(given)


def main() -> None:
    """Run until somebody ends it."""
    chosen, rest = arguments(sys.argv[1:])
    if INSTALLED:
        os.environ.setdefault("INSIDE_BERT_ROOMS", f"sqlite:///{ROOMS.as_posix()}")
    if chosen.for_a_class:
        sys.path.insert(0, str(HOME))
        from deploy import front

        sys.argv = ["inside-bert --class", "--port", str(chosen.port), *rest]
        front.main()
        return

    from streamlit.web import cli

    app = str(HOME / "app.py")
    sys.argv = ["streamlit", "run", app, "--server.port", str(chosen.port), *rest]
    cli.main()
