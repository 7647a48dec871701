"""Sentences as vectors: one pair, a rating game, raw [CLS], a training on pairs, many at once."""

from pages.ui.shell import lesson_page
from pages.views.similarity.cls import raw_cls
from pages.views.similarity.contrast import contrast
from pages.views.similarity.matrix import many
from pages.views.similarity.pair import one_pair
from pages.views.similarity.rate import rate

with lesson_page("similarity", pair=True) as page:
    page.steps({
        "pair": one_pair, "rate": rate, "cls": raw_cls, "contrast": contrast, "matrix": many,
    })  # fmt: skip
