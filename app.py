"""The router: which page is open, and its frame. Nothing of any lesson.

Run it with ``streamlit run app.py``.
"""

from functools import lru_cache
from pathlib import Path
from types import CodeType

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui import address, errors, resources, room, shell
from pages.ui.links import every_page, title_of
from pages.ui.navigation import sidebar

SIDEBAR = 250  # pixels


@lru_cache(maxsize=64)
def script(page: str) -> CodeType:
    """The compiled script of a page."""
    path = Path(__file__).parent / "pages" / f"{page}.py"
    return compile(path.read_text(encoding="utf-8"), path, "exec")


def known_to_streamlit() -> list[StreamlitPage]:
    """Home, and the page that stays open to Streamlit."""
    home = st.Page("pages/home.py", title="Inside BERT", default=True)
    slug = address.entrance(every_page())
    return [home] if slug == address.HOME else [home, st.Page(f"pages/{slug}.py")]


errors.calm_callbacks()
st.navigation(known_to_streamlit(), position="hidden")
page = address.locate(every_page())
st.set_page_config(
    page_title=title_of(page), page_icon="🔎", layout="wide", initial_sidebar_state=SIDEBAR
)
shell.style()
with errors.calmly():
    sidebar(page)
address.publish()  # what was typed stands in the address before the page is computed …
with errors.calmly():
    room.remember()
with address.routed(), errors.calmly():
    exec(script(page), {"__name__": "__main__"})
address.publish()  # … and what its controls are set to after that
resources.warm()
