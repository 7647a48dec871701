"""Lesson "Word pieces": how text becomes the numbers that BERT reads."""
