"""The rest of the block: code and tensors, the stream, what is removed, outliers, early looks."""

from pages.ui.shell import lesson_page
from pages.views.encoder_layer.code import the_code
from pages.views.encoder_layer.early_look import early
from pages.views.encoder_layer.outliers import loud_dimensions
from pages.views.encoder_layer.remove import remove
from pages.views.encoder_layer.stream import the_stream
from pages.views.encoder_layer.units import the_units

with lesson_page("encoder_layer") as page:
    page.steps({
        "code": the_code, "stream": the_stream, "remove": remove,
        "outliers": loud_dimensions, "early-look": early, "units": the_units,
    })  # fmt: skip
