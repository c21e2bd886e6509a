"""What a mask saves: `efficiency(model, mask, x)` -> compression 10.0×, theoretical speed-up 3.1×.

    mask    parameter name -> bool tensor, True where kept; weights that it does not name are kept
    nnz_l   number of weights kept in layer l
    uses_l  multiplications per example that each weight of layer l takes part in
    x       a batch of inputs of any size, needed for its shape

MACs = Σ_l uses_l · nnz_l: one MAC is a multiplication with its addition; some papers count it as two FLOPs.
A weight of an early convolution is used at every pixel, so masks of equal compression can have very different
speed-ups: report both. Neither is a time: dense kernels multiply by zeros as slowly as by other numbers.
Blalock, Gonzalez Ortiz, Frankle & Guttag (MLSys 2020), "What is the state of neural network pruning?"
"""

import math
from typing import NamedTuple

from jaxtyping import Shaped
from torch import Tensor, nn

from lsml_core.masking import Mask, masked_parameters
from lsml_core.pruning.multiplications import Multiplications, count_multiplications
from lsml_core.pruning.weights import weights_of


class Efficiency(NamedTuple):
    """Parameters and multiplications before pruning, divided by those left; inf if nothing is left."""

    compression: float
    speedup: float

    def __str__(self) -> str:
        return f"compression {self.compression:.1f}×, theoretical speed-up {self.speedup:.1f}×"


def efficiency(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> Efficiency:
    """Compression and theoretical speed-up of a mask, over the prunable weights.

    model: the network before pruning.   mask: parameter name -> bool tensor, True = kept.
    x: a batch of inputs of any size, for its shape.
    """
    return Efficiency(compression(model, mask), speedup(model, mask, x))


def efficiency_of(small: nn.Module, model: nn.Module, x: Shaped[Tensor, "n ..."]) -> Efficiency:
    """Both ratios for a smaller network that was made from `model`, as by `structured.shrink`.

    small: the smaller network.   model: the one before pruning.
    x: a batch of inputs of any size, for its shape.
    """
    sizes = (sum(w.numel() for w in weights_of(net).values()) for net in (model, small))
    operations = (sum(macs(net, {}, x).values()) for net in (model, small))
    return Efficiency(_ratio(*sizes), _ratio(*operations))


def compression(model: nn.Module, mask: Mask, everything: bool = False) -> float:
    """All parameters divided by the kept ones. A parameter that several layers share counts once.

    model: the network before pruning.   mask: parameter name -> bool tensor, True = kept.
    everything: count biases, norms and embeddings too, not only the prunable weights. Published tables differ
        in this, and at high compression these parameters are as many as the weights that are kept.
    ValueError: a mask of another model.
    """
    masked_parameters(model, mask)
    counted = weights_of(model)
    if everything:
        own = {id(weight) for weight in counted.values()}
        counted |= {name: p for name, p in model.named_parameters() if id(p) not in own}
    total = sum(p.numel() for p in counted.values())
    return _ratio(total, sum(_nonzero(name, p, mask) for name, p in counted.items()))


def speedup(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> float:
    """MACs of the dense network divided by those of the kept weights: the theoretical speed-up.

    model, mask, x: as for `efficiency`.
    """
    dense, sparse = macs(model, {}, x), macs(model, mask, x)
    return _ratio(sum(dense.values()), sum(sparse.values()))


def macs(model: nn.Module, mask: Mask, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """uses_l · nnz_l of each layer, for one example, by parameter name.

    model, mask, x: as for `efficiency`; with the mask {} all weights are kept.
    Counts products of weights with activations, at every use, under one name if layers share a weight; not
    attention's products of activations with activations.
    ValueError: a mask of another model, and whatever `uses` refuses.
    """
    masked_parameters(model, mask)
    counted = count_multiplications(model, x)
    return {
        name: _uses(name, each) * _nonzero(name, each.weight, mask) if name in mask else each.multiplications
        for name, each in counted.items()
    }


def uses(model: nn.Module, x: Shaped[Tensor, "n ..."]) -> dict[str, int]:
    """Multiplications per example that each weight takes part in, by parameter name.

    model: any network.   x: a batch of inputs of any size, for its shape.
    This is 1 in a linear layer, the number of output positions in a convolution, and the number of input
    positions in a transposed convolution; if a weight is used several times, their sum. Weights that the
    forward pass does not use are left out.
    ValueError: a weight in an operation that cannot be counted (nn.Bilinear, nn.LSTM), or one whose entries
    are not all used equally often (the joint projections of attention between two sequences).
    """
    return {name: _uses(name, each) for name, each in count_multiplications(model, x).items()}


def _uses(name: str, counted: Multiplications) -> int:
    times, rest = divmod(counted.multiplications, counted.weight.numel())
    if rest:
        raise ValueError(f"the entries of {name} are not all used equally often, so uses has no single value")
    return times


def _nonzero(name: str, parameter: Tensor, mask: Mask) -> int:
    return int(mask[name].count_nonzero()) if name in mask else parameter.numel()


def _ratio(total: int, left: int) -> float:
    return total / left if left else math.inf
