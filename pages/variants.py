"""What came after BERT: six mechanisms, the family in numbers, a chooser, two models at once."""

from typing import TYPE_CHECKING

from pages.ui.shell import lesson_page

if TYPE_CHECKING:
    pass
from pages.views.variants.albert import albert
from pages.views.variants.chooser import choose
from pages.views.variants.deberta import deberta
from pages.views.variants.distilbert import distilbert
from pages.views.variants.electra import electra
from pages.views.variants.modernbert import modernbert
from pages.views.variants.roberta import roberta
from pages.views.variants.table import table
from pages.views.variants.two_models import two_models

with lesson_page("variants") as page:
    page.steps({
        "roberta": roberta, "distilbert": distilbert, "albert": albert, "electra": electra,
        "deberta": deberta, "modernbert": modernbert, "table": table, "chooser": choose,
        "two-models": two_models,
    })  # fmt: skip
