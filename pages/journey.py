"""One sentence through BERT: the picture, and one word in two sentences."""

from pages.ui.shell import lesson_page
from pages.views.journey.elsewhere import elsewhere
from pages.views.journey.the_way import the_way

with lesson_page("journey", gaps={"the-way": 1}) as page:
    page.steps({"the-way": the_way, "elsewhere": elsewhere})
