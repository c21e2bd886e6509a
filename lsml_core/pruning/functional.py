"""A network as a function of its weights, without changing it: `call_with(model, weights, x)`.

θ (weights)    what may be pruned, by parameter name        R (objective)    a scalar function of θ
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from lsml_core.pruning.weights import Weights, prunable
from lsml_core.tensors import at_least_float32
from lsml_core.training import check_outputs, losses
from lsml_core.validation import check_kind


def gradient(
    objective: Float[Tensor, ""], of: Sequence[Tensor], create_graph: bool = False
) -> Sequence[Tensor]:
    """∂R/∂t for each tensor t in `of`; zeros where R does not depend on t.

    objective: R, computed from the tensors.   of: the tensors t.
    create_graph: keep what a second derivative needs.
    """
    if not objective.requires_grad:
        return [torch.zeros_like(t) for t in of]
    return torch.autograd.grad(
        objective, of, create_graph=create_graph, allow_unused=True, materialize_grads=True
    )


@torch.enable_grad()
def mean_loss(
    model: nn.Module, x: Tensor, y: Tensor, skip: Collection[str], temperature: float | int = 1
) -> tuple[Weights, Float[Tensor, ""]]:
    """(θ, L): the prunable weights, and the mean cross-entropy of logits/temperature as a function of them.

    model: any network.   x, y: one batch.   skip: names of weights that are left out.
    temperature: above 0.
    Running averages and x are copied first, so that no layer can change them in place.
    ValueError: a batch without examples, outputs that are not one tensor of real numbers, or labels that do
    not fit them.
    """
    for name, batch in (("x", x), ("y", y)):
        check_kind(name, batch, Tensor, "a tensor")
    if not x.ndim or not len(x):
        raise ValueError(f"x of shape {tuple(x.shape)} must hold at least one example")
    weights = {
        name: at_least_float32(w.detach()).requires_grad_() for name, w in prunable(model, skip).items()
    }
    rest = {name: at_least_float32(t.detach()) for name, t in other_tensors(model, weights).items()}
    rest |= {name: rest[name].clone() for name, _ in model.named_buffers()}
    logits = call_with(model, rest | weights, at_least_float32(like_model(x.detach(), model)).clone())
    return weights, losses(check_outputs(logits) / temperature, y).mean()


def call_with(model: nn.Module, tensors: dict[str, Tensor], x: Tensor) -> Any:
    """model(x) with these tensors in place of its parameters and buffers, under every name that each has.

    torch's `tie_weights` leaves the new tensor behind in a layer that a model holds twice.
    ValueError: a model in nn.DataParallel, whose copies keep their own tensors.
    """
    for name, layer in model.named_modules():
        if isinstance(layer, nn.DataParallel):
            raise ValueError(f"{name or 'model'} is an nn.DataParallel: pass its `.module` instead")
    originals = chain(
        model.named_parameters(remove_duplicate=False), model.named_buffers(remove_duplicate=False)
    )
    new = {id(original): tensors[name] for name, original in originals if name in tensors}
    places = {
        f"{name}.{own}".lstrip("."): new[id(tensor)]
        for name, layer in model.named_modules()  # each layer once
        for own, tensor in chain(
            layer.named_parameters(recurse=False, remove_duplicate=False),
            layer.named_buffers(recurse=False, remove_duplicate=False),
        )
        if id(tensor) in new
    }
    return functional_call(model, places, (x,), tie_weights=False)


def like_model(x: Tensor, model: nn.Module) -> Tensor:
    """x in the precision of the model, if both are real floats: torch multiplies no float64 by a float32.

    x: a batch.   model: any network.
    """
    parameter = next((p for p in model.parameters() if p.is_floating_point()), x)
    return x.to(parameter.dtype) if x.is_floating_point() else x


def other_tensors(model: nn.Module, weights: Weights) -> dict[str, Tensor]:
    """All parameters and buffers except these weights, which may have further names."""
    own = {id(model.get_parameter(name)) for name in weights}
    named = chain(model.named_parameters(), model.named_buffers())
    return {name: tensor for name, tensor in named if id(tensor) not in own}
