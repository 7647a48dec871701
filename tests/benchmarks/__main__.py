"""``make bench``: speed and memory of the app on this machine. Prints, asserts nothing.

``make bench ARGS="rerun first_paint"`` runs some of the measurements.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

SENTENCE = (
    "Yesterday evening the old captain told the children a long story about a storm, "
    "a lost ship and a lighthouse keeper"
)  # 20 words
RUNS = 30


def report(what: str, seconds: list[float], budget: str) -> None:
    """One line: median, 95th percentile, and the budget of the design beside them."""
    ms = sorted(1000 * second for second in seconds)
    p95 = ms[min(len(ms) - 1, round(0.95 * (len(ms) - 1)))]
    print(f"{what:58} median {statistics.median(ms):7.0f} ms   p95 {p95:7.0f} ms   ({budget})")


@contextmanager
def opened_page(url: str) -> Iterator:
    """A browser page."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.browser import FLAGS, find

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto("about:blank")
        yield page
        browser.close()


def first_paint() -> None:
    """Server start → home is on the screen, and → the first live prediction."""
    from tests.e2e.server import running_app

    painted, predicted = [], []
    for times, query, sight in (
        (painted, "", ".st-key-journey .piece"),
        (predicted, "?mask=5", ".st-key-journey .predictions li"),
    ):
        for _ in range(3):
            with opened_page("") as page, running_app() as app:
                page.goto(f"{app.url}/{query}")
                page.wait_for_selector(sight)
                times.append(time.perf_counter() - app.started)
    report("server start → first paint of home", painted, "budget 2.0 s")
    report("server start → first live prediction", predicted, "budget 4 s")


def rerun() -> None:
    """Server time of one rerun of home and of each step on a new sentence of 20 words, warm."""
    from lessons.catalog import catalog
    from pages.ui import resources
    from tests.opening import open_page

    model = resources.model("minilm-mlm")
    bare = []
    for i in range(RUNS):
        start = time.perf_counter()
        model.trace(f"{SENTENCE} {i}")
        bare.append(time.perf_counter() - start)
    report("bare forward pass with everything kept", bare, "for comparison")
    every = []
    places = [(x.slug, step.slug) for x in catalog() for step in x.experiments if step.sentence]
    for slug, step in [("home", ""), *places]:
        app = open_page(slug, step=step or None)
        times = []
        for i in range(RUNS + 3):
            start = time.perf_counter()
            app.text_input(key="sentence.text").set_value(f"{SENTENCE} {i}").run()
            times.append(time.perf_counter() - start)
        every += times[3:]
        report(f"rerun of {slug} {step}, new sentence of 20 words", times[3:], "budget 40 / 80 ms")
    report("rerun of any step, new sentence of 20 words", every, "budget 40 / 80 ms")


def page_switch() -> None:
    """Click on a lesson in the sidebar → its page is on the screen, in the browser."""
    from lessons.catalog import catalog
    from tests.e2e.server import running_app

    lessons = catalog()
    with running_app() as app, opened_page("") as page:
        page.goto(f"{app.url}/?mask=5")
        page.wait_for_selector(".predictions li", timeout=60_000)
        sidebar = page.get_by_test_id("stSidebar")
        times = []
        for _ in range(8):
            for title in (*(lesson.title for lesson in lessons), "Inside BERT"):
                start = time.perf_counter()
                sidebar.get_by_text(title, exact=True).click()
                page.locator("h1", has_text=title).wait_for()
                page.locator(".st-key-ribbon .chip").first.wait_for()
                times.append(time.perf_counter() - start)
                page.wait_for_timeout(300)
        report("page switch, seen in the browser", times[len(lessons) + 1 :], "budget 300 ms")


def typing() -> None:
    """A new sentence of 20 words is committed → the page shows it, in the browser."""
    from lessons.catalog import catalog
    from tests.e2e.server import running_app

    with running_app() as app, opened_page("") as page:
        for lesson in catalog():
            page.goto(f"{app.url}/{lesson.slug}")
            page.wait_for_selector(".st-key-ribbon .chip", timeout=60_000)
            idle = '[data-testid="stApp"][data-test-script-state="notRunning"]'
            page.wait_for_selector(idle, timeout=60_000)
            field = page.get_by_role("textbox", name="Your sentence", exact=True)
            times = []
            for i in range(12):
                field.fill(f"{SENTENCE} number{i}")
                start = time.perf_counter()
                field.press("Enter")
                page.locator(".st-key-ribbon .chip", has_text=f"{i}").last.wait_for()
                page.wait_for_selector(idle)
                times.append(time.perf_counter() - start)
                page.wait_for_timeout(200)
            report(f"new sentence on {lesson.slug}, until idle", times[2:], "budget 150 ms")


def memory() -> None:
    """Memory of a serving process after every step of every lesson was opened."""
    import asyncio

    import psutil

    from tests.benchmarks.load import warm
    from tests.e2e.server import running_app

    with running_app() as app:
        asyncio.run(warm(app.url))
        used = psutil.Process(app.process.pid).memory_full_info()
    print(
        f"{'memory after every page was opened':58} {used.rss / 1e6:.0f} MB, of which "
        f"{used.uss / 1e6:.0f} MB are this process's alone   (budget 500 MB)"
    )


def model() -> None:
    """Loading the bundled model, and filling a mask in a sentence of 20 tokens."""
    code = (
        "import time, torch, lessons.engine.model as _; from lessons.engine import load_model;"
        "torch.set_num_threads({threads}); t = time.perf_counter(); m = load_model('minilm-mlm');"
        "text = 'the old man sat down by the [MASK] and told a very long story to his two dogs .';"
        "m.fill_mask(text); first = time.perf_counter() - t; times = []\n"
        "for _ in range(40): t = time.perf_counter(); m.fill_mask(text);"
        " times.append(time.perf_counter() - t)\n"
        "print(first, sorted(times)[20])"
    )
    root = Path(__file__).parents[2]
    for threads in (1, 2):
        out = subprocess.run(
            [sys.executable, "-c", code.format(threads=threads)],
            cwd=root, capture_output=True, check=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )  # fmt: skip
        first, median = map(float, out.stdout.split())
        print(
            f"{f'bundled model, {threads} thread(s)':58} loaded and first prediction {first:.2f} s,"
            f" then {1000 * median:.1f} ms each   (budget 2 s / 30 ms)"
        )


def training() -> None:
    """Steps a second of the gym's training step, beside the same model in plain transformers.

    Same weights, same batches, same optimizer, one thread; the two take turns, so that a busy
    machine slows both.
    """
    import torch
    from transformers import BertConfig
    from transformers import BertForPreTraining as Theirs

    from lessons.pretraining.training import RULES, PreTraining, masked, train_step

    torch.set_num_threads(1)
    run = PreTraining({})
    settings = run.settings
    config = BertConfig(**run.config.to_dict(), attn_implementation="eager")
    theirs = Theirs(config)
    theirs.load_state_dict(run.model.state_dict(), strict=False)
    optimizer = torch.optim.AdamW(
        theirs.parameters(), lr=settings.learning_rate, weight_decay=0.01, fused=True
    )
    times: dict[str, list[float]] = {"ours": [], "transformers": []}
    for i in range(110):
        chosen = torch.randint(len(run.train), (settings.batch_size,), generator=run.batches)
        batch = run.train.rows(chosen)
        shares = RULES[settings.rule].shares
        ids, labels = masked(batch.input_ids, 0.15, shares, run.config.vocab_size, run.masks)
        hidden = replace(batch, input_ids=ids)
        start = time.perf_counter()
        ours_loss, _ = train_step(
            run.model, run.optimizer, hidden, labels, settings.learning_rate, next_sentence=False
        )
        middle = time.perf_counter()
        optimizer.zero_grad()
        logits = theirs(
            input_ids=ids, token_type_ids=batch.token_type_ids, attention_mask=batch.attention_mask
        ).prediction_logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        optimizer.step()
        end = time.perf_counter()
        if i >= 10:
            times["ours"].append(middle - start)
            times["transformers"].append(end - middle)
        elif i == 0:
            print(f"{'first loss, ours and theirs':58} {ours_loss:.4f} {float(loss):.4f}")
    for name, seconds in times.items():
        report(f"gym: training step, {name}", seconds, "ours at least as fast")
        print(f"{'':58} {1 / statistics.median(seconds):.0f} steps a second")


MEASUREMENTS: dict[str, Callable[[], None]] = {
    f.__name__: f for f in (first_paint, rerun, typing, page_switch, memory, model, training)
}


def main() -> None:
    """Run the measurements named on the command line, or all."""
    wrong = [name for name in sys.argv[1:] if name not in MEASUREMENTS]
    if wrong:
        sys.exit(f"no measurement called {wrong[0]}; there are {', '.join(MEASUREMENTS)}")
    for name in sys.argv[1:] or MEASUREMENTS:
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
