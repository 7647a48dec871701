"""A learner who does anything, in any order, and never loses the page, the sentence or the way.

``--walks`` says how many of them walk, and as many with each of three checkpoints of their own, a
fifth of the way. The number of a walk is its seed; ``--first-walk`` and
``--steps`` choose others. Every step ends with the same questions: is this the page that was asked
for, is the sentence still there, is there no error box and no error in the browser's console?
"""

import random
import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from lessons.catalog import catalog
from pages.ui.links import PAGES
from tests.e2e.conftest import Watched, at_rest, ribbon, type_sentence
from tests.e2e.learner import controls, failures, turn, view
from tests.e2e.server import running_app
from tests.hostile import HOSTILE
from tests.shapes import OPENED

TITLES = {"": "Inside BERT"} | PAGES | {lesson.slug: lesson.title for lesson in catalog()}
TEXTS = [
    "A seal slept on the warm rocks.",
    "The bank of the river was cold.",
    "[MASK] sat on the bank.",
    "She said that the match was lost.",
    "word " * 2000,
    *(text for text in HOSTILE.values() if text.strip() and "\0" not in text),
]

SHAPES = {
    "tiny": "two layers",
    "other-family": "roberta",
    "classifier": "bert classifier",
}
"""Checkpoints in the menu, each a shape of `tests.shapes`; a learner begins with each of them."""


def pytest_generate_tests(metafunc):
    if "walk" in metafunc.fixturenames:
        first = metafunc.config.getoption("--first-walk")
        metafunc.parametrize("walk", range(first, first + metafunc.config.getoption("--walks")))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, shape in SHAPES.items():
        OPENED[shape].write(folder / name)
    with running_app(INSIDE_BERT_MODELS=str(folder)) as app:
        yield app


class Learner:
    """A walk. What should be seen is kept beside what is."""

    def __init__(self, watched: Watched, walk: str) -> None:
        self.page, self.errors = watched.page, watched.errors
        self.chance = random.Random(f"learner {walk}")
        self.slug = ""
        self.history: list[tuple[str, str | None]] = []  # (page, sentence) of the entries before
        self.ahead: list[tuple[str, str | None]] = []
        self.sentence: str | None = None
        self.done: list[str] = []

    # --- what is seen

    def look(self, act: str) -> None:
        """Wait until all is at rest, and ask whether this is where the learner wanted to be."""
        page = self.page
        self.done.append(act)
        expect(page.locator("h1"), self.story()).to_have_text([TITLES[self.slug]])
        at_rest(page)
        expect(page.locator("h1"), self.story()).to_have_text([TITLES[self.slug]])
        assert urlsplit(page.url).path == f"/{self.slug}", self.story()
        assert failures(page) + self.errors == [], self.story()
        if self.field().count():
            if self.sentence is None:
                self.sentence = self.field().input_value()
            assert self.field().input_value() == self.sentence, self.story()

    def field(self):
        return self.page.get_by_role("textbox", name="Your sentence", exact=True)

    def story(self) -> str:
        return "\n".join(f"{i}. {act}" for i, act in enumerate(self.done))

    # --- what can be done

    def arrive(self, slug: str) -> None:
        self.history.append((self.slug, self.sentence))
        self.ahead.clear()
        self.slug = slug

    def sidebar(self) -> str:
        slug = self.chance.choice(list(TITLES))
        path = "./" if slug == "" else f"./{slug}"
        self.page.get_by_test_id("stSidebar").locator(f'a[href="{path}"]').click()
        if slug != self.slug or urlsplit(self.page.url).path == f"/{slug}":
            self.arrive(slug)
        return f"sidebar: {slug}"

    def link_in_the_page(self) -> str:
        links = self.page.locator('[data-testid=stMain] a[href^="./"]:visible')
        if not links.count():
            return self.sidebar()
        link = links.nth(self.chance.randrange(links.count()))
        slug = link.get_attribute("href").split("?")[0].removeprefix("./")
        link.click()
        self.arrive(slug)
        return f"link: {slug}"

    def arrow(self) -> str:
        steps = self.page.locator(".st-key-steps nav a")
        open_ = [link.get_attribute("aria-current") for link in steps.all()]
        if "step" not in open_[:-1]:
            return self.sidebar()
        self.page.locator("h1").click()
        self.page.keyboard.press("ArrowRight")
        self.arrive(self.slug)
        return f"arrow key to step {open_.index('step') + 2} of /{self.slug}"

    def type(self) -> str:
        if not self.field().count():
            return self.sidebar()
        text = self.chance.choice(TEXTS)
        type_sentence(self.page, text)
        self.sentence = self.field().input_value()
        return f"type {text[:40]!r}"

    def mask(self) -> str:
        chips = ribbon(self.page).locator(".chip .mask")
        if not chips.count():
            return self.sidebar()
        chips.nth(self.chance.randrange(min(chips.count(), 12))).click()
        return "mask"

    def select(self) -> str:
        faces = ribbon(self.page).locator(".chip .face")
        if not faces.count():
            return self.sidebar()
        faces.nth(self.chance.randrange(min(faces.count(), 12))).click()
        return "select"

    def control(self) -> str:
        found = controls(self.page)
        if not found:
            return self.sidebar()
        control = self.chance.choice(found)
        turn(self.page, control, self.chance)
        if control.key == "st-key-positions-pair":  # this one is a choice of sentences
            at_rest(self.page)
            self.sentence = self.field().input_value()
        return f"{control.key} on /{self.slug}"

    def lift(self) -> str:
        """Guess, or only look: the stage comes into sight."""
        ways = self.page.get_by_role("button", name=re.compile("^(Lift the veil|Just show me)$"))
        if not ways.count():
            return self.control()
        ways.nth(self.chance.randrange(ways.count())).click()
        return f"lift the veil on /{self.slug}"

    def control_then_link_at_once(self) -> str:
        return f"{self.control()}, and at once {self.sidebar()}"

    def two_links_at_once(self) -> str:
        return f"{self.sidebar()}, and at once {self.sidebar()}"

    def model(self) -> str:
        box = self.page.locator(".st-key-sentence-models button").first
        if not box.count():
            return self.sidebar()
        box.click()
        options = self.page.locator(".st-key-sentence-model_choice label:has(input)")
        expect(options.first).to_be_visible()
        options.nth(self.chance.randrange(options.count())).click()
        at_rest(self.page)
        self.page.keyboard.press("Escape")
        return "model"

    def example(self) -> str:
        box = self.page.locator(".st-key-sentence-examples button").first
        if not box.count():
            return self.sidebar()
        box.click()
        self.page.locator(".st-key-sentence-surprise button").click()
        at_rest(self.page)
        self.page.keyboard.press("Escape")
        self.sentence = self.field().input_value()
        return "example"

    def back(self) -> str:
        if not self.history:
            return self.sidebar()
        self.ahead.append((self.slug, self.sentence))
        self.slug, self.sentence = self.history.pop()
        self.page.go_back()
        return f"back to /{self.slug}"

    def forward(self) -> str:
        if not self.ahead:
            return self.back()
        self.history.append((self.slug, self.sentence))
        self.slug, self.sentence = self.ahead.pop()
        self.page.go_forward()
        return f"forward to /{self.slug}"

    def reload(self) -> str:
        before = view(self.page)
        self.page.reload()
        expect(self.page.locator("h1")).to_have_text([TITLES[self.slug]])
        assert view(self.page) == before, self.story() + "\nreload"
        return "reload"

    def copied_link(self) -> str:
        before = view(self.page)
        fresh = self.page.context.new_page()
        fresh.set_default_timeout(120_000)
        fresh.goto(self.page.url)
        expect(fresh.locator("h1")).to_have_text([TITLES[self.slug]])
        if "kept=" not in self.page.url:  # a sentence too long for a link stays in its own tab
            assert view(fresh) == before, self.story() + f"\ncopied link {self.page.url}"
        fresh.close()
        return "copied link"

    def step(self) -> None:
        acts = [
            (self.sidebar, 3), (self.link_in_the_page, 4), (self.arrow, 3), (self.type, 3),
            (self.mask, 2), (self.select, 1), (self.lift, 4), (self.control, 6),
            (self.control_then_link_at_once, 3),
            (self.two_links_at_once, 1), (self.model, 1), (self.example, 1), (self.back, 3),
            (self.forward, 1), (self.reload, 1), (self.copied_link, 1),
        ]  # fmt: skip
        act = self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        self.done.append(f"… {act.__name__}")
        said = act()
        self.done.pop()
        self.look(said)


@pytest.mark.parametrize("model", ["", *SHAPES])
def test_a_random_learner_never_loses_page_sentence_or_way(watched, course, walk, model, request):
    learner = Learner(watched, f"{walk} {model}".strip())
    watched.page.goto(f"{course.url}/?model={model}" if model else course.url)
    learner.look("home")
    start = time.monotonic()
    try:
        for _ in range(request.config.getoption("--steps") // (5 if model else 1)):
            learner.step()
    finally:
        took = time.monotonic() - start
        print(f"walk {walk}: {len(learner.done)} steps in {took:.0f} s\n{learner.story()}")
