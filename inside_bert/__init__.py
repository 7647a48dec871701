"""Look inside a BERT, in a notebook or a program; the command ``inside-bert`` starts the course.

>>> import inside_bert as ib
>>> model = ib.load("minilm-mlm")
>>> trace = model.trace("The river bank", keep=["attention_weights"])
>>> trace
<Trace of minilm-mlm, 5 tokens, 6 layers, 12 heads: [CLS] the river bank [SEP]>
>>> trace.attention(layer=2, head=3).shape
(5, 5)
>>> words = model.fill_mask("The [MASK] bank", edits=ib.silence([(2, 3), (4, 1)]))
>>> len(words[0])
10
>>> model.embed("hello world").shape
(1, 384)

The names below are those of the course's own engine. Importing this is cheap: torch is imported
when the first model is loaded.
"""

try:
    # Installed, the course lies within this package …
    from .lessons import api as _api  # type: ignore[import-not-found,unused-ignore]
except ModuleNotFoundError as missing:
    if missing.name != f"{__name__}.lessons":
        raise
    from lessons import api as _api  # … in a checkout it lies beside it

RELATIONS = _api.RELATIONS
HeadMissing = _api.HeadMissing
ModelUnavailable = _api.ModelUnavailable
Page = _api.Page
Trace = _api.Trace
available_models = _api.available_models
each_head = _api.each_head
explorer = _api.explorer
head_scores = _api.head_scores
journey = _api.journey
load = _api.load
silence = _api.silence
wrap = _api.wrap

__all__ = [*_api.__all__]
__version__ = "0.1.0"
