"""What the word-pieces page computes: the seven steps, the race, unknowns in many scripts."""

from __future__ import annotations

from lessons.tokenization.bert_tokenizer import (
    LongestMatch,
    Tokenization,
    bert_vocabulary,
    longest_match,
    tokenize,
)

__all__ = ["LongestMatch", "Tokenization", "bert_vocabulary", "longest_match", "tokenize"]
