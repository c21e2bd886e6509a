"""Weights drawn from `rng` alone, as large as each layer needs: Kaiming initialisation.

Hidden weights are normal over fan-in, variance 2/fan_in, so a ReLU layer keeps the size of its signal at any
depth; the output layer, which no ReLU follows, has variance 1/fan_in. Biases start at zero.
PyTorch's own default has variance 1/(3·fan_in): every ReLU layer then shrinks the signal √6 times, and a deep
network that was strongly pruned does not train at all.
He, Zhang, Ren & Sun (ICCV 2015), "Delving Deep into Rectifiers".
"""

import math
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from lsml_core.validation import check_rng

Model = TypeVar("Model", bound=nn.Module)
BLANK = torch.device("meta")
"""Layers made on it own no memory and draw nothing; `initialised` fills them."""


def torch_generator(rng: np.random.Generator) -> torch.Generator:
    """A torch stream drawn from `rng`, which moves on by one draw; torch's global stream is left alone."""
    return torch.Generator().manual_seed(int(check_rng(rng).integers(2**63)))


@torch.no_grad()
def initialised(model: Model, rng: np.random.Generator) -> Model:
    """`model`, made on `BLANK`, with weights drawn from `rng`, on the processor.

    A layer whose name begins with "hidden" or "conv" is followed by a ReLU; biases start at zero.
    """
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
