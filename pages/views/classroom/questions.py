"""Questions that a teacher can put to a room, each with the answer that model or course gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lessons.attention.detective import BROAD, MIXED, ROLES, Roles, roles_of
from lessons.masking.compute import gaps, predict
from lessons.schema import Lesson
from lessons.word_senses.compute import describe_verdict, verdict, word_vectors
from lessons.word_senses.examples import Example, SenseWord, occurrences, sense_words
from pages.rooms.board import Asked, RoomError, clean

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel

LONGEST_PROMPT, LONGEST_OPTION, MOST_OPTIONS = 300, 160, 8
LONGEST_MAP = 24  # tokens of a head's map; more cannot be read from the back of a room
GAP = "____"
NO_ROLE = {BROAD: "everywhere, widely spread", MIXED: "no simple role"}


def hidden_word(model: LoadedModel, encoding: Encoding, masks: tuple[int, ...]) -> Asked:
    """Guess the first hidden word of the sentence. Raises RoomError where nothing is hidden."""
    found = gaps(model, encoding, masks)
    if not found:
        raise RoomError("Hide a word of the sentence first: choose it in the ribbon.")
    gap = found[0]
    predictions = {p.position: p for p in predict(model, encoding, masks)}
    text = (encoding.text, encoding.pair or "")[gap.sentence]
    for other in reversed([g for g in found if g.sentence == gap.sentence]):
        text = text[: other.span[0]] + GAP + text[other.span[1] :]
    many = "first " if len(found) > 1 else ""
    note = f"The sentence had “{gap.original}”." if gap.original else ""
    if len(gap.positions) > 1:
        note += f" The model sees {len(gap.positions)} masks there; these are for the first."
    words = [[model.readable(w), p] for w, p in predictions[gap.positions[0]].words]
    return Asked(
        "hidden word",
        f"Which word belongs in the {many}gap?",
        context={"text": text},
        answer={
            "words": words,
            "note": note.strip(),
            "sentence": encoding.text,
            "gap": {
                "model": model.spec.name,
                "text": encoding.text,
                "pair": encoding.pair,
                "masks": [position for g in found for position in g.positions],
                "position": gap.positions[0],
            },
        },
    )


def telling_heads(roles: Roles) -> list[tuple[int, int]]:
    """Layer and head of those that have a role on this input, the clearest first."""
    named = [
        (label.share, layer, head)
        for layer, row in enumerate(roles.labels)
        for head, label in enumerate(row)
        if label.role in ROLES
    ]
    return [(layer, head) for _, layer, head in sorted(named, reverse=True)]


def which_head(model: LoadedModel, encoding: Encoding, layer: int, head: int) -> Asked:
    """What does this head do? Layer and head count from 0. Raises RoomError for a long sentence."""
    if len(encoding) > LONGEST_MAP:
        raise RoomError(f"Take a sentence of at most {LONGEST_MAP} tokens: the map must be read.")
    trace = model.trace(encoding)
    label = roles_of(trace).labels[layer][head]
    names = {**ROLES, **NO_ROLE}
    weights = np.round(100 * trace.attention_weights[layer, head]).astype(int)
    return Asked(
        "which head",
        "Where does this head look?",
        options=tuple(name[:1].upper() + name[1:] for name in names.values()),
        context={"tokens": list(trace.tokens), "percent": weights.tolist()},
        answer={
            "option": list(names).index(label.role),
            "note": f"This is layer {layer + 1}, head {head + 1}. {label.words}",
            "sentence": encoding.text,
            "layer": layer + 1,
            "head": head + 1,
        },
    )


def words_with_senses(text: str) -> dict[str, tuple[SenseWord, tuple[int, int]]]:
    """The ambiguous words of the course that stand in a text, each with where it first does."""
    found = {}
    for word in sense_words().values():
        spans = occurrences(text, word.word, word.forms)
        if spans:
            found[word.word] = (word, spans[0])
    return found


def which_sense(model: LoadedModel, text: str, word: SenseWord, span: tuple[int, int]) -> Asked:
    """Which sense has the word at ``span`` (characters) of the text?"""
    known = word_vectors(model, word.examples)[-1]
    new = word_vectors(model, [Example(text, span, "")])[-1, 0]
    found = verdict(known, word.labels, new)
    options = tuple(
        f"{name}: {meaning}" if meaning else name for name, meaning in word.senses.items()
    )
    return Asked(
        "which sense",
        f"Which “{word.word}” is meant?",
        options=options,
        context={"text": Example(text, span, "").marked},
        answer={"option": found.sense, "note": describe_verdict(word, found)},
    )


def quiz_question(lesson: Lesson, id_: str) -> Asked:
    """A question of a lesson's quiz, its answers in one order for the whole room."""
    question = next(q for q in lesson.quiz if q.id == id_)
    answers = [question.answers[i] for i in question.order(lesson.slug)]
    right = next(i for i, answer in enumerate(answers) if answer.correct)
    return Asked(
        "quiz",
        question.prompt,
        options=tuple(answer.text for answer in answers),
        answer={"option": right, "note": answers[right].feedback},
    )


def own_question(prompt: str, options: str) -> Asked:
    """The teacher's own: ``options`` one a line, or none for answers in words."""
    prompt = clean(prompt, LONGEST_PROMPT)
    cleaned = (clean(line, LONGEST_OPTION) for line in options.splitlines())
    lines = list(dict.fromkeys(line for line in cleaned if line))
    if not prompt:
        raise RoomError("Write your question first.")
    if len(lines) == 1 or len(lines) > MOST_OPTIONS:
        raise RoomError(f"Give 2 to {MOST_OPTIONS} answers, one a line, or none at all.")
    return Asked("own", prompt, options=tuple(lines))
