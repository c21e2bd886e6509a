"""What a mask saves: `efficiency(model, mask, x)` -> compression 10.0×, theoretical speed-up 3.1×.

    mask    name -> bool tensor, True = kept; a weight it does not name is kept whole
    nnz_l   weights kept in layer l
    uses_l  multiplications that each weight of layer l takes part in, for one example

MACs = Σ_l uses_l · nnz_l: one for a multiplication with its addition; papers that count FLOPs may mean two.
A weight of an early convolution is used at every pixel, so equal compression can be very unequal speed-up:
quote both. And neither is a time: dense kernels multiply by zeros as slowly as by anything else.
Blalock, Gonzalez Ortiz, Frankle & Guttag (MLSys 2020), "What is the state of neural network pruning?"
"""

import math
from typing import NamedTuple

from jaxtyping import Shaped
from torch import Tensor, nn

from lsml_core.pruning.products import Products, products
from lsml_core.pruning.weights import weights_of
from lsml_core.training import Mask


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
    sizes = (sum(w.numel() for w in weights_of(net).values()) for net in (model, small))
    operations = (sum(macs(net, {}, x).values()) for net in (model, small))
    return Efficiency(_ratio(*sizes), _ratio(*operations))


def compression(model: nn.Module, mask: Mask, everything: bool = False) -> float:
    """Total/nonzero, over the prunable weights; with `everything` over biases, norms and embeddings too.

    Tables differ in this: at high compression the unprunable rest weighs as much as what is kept. A parameter
    that several layers share counts once.
    """
    counted = weights_of(model)
    if everything:
        own = {id(weight) for weight in counted.values()}
        counted |= {name: p for name, p in model.named_parameters() if id(p) not in own}
    total = sum(p.numel() for p in counted.values())
    return _ratio(total, sum(_nonzero(name, p, mask) for name, p in counted.items()))


def speedup(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> float:
    """MACs of the dense network over those of the kept weights."""
    dense, sparse = macs(model, {}, x), macs(model, mask, x)
    return _ratio(sum(dense.values()), sum(sparse.values()))


def macs(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """Layer by layer, uses · nnz for one example.

    Products of a weight with the network's values are counted, at every visit and under one name if layers
    share it. The products of attention, values with values, are not. ValueError: see `uses`.
    """
    found = products(model, x)
    return {
        name: _uses(name, each) * _nonzero(name, each.weight, mask) if name in mask else each.multiplications
        for name, each in found.items()
    }


def uses(model: nn.Module, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """Multiplications per example that each weight takes part in: 1 in a linear layer, the number of output
    positions in a convolution, of input positions in a transposed one. Of the weights that a forward pass of
    x uses, added up over all uses.

    ValueError, with its name: a weight in a product that cannot be counted (nn.Bilinear, nn.LSTM), or one
    whose parts are used differently often (the joint projections of attention between two sequences).
    """
    return {name: _uses(name, each) for name, each in products(model, x).items()}


def _uses(name: str, found: Products) -> int:
    times, rest = divmod(found.multiplications, found.weight.numel())
    if rest:
        raise ValueError(
            f"the parts of {name} are used differently often, so that no one number says how often"
        )
    return times


def _nonzero(name: str, parameter: Tensor, mask: Mask) -> int:
    return int(mask[name].count_nonzero()) if name in mask else parameter.numel()


def _ratio(total: int, left: int) -> float:
    return total / left if left else math.inf
