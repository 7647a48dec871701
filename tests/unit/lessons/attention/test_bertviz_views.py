"""BertViz's views: the model's numbers, nothing from elsewhere, no way out of the script."""

import json
import re

import numpy as np
import pytest

from lessons.attention import bertviz_views as bv


def params(html, view):
    pattern = (
        r"window\.bertviz_params = (\{.*?\});\n"
        if view == "neuron"
        else r"const params = (\{.*?\}); // HACK"
    )
    return json.loads(re.search(pattern, html, re.DOTALL).group(1))


@pytest.mark.parametrize("view", bv.VIEWS)
def test_a_view_holds_the_weights_once(trace, view):
    html = bv.view_page(trace, view, 2)
    held = params(html, view)["attention"]
    held = held["all"] if view == "neuron" else held[0]
    np.testing.assert_allclose(held["attn"], trace.attention_weights, atol=6e-4)
    assert held["left_text"] == list(trace.tokens)
    assert html.count('"left_text"') == 1
    if view == "neuron":
        np.testing.assert_allclose(held["queries"], trace.queries, atol=6e-4)
        np.testing.assert_allclose(held["keys"], trace.keys, atol=6e-4)


@pytest.mark.parametrize("view", bv.VIEWS)
def test_a_pair_can_be_split(pair_trace, view):
    held = params(bv.view_page(pair_trace, view, 0), view)["attention"]
    blocks = list(held.values()) if view == "neuron" else held
    assert len(blocks) == 5
    second = pair_trace.sentence_ids.index(1)
    a_to_b = held["ab"] if view == "neuron" else held[2]
    np.testing.assert_allclose(
        a_to_b["attn"], pair_trace.attention_weights[..., :second, second:], atol=6e-4
    )


def test_hostile_tokens_stay_data(model):
    trace = model.trace("</script><script>alert(1)</script> <img src=x> <!-- ")
    html = bv.view_page(trace, "head", 0)
    assert html.count("</script>") == 2  # the libraries, the view: the data end neither
    assert params(html, "head")["attention"][0]["left_text"] == list(trace.tokens)


def test_no_address_is_loaded(trace):
    html = bv.view_page(trace, "model", 0)
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", html)


def test_a_long_text_gets_one_layer_and_a_longer_one_a_reason(model):
    trace = model.trace("the cat sat " * 15)
    held = params(bv.view_page(trace, "model", 4), "model")
    assert held["include_layers"] == [4]
    np.testing.assert_allclose(
        held["attention"][0]["attn"], trace.attention_weights[[4]], atol=6e-4
    )
    with pytest.raises(bv.TooLong, match="up to"):
        bv.view_page(model.trace("the cat sat " * 60), "head", 0)


@pytest.mark.parametrize("layer", [-1, 6])
def test_a_layer_that_is_not_there_is_refused(trace, layer):
    with pytest.raises(ValueError, match=f"no layer {layer + 1}"):
        bv.view_page(trace, "head", layer)
