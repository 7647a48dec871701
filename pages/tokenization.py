"""Word pieces: the seven steps, longest match first, the race of three trainers, other scripts."""

from pages.ui.shell import lesson_page
from pages.views.tokenization.case import case
from pages.views.tokenization.longest_match import longest
from pages.views.tokenization.other_scripts import scripts
from pages.views.tokenization.race import race
from pages.views.tokenization.seven_steps import steps

with lesson_page("tokenization") as page:
    page.steps({
        "seven-steps": steps, "longest-match": longest, "race": race, "other-scripts": scripts,
        "case": case,
    })  # fmt: skip
