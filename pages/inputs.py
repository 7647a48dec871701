"""What goes in: three vectors added, special tokens, batches, and what does not fit."""

from pages.ui.shell import lesson_page
from pages.views.inputs.ablate import take_one_away
from pages.views.inputs.batch import rectangle
from pages.views.inputs.layout import two_sentences
from pages.views.inputs.neighbors import vocabulary
from pages.views.inputs.padding import forgotten_mask
from pages.views.inputs.sum_of_parts import strips
from pages.views.inputs.truncate import truncate

with lesson_page("inputs", pair=True) as page:
    page.encoding()  # without a sentence there is nothing to show
    page.steps({
        "sum": strips, "ablate": take_one_away, "layout": two_sentences, "batch": rectangle,
        "padding": forgotten_mask, "truncate": truncate, "neighbors": vocabulary,
    })  # fmt: skip
