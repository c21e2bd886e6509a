"""Small networks, initialised from `rng` alone: `mlp((196, 100, 10), rng=rng)`.

    n    examples in the batch           side     pixels along an image's edge
    x    images or flat rows; each network reshapes what it is given
    logits, shape (n, classes); softmax and loss belong to `training`

Hidden weights are Kaiming normal over fan-in, variance 2/fan_in, so a ReLU layer keeps the size of its
signal at any depth; the output layer, which no ReLU follows, has variance 1/fan_in. Biases start at zero.
PyTorch's own default has variance 1/(3·fan_in): every ReLU layer then shrinks the signal √6 times, and a deep
network that was strongly pruned does not train at all.
He, Zhang, Ren & Sun (ICCV 2015), "Delving Deep into Rectifiers".
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Real
from torch import Tensor, nn

from lsml_core.validation import Count, check_count, check_counts, check_rng

Model = TypeVar("Model", bound=nn.Module)
BLANK = torch.device("meta")  # layers made here own no memory and draw nothing; `_initialised` fills them


def torch_generator(rng: np.random.Generator) -> torch.Generator:
    """A torch stream drawn from `rng`, which moves on by one draw; torch's global stream is left alone."""
    return torch.Generator().manual_seed(int(check_rng(rng).integers(2**63)))


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
    return _initialised(nn.Sequential(layers), rng)


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
    return _initialised(nn.Sequential(layers), rng)


def vgg16(classes: int, *, rng: np.random.Generator) -> nn.Sequential:
    """The 13 convolutions of VGG-16, with batch norm, and one linear layer: for 32 × 32 pixels in colour.

    classes: number of outputs.
    Simonyan & Zisserman (ICLR 2015), as it is used for CIFAR.
    """
    widths, repeats = (64, 128, 256, 512, 512), (2, 2, 3, 3, 3)
    return convnet(32, classes, channels=widths, repeats=repeats, colors=3, batch_norm=True, rng=rng)


def transformer(
    vocabulary: Count, context: Count, *, width: Count, heads: Count, layers: Count, rng: np.random.Generator
) -> nn.Module:
    """Causal language model: tokens (n, time) -> next-token logits (n, time, vocabulary), time ≤ context.

    vocabulary: number of tokens.   context: longest input.   width: of the hidden vectors.
    heads: of the attention, a divisor of width.   layers: number of blocks, 0 or more.
    Pre-norm blocks, learned positions, ReLU in the feed-forward part (4·width wide).
    Logits at time t depend on tokens 0 … t only, so one pass scores every prefix at once.
    Vaswani et al. (NeurIPS 2017), "Attention Is All You Need".
    """
    vocabulary, context = check_count("vocabulary", vocabulary), check_count("context", context)
    width, heads, layers = (
        check_count("width", width),
        check_count("heads", heads),
        check_count("layers", layers, 0),
    )
    if width % heads:
        raise ValueError(f"heads={heads} must divide width={width}")
    with BLANK:
        model = _Transformer(vocabulary, context, width, heads, layers)
    return _initialised(model, rng)


class _Images(nn.Module):
    """Any layout of the same pixels -> (n, colors, side, side)."""

    def __init__(self, colors: int, side: int) -> None:
        super().__init__()
        self.shape = (colors, side, side)

    def forward(self, x: Float[Tensor, "n ..."]) -> Float[Tensor, "n colors side side"]:
        return x.reshape(len(x), *self.shape)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "n time width"]) -> Float[Tensor, "n time width"]:
        per_head = self.query_key_value(x).unflatten(-1, (3, self.heads, -1))
        query, key, value = per_head.permute(2, 0, 3, 1, 4)  # each (n, heads, time, width/heads)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.mix(seen.transpose(1, 2).flatten(2))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), _Attention(width, heads)
        self.norm2, self.hidden = nn.LayerNorm(width), nn.Linear(width, 4 * width)
        self.mix = nn.Linear(4 * width, width)

    def forward(self, x: Float[Tensor, "n time width"]) -> Float[Tensor, "n time width"]:
        x = x + self.attention(self.norm1(x))
        return x + self.mix(self.hidden(self.norm2(x)).relu())


class _Transformer(nn.Module):
    def __init__(self, vocabulary: int, context: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(_Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary)

    def forward(self, tokens: Real[Tensor, "n time"]) -> Float[Tensor, "n time vocabulary"]:
        context, time = self.position.num_embeddings, tokens.shape[1]
        if time > context:
            raise ValueError(f"tokens has {time} time steps, and context={context} is the most")
        x = self.token(tokens.long()) + self.position.weight[:time]  # a Dataset keeps tokens as float32
        return self.output(self.norm(self.blocks(x)))


@torch.no_grad()
def _initialised(model: Model, rng: np.random.Generator) -> Model:
    generator = torch_generator(rng)
    for name, layer in model.to_empty(device="cpu").named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            relu_follows = name.rpartition(".")[2].startswith(("hidden", "conv"))
            fan_in = layer.weight[0].numel()
            layer.weight.normal_(0, math.sqrt((2 if relu_follows else 1) / fan_in), generator=generator)
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, nn.Embedding):
            layer.weight.normal_(0, math.sqrt(1 / 2), generator=generator)  # token + position: variance 1
        elif isinstance(layer, nn.LayerNorm | nn.BatchNorm2d):
            layer.reset_parameters()  # ones and zeros, nothing drawn
    return model


def _checked_counts(name: str, values: Sequence[Count]) -> tuple[int, ...]:
    try:
        return check_counts(name, values)
    except ValueError:
        shown = tuple(values) if isinstance(values, Iterable) else values
        raise ValueError(f"{name}={shown} must be integers, each at least 1") from None
