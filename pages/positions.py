"""Where a word stands: order, waves, the learned table, RoPE and ALiBi."""

from pages.ui.shell import lesson_page
from pages.views.positions.learned import learned
from pages.views.positions.order import order
from pages.views.positions.relatives import other_ways
from pages.views.positions.shift import turn
from pages.views.positions.waves import waves

with lesson_page("positions") as page:
    page.encoding()  # without a sentence there is nothing to show
    page.steps({
        "order": order, "waves": waves, "shift": turn, "learned": learned, "relatives": other_ways,
    })  # fmt: skip
