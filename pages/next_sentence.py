"""Next-sentence prediction: judge pairs, make pairs, and measure order against topic."""

from pages.ui.shell import lesson_page
from pages.views.next_sentence.build import build
from pages.views.next_sentence.judge import judge
from pages.views.next_sentence.order_or_topic import order_or_topic
from pages.views.next_sentence.parts import SLUG

with lesson_page(SLUG, pair=True) as page:
    page.steps({"judge": judge, "build": build, "order-or-topic": order_or_topic})
