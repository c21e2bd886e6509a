"""Kinds of layers after which a removed filter is still zero: they keep zeros and do not mix channels."""

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d
InstanceNorm = nn.InstanceNorm1d | nn.InstanceNorm2d | nn.InstanceNorm3d
Norm = BatchNorm | InstanceNorm
ELEMENTWISE = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Hardswish, nn.Tanh, nn.Hardtanh, nn.Softsign, nn.Tanhshrink, nn.Softshrink, nn.Hardshrink),
    *(nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Softplus, nn.Threshold, nn.Identity, nn.Dropout),
)
"""Element-wise layers; `keeps_zero` finds out which of them map 0 to 0."""
CHANNELWISE = (
    *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
    *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
    *(nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d),
    *(nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReplicationPad1d, nn.ReplicationPad2d),
    *(nn.Upsample, nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d),
)
"""Layers that do not mix channels (the second axis) and map zeros to zeros."""


def keeps_zero(layer: nn.Module) -> bool:
    """Whether the layer maps 0 to 0, in evaluation mode, where nothing is random."""
    return not copy.copy(layer).eval().forward(torch.zeros(1)).any()


def is_kind(layer: nn.Module, *kinds: Any) -> bool:
    """Whether the layer is of one of these kinds; a subclass counts only if it inherits `forward`."""
    return any(isinstance(layer, kind) and type(layer).forward is kind.forward for kind in _flat(kinds))


def _flat(kinds: tuple[Any, ...]) -> Iterator[type[nn.Module]]:
    for kind in kinds:
        yield from getattr(kind, "__args__", (kind,))
