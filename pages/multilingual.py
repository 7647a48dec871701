"""More than English: what a vocabulary costs 27 languages, and one trained on a mixture."""

from pages.ui.shell import lesson_page
from pages.views.multilingual.english_eyes import english_eyes
from pages.views.multilingual.mixture import mixture

with lesson_page("multilingual") as page:
    page.steps({"english-eyes": english_eyes, "mixture": mixture})
