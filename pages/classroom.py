"""The class room: open one or join one; the board, with questions and votes."""

import streamlit as st

from pages.ui import errors, room, shell
from pages.ui.errors import fragment
from pages.ui.links import PAGES
from pages.views.classroom.entrance import arrive, entrance
from pages.views.classroom.student import learn
from pages.views.classroom.teacher import teach

shell.enter("classroom")
arrive()
mine = room.seat()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title(PAGES["classroom"], anchor=False)
    if mine is None:
        shell.page_tools()
with errors.calmly(room.FAILED):
    if mine is None:
        entrance()
    elif mine.teaches:
        teach(mine)
    else:
        fragment(learn, run_every=room.students_look(mine))(mine)
