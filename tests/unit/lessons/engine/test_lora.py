"""LoRA: worked by hand, nothing changed at the start, and merged into one matrix that gives the
same."""

import copy

import torch
from torch import nn

from lessons.engine.bert import Bert, BertConfig
from lessons.engine.fine_tuned import FineTuned
from lessons.engine.lora import Adapted, adapted_in, merge
from lessons.fine_tuning.settings import ADAPTED

SMALL = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=3, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=20,
)  # fmt: skip


def test_by_hand():
    linear = nn.Linear(3, 2)
    linear.weight.data = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    linear.bias.data = torch.tensor([10.0, 20.0])
    adapted = Adapted(linear, rank=1, alpha=2.0)
    adapted.A.data = torch.tensor([[1.0, 2.0, 0.0]])
    adapted.B.data = torch.tensor([[3.0], [-1.0]])
    x = torch.tensor([1.0, 1.0, 1.0])
    # W x + b = (1 + 2 + 10, 1 + 20) = (13, 21). A x = 1 + 2 = 3, B A x = (9, -3), α / r = 2.
    assert adapted(x).tolist() == [13 + 2 * 9, 21 - 2 * 3]
    # W + 2 · B A = [[1 + 6, 0 + 12, 2], [0 - 2, 1 - 4, 0]]
    assert adapted.merged().weight.tolist() == [[7, 12, 2], [-2, -3, 0]]
    assert adapted.merged()(x).tolist() == [31, 15]


def inputs():
    ids = torch.randint(1, 50, (4, 6), generator=torch.Generator().manual_seed(1))
    return ids, torch.zeros_like(ids), torch.ones_like(ids)


def learned(adapted):
    """A small model after a few steps with LoRA, and its encoder before."""
    torch.manual_seed(0)
    encoder = Bert(SMALL)
    before = copy.deepcopy(encoder).eval()
    tuned = FineTuned(encoder, "class", 2, 0, rank=2, adapted=ADAPTED[adapted])
    optimizer = torch.optim.AdamW(tuned.learning().values(), lr=0.05)
    for _ in range(3):
        optimizer.zero_grad()
        tuned(*inputs()).square().sum().backward()
        optimizer.step()
    return tuned.eval(), before


def test_at_the_start_it_gives_what_the_encoder_gave():
    torch.manual_seed(0)
    encoder = Bert(SMALL).eval()
    ids, types, mask = inputs()
    with torch.no_grad():
        before = encoder(ids, types, mask)
        FineTuned(encoder, "class", 2, 0, rank=2, adapted=ADAPTED["all six"])
        torch.testing.assert_close(encoder(ids, types, mask), before, rtol=0, atol=0)


def test_only_the_thin_matrices_pooler_and_head_learn():
    for name, matrices in (("W_Q and W_V", 2), ("all six", 6)):
        tuned, before = learned(name)
        thin = [n for n in tuned.learning() if n.endswith((".A", ".B"))]
        assert len(thin) == 2 * matrices * SMALL.num_hidden_layers
        rest = set(tuned.learning()) - set(thin)
        assert rest == {
            "encoder.pooler.dense.weight", "encoder.pooler.dense.bias", "output.weight",
            "output.bias",
        }  # fmt: skip
        now = {n.replace(".frozen", ""): w for n, w in tuned.encoder.state_dict().items()}
        for n, w in before.state_dict().items():
            assert torch.equal(now[n], w) == ("pooler" not in n), n


def test_merged_weights_give_the_same_logits():
    for name in ADAPTED:
        tuned, before = learned(name)
        ids, types, mask = inputs()
        with torch.no_grad():
            apart = tuned(ids, types, mask)
            moved = (tuned.encoder(ids, types, mask) - before(ids, types, mask)).abs().max()
            assert moved > 0.01  # else there would be nothing to merge
            merge(tuned.encoder)
            assert not [*adapted_in(tuned)]
            torch.testing.assert_close(tuned(ids, types, mask), apart)
        assert set(tuned.encoder.state_dict()) == set(before.state_dict())
