"""The weights that can be pruned: `prunable(model)` -> {"hidden1.weight": …, "output.weight": …}."""

from collections.abc import Collection, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lsml_core.tensors import check_model
from lsml_core.training import in_mode
from lsml_core.validation import kind_of

Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
Weighted = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d | Transposed
PROJECTIONS = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")
Weights = dict[str, Float[Tensor, "..."]]


def prunable(model: nn.Module, skip: Collection[str] = ()) -> Weights:
    """The weights of linear and convolutional layers and of attention's projections, by parameter name.

    Not among them: biases, parameters of norms, embeddings and weights of recurrent layers. A weight that
    several layers share is listed once, under its first name.
    skip: names to leave out, such as the output layer's.
    ValueError: a name in `skip` that is not a prunable weight, a model without prunable weights, a weight
    that is computed from other parameters, as by weight_norm or torch.nn.utils.prune, or one without values:
    of a lazy layer that has not seen a batch, or on the meta device.
    """
    found = weights_of(model)
    if isinstance(skip, str) or not isinstance(skip, Collection):
        raise ValueError(
            f"skip is {kind_of(skip)}, and must be a collection of names, such as {[*found][-1:]}"
        )
    unknown = set(skip) - found.keys()
    if not found:
        raise ValueError("model has no linear, convolutional or attention layer, so nothing can be pruned")
    if unknown:
        raise ValueError(f"skip names {sorted(unknown)}, but the prunable weights are {sorted(found)}")
    chosen = {name: weight for name, weight in found.items() if name not in skip}
    check_stored(chosen)
    _check_values(model)
    return chosen


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """As `prunable`, but with weights that are computed from other parameters, and possibly empty."""
    check_model(model)
    _check_layers(model)
    with in_mode(model, training=False):  # in training mode spectral_norm changes whenever it is read
        named = [
            (f"{name}.{attribute}".lstrip("."), getattr(layer, attribute))
            for name, layer in model.named_modules()
            for attribute in _attributes(layer)
        ]
    found: dict[int, tuple[str, Tensor]] = {}
    for name, weight in named:
        found.setdefault(id(weight), (name, weight))
    return dict(found.values())


def check_stored(weights: dict[str, Tensor]) -> None:
    """ValueError if a weight is not a parameter itself but computed from other parameters."""
    computed = [name for name, weight in weights.items() if not isinstance(weight, nn.Parameter)]
    if computed:
        raise ValueError(
            f"{computed[0]} is computed from other parameters (weight_norm, torch.nn.utils.prune or another "
            "parametrization), so it cannot be pruned: make it permanent first, with prune.remove, "
            "remove_weight_norm or parametrize.remove_parametrizations"
        )


def _check_layers(model: nn.Module) -> None:
    """ValueError if the layers of the model cannot be seen, or do not have weights yet."""
    for name, layer in model.named_modules():
        if isinstance(layer, torch.jit.ScriptModule):
            raise ValueError(
                f"{name or 'model'} is a {type(layer).__name__}, which hides its layers: "
                "pass the module that it was made from"
            )
    for name, parameter in model.named_parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            raise ValueError(
                f"{name} belongs to a lazy layer without weights: call the model on a batch first"
            )


def _check_values(model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        if parameter.is_meta:
            raise ValueError(f"{name} is on the meta device, so it has a shape but no values")


def _attributes(layer: nn.Module) -> Iterator[str]:
    if isinstance(layer, Weighted):
        yield "weight"
    elif isinstance(layer, nn.MultiheadAttention):
        yield from (name for name in PROJECTIONS if getattr(layer, name) is not None)
