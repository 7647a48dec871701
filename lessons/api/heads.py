"""Single heads: silenced, measured one by one, and put to the test on grammar.

Heads are (layer, head), both counted from 1, as on the screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..attention import detective, importance
from ..attention.importance import How
from ..engine.trace import Floats

if TYPE_CHECKING:
    import pandas as pd

    from ..engine.model import Edits, LoadedModel

WAYS: tuple[How, ...] = ("silent", "even")


def silence(heads: Iterable[tuple[int, int]], how: How = "silent") -> Edits:
    """Edits that silence heads, given as (layer, head), both counted from 1.

    Hand them to ``edits=`` of `trace`, `fill_mask`, `next_sentence`, `embed` or `word_vector`.
    "silent" replaces what a head hands on by zeros (Michel et al. 2019, *Are Sixteen Heads Really
    Better than One?*, §2.3); "even" lets it look at all tokens alike. Several edits go together as
    dictionaries do: ``silence(a) | silence(b)``.

    Raises ValueError for heads that are no pairs of numbers from 1, or another way.

    >>> list(silence([(2, 1), (2, 5), (6, 3)]))
    ['layer.1.head_outputs', 'layer.5.head_outputs']
    """
    if how not in WAYS:
        raise ValueError(f"how is {' or '.join(map(repr, WAYS))}, not {how!r}")
    chosen = []
    for pair in heads:
        numbers = pair if isinstance(pair, tuple | list) and len(pair) == 2 else (0, 0)
        if not all(isinstance(number, int | np.integer) and number >= 1 for number in numbers):
            raise ValueError(f"a head is (layer, head), both counted from 1, not {pair!r}")
        chosen.append((int(numbers[0]) - 1, int(numbers[1]) - 1))
    return importance.edits_for(sorted(set(chosen)), how)


def each_head(model: LoadedModel, text: str, pair: str | None = None) -> pd.DataFrame:
    """What each head alone matters to the first masked word: layers × heads, (L, H).

    A cell is the natural log-probability of the model's best word with that head silent, less that
    with all heads: below zero the head had helped.

    Raises ValueError for a text without [MASK], HeadMissing for a model that predicts no words.
    """
    encoding = model.encode(text, pair)
    places = np.flatnonzero(encoding.input_ids == model.mask_token_id)
    if not len(places):
        raise ValueError(f"write [MASK] for the word that is asked for in {text[:60]!r}")
    if not model.has_mlm:
        model.fill_mask(encoding)  # raises HeadMissing
    return _of_heads(importance.each_head(model, encoding, int(places[0])))


def head_scores(model: LoadedModel, relation: str = "obj") -> pd.DataFrame:
    """How often each head points along a relation of grammar: layers × heads, (L, H), 0 to 1.

    As in Clark et al. 2019, *What Does BERT Look At?*, §4.2, on the course's own sentences: the
    direction of each head is chosen on one half of the sentences and tested on the other. What
    counting words or a simple rule finds is in ``.attrs`` under "baseline" and "rule": a head
    shows something only where it is ahead of both.

    Raises ValueError for another relation; `RELATIONS` has all.
    """
    if relation not in detective.RELATIONS:
        raise ValueError(f"relation is {', '.join(detective.RELATIONS)}, not {relation!r}")
    maps = [
        detective.word_map(model.trace(sentence.text, keep=()), sentence)
        for sentence in detective.parsed_sentences()
    ]
    hits = detective.hits_of(maps, detective.parsed_sentences(), (relation,))
    score = detective.score(relation, hits[relation])
    frame = _of_heads(score.accuracy)
    frame.attrs = {
        "relation": detective.RELATIONS[relation],
        "count": score.count,
        "baseline": score.baseline,
        "rule": score.rule,
    }
    return frame


def _of_heads(values: Floats) -> pd.DataFrame:
    """Numbers of heads (L, H), named from 1."""
    import pandas as pd

    layers, heads = (range(1, size + 1) for size in values.shape)
    return pd.DataFrame(
        values, pd.Index(layers, name="layer"), pd.Index(heads, name="head", dtype=int)
    )
