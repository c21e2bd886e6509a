"""Lengths of single examples' gradients, without the gradients: for chains of linear layers.

    a   input of a layer, one row an example       δ (delta)  gradient of the loss in the layer's output

A linear layer's gradient is δ aᵀ, and ‖δ aᵀ‖ = ‖δ‖‖a‖: two numbers an example instead of a matrix.
Goodfellow (2015), "Efficient per-example gradient computations".
"""

from typing import Any

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn

from lsml_core.training import losses


def all_linear(model: nn.Module) -> bool:
    """Whether `model` is a chain whose parameters all belong to linear layers, such as `models.mlp`."""
    owners = [layer for layer in model.modules() if [*layer.parameters(recurse=False)]]
    return isinstance(model, nn.Sequential) and all(isinstance(layer, nn.Linear) for layer in owners)


def gradient_norms(
    model: nn.Module, x: Shaped[Tensor, "b ..."], y: Int64[Tensor, " b"]
) -> Float[Tensor, " b"]:
    """‖∇_w ℓ‖₂ of each example, in float64, from one pass forward and one back; for `all_linear` models."""
    seen: list[tuple[nn.Linear, Tensor, Tensor]] = []

    def note(layer: Any, a: tuple[Tensor], output: Tensor) -> None:
        seen.append((layer, a[0].detach(), output))

    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    handles = [layer.register_forward_hook(note) for layer in linear]
    try:
        loss = losses(model(x), y).sum()
    finally:
        for handle in handles:
            handle.remove()
    deltas = torch.autograd.grad(loss, [output for _, _, output in seen])
    squared = [
        delta.square().sum(1) * (a.square().sum(1) + (0 if layer.bias is None else 1))
        for (layer, a, _), delta in zip(seen, deltas, strict=True)
    ]
    return torch.stack(squared).double().sum(0).sqrt()
