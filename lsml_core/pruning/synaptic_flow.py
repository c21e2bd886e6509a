"""SynFlow's objective R = 1ᵀ ∏|θ| 1: the sum of the outputs for an input of ones, with |θ| in place of θ.

It adds up, over all paths from an input to an output, the product of |θ| along the path.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn

from lsml_core.pruning.weights import Weights, call, check_stored, others, weights_of
from lsml_core.training import in_mode

Norm = nn.LayerNorm | nn.RMSNorm | nn.GroupNorm | nn.modules.batchnorm._NormBase


def flow(model: nn.Module, weights: Weights, shape: tuple[int, ...]) -> Float[Tensor, ""]:
    """R for one input of ones of this shape; see `flow_of`."""
    return flow_of(model, weights, torch.ones(1, *shape))


@torch.enable_grad()
def flow_of(model: nn.Module, weights: Weights, x: Real[Tensor, "n ..."]) -> Float[Tensor, ""]:
    """R: the sum of the outputs for the input x, every parameter and buffer by absolute value, biases 0.

    weights: nonnegative, taken in place of the model's own; their dtype is that of the computation.
    """
    check_stored(weights_of(model))
    like = next(iter(weights.values()))
    rest = {name: _flowing(name, t.detach(), like) for name, t in others(model, weights).items()}
    with in_mode(model, training=False), _open_layers(model):
        return call(model, rest | weights, x.to(like).clone()).sum()


def _flowing(name: str, tensor: Tensor, like: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor.clone()
    own = name.rpartition(".")[2]
    if "bias" in own or own == "running_mean":
        return torch.zeros_like(tensor, dtype=like.dtype)
    return tensor.to(like.dtype).abs()


@contextmanager
def _open_layers(model: nn.Module) -> Iterator[None]:
    """Inside, norms that would subtract their input's mean only multiply by γ, and embeddings read floats."""
    handles = []
    for layer in model.modules():
        if isinstance(layer, Norm) and getattr(layer, "running_var", None) is None:
            handles.append(layer.register_forward_hook(_scaled))
        elif isinstance(layer, nn.Embedding):
            handles.append(layer.register_forward_pre_hook(_token_one))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _token_one(layer: nn.Embedding, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (inputs[0].long().clamp(max=layer.num_embeddings - 1),)


def _scaled(layer: Any, inputs: tuple[Tensor], _: Tensor) -> Tensor:
    (x,), gamma = inputs, layer.weight
    if gamma is not None and not isinstance(layer, nn.LayerNorm | nn.RMSNorm):
        gamma = gamma.view(-1, *[1] * (x.ndim - 2))  # a factor for each channel
    return x.clone() if gamma is None else x * gamma
