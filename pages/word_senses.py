"""One word, many vectors: film, verdict, layers, baselines, and three claims measured."""

from pages.ui.shell import lesson_page
from pages.views.word_senses import workbench
from pages.views.word_senses.alike import alike
from pages.views.word_senses.claims import claimed
from pages.views.word_senses.film import film
from pages.views.word_senses.land import land
from pages.views.word_senses.layers import layers
from pages.views.word_senses.models import models
from pages.views.word_senses.static import static

with lesson_page("word_senses") as page:
    page.steps({
        "film": film, "land": land, "layers": layers, "static": static, "alike": alike,
        "claims": claimed, "models": models,
    })  # fmt: skip
    workbench.publish()
