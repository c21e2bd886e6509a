"""What removing filters changes in each layer of a chain: `layer_changes(model, filters)`.

    filters   parameter name -> bool tensor (outputs,), True where kept
    units     outputs of the previous weighted layer: features, or channels, or columns after a flatten layer

A removed unit outputs zeros, so every layer that it reaches must map zeros to zeros and must not mix units.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from lsml_core.pruning.layer_kinds import CHANNELWISE, ELEMENTWISE, InstanceNorm, Norm, is_kind, keeps_zero
from lsml_core.pruning.weights import Transposed, Weighted, check_stored
from lsml_core.validation import check_kind

Filters = Mapping[str, Bool[Tensor, " outputs"]]


class LayerChange(NamedTuple):
    """Which inputs and outputs of a layer are kept; None means all."""

    name: str
    layer: nn.Module
    inputs: Bool[Tensor, " inputs"] | None
    outputs: Bool[Tensor, " outputs"] | None


class Units(NamedTuple):
    """Which units are kept, and along which axis they lie.

    channels: True if along the second axis, as after a convolution; False if along the last.
    flat: True after a flatten layer, where each channel has become several neighbouring columns.
    """

    kept: Bool[Tensor, " units"]
    channels: bool
    flat: bool = False


def layer_changes(model: nn.Sequential, filters: Filters) -> list[LayerChange]:
    """Every layer whose parameters must change, in the order of the chain.

    ValueError, naming the layer: filters that the model does not have, or that reach a layer which mixes
    them, does not map zeros to zeros, is used twice or computes its weight from other parameters.
    """
    layers = [*_chain("", model)]
    _check_filters(layers, filters)
    found: list[LayerChange] = []
    units: Units | None = None
    for name, layer in layers:
        own = filters.get(f"{name}.weight")
        if units is None and own is None:
            continue
        change, units = _step(name, layer, units, own)
        if change is not None:
            found.append(change)
    _check_used_once(layers, found)
    return found


def _chain(name: str, layer: Any) -> Iterator[tuple[str, nn.Module]]:
    """Name and layer for every use of a layer, in order; a layer may occur twice."""
    if not is_kind(layer, nn.Sequential):
        if not name:
            raise ValueError(
                f"model is a {type(layer).__name__} with its own forward method; it must be an nn.Sequential"
            )
        yield name, layer
        return
    for own, child in layer._modules.items():  # named_children leaves out the second use
        yield from _chain(f"{name}.{own}".lstrip("."), child)


def _step(
    name: str, layer: Any, units: Units | None, own: Tensor | None
) -> tuple[LayerChange | None, Units | None]:
    """What removed inputs and the layer's own removed filters change in it, and the units after it."""
    if isinstance(layer, Weighted):
        return _weighted(name, layer, units, own)
    assert units is not None
    if is_kind(layer, Norm):
        return _norm(name, layer, units)
    if is_kind(layer, nn.Flatten):
        if layer.start_dim != 1 or layer.end_dim != -1:
            raise ValueError(
                f"{name} flattens axes {layer.start_dim} to {layer.end_dim}; only 1 to -1 is supported"
            )
        return None, units._replace(flat=True)
    if is_kind(layer, nn.PReLU):
        kept = _to_columns(name, units, len(layer.weight)) if len(layer.weight) > 1 else None
        return (None if kept is None else LayerChange(name, layer, None, kept)), units
    channelwise = is_kind(layer, *CHANNELWISE) and units.channels and not units.flat
    if not channelwise and not (is_kind(layer, *ELEMENTWISE) and keeps_zero(layer)):
        raise ValueError(
            f"{name} is a {type(layer).__name__}, which may mix filters or may not map zeros to zeros; "
            "keep all filters of the layer before it"
        )
    return None, units


def _weighted(
    name: str, layer: Any, units: Units | None, own: Tensor | None
) -> tuple[LayerChange, Units | None]:
    check_stored({f"{name}.weight": layer.weight})
    if type(layer).forward not in {kind.forward for kind in Weighted.__args__}:
        raise ValueError(
            f"{name} is a {type(layer).__name__} with its own forward method, which may mix filters"
        )
    convolution = not isinstance(layer, nn.Linear)
    if convolution and layer.groups > 1:
        return _depthwise(name, layer, units, own)
    inputs = None
    if units is not None:
        if convolution != (units.channels and not units.flat):
            raise ValueError(
                f"{name} does not read the axis of the filters removed before it: is an nn.Flatten missing?"
            )
        inputs = _to_columns(name, units, layer.in_channels if convolution else layer.in_features)
    return LayerChange(name, layer, inputs, own), None if own is None else Units(own, convolution)


def _depthwise(
    name: str, layer: Any, units: Units | None, own: Tensor | None
) -> tuple[LayerChange, Units | None]:
    """Each output reads one input and is removed with it."""
    if own is not None or layer.groups != layer.in_channels or isinstance(layer, Transposed):
        raise ValueError(
            f"{name} is a grouped convolution, whose groups must stay equal: filters may not name it, "
            "and may reach it only if it is depthwise, with as many groups as inputs"
        )
    assert units is not None
    if not units.channels or units.flat:
        raise ValueError(f"{name} does not read the axis of the filters removed before it")
    kept = _to_columns(name, units, layer.in_channels).repeat_interleave(layer.out_channels // layer.groups)
    return LayerChange(name, layer, None, kept), Units(kept, channels=True)


def _norm(name: str, layer: Any, units: Units) -> tuple[LayerChange, Units]:
    if not layer.affine and layer.track_running_stats:
        raise ValueError(
            f"{name} is a {type(layer).__name__} without γ and β, which maps zeros to a constant: "
            "keep all filters of the layer before it, or use affine=True"
        )
    if is_kind(layer, InstanceNorm) and (units.flat or not units.channels):
        raise ValueError(
            f"{name} is a {type(layer).__name__}, which needs channels and must follow a convolution"
        )
    return LayerChange(name, layer, None, _to_columns(name, units, layer.num_features)), units


def _to_columns(name: str, units: Units, size: int) -> Bool[Tensor, " size"]:
    """From which units are kept to which of `size` columns are kept.

    A flattened channel is a run of neighbouring columns; flattened outputs of a linear layer alternate.
    """
    times, rest = divmod(size, len(units.kept))
    if rest or (times > 1 and not units.flat):
        raise ValueError(
            f"{name} reads {size} values, which do not fit the {len(units.kept)} filters of the layer "
            "before it"
        )
    return units.kept.repeat_interleave(times) if units.channels else units.kept.repeat(times)


def _check_filters(layers: list[tuple[str, nn.Module]], filters: Filters) -> None:
    check_kind("filters", filters, Mapping, "a dict of bool tensors by parameter name")
    weighted = {f"{name}.weight": layer for name, layer in layers if isinstance(layer, Weighted)}
    for name, kept in filters.items():
        if name not in weighted or name == [*weighted][-1]:
            raise ValueError(
                f"filters names {name!r}; it may name {[*weighted][:-1]}, all layers except the last"
            )
        layer: Any = weighted[name]
        check_kind(f"filters[{name!r}]", kept, Tensor, "a bool tensor, one entry per filter")
        n = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
        if kept.shape != (n,) or kept.dtype != torch.bool or not kept.any():
            raise ValueError(f"filters[{name!r}] must be {n} bools, at least one of them True; it is {kept}")


def _check_used_once(layers: list[tuple[str, nn.Module]], found: list[LayerChange]) -> None:
    """ValueError if a layer that must change, or one of its parameters, is used a second time."""
    uses: dict[int, list[str]] = {}
    for name, layer in layers:
        for parameter in {id(layer): layer, **{id(p): p for p in layer.parameters()}}:
            uses.setdefault(parameter, []).append(name)
    for name, layer, _, _ in found:
        for key in (id(layer), *map(id, layer.parameters())):
            if len(uses[key]) > 1:
                raise ValueError(
                    f"{name} shares its weights with {uses[key]}, so its filters cannot be removed"
                )
