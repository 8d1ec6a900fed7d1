"""Lighter variants of a network: int8 products, pruned hidden units."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from lvbench.reference.network.loop_net import Block, LoopNet


class Int8Linear(nn.Module):
    """Multiply in 8 bits, with a scale per output channel and a dynamic scale per token.

    Source: Dettmers et al., LLM.int8(), 2022, vector-wise scaling.
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        largest = layer.weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-8)
        levels = (layer.weight.detach() / largest * 127).round().to(torch.int8)
        self.register_buffer("weight", levels.t().contiguous())
        self.register_buffer("scale", largest.squeeze(1) / 127)
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Return the product, float32."""
        flat = x.reshape(-1, x.shape[-1])
        largest = flat.abs().amax(1, keepdim=True).clamp(min=1e-8)
        levels = (flat / largest * 127).round().to(torch.int8)
        product = torch._int_mm(levels, self.weight).float()
        product = product * (largest / 127) * self.scale
        if self.bias is not None:
            product = product + self.bias
        return product.view(*x.shape[:-1], -1)


def quantised(network: LoopNet) -> LoopNet:
    """Return a copy whose blocks multiply in int8; embeddings and modulation are unchanged."""
    made = copy.deepcopy(network)
    for block in _blocks(made):
        for name in ("qkv", "out", "up", "down"):
            setattr(block, name, Int8Linear(getattr(block, name)))
    return made


def pruned(network: LoopNet, share: float) -> LoopNet:
    """Return a copy without the `share` of least important hidden units of each block.

    The importance of a unit is the product of the norms of its input and output weights. The
    matrices shrink, so no support for sparse matrices is needed.

    Source: Li et al., Pruning Filters, 2017, for the norm as the measure.
    """
    made = copy.deepcopy(network)
    for block in _blocks(made):
        norms = block.up.weight.norm(dim=1) * block.down.weight.norm(dim=0)
        count = len(norms) - round(share * len(norms))
        kept = norms.topk(count).indices.sort().values
        up = nn.Linear(block.up.in_features, count)
        down = nn.Linear(count, block.down.out_features)
        with torch.no_grad():
            up.weight.copy_(block.up.weight[kept])
            up.bias.copy_(block.up.bias[kept])
            down.weight.copy_(block.down.weight[:, kept])
            down.bias.copy_(block.down.bias)
        block.up, block.down = up, down
    return made.eval()


def _blocks(network: LoopNet) -> list[Block]:
    return [block for block in network.blocks if isinstance(block, Block)]
