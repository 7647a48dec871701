"""The heads read what they say they read, and their code runs as the page shows it."""

import pytest
import torch

from lessons.classification_heads import compute
from lessons.classification_heads.training import CLASSES, padded

D, K = 12, 3


def head(kind):
    torch.manual_seed(0)
    return CLASSES[kind](D, K).eval()


def rows(*lengths):
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(length, D, generator=generator) for length in lengths]


@pytest.mark.parametrize("kind", list(CLASSES))
def test_padding_changes_nothing(kind):
    short, long = rows(3, 9)
    net = head(kind)
    with torch.no_grad():
        alone, together = net(*padded([short])), net(*padded([short, long]))
    assert together.shape == (2, K)
    torch.testing.assert_close(alone[0], together[0])


@pytest.mark.parametrize("kind", list(CLASSES))
def test_two_tokens_are_enough(kind):
    with torch.no_grad():
        assert head(kind)(*padded(rows(2))).isfinite().all()


@pytest.mark.parametrize(
    ("kind", "moves"), [("cls", False), ("mean", False), ("lstm", True), ("cnn", True)]
)
def test_who_sees_the_order_of_the_vectors(kind, moves):
    (row,) = rows(8)
    turned = torch.cat([row[:1], row[1:].flip(0)])
    net = head(kind)
    with torch.no_grad():
        same = torch.allclose(net(*padded([row])), net(*padded([turned])), atol=1e-5)
    assert same is not moves


def test_the_first_token_is_all_that_cls_reads():
    (row,) = rows(5)
    other = torch.cat([row[:1], 9 * row[1:]])
    net = head("cls")
    with torch.no_grad():
        torch.testing.assert_close(net(*padded([row])), net(*padded([other])))


@pytest.mark.parametrize("name", ["ClsHead", "MeanHead", "LstmHead", "CnnHead"])
def test_the_code_of_a_head_runs_as_shown(name):
    space = {}
    exec(compile(compute.code_of("heads", name), name, "exec"), space)
    net = space[name](D, K)
    hidden, mask = padded(rows(4, 6))
    assert net(hidden, mask).shape == (2, K)


@pytest.mark.parametrize("name", ["train_sigmoid", "train_softmax"])
def test_the_code_of_both_losses_runs_as_shown(name):
    code = compute.code_of("topics", name)
    assert "type: ignore" not in code
    space = {}
    exec(compile(code, name, "exec"), space)
    vectors = torch.eye(4).repeat(3, 1)
    labels = (vectors[:, :3] > 0).float()
    trained = space[name](vectors, labels)
    assert trained(vectors[:3]).argmax(dim=1).tolist() == [0, 1, 2]


def test_no_code_of_that_name():
    with pytest.raises(KeyError):
        compute.code_of("heads", "Nothing")
