"""Fine-tune the bundled model live: sentences, pairs or a CSV, names, and questions."""

from pages.ui.shell import lesson_page
from pages.views.fine_tuning.compare import compare
from pages.views.fine_tuning.look import look
from pages.views.fine_tuning.lora import change_little
from pages.views.fine_tuning.luck import luck
from pages.views.fine_tuning.names import find_names
from pages.views.fine_tuning.questions import ask
from pages.views.fine_tuning.reasons import decide
from pages.views.fine_tuning.sure import how_sure
from pages.views.fine_tuning.tune import tune

with lesson_page("fine_tuning") as page:
    page.steps({
        "tune": tune, "look": look, "words": decide, "compare": compare, "lora": change_little,
        "luck": luck, "sure": how_sure, "names": find_names, "questions": ask,
    })  # fmt: skip
