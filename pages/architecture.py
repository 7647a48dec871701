"""What BERT is made of: any shape built and counted, its cost, and four ways to read a sentence."""

from pages.ui.shell import lesson_page
from pages.views.architecture.both_sides import both_sides
from pages.views.architecture.build import build
from pages.views.architecture.cost import price

with lesson_page("architecture") as page:
    page.steps({"build": build, "cost": price, "both-sides": both_sides})
