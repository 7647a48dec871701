"""Sorting documents into folders by a few examples, or by nothing but a description."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..engine import tasks
from ..engine.tasks import DataError
from ..engine.trace import Floats
from .compute import DATA, Numbers, counted, in_parts, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .compute import Parts

CENTROID, REGRESSION = "nearest center", "logistic regression"
METHODS = (CENTROID, REGRESSION)
BAG = "bag of words"
DESCRIBED = "description alone"

MOST_FOLDERS = 12
MOST_EXAMPLES = 40
LARGEST_FILE = 1_000_000  # bytes
COUNTS = (1, 2, 4, 8)
DRAWS = 5
FOLDS = 5
SEED = 1


@dataclass(frozen=True)
class Folder:
    """A folder, and texts that say what belongs into it."""

    name: str
    examples: tuple[str, ...]


class FolderError(ValueError):
    """The folders can't be used; the message is a sentence for the learner."""


def read_folders(text: str) -> tuple[Folder, ...]:
    """Folders, one a line: ``name: description``, or several examples with ``|`` between them.

    A name alone describes itself. Raises FolderError with the line.
    """
    found: dict[str, Folder] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, _, rest = line.partition(":")
        name = " ".join(name.split())[:40]
        if not line.strip():
            continue
        if not re.search(r"\w", name):
            raise FolderError(f"Line {number} has no name: write name: description.")
        if name in found:
            raise FolderError(f"Line {number}: there is a folder called {name} already.")
        parts = [" ".join(part.split())[:600] for part in rest.split("|")]
        examples = tuple(part for part in parts if re.search(r"\w", part))[:MOST_EXAMPLES]
        found[name] = Folder(name, examples or (name,))
    if not 2 <= len(found) <= MOST_FOLDERS:
        raise FolderError(f"Write 2 to {MOST_FOLDERS} folders, one on each line.")
    return tuple(found.values())


@dataclass(frozen=True)
class Inbox:
    """Documents of our own to sort, and two sets of folders for them."""

    documents: tuple[str, ...]
    described: str
    by_examples: str


@lru_cache(maxsize=1)
def inbox() -> Inbox:
    """Messages and folders of ``assets/data/applications``."""

    def read(name: str) -> str:
        return (DATA / name).read_text(encoding="utf-8").strip()

    return Inbox(
        tuple(read("messages.txt").splitlines()),
        read("folders.txt"),
        read("folders_by_examples.txt"),
    )


def read_documents(data: bytes, name: str) -> Parts:
    """Documents of a file: the column ``text`` of a CSV, or a TXT with one on each line.

    Raises DataError with the line for a file that is too large, not text, or not a table.
    """
    if len(data) > LARGEST_FILE:
        raise DataError(name, 1, "the file is larger than 1 MB: keep a part of it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(name, line, "this is not UTF-8 text: save it as UTF-8") from None
    if not name.casefold().endswith(".csv"):
        return in_parts(text, whole_lines=True)
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True
    )
    rows: list[str] = []
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        if header.count("text") != 1:
            raise DataError(name, 1, "the first line must have one column called text")
        at = header.index("text")
        for cells in reader:
            if cells and len(cells) <= at:
                raise DataError(name, reader.line_num, f"only {counted(len(cells), 'cell')}")
            rows += [" ".join(cells[at].split())] if cells else []
    except csv.Error as error:
        raise DataError(name, reader.line_num, f"this line can't be read ({error})") from None
    return in_parts("\n".join(rows), whole_lines=True)


# --- sorting ------------------------------------------------------------------------------------


def centers(vectors: Floats, labels: Sequence[int]) -> Floats:
    """The mean of each label's unit vectors, of length 1: (N, D) → (K, D)."""
    at = np.asarray(labels)
    means = np.stack([vectors[at == label].mean(axis=0) for label in range(max(labels) + 1)])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)  # type: ignore[no-any-return]


def fit_and_score(method: str, vectors: Floats, labels: Sequence[int], others: Floats) -> Numbers:
    """Learn from labelled vectors (N, D); scores of other vectors for each label: (M, K).

    For `CENTROID` cosines, for `REGRESSION` probabilities.
    """
    if method == CENTROID:
        return np.asarray(others @ centers(vectors, labels).T, dtype=np.float64)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, max_iter=1000).fit(vectors, labels)
    return np.asarray(model.predict_proba(others))


@dataclass(frozen=True)
class Sorted:
    """A document in its folder; ``lead`` is how far that folder is ahead of the second."""

    text: str
    folder: str
    score: float
    second: str
    lead: float


def sort(
    documents: Sequence[str], folders: Sequence[Folder], scores: Numbers, least_lead: float
) -> list[Sorted]:
    """Each document with its best folder; "" where the lead is too small to say."""
    found = []
    for text, row in zip(documents, scores, strict=True):
        second, first = np.argsort(row, kind="stable")[-2:]
        lead = float(row[first] - row[second])
        name = folders[first].name if lead >= least_lead else ""
        found.append(Sorted(text, name, float(row[first]), folders[second].name, lead))
    return found


def describe_sorted(found: Sequence[Sorted], folders: Sequence[Folder]) -> str:
    """How many documents went where."""
    sizes = {folder.name: sum(d.folder == folder.name for d in found) for folder in folders}
    said = ", ".join(f"{name} {n}" for name, n in sizes.items() if n) or "none sorted"
    left = sum(not d.folder for d in found)
    return f"{counted(len(found), 'document')}: {said}; {left} left for you."


def as_csv(found: Sequence[Sorted]) -> str:
    """The result as a table for other programs.

    A cell that begins like a formula gets an apostrophe: a spreadsheet must not run it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["text", "folder", "score", "second", "lead"])
    for row in found:
        text, folder, second = (
            f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
            for cell in (row.text, row.folder, row.second)
        )
        writer.writerow([text, folder, f"{row.score:.3f}", second, f"{row.lead:.3f}"])
    return out.getvalue()


# --- measured on our topics ---------------------------------------------------------------------


@lru_cache(maxsize=1)
def labelled() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Our sentences with exactly one topic, and the number of that topic."""
    rows = [row for row in tasks.topics() if len(row.labels) == 1]
    return (
        tuple(row.text for row in rows),
        tuple(tasks.TOPICS.index(row.labels[0]) for row in rows),
    )


def bag_scores(texts: Sequence[str], labels: Sequence[int], others: Sequence[str]) -> Numbers:
    """The same from counted words alone: TF-IDF and logistic regression, (M, K)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+")
    model = make_pipeline(words, LogisticRegression(C=10.0, max_iter=1000)).fit(texts, labels)
    return np.asarray(model.predict_proba(others))


@dataclass(frozen=True)
class Learned:
    """Accuracy with a number of examples for each topic: mean over draws, lowest, highest."""

    count: int
    mean: float
    low: float
    high: float


def few_shot(vectors: Floats, seed: int = SEED) -> dict[str, list[Learned]]:
    """Accuracy on all other sentences, learned from 1, 2, 4 … examples a topic, by each method.

    Each count is drawn `DRAWS` times, the same draws for every method.
    """
    texts, labels = labelled()
    found: dict[str, list[Learned]] = {method: [] for method in (*METHODS, BAG)}
    generator = np.random.default_rng(seed)
    at = np.asarray(labels)
    for count in COUNTS:
        scores: Mapping[str, list[float]] = {method: [] for method in found}
        for _ in range(DRAWS):
            own = np.concatenate(
                [
                    generator.choice(np.flatnonzero(at == k), count, replace=False)
                    for k in range(len(tasks.TOPICS))
                ]
            )
            rest = np.setdiff1d(np.arange(len(at)), own)
            for method in found:
                said = _scores(method, texts, vectors, at, own, rest).argmax(axis=1)
                scores[method].append(float((said == at[rest]).mean()))
        for method, values in scores.items():
            found[method].append(Learned(count, float(np.mean(values)), min(values), max(values)))
    return found


def _scores(
    method: str,
    texts: Sequence[str],
    vectors: Floats,
    at: NDArray[np.int64],
    own: NDArray[np.int64],
    rest: NDArray[np.int64],
) -> Numbers:
    if method == BAG:
        return bag_scores([texts[i] for i in own], at[own].tolist(), [texts[i] for i in rest])
    return fit_and_score(method, vectors[own], at[own].tolist(), vectors[rest])


def cross_validated(method: str, vectors: Floats, seed: int = SEED) -> Numbers:
    """Scores (N, K) of each of our sentences by a model that did not learn from it.

    The sentences are cut into `FOLDS` parts; each part is scored by a model of the others.
    """
    from sklearn.model_selection import StratifiedKFold

    texts, labels = labelled()
    at = np.asarray(labels)
    scores = np.zeros((len(at), len(tasks.TOPICS)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for own, rest in folds.split(np.zeros(len(at)), at):
        scores[rest] = _scores(method, texts, vectors, at, own, rest)
    return scores


def accuracy(scores: Numbers) -> float:
    """Share of our sentences whose best score is that of their topic."""
    return float((scores.argmax(axis=1) == np.asarray(labelled()[1])).mean())


def sure(scores: Numbers, least_lead: float) -> tuple[float, float | None]:
    """(share that is sorted, share of these that is right) when small leads are left out."""
    ordered = np.sort(scores, axis=1)
    keeps = ordered[:, -1] - ordered[:, -2] >= least_lead
    right = scores.argmax(axis=1) == np.asarray(labelled()[1])
    return float(keeps.mean()), float(right[keeps].mean()) if keeps.any() else None


def describe_sure(scores: Numbers, least_lead: float, method: str) -> str:
    """What the limit costs and gains on our sentences."""
    share, right = sure(scores, least_lead)
    said = f"On our {len(scores)} sentences, by {method} in {FOLDS}-fold cross-validation"
    if right is None:
        return f"{said}, no sentence has so large a lead."
    return (
        f"{said}, {percent(share)} have that lead, and {percent(right)} of them are sorted right "
        f"(without a limit {percent(accuracy(scores))})."
    )


def describe_few_shot(found: Mapping[str, Sequence[Learned]], described: float) -> str:
    """Vectors against counted words, with few examples and with many."""
    few, many = found[CENTROID][0], found[CENTROID][-1]
    return (
        f"With {counted(few.count, 'example')} a topic: vectors {percent(few.mean)}, counted words "
        f"{percent(found[BAG][0].mean)}. With {many.count}: {percent(many.mean)} and "
        f"{percent(found[BAG][-1].mean)}. By a description, with no example: {percent(described)}."
    )
