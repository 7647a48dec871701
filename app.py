"""The router: which page is open, and its frame. Nothing of any lesson.

Run it with ``streamlit run app.py``.
"""

from functools import lru_cache
from pathlib import Path
from types import CodeType

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui import address, errors, resources, room, shell
from pages.ui.navigation import every_page, sidebar, title_of


@lru_cache
def script(page: str) -> CodeType:
    """The compiled script of a page."""
    path = Path(__file__).parent / "pages" / f"{page}.py"
    return compile(path.read_text(encoding="utf-8"), path, "exec")


def known_to_streamlit() -> list[StreamlitPage]:
    """Home and the page that `address.entrance` names; all pages where no browser shows one."""
    home = st.Page("pages/home.py", title="Inside BERT", default=True)
    entrance = address.entrance(every_page())
    slugs = every_page() if entrance is None else [entrance]
    return [home, *(st.Page(f"pages/{slug}.py") for slug in slugs if slug != address.HOME)]


asked = st.navigation(known_to_streamlit(), position="hidden").url_path or address.HOME
page = address.locate(asked, every_page())
st.set_page_config(
    page_title=title_of(page), page_icon="🔎", layout="wide", initial_sidebar_state="auto"
)
shell.style()
sidebar(page)
room.remember()
with errors.calmly():
    exec(script(page), {"__name__": "__main__"})
address.publish()
resources.warm()
