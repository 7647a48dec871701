"""The course as a library: what a notebook or a program may ask of it."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import transformers

import inside_bert as ib
from lessons.api import heads, models
from lessons.engine.model import BertModel, LoadedModel
from tests.checkpoints import FAMILIES, HEADS, LAYERS, make, make_bert

TEXT = "The [MASK] bank"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("api") / "my-bert")


@pytest.fixture(scope="module")
def own(folder: Path) -> LoadedModel:
    return ib.load(folder)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("api") / "classes"
    return make_bert(path, model="BertForSequenceClassification", num_labels=3)


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return ib.load(make(FAMILIES["roberta"], tmp_path_factory.mktemp("api") / "roberta"))


@pytest.mark.parametrize("module", [ib, heads, models], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_it_is_the_engine_and_not_a_second_copy(mlm):
    assert ib.load("minilm-mlm") is mlm
    assert ib.load("minilm-mlm").__class__ is BertModel


def test_the_import_is_cheap():
    code = (
        "import sys, inside_bert; print(sorted({'torch', 'pandas', 'plotly'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_folder_opens(folder, own):
    assert own.name == "my-bert"
    again = ib.load(str(folder), dtype="bfloat16")
    plain, rounded = own.embed(["the river bank"]), again.embed(["the river bank"])
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, plain, atol=0.2)
    assert (rounded != plain).any()


def test_what_transformers_holds_is_wrapped(folder, own):
    module = transformers.BertForPreTraining.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    wrapped = ib.wrap(module, tokenizer, name="mine")
    np.testing.assert_array_equal(wrapped.embed("the river"), own.embed("the river"))
    module.bert.embeddings.word_embeddings.weight.data.zero_()  # trained on: this copy stays
    np.testing.assert_array_equal(wrapped.embed("the river"), own.embed("the river"))


def test_attention_is_labelled_and_counted_from_1(own):
    trace = own.trace("the river bank", keep=["attention_weights"])
    frame = trace.attention(layer=LAYERS, head=HEADS)
    assert tuple(frame.index) == tuple(frame.columns) == trace.tokens
    np.testing.assert_array_equal(frame.to_numpy(), trace.attention_weights[-1, -1])
    assert trace.queries is None


@pytest.mark.parametrize("which", ["own", "roberta"])
def test_edits_reach_every_prediction(which, request):
    model = request.getfixturevalue(which)
    edits = ib.silence([(1, 1), (LAYERS, HEADS)])
    text = "the river bank was cold"
    assert set(edits) <= set(model.steps())
    whole, cut = (model.trace(text, edits=e).hidden_states for e in (None, edits))
    assert np.abs(whole - cut).max() > 1e-3
    for layer in range(LAYERS + 1):
        found = model.embed([text], layer=layer, pooling="cls", edits=edits)[0]
        np.testing.assert_allclose(found, cut[layer, 0], atol=1e-5)
    assert model.fill_mask(TEXT, edits=edits) != model.fill_mask(TEXT)
    before, after = (model.word_vector(text, "bank", 2, edits=e) for e in (None, edits))
    assert (before != after).any()
    if model.has_nsp:
        pair = ("the river", "the bank")
        assert model.next_sentence(*pair, edits=edits) != model.next_sentence(*pair)


def test_an_edited_text_does_not_see_the_padding_of_its_neighbors(own):
    edits = ib.silence([(1, 1)], how="even")
    texts = ["the bank", "the river bank was cold in the spring morning", "a bird"]
    together = own.embed(texts, edits=edits)
    alone = np.concatenate([own.embed(text, edits=edits) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_string_is_one_sentence_and_a_word_its_own_place(own):
    assert own.embed("hello world").shape == own.embed(["hello world"]).shape
    text = "a river bank"
    by_place = own.word_vector(text, (8, 12), 2)
    np.testing.assert_array_equal(own.word_vector(text, "bank", 2), by_place)


def test_roberta_understands_the_usual_mask(roberta):
    assert roberta.fill_mask(TEXT) == roberta.fill_mask(TEXT.replace("[MASK]", "<mask>"))
    assert len(roberta.fill_mask(TEXT)) == 1


def test_steps_are_what_a_pass_comes_by(own, roberta):
    for model in (own, roberta):
        for step in model.steps():
            model.trace("the bank", edits={step: lambda x, seen: x})


def test_each_head_is_what_silencing_it_does(own):
    frame = ib.each_head(own, TEXT)
    assert frame.shape == (LAYERS, HEADS)
    word, before = own.fill_mask(TEXT, top_k=1)[0][0]
    edits = ib.silence([(2, 1)])
    after = dict(own.fill_mask(TEXT, top_k=10**6, edits=edits)[0])[word]
    assert frame.loc[2, 1] == pytest.approx(np.log(after / before), abs=1e-3)


def test_head_scores(mlm):
    frame = ib.head_scores(mlm, relation="obj")
    assert frame.shape == (mlm.spec.layers, mlm.spec.heads)
    assert frame.to_numpy().max() > frame.attrs["baseline"]


def test_classes_and_which_tokens_made_them(classes):
    model = ib.load(classes)
    text = "the river bank was cold"
    found = model.classify(text, explain=True)
    module = transformers.AutoModelForSequenceClassification.from_pretrained(classes)
    inputs = transformers.AutoTokenizer.from_pretrained(classes)(text, return_tensors="pt")
    right = module(**inputs).logits.softmax(-1)[0].detach().numpy()
    names = list(module.config.id2label.values())
    said = [found.probabilities[name] for name in names]
    np.testing.assert_allclose(said, right, atol=1e-5)
    assert found.label == names[int(right.argmax())]
    # Integrated gradients add up to the rise of the score from a text of masks.
    blank = model.masked(model.encode(text), range(1, len(found.tokens) - 1))
    label = int(right.argmax())
    ends = [np.log(model.label_probabilities(e)[label]) for e in (model.encode(text), blank)]
    total = float(ends[0] - ends[1])
    assert found.explanation().sum() == pytest.approx(total, abs=0.05 * abs(total) + 0.01)


def test_a_wrapped_head_for_classes(classes):
    module = transformers.AutoModelForSequenceClassification.from_pretrained(classes)
    tokenizer = transformers.AutoTokenizer.from_pretrained(classes)
    wrapped = ib.wrap(module, tokenizer)
    again = ib.load(classes).classify("the river").probabilities
    assert wrapped.classify("the river").probabilities == again


def test_each_fits_on_a_line(own, classes):
    for thing in (own, own.trace(TEXT * 20), own.encode(TEXT * 20), ib.load(classes).classify("a")):
        assert "\n" not in repr(thing)
        assert len(repr(thing)) < 160


ERRORS = {
    "a name": (lambda model: ib.load("nonsense"), "choose one of minilm-mlm"),
    "a folder": (lambda model: ib.load("/no/such/folder"), "no folder /no/such/folder"),
    "a precision": (lambda model: ib.load(dtype="float7"), "float32, float16"),
    "a device": (lambda model: ib.load(device="nonsense"), "device is cpu"),
    "a field": (lambda model: model.trace("a", keep=["weights"]), "attention_weights"),
    "a layer": (lambda model: model.embed("a", layer=9), "layers 0 .* to 3, not 9"),
    "a head of a trace": (lambda model: model.trace("a").attention(1, 3), "heads 1 to 2"),
    "a head": (lambda model: model.embed("a", edits=ib.silence([(1, 3)])), "heads 1 to 2"),
    "a pair": (lambda model: ib.silence([3]), "counted from 1"),
    "a head from 0": (lambda model: ib.silence([(0, 1)]), "counted from 1"),
    "a way": (lambda model: ib.silence([(1, 1)], how="loud"), "'silent' or 'even'"),
    "a step": (lambda model: model.embed("a", edits=ib.silence([(4, 1)])), "layer.2.head_outputs"),
    "a word": (lambda model: model.word_vector("a bank", "river", 1), "'river' does not stand"),
    "a pooling": (lambda model: model.embed("a", pooling="sum"), "'mean', 'cls' or 'max'"),
    "a batch": (lambda model: model.embed("a", batch_size=0), "at least 1"),
    "no mask": (lambda model: ib.each_head(model, "a bank"), r"write \[MASK\]"),
    "a relation": (lambda model: ib.head_scores(model, "verb"), "det, amod, nsubj, obj"),
    "no classes": (lambda model: model.classify("a"), "no head for classes"),
}


@pytest.mark.parametrize("wrong", ERRORS.values(), ids=ERRORS)
def test_an_error_says_what_there_is(wrong, own):
    ask, said = wrong
    with pytest.raises((ValueError, ib.ModelUnavailable), match=said):
        ask(own)
