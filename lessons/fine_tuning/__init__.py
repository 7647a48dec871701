"""Lesson: from one model to many."""
