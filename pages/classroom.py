"""The class room: open one or join one; the teacher's panel, the student's question."""

import streamlit as st

from pages.ui import errors, room, shell
from pages.ui.errors import fragment
from pages.ui.links import PAGES
from pages.views.classroom.entrance import entrance
from pages.views.classroom.panel import panel
from pages.views.classroom.student import learn

shell.enter("classroom")
mine = room.seat()
asked = mine is None and room.ASKED in st.session_state  # somebody came by a code or its picture
with st.container(horizontal=True, vertical_alignment="center", key="room_head"):
    st.title(PAGES["classroom"], anchor=False)
    if mine is None and not asked:
        shell.page_tools()
with errors.calmly(room.FAILED):
    if mine is None:
        entrance(teachers=not asked)
    elif mine.teaches:
        panel(mine)
    else:
        with st.container(key="room_student"):
            fragment(learn, run_every=room.students_look(mine))(mine)
