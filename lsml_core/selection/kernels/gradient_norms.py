"""Norms of single examples' gradients, for many examples at once.

    a   input of a layer, one row per example      δ (delta)  gradient of the loss in the layer's output

A linear layer's gradient is δ aᵀ, and ‖δ aᵀ‖ = ‖δ‖‖a‖: two numbers per example instead of a matrix. Of other
models, `torch.func` computes the gradients of all examples together.
"""

from typing import Any

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.linalg import vector_norm

from lsml_core.training import losses

POINTWISE = (
    *(nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.ReLU6),
    *(nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Softsign, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish),
    *(nn.Identity, nn.Dropout),
)
"""Elementwise layers without parameters (dropout is off in evaluation mode)."""


def closed_form_holds(model: nn.Module, axes: int) -> bool:
    """Whether `chain_norms` is right for `model`.   axes: of its inputs, the axis of the examples included.

    The model must be a chain of nn.Sequential, whose linear layers see one row per example, are used once,
    share no parameter and are all trained, with pointwise layers between them that do not change their input
    in place, and without hooks, which prune and weight_norm use. Only exact types count: a subclass may do
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
        and all(type(layer) is nn.Linear or _keeps_rows(layer) for layer in chain)
        and {*map(id, owned)} == {*map(id, model.parameters())}
        and len({*map(id, owned)}) == len(owned)
        and all(type(w) is nn.Parameter and w.requires_grad for w in owned)
    )


def _chain(model: nn.Module) -> list[nn.Module] | None:
    """The layers in order, those of nested nn.Sequential too; None if the model is not such a chain."""
    if type(model) is not nn.Sequential:
        return None
    parts = [_chain(child) if isinstance(child, nn.Sequential) else [child] for child in model]
    return None if not parts or None in parts else [layer for part in parts for layer in part or []]


def _keeps_rows(layer: nn.Module) -> bool:
    if type(layer) is nn.Flatten:
        return (layer.start_dim, layer.end_dim) == (1, -1)
    return type(layer) in POINTWISE and not getattr(layer, "inplace", False)


def _hooked(module: nn.Module) -> bool:
    hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
    return any(map(len, (*hooks, module._backward_pre_hooks))) or "forward" in vars(module)


def chain_norms(model: nn.Module, x: Shaped[Tensor, "b ..."], y: Int64[Tensor, " b"]) -> Float[Tensor, " b"]:
    """‖∇_w ℓ‖₂ of each example, in float64, from one forward and one backward pass; if `closed_form_holds`.

    model: is not changed.   x: inputs, an example per row.   y: labels.
    Goodfellow (2015), "Efficient per-example gradient computations".
    """
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


def vectorized_norms(
    model: nn.Module, x: Shaped[Tensor, "b ..."], y: Int64[Tensor, "b ..."]
) -> Float[Tensor, " b"] | None:
    """‖∇_w ℓ‖₂ of each example over the trained parameters, in float64, for any model, by `torch.func`.

    model: is not changed.   x: inputs, an example per row.   y: labels.
    None for models with layers that `torch.func` does not know. Each gradient is a copy of all parameters. A
    weight that is used twice, or has two names, has one.
    ValueError: the model draws random numbers.
    """
    # Every place once: a layer that the model holds twice would not get its own parameters back.
    places = {
        f"{path}.{name}".lstrip("."): w
        for path, layer in model.named_modules()
        for name, w in layer._parameters.items()
        if w is not None
    }
    first = {id(w): name for name, w in reversed(places.items())}
    weights = {name: w.detach() for name, w in places.items() if w.requires_grad and first[id(w)] == name}

    def loss(weights: dict, x: Tensor, y: Tensor) -> Tensor:
        here = {name: weights.get(first[id(w)], w.detach()) for name, w in places.items()}
        return losses(functional_call(model, here, (x[None],), tie_weights=False), y[None])[0]

    def norm_of_each_part(weights: dict, x: Tensor, y: Tensor) -> Tensor:
        return torch.stack([vector_norm(part.double()) for part in grad(loss)(weights, x, y).values()])

    try:
        return vector_norm(vmap(norm_of_each_part, in_dims=(None, 0, 0))(weights, x, y), dim=1)
    except RuntimeError as error:
        if "random" in str(error):
            raise ValueError(f"the model draws random numbers in evaluation mode: {error}") from error
        return None
