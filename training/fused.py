"""Attention through PyTorch's fused kernel: the same result, never a T × T table in memory.

The encoder of the course writes attention out, so that every step can be shown. On a GPU the fused
kernel (`scaled_dot_product_attention`) trains about twice as many tokens a second and lets long
examples into large batches. On a CPU its backward pass is the slower one, so it is not used there.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from lessons.engine.bert import BertForPreTraining, Probe, SelfAttention


class FusedAttention(SelfAttention):
    """`SelfAttention` without its intermediate steps; ``probe`` sees nothing, dropout is off."""

    def forward(self, hidden: Tensor, mask: Tensor, probe: Probe) -> Tensor:
        query = self.split_heads(self.query(hidden))  # B H T D/H
        key = self.split_heads(self.key(hidden))  # B H T D/H
        value = self.split_heads(self.value(hidden))  # B H T D/H
        # B 1 1|T T → B 1 T T: the fused kernels want a row for every query.
        added = mask.to(query.dtype).expand(-1, -1, query.shape[2], -1)
        heads = scaled_dot_product_attention(query, key, value, attn_mask=added)  # B H T D/H
        return heads.transpose(1, 2).flatten(-2)  # B T D


def fuse(model: BertForPreTraining) -> None:
    """Let every layer of ``model`` attend through the fused kernel, with the weights it has."""
    for name, module in list(model.named_modules()):
        if isinstance(module, SelfAttention):
            fused = FusedAttention(model.config)
            fused.load_state_dict(module.state_dict())
            model.set_submodule(name, fused)
