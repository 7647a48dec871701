"""The router: navigation from the catalog, and nothing of any lesson.

Run it with ``streamlit run app.py``.
"""

import streamlit as st

from lessons.catalog import catalog
from pages.ui import resources, room, shell, state
from pages.ui.navigation import PAGES, follow, sidebar

st.set_page_config(
    page_title="Inside BERT", page_icon="🔎", layout="wide", initial_sidebar_state="auto"
)
st.session_state[shell.ROUTED] = True

arrived = st.session_state.pop(shell.ARRIVED, None)
page = st.navigation(
    [
        st.Page("pages/home.py", title="Inside BERT", icon="🔎", default=True),
        *(st.Page(f"pages/{slug}.py", title=title) for slug, title in PAGES.items()),
        *(st.Page(f"pages/{x.slug}.py", title=x.title, icon=x.icon) for x in catalog()),
    ],
    position="hidden",
)
if arrived:
    slug, query = arrived
    st.switch_page(shell.path_of(slug), query_params=query)

follow(page.url_path)
state.restore()
shell.style()
sidebar(page.url_path)
room.remember()
page.run()
resources.warm()
