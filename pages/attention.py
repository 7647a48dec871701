"""Who looks at whom: the sum of one head, all heads, what they do, and whether it matters."""

from typing import TYPE_CHECKING

from pages.ui.shell import lesson_page

if TYPE_CHECKING:
    pass
from pages.views.attention.all_heads import all_heads
from pages.views.attention.attention_sum import the_sum
from pages.views.attention.bertviz import bertviz
from pages.views.attention.detective import the_detective
from pages.views.attention.game import the_game
from pages.views.attention.matter import matter
from pages.views.attention.methods import methods

with lesson_page("attention") as page:
    page.steps({
        "sum": the_sum, "all-heads": all_heads, "detective": the_detective, "game": the_game,
        "matter": matter, "methods": methods, "bertviz": bertviz,
    })  # fmt: skip
