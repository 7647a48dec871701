"""More than English: what a vocabulary costs 27 languages, one for many, zero-shot transfer."""

from pages.ui.shell import lesson_page
from pages.views.multilingual.english_eyes import english_eyes
from pages.views.multilingual.mixture import mixture
from pages.views.multilingual.transfer import transfer

with lesson_page("multilingual") as page:
    page.steps({"english-eyes": english_eyes, "mixture": mixture, "transfer": transfer})
