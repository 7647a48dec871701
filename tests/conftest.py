"""Holds for all tests: one thread, chance by a printed seed, tiny checkpoints and small sets."""

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

# Must stand before torch is first imported: threads of torch and tests fight over few processors.
os.environ["OMP_NUM_THREADS"] = "1"
# Tests wait for their trainings, which would give way to all other tests.
os.environ["INSIDE_BERT_NICENESS"] = "0"


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="what tests that draw by chance draw")
    parser.addoption("--every", action="store_true", help="try all that is else drawn by chance")
    parser.addoption("--walks", type=int, default=1, help="how many random learners walk")
    parser.addoption("--first-walk", type=int, default=0, help="the number of the first of them")
    parser.addoption("--steps", type=int, default=100, help="how far each of them walks")
    parser.addoption("--workers", type=int, default=1, help="processes behind the browser tests")
    parser.addoption("--shuffle", action="store_true", help="run the tests in an order by chance")


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.option.seed = config.workerinput["seed"]  # all workers draw the same
    elif config.getoption("seed") is None:
        config.option.seed = random.SystemRandom().randrange(10**6)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Xdist starts a worker."""
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config):
    return f"seed: {config.getoption('seed')} (draw the same again with --seed)"


def pytest_terminal_summary(terminalreporter, config):
    if terminalreporter.stats.get("failed"):
        terminalreporter.write_line(f"These tests drew by --seed={config.getoption('seed')}")


def pytest_collection_modifyitems(config, items):
    if config.getoption("shuffle"):
        random.Random(config.getoption("seed")).shuffle(items)


def share(config: pytest.Config, name: str, of: Sequence[T], number: int) -> list[T]:
    """As many of them, drawn by ``--seed``; all with ``--every``."""
    if config.getoption("every"):
        return list(of)
    drawn = random.Random(f"{config.getoption('seed')} {name}").sample(of, number)
    return sorted(drawn, key=of.index)


@pytest.fixture
def chance(request) -> random.Random:
    """What a test draws by: the same for the same test and ``--seed``, which a failure shows."""
    seed = f"{request.config.getoption('seed')} {request.node.nodeid}"
    print(f"seed: {seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def every(request) -> bool:
    """Whether to try all that is else drawn by chance."""
    return bool(request.config.getoption("every"))


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Path:
    """Tiny checkpoints of another shape, as a learner may have them in a folder."""
    from tests.checkpoints import FAMILIES, make, make_bert  # brings transformers

    root = tmp_path_factory.mktemp("models")
    make_bert(root / "own-bert")
    make(FAMILIES["roberta"], root / "own-roberta")
    return root


@pytest.fixture
def small_classification_sets(monkeypatch):
    """All sets of the heads cut to a few rows of every label, and few looks at them."""
    from lessons.classification_heads import sets, training

    whole = sets.material

    def few(settings):
        given = whole(settings)
        return sets.Material(given.labels, given.train[::13], given.dev[:12])

    monkeypatch.setattr(sets, "material", few)
    monkeypatch.setattr(training, "MOMENTS", 2)


@pytest.fixture
def small_fine_tuning_sets(monkeypatch):
    """All sets of fine-tuning cut to a few rows from all over, so that all labels are there."""
    from lessons.engine import tasks
    from lessons.fine_tuning import training

    def few(split):
        return tasks.Split(*(side[:: -(-len(side) // 12)] for side in (split.train, split.dev)))

    for name in (
        "split_labelled",
        "split_sentiment",
        "split_names",
        "split_questions",
        "split_pairs",
    ):
        original = getattr(tasks, name)
        monkeypatch.setattr(tasks, name, lambda *a, original=original: few(original(*a)))
    monkeypatch.setattr(training, "MASKED_WORDS", 8)


@pytest.fixture
def few_sentences(monkeypatch):
    """What the variants train on and are held out cut to a handful of sentences."""
    from lessons.variants import detection, distillation
    from lessons.variants.sentences import Sentences, sentences

    every = sentences()
    small = Sentences(every.train[:40], every.held_out[:12])
    for module in (detection, distillation):
        monkeypatch.setattr(module, "sentences", lambda: small)
    return small


@pytest.fixture
def few_partners(monkeypatch):
    """The pairs of sentences that belong together cut to a handful."""
    from lessons.engine import tasks

    whole = tasks.split_partners()
    few = tasks.Split(whole.train[:8], whole.dev[:10])
    monkeypatch.setattr(tasks, "split_partners", lambda: few)
    return few


@pytest.fixture
def few_questions(monkeypatch):
    """Questions for a second look, to learn from and to measure on, cut to a handful."""
    from lessons.applications import reranking, second_look

    pairs, test = reranking.training_pairs(), reranking.test_questions()
    chosen = [*test[:2], *test[14:16]]
    monkeypatch.setattr(reranking, "training_pairs", lambda: pairs[::23])
    monkeypatch.setattr(reranking, "test_questions", lambda: tuple(chosen))
    second_look.prepared.cache_clear()
    yield chosen
    second_look.prepared.cache_clear()
