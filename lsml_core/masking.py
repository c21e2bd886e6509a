"""Masks: which weights of a network are kept; the pruned ones, and their gradients, are set to zero.

mask    parameter name -> bool tensor of the parameter's shape, True where the weight is kept
"""

from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from lsml_core.tensors import check_model
from lsml_core.validation import check_kind

Mask = dict[str, Bool[Tensor, "..."]]
MaskedParameters = list[tuple[Tensor, Bool[Tensor, "..."]]]  # each parameter with its part of the mask
INTEGER_OF_SIZE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # bytes -> dtype


@torch.no_grad()
def apply_mask_(model: nn.Module, mask: Mask) -> None:
    """Set the pruned weights to zero, in place; parameters that the mask does not name stay as they are.

    ValueError: a name that is not a parameter of the model, or a mask that is not bool or of another shape.
    """
    zero_pruned_(masked_parameters(model, mask))


def masked_parameters(model: nn.Module, mask: Mask) -> MaskedParameters:
    """The parameters that the mask names, each with its part of the mask. ValueError as for `apply_mask_`.

    model: any network.   mask: parameter name -> bool tensor of its shape, True where kept.
    """
    if not mask:
        return []
    check_kind("mask", mask, Mapping, "a dict of bool tensors by parameter name")
    check_model(model)
    parameters = dict(model.named_parameters(remove_duplicate=False))  # a shared tensor has several names
    for name, kept in mask.items():
        if name not in parameters:
            raise ValueError(f"mask names {name!r}, which is not a parameter; those are {tuple(parameters)}")
        check_one_mask(f"mask[{name!r}]", kept, parameters[name])
    return [(parameters[name], kept) for name, kept in mask.items()]


def check_one_mask(name: str, kept: Tensor, weight: Tensor) -> None:
    """ValueError, which calls the mask `name`, unless `kept` is a bool tensor of the weight's shape."""
    check_kind(name, kept, Tensor, "a bool tensor")
    if kept.shape != weight.shape or kept.dtype != torch.bool:
        raise ValueError(f"{name} is {kept.dtype} {tuple(kept.shape)}; it must be bool {tuple(weight.shape)}")


def zero_pruned_gradients_(masked: MaskedParameters) -> None:
    """Set the gradients of the pruned weights to zero, in place."""
    zero_pruned_([(p.grad, kept) for p, kept in masked if p.grad is not None and not p.grad.is_sparse])


@torch.no_grad()
def zero_pruned_(masked: MaskedParameters) -> None:
    """Set the pruned entries to zero, in place.

    The product is taken of the bits as integers: a product of floats would keep nan and inf, and filling
    takes far longer.
    """
    for parameter, kept in masked:
        if parameter.is_complex():
            parameter, kept = torch.view_as_real(parameter), kept[..., None]
        integers = parameter.view(INTEGER_OF_SIZE[parameter.element_size()])
        integers.mul_(kept.to(parameter.device))
