"""Small networks, initialised from `rng` alone: `mlp((196, 100, 10), rng=rng)`.

    n    examples in the batch           side     pixels along an image's edge
    x    images or flat rows; each network reshapes what it is given
    logits, shape (n, classes); softmax and loss belong to `training`

How large the first weights are, and why, is in `initialization`. `transformer` has a file of its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from lsml_core.initialization import BLANK, initialised
from lsml_core.transformer import transformer
from lsml_core.validation import Count, check_count, check_counts

__all__ = ["convnet", "linear", "mlp", "mlps", "transformer", "vgg16"]


def linear(inputs: Count, classes: Count, *, rng: np.random.Generator) -> nn.Sequential:
    """Softmax regression: logits = W x + b.

    inputs: numbers per example.   classes: number of outputs.
    """
    return mlp((inputs, classes), rng=rng)


def mlp(sizes: Sequence[Count], *, rng: np.random.Generator) -> nn.Sequential:
    """Fully connected ReLU network of widths `sizes`: inputs, hidden layers, classes.

    Parameters are `hidden1.weight`, `hidden1.bias`, …, `output.weight`, `output.bias`.
    """
    widths = _checked_counts("sizes", sizes)
    if len(widths) < 2:
        raise ValueError(f"sizes={sizes} must name at least the inputs and the classes")
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    with BLANK:
        for i, (inputs, outputs) in enumerate(pairwise(widths[:-1]), start=1):
            layers[f"hidden{i}"] = nn.Linear(inputs, outputs)
            layers[f"relu{i}"] = nn.ReLU()
        layers["output"] = nn.Linear(widths[-2], widths[-1])
    return initialised(nn.Sequential(layers), rng)


def mlps(sizes: Sequence[Count]) -> Callable[..., nn.Sequential]:
    """What makes such networks, `make(rng=rng)`, for code that trains several.

    sizes: widths, as in `mlp`.
    """
    return partial(mlp, sizes)


def convnet(
    side: Count,
    classes: Count,
    *,
    channels: Sequence[int] = (16, 32),
    repeats: Sequence[int] | None = None,
    colors: Count = 1,
    batch_norm: bool = False,
    rng: np.random.Generator,
) -> nn.Sequential:
    """One block per entry of `channels`: [3×3 convolution, batch norm if asked, ReLU], and 2×2 max pooling.

    side: pixels along an edge.   classes: number of outputs.   channels: filters of each block.
    batch_norm: whether a batch norm follows every convolution.
    `repeats` says how often a block has what is in the brackets, by default once.
    Takes (n, side, side), (n, colors, side, side) or flat rows with the colours first.
    With batch norm the convolutions carry no bias: the norm would subtract it again.
    Parameters are `conv1.weight`, `norm1.weight`, …, `output.weight`, `output.bias`.
    """
    side, classes, colors = (
        check_count(*c) for c in (("side", side), ("classes", classes), ("colors", colors))
    )
    channels = _checked_counts("channels", channels)
    repeats = _checked_counts("repeats", [1] * len(channels) if repeats is None else repeats)
    if len(repeats) != len(channels):
        raise ValueError(f"repeats={repeats} must have an entry for each of channels={channels}")
    if side >> len(channels) == 0:
        raise ValueError(f"side={side} cannot be halved {len(channels)} times, once per entry of channels")
    layers: OrderedDict[str, nn.Module] = OrderedDict(images=_Images(colors, side))
    inputs, i = colors, 0
    with BLANK:
        for block, (outputs, count) in enumerate(zip(channels, repeats, strict=True), start=1):
            for _ in range(count):
                i += 1
                layers[f"conv{i}"] = nn.Conv2d(inputs, outputs, 3, padding=1, bias=not batch_norm)
                if batch_norm:
                    layers[f"norm{i}"] = nn.BatchNorm2d(outputs)
                layers[f"relu{i}"] = nn.ReLU()
                inputs = outputs
            layers[f"pool{block}"] = nn.MaxPool2d(2)
        layers["flatten"] = nn.Flatten()
        layers["output"] = nn.Linear(inputs * (side >> len(channels)) ** 2, classes)
    return initialised(nn.Sequential(layers), rng)


def vgg16(classes: int, *, rng: np.random.Generator) -> nn.Sequential:
    """The 13 convolutions of VGG-16, with batch norm, and one linear layer: for 32 × 32 pixels in colour.

    classes: number of outputs.
    Simonyan & Zisserman (ICLR 2015), as it is used for CIFAR.
    """
    widths, repeats = (64, 128, 256, 512, 512), (2, 2, 3, 3, 3)
    return convnet(32, classes, channels=widths, repeats=repeats, colors=3, batch_norm=True, rng=rng)


class _Images(nn.Module):
    """Any layout of the same pixels -> (n, colors, side, side)."""

    def __init__(self, colors: int, side: int) -> None:
        super().__init__()
        self.shape = (colors, side, side)

    def forward(self, x: Float[Tensor, "n ..."]) -> Float[Tensor, "n colors side side"]:
        return x.reshape(len(x), *self.shape)


def _checked_counts(name: str, values: Sequence[Count]) -> tuple[int, ...]:
    try:
        return check_counts(name, values)
    except ValueError:
        shown = tuple(values) if isinstance(values, Iterable) else values
        raise ValueError(f"{name}={shown} must be integers, each at least 1") from None
