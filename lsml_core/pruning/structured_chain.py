"""What removing filters changes in each layer of a chain: `changes(model, filters)`.

    filters   name of a weight -> bool (outputs,), True = kept
    units     the outputs of the layer last seen: filters, then channels, then columns once flattened

A removed unit sends zeros on, so it may only meet layers that keep zeros zero and treat each unit by itself.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from lsml_core.pruning.weights import Transposed, Weighted, check_stored

Filters = Mapping[str, Bool[Tensor, " outputs"]]
BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d
InstanceNorm = nn.InstanceNorm1d | nn.InstanceNorm2d | nn.InstanceNorm3d
ELEMENTWISE = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Hardswish, nn.Tanh, nn.Hardtanh, nn.Softsign, nn.Tanhshrink, nn.Softshrink, nn.Hardshrink),
    *(nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Softplus, nn.Threshold, nn.Identity, nn.Dropout),
)
"""Zero stays zero in most of them, which is tried."""
CHANNELWISE = (
    *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
    *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
    *(nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d),
    *(nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReplicationPad1d, nn.ReplicationPad2d),
    *(nn.Upsample, nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d),
)
"""They treat each channel, the second axis, by itself, and keep zeros zero."""


class Change(NamedTuple):
    """inputs, outputs: which are kept; None where all are."""

    name: str
    layer: nn.Module
    inputs: Bool[Tensor, " inputs"] | None
    outputs: Bool[Tensor, " outputs"] | None


class Units(NamedTuple):
    """channels: they lie along the second axis of several; else along the last, as behind a linear layer.

    flat: the channels' pixels were flattened, so that each unit became a run of neighbouring columns.
    """

    kept: Bool[Tensor, " units"]
    channels: bool
    flat: bool = False


def changes(model: nn.Sequential, filters: Filters) -> list[Change]:
    """In the order of the chain, for each layer with a weight or γ that must change.

    ValueError, which names the layer: filters that are no filters of the model, or that reach a layer which
    mixes them, makes something of zeros, is used twice or computes its weight.
    """
    layers = [*_chain("", model)]
    _check_filters(layers, filters)
    found: list[Change] = []
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
    """Every use of a layer, in order; a layer may be used twice."""
    if not _is(layer, nn.Sequential):
        if not name:
            raise ValueError(
                f"model is a {type(layer).__name__} with a forward of its own, not an nn.Sequential"
            )
        yield name, layer
        return
    for own, child in layer._modules.items():  # named_children leaves out the second use
        yield from _chain(f"{name}.{own}".lstrip("."), child)


def _step(
    name: str, layer: Any, units: Units | None, own: Tensor | None
) -> tuple[Change | None, Units | None]:
    """What these units, and its own filters, change in a layer, and the units behind it."""
    if isinstance(layer, Weighted):
        return _weighted(name, layer, units, own)
    assert units is not None
    if _is(layer, BatchNorm, InstanceNorm):
        return _norm(name, layer, units)
    if _is(layer, nn.Flatten):
        if layer.start_dim != 1 or layer.end_dim != -1:
            raise ValueError(
                f"{name} flattens from {layer.start_dim} to {layer.end_dim}, and must from 1 to -1"
            )
        return None, units._replace(flat=True)
    if _is(layer, nn.PReLU):
        kept = _spread(name, units, len(layer.weight)) if len(layer.weight) > 1 else None
        return (None if kept is None else Change(name, layer, None, kept)), units
    by_itself = _is(layer, *CHANNELWISE) and units.channels and not units.flat
    if not by_itself and not (_is(layer, *ELEMENTWISE) and _keeps_zero(layer)):
        raise ValueError(
            f"{name} is a {type(layer).__name__}, which may not keep zeros zero or may mix filters; "
            "keep all filters of the layer before it"
        )
    return None, units


def _keeps_zero(layer: nn.Module) -> bool:
    """Tried in evaluation mode, on a copy, where nothing is drawn."""
    return not copy.copy(layer).eval().forward(torch.zeros(1)).any()


def _weighted(name: str, layer: Any, units: Units | None, own: Tensor | None) -> tuple[Change, Units | None]:
    check_stored({f"{name}.weight": layer.weight})
    if type(layer).forward not in {kind.forward for kind in Weighted.__args__}:
        raise ValueError(
            f"{name} is a {type(layer).__name__} with a forward of its own, which may mix filters"
        )
    convolution = not isinstance(layer, nn.Linear)
    if convolution and layer.groups > 1:
        return _depthwise(name, layer, units, own)
    inputs = None
    if units is not None:
        if convolution != (units.channels and not units.flat):
            raise ValueError(
                f"{name} reads another axis than that of the filters removed before it: is a Flatten missing?"
            )
        inputs = _spread(name, units, layer.in_channels if convolution else layer.in_features)
    return Change(name, layer, inputs, own), None if own is None else Units(own, convolution)


def _depthwise(name: str, layer: Any, units: Units | None, own: Tensor | None) -> tuple[Change, Units | None]:
    """Each output reads one input, and goes with it."""
    if own is not None or layer.groups != layer.in_channels or isinstance(layer, Transposed):
        raise ValueError(
            f"{name} is a grouped convolution, whose groups must stay equal: filters may not name it, "
            "and may reach it only if it is depthwise, with as many groups as inputs"
        )
    assert units is not None
    if not units.channels or units.flat:
        raise ValueError(f"{name} reads another axis than that of the filters removed before it")
    kept = _spread(name, units, layer.in_channels).repeat_interleave(layer.out_channels // layer.groups)
    return Change(name, layer, None, kept), Units(kept, channels=True)


def _norm(name: str, layer: Any, units: Units) -> tuple[Change, Units]:
    if not layer.affine and layer.track_running_stats:
        raise ValueError(
            f"{name} is a {type(layer).__name__} without γ and β, which makes a constant of an empty filter: "
            "keep all filters of the layer before it, or use affine=True"
        )
    if _is(layer, InstanceNorm) and (units.flat or not units.channels):
        raise ValueError(
            f"{name} is a {type(layer).__name__}, which needs channels and must follow a convolution"
        )
    return Change(name, layer, None, _spread(name, units, layer.num_features)), units


def _spread(name: str, units: Units, size: int) -> Bool[Tensor, " size"]:
    """Units -> the columns that read them.

    Flattened channels are runs of pixels; the outputs of a linear layer are flattened place by place.
    """
    times, rest = divmod(size, len(units.kept))
    if rest or (times > 1 and not units.flat):
        raise ValueError(
            f"{name} reads {size} values, which are not those of the {len(units.kept)} filters before"
        )
    return units.kept.repeat_interleave(times) if units.channels else units.kept.repeat(times)


def _check_filters(layers: list[tuple[str, nn.Module]], filters: Filters) -> None:
    weighted = {f"{name}.weight": layer for name, layer in layers if isinstance(layer, Weighted)}
    for name, kept in filters.items():
        if name not in weighted or name == [*weighted][-1]:
            raise ValueError(f"filters names {name!r}, and may name {[*weighted][:-1]}, all but the last")
        layer: Any = weighted[name]
        n = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
        if kept.shape != (n,) or kept.dtype != torch.bool or not kept.any():
            raise ValueError(f"filters[{name!r}] must be {n} bools and keep a filter, and is {kept}")


def _check_used_once(layers: list[tuple[str, nn.Module]], found: list[Change]) -> None:
    """A layer or parameter with a second use cannot be cut for the first."""
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


def _is(layer: nn.Module, *kinds: Any) -> bool:
    """Of one of these kinds, and a subclass only if it inherits forward."""
    return any(isinstance(layer, kind) and type(layer).forward is kind.forward for kind in _flat(kinds))


def _flat(kinds: tuple[Any, ...]) -> Iterator[type[nn.Module]]:
    for kind in kinds:
        yield from getattr(kind, "__args__", (kind,))
