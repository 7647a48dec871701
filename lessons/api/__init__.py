"""The course as a library: what `inside_bert` offers to a notebook or a program.

It stands above the lessons and uses them; no lesson knows of it. Layers and heads count from 1, as
on the screen; a layer of hidden states counts from 0, the input.
"""

from ..attention.detective import RELATIONS
from ..engine import HeadMissing, ModelUnavailable, Trace, available_models
from ..figures.saved import Page
from .heads import each_head, head_scores, silence
from .models import load, wrap
from .pictures import explorer, journey

__all__ = [
    "RELATIONS",
    "HeadMissing",
    "ModelUnavailable",
    "Page",
    "Trace",
    "available_models",
    "each_head",
    "explorer",
    "head_scores",
    "journey",
    "load",
    "silence",
    "wrap",
]
