"""The weights that can be pruned: `prunable(model)` -> {"hidden1.weight": …, "output.weight": …}."""

from collections.abc import Collection, Iterator
from itertools import chain

from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
Weighted = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d | Transposed
PROJECTIONS = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")
Weights = dict[str, Float[Tensor, "..."]]


def prunable(model: nn.Module, skip: Collection[str] = ()) -> Weights:
    """The weights of linear and convolutional layers and of attention's projections, by name.

    Never a bias, a norm's parameter, an embedding or a recurrent layer's weight. A weight that several layers
    share is listed once, under its first name.
    skip: names to leave out, as the output layer.
    ValueError: a name in skip that the model lacks, a model without such layers, or a weight that is computed
    from other parameters, as by weight_norm or torch.nn.utils.prune.
    """
    found = weights_of(model)
    unknown = set(skip) - found.keys()
    if not found:
        raise ValueError("model has no linear, convolutional or attention layer, whose weights can be pruned")
    if unknown:
        raise ValueError(f"skip names {sorted(unknown)}, and the prunable weights are {sorted(found)}")
    chosen = {name: weight for name, weight in found.items() if name not in skip}
    check_stored(chosen)
    return chosen


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """The weights that `prunable` names, also those that are computed from other parameters."""
    named = (
        (f"{name}.{attribute}".lstrip("."), getattr(layer, attribute))
        for name, layer in model.named_modules()
        for attribute in _attributes(layer)
    )
    found: dict[int, tuple[str, Tensor]] = {}
    for name, weight in named:
        found.setdefault(id(weight), (name, weight))
    return dict(found.values())


def check_stored(weights: dict[str, Tensor]) -> None:
    """ValueError if a weight is not a parameter of its own, but computed from others."""
    computed = [name for name, weight in weights.items() if not isinstance(weight, nn.Parameter)]
    if computed:
        raise ValueError(
            f"{computed[0]} is computed from other parameters (weight_norm, torch.nn.utils.prune or another "
            "parametrization), so it cannot be pruned: make it permanent first, with prune.remove, "
            "remove_weight_norm or parametrize.remove_parametrizations"
        )


def others(model: nn.Module, weights: Weights) -> dict[str, Tensor]:
    """All parameters and buffers but these weights, which may have further names."""
    own = {id(model.get_parameter(name)) for name in weights}
    named = chain(model.named_parameters(), model.named_buffers())
    return {name: tensor for name, tensor in named if id(tensor) not in own}


def call(model: nn.Module, tensors: dict[str, Tensor], x: Tensor) -> Tensor:
    """model(x) with these in place of its parameters and buffers, under every name that each has.

    torch ties names by itself, but leaves the new tensor behind in a layer that a model holds twice.
    """
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


def _attributes(layer: nn.Module) -> Iterator[str]:
    if isinstance(layer, Weighted):
        yield "weight"
    elif isinstance(layer, nn.MultiheadAttention):
        yield from (name for name in PROJECTIONS if getattr(layer, name) is not None)
