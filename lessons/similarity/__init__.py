"""Sentences as vectors: how alike two of them are, by seven ways of asking."""
