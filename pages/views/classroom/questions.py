"""Questions that a teacher can put to a room, each with the answer that model or course gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lessons.attention.detective import BROAD, MIXED, ROLES, Roles, roles_of
from lessons.catalog import catalog
from lessons.masking.compute import gaps, predict
from lessons.schema import Lesson
from lessons.word_senses.compute import describe_verdict, verdict, word_vectors
from lessons.word_senses.examples import Example, SenseWord, occurrences, sense_words
from pages.rooms.board import LETTERS, Asked, RoomError, clean

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
    answers = [question.answers[i] for i in lesson.orders("")[id_]]
    right = next(i for i, answer in enumerate(answers) if answer.correct)
    return Asked(
        "quiz",
        question.prompt,
        options=tuple(answer.text for answer in answers),
        answer={"option": right, "note": answers[right].feedback},
    )


# --- drafts: questions before they are put to a room


FIELDS: dict[str, tuple[type, ...]] = {
    "kind": (str,), "prompt": (str,), "options": (list,), "right": (list,), "note": (str,),
    "scale": (bool,), "text": (str,), "word": (str,), "lesson": (str,), "id": (str,),
    "layer": (int,), "head": (int,),
}  # fmt: skip
NEEDS = {
    "own": ("prompt",), "hidden word": ("text",), "which head": ("text", "layer", "head"),
    "which sense": ("text", "word"), "quiz": ("lesson", "id"),
}  # fmt: skip
GAP_MARKS = re.compile(r"\[\[(.+?)\]\]")
LONGEST = {"prompt": LONGEST_PROMPT, "text": 600, "note": 600}


def checked(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft with nothing in it but what a question has. Raises RoomError for a wrong one."""
    for name, value in draft.items():
        if name not in FIELDS:
            raise RoomError(f"{name} is no part of a question.")
        if type(value) not in FIELDS[name]:
            raise RoomError(f"{name} must be {FIELDS[name][0].__name__}.")
    kind = draft.get("kind", "own")
    if kind not in NEEDS:
        raise RoomError(f"there is no kind “{clean(kind, 40)}”.")
    for name in NEEDS[kind]:
        if draft.get(name) in (None, ""):
            raise RoomError(f"{name} is missing.")
    kept = dict(draft)
    for name, longest in LONGEST.items():
        if name in kept:
            kept[name] = clean(kept[name], longest)
    if kind == "own":
        _own(kept)
    elif kind == "hidden word" and not GAP_MARKS.search(kept["text"]):
        raise RoomError("write [[ and ]] around the word to hide.")
    return kept


def lines(text: str) -> list[str]:
    """The answers of a teacher's own question, as typed one a line."""
    cleaned = (clean(line, LONGEST_OPTION) for line in text.splitlines())
    return list(dict.fromkeys(line for line in cleaned if line))


def _own(draft: Mapping[str, Any]) -> Asked:
    options = lines("\n".join(map(str, draft.get("options", ()))))
    if len(options) == 1 or len(options) > MOST_OPTIONS:
        raise RoomError(f"give 2 to {MOST_OPTIONS} answers, or none at all.")
    right = sorted({_place(letter, len(options)) for letter in draft.get("right", ())})
    takes = "scale" if draft.get("scale") else "several" if len(right) > 1 else ""
    context: dict[str, Any] = {"takes": takes} if takes and options else {}
    if draft.get("text"):
        context["text"] = draft["text"]
    answer: dict[str, Any] = {"options": right} if right else {}
    if draft.get("note"):
        answer["note"] = draft["note"]
    return Asked("own", draft["prompt"], tuple(options), context, answer)


def _place(letter: object, count: int) -> int:
    place = LETTERS.find(str(letter).strip().upper()) if str(letter).strip() else -1
    if not 0 <= place < count or len(str(letter).strip()) != 1:
        raise RoomError(f"right names no answer: “{clean(str(letter), 20)}”.")
    return place


def build(draft: Mapping[str, Any], model: Callable[[], LoadedModel]) -> Asked:
    """The question that a draft becomes when it is asked; the model answers then.

    Raises RoomError for what cannot be asked, ModelUnavailable without the model.
    """
    draft = checked(draft)
    kind, text = draft.get("kind", "own"), draft.get("text", "")
    if kind == "quiz":
        return _of_the_quiz(draft)
    if kind == "own":
        return _own(draft)
    if kind == "hidden word":
        plain_text, spans = _unmarked(text)
        encoding = model().encode(plain_text)
        masks = tuple(
            i for i, place in enumerate(encoding.offsets)
            if place is not None and any(a < place[1] and place[0] < b for a, b in spans)
        )  # fmt: skip
        return _with_prompt(hidden_word(model(), encoding, masks), draft)
    if kind == "which head":
        layer, head = draft["layer"] - 1, draft["head"] - 1
        spec = model().spec
        if not (0 <= layer < spec.layers and 0 <= head < spec.heads):
            raise RoomError("The chosen model has no such layer or head.")
        return _with_prompt(which_head(model(), model().encode(text), layer, head), draft)
    known = words_with_senses(text)
    if draft["word"] not in known:
        raise RoomError(f"“{draft['word']}” is none of the course's ambiguous words in this text.")
    word, span = known[draft["word"]]
    return _with_prompt(which_sense(model(), text, word, span), draft)


def _with_prompt(asked: Asked, draft: Mapping[str, Any]) -> Asked:
    """A prompt or a note of the draft's own stands in the place of the usual one."""
    answer = dict(asked.answer)
    if draft.get("note"):
        answer["note"] = f"{answer.get('note', '')} {draft['note']}".strip()
    return replace(asked, prompt=draft.get("prompt") or asked.prompt, answer=answer)


def _of_the_quiz(draft: Mapping[str, Any]) -> Asked:
    lessons = {lesson.slug: lesson for lesson in catalog()}
    lesson = lessons.get(draft["lesson"])
    if lesson is None or draft["id"] not in {question.id for question in lesson.quiz}:
        raise RoomError("the course has no such quiz question.")
    return quiz_question(lesson, draft["id"])


def _unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without the marks around its gaps, and where these are."""
    plain_text, spans, last = "", [], 0
    for mark in GAP_MARKS.finditer(text):
        plain_text += text[last : mark.start()]
        spans.append((len(plain_text), len(plain_text) + len(mark[1])))
        plain_text += mark[1]
        last = mark.end()
    return plain_text + text[last:], spans


def marked(encoding: Encoding, masks: tuple[int, ...]) -> str:
    """The sentence as a draft has it, with marks around its hidden words."""
    text = encoding.text
    spans: list[tuple[int, int]] = []
    for i in sorted(masks):
        place = encoding.offsets[i]
        if place is None or encoding.sentence_ids[i] not in (0, None):
            continue
        if spans and place[0] <= spans[-1][1]:
            spans[-1] = (spans[-1][0], place[1])
        else:
            spans.append((place[0], place[1]))
    for start, end in reversed(spans):
        text = f"{text[:start]}[[{text[start:end]}]]{text[end:]}"
    return text


def said(draft: Mapping[str, Any]) -> str:
    """A draft in one line."""
    kind = draft.get("kind", "own")
    if kind == "quiz":
        try:
            return _of_the_quiz(draft).prompt
        except RoomError as reason:
            return str(reason)
    if kind == "which head":
        return f"Which head: layer {draft['layer']}, head {draft['head']} on “{draft['text']}”"
    if kind == "which sense":
        return f"Which “{draft['word']}”: {draft['text']}"
    return str(draft.get("prompt") or f"Hidden word: {draft['text']}")
