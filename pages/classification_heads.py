"""Four heads on the same frozen vectors; softmax and sigmoid; thresholds for several labels."""

from pages.ui.shell import lesson_page
from pages.views.classification_heads.activations import activations
from pages.views.classification_heads.heads import race
from pages.views.classification_heads.runs import SLUG
from pages.views.classification_heads.tasks import across
from pages.views.classification_heads.topics import topics
from pages.views.classification_heads.your_sentence import ask_all

with lesson_page(SLUG) as page:
    page.steps({
        "heads": race, "try": ask_all, "tasks": across, "activations": activations,
        "topics": topics,
    })  # fmt: skip
