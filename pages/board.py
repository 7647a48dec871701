"""The board of a class room: for the wall, with nothing on it that is the teacher's alone."""

from pages.ui import errors, room, shell
from pages.ui.errors import fragment
from pages.views.classroom.board import board, code_of_the_board

shell.enter("board")
with errors.calmly(room.FAILED):
    if code := code_of_the_board():
        fragment(board, run_every=room.TEACHERS_LOOK)(code)
