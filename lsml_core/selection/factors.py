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

POINTWISE = (
    *(nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.ReLU6),
    *(nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Softsign, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish),
    *(nn.Identity, nn.Dropout),
)
"""Layers that work number by number (dropout is off in evaluation mode), and have no parameters."""


def closed_form_holds(model: nn.Module, axes: int) -> bool:
    """Whether `gradient_norms` is right for `model` on inputs with so many axes, the examples' included.

    The model must be a chain of nn.Sequential, whose linear layers see one row an example, are used once,
    share no parameter and are all trained, with pointwise layers between them that leave their input as it
    is, and without hooks, which prune and weight_norm work by. Only exact types count: a subclass may do
    anything.
    """
    chain = _chain(model)
    if chain is None or any(_hooked(module) for module in model.modules()):
        return False
    flat = next((at for at, layer in enumerate(chain) if type(layer) is nn.Flatten), 0)
    first = next((at for at, layer in enumerate(chain) if type(layer) is nn.Linear), 0)
    linear = [layer for layer in chain if type(layer) is nn.Linear]
    owned = [w for layer in linear for w in layer._parameters.values() if w is not None]
    return (
        (axes == 2 or (type(chain[flat]) is nn.Flatten and flat < first))
        and all(type(layer) is nn.Linear or _leaves_rows(layer) for layer in chain)
        and {*map(id, owned)} == {*map(id, model.parameters())}
        and len({*map(id, owned)}) == len(owned)
        and all(type(w) is nn.Parameter and w.requires_grad for w in owned)
    )


def _chain(model: nn.Module) -> list[nn.Module] | None:
    """The layers in order, of nested nn.Sequential too; None if there is none."""
    if type(model) is not nn.Sequential:
        return None
    parts = [_chain(child) if isinstance(child, nn.Sequential) else [child] for child in model]
    return None if not parts or None in parts else [layer for part in parts for layer in part or []]


def _leaves_rows(layer: nn.Module) -> bool:
    if type(layer) is nn.Flatten:
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return type(layer) in POINTWISE and not getattr(layer, "inplace", False)


def _hooked(module: nn.Module) -> bool:
    hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
    return any(map(len, (*hooks, module._backward_pre_hooks))) or "forward" in vars(module)


def gradient_norms(
    model: nn.Module, x: Shaped[Tensor, "b ..."], y: Int64[Tensor, " b"]
) -> Float[Tensor, " b"]:
    """‖∇_w ℓ‖₂ of each example, in float64, from one pass forward and one back; where `closed_form_holds`."""
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
