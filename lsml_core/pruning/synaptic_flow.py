"""SynFlow's objective R = 1ᵀ ∏|θ| 1: the sum of the outputs for an input of ones, with |θ| in place of θ.

R is the sum, over all paths from an input to an output, of the product of |θ| along the path. `flow` computes
it for any network by replacing its parameters and switching off what is not a product.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn

from lsml_core.pruning.functional import call_with, other_tensors
from lsml_core.pruning.weights import Weights, check_stored, weights_of
from lsml_core.training import in_mode

Norm = nn.LayerNorm | nn.RMSNorm | nn.GroupNorm | nn.modules.batchnorm._NormBase


def flow(model: nn.Module, weights: Weights, shape: tuple[int, ...]) -> Float[Tensor, ""]:
    """R for one input of ones.

    model: any network.   weights: see `flow_of`.   shape: of the input, without the batch axis.
    """
    return flow_of(model, weights, torch.ones(1, *shape))


@torch.enable_grad()
def flow_of(model: nn.Module, weights: Weights, x: Real[Tensor, "n ..."]) -> Float[Tensor, ""]:
    """R for the inputs x: the sum of the outputs, with absolute values of all tensors, and biases 0.

    weights: nonnegative, used in place of the model's weights; their dtype is that of the computation.
    """
    check_stored(weights_of(model))
    like = next(iter(weights.values()))
    rest = {name: _for_flow(name, t.detach(), like) for name, t in other_tensors(model, weights).items()}
    with in_mode(model, training=False), _only_products(model):
        return call_with(model, rest | weights, x.to(like).clone()).sum()


def _for_flow(name: str, tensor: Tensor, like: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor.clone()
    own = name.rpartition(".")[2]
    if "bias" in own or own == "running_mean":
        return torch.zeros_like(tensor, dtype=like.dtype)
    return tensor.to(like.dtype).abs()


@contextmanager
def _only_products(model: nn.Module) -> Iterator[None]:
    """In the block, norms without running averages only multiply by γ, and embeddings accept floats."""
    handles = []
    for layer in model.modules():
        if isinstance(layer, Norm) and getattr(layer, "running_var", None) is None:
            handles.append(layer.register_forward_hook(_times_gamma))
        elif isinstance(layer, nn.Embedding):
            handles.append(layer.register_forward_pre_hook(_as_tokens))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _as_tokens(layer: nn.Embedding, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (inputs[0].long().clamp(max=layer.num_embeddings - 1),)


def _times_gamma(layer: Any, inputs: tuple[Tensor], _: Tensor) -> Tensor:
    (x,), gamma = inputs, layer.weight
    if gamma is not None and not isinstance(layer, nn.LayerNorm | nn.RMSNorm):
        gamma = gamma.view(-1, *[1] * (x.ndim - 2))  # one factor per channel
    return x.clone() if gamma is None else x * gamma
