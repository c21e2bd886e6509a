"""What a mask saves: `efficiency(model, mask, x)` -> compression 10.0×, theoretical speed-up 3.1×.

    mask    name -> bool tensor, True = kept; a layer it does not name is kept whole
    nnz_l   weights kept in layer l
    uses_l  multiplications that each weight of layer l takes part in, for one example

MACs = Σ_l uses_l · nnz_l: one for a multiplication with its addition; papers that count FLOPs may mean two.
A weight of an early convolution is used at every pixel, so equal compression can be very unequal speed-up:
quote both. And neither is a time: dense kernels multiply by zeros as slowly as by anything else.
Blalock, Gonzalez Ortiz, Frankle & Guttag (MLSys 2020), "What is the state of neural network pruning?"
"""

import math
from typing import Any, NamedTuple

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from lsml_core.pruning.scores import Weighted, prunable
from lsml_core.training import Mask, in_mode


class Efficiency(NamedTuple):
    """Parameters and multiplications before pruning, over those left; inf when nothing is left."""

    compression: float
    speedup: float

    def __str__(self) -> str:
        return f"compression {self.compression:.1f}×, theoretical speed-up {self.speedup:.1f}×"


def efficiency(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> Efficiency:
    """Both ratios, over linear and convolutional weights; x is a batch of any size."""
    return Efficiency(compression(model, mask), speedup(model, mask, x))


def efficiency_of(small: nn.Module, model: nn.Module, x: Shaped[Tensor, "n ..."]) -> Efficiency:
    """Both ratios for what is left of `model` when parts are taken out, as `structured.shrink` does."""
    sizes = (sum(w.numel() for w in prunable(net).values()) for net in (model, small))
    operations = (sum(macs(net, {}, x).values()) for net in (model, small))
    return Efficiency(_ratio(*sizes), _ratio(*operations))


def compression(model: nn.Module, mask: Mask, everything: bool = False) -> float:
    """Total/nonzero, over the prunable weights; with `everything` over biases and norms too.

    Tables differ in this: at high compression the unprunable rest weighs as much as what is kept.
    """
    counted = dict(model.named_parameters()) if everything else prunable(model)
    total = sum(p.numel() for p in counted.values())
    return _ratio(total, sum(_nonzero(name, p, mask) for name, p in counted.items()))


def speedup(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> float:
    """MACs of the dense network over those of the kept weights."""
    dense, sparse = macs(model, {}, x), macs(model, mask, x)
    return _ratio(sum(dense.values()), sum(sparse.values()))


def macs(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """Layer by layer, uses · nnz for one example."""
    weights = prunable(model)
    return {name: n * _nonzero(name, weights[name], mask) for name, n in uses(model, x).items()}


@torch.no_grad()
def uses(model: nn.Module, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """Multiplications per example that each weight takes part in: 1 in a linear layer, the number of output
    positions in a convolution. Of the layers that a forward pass of x visits, counted again at each visit.
    """
    found: dict[str, int] = {}

    def count(name: str, layer: Any, output: Any) -> None:
        found[name] = found.get(name, 0) + output.numel() // (len(x) * layer.weight.shape[0])

    handles = [
        layer.register_forward_hook(
            lambda layer, _, output, name=name: count(f"{name}.weight", layer, output)
        )
        for name, layer in model.named_modules()
        if isinstance(layer, Weighted)
    ]
    try:
        with in_mode(model, training=False):
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _nonzero(name: str, parameter: Tensor, mask: Mask) -> int:
    return int(mask[name].count_nonzero()) if name in mask else parameter.numel()


def _ratio(total: int, left: int) -> float:
    return total / left if left else math.inf
