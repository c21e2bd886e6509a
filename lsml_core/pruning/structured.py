"""Whole filters: `small = shrink(model, keep_top(per_filter(magnitude(model, skip=…)), 0.5, scope="layer"))`.

    filter    one output of a layer: a row of W_l, its bias, its norm's γ and β, and the inputs of W_{l+1}
    filters   parameter name -> bool tensor (outputs,), True where kept; layers that it does not name keep all
    scores    parameter name -> one score per filter, (outputs,)

Zeros scattered over a matrix save no time on dense kernels; a smaller matrix does. `filter_mask` and `shrink`
take a chain of layers: an nn.Sequential, nested or not. `filter_propagation` finds what removing a filter
changes in later layers, and which layers allow it.
Li, Kadav, Durdanovic, Samet & Graf (ICLR 2017), "Pruning filters for efficient ConvNets".
"""

import copy
from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from lsml_core.masking import Mask
from lsml_core.pruning.filter_propagation import Filters, layer_changes
from lsml_core.pruning.scores import Scores
from lsml_core.pruning.weights import Transposed


def per_filter(scores: Scores, dim: int = 0) -> Scores:
    """The mean score of each filter. For |θ| it is the filter's L1 norm divided by its number of weights.

    scores: parameter name -> one score per weight.
    dim: axis of the filters; 0 is the outputs of a layer and 1 its inputs. A transposed convolution has its
        outputs in axis 1.
    """
    return {name: _mean_per_filter(s.movedim(dim, 0).flatten(1)) for name, s in scores.items()}


def _mean_per_filter(s: Tensor) -> Tensor:
    """0 for a filter without weights, as in a layer without inputs."""
    s = s if s.is_floating_point() else s.double()
    return s.mean(1) if s.shape[1] else s.new_zeros(len(s))


def filter_mask(model: nn.Sequential, filters: Filters) -> Mask:
    """The mask over parameters that removes these filters: their weights, biases, γ and β.

    model: a chain of layers.   filters: parameter name -> bool tensor, (outputs,), True = kept.
    All four are needed: the norm of an empty filter still adds β, and a depthwise convolution its bias.
    ValueError: as in `shrink`.
    """
    mask: Mask = {}
    for name, layer, _, kept in layer_changes(model, filters):
        if kept is None:
            continue
        for own, parameter in layer.named_parameters():
            shape = [1] * parameter.ndim
            shape[_output_axis(layer, parameter)] = -1
            mask[f"{name}.{own}"] = kept.view(shape).expand_as(parameter).clone()
    return mask


@torch.no_grad()
def shrink(model: nn.Sequential, filters: Filters) -> nn.Sequential:
    """A smaller network that computes the same as `model` under `filter_mask`; names stay the same.

    model: a chain of layers.   filters: parameter name -> bool tensor, (outputs,), True = kept.
    The last layer must keep all its outputs, and every layer at least one.
    ValueError, naming the layer: a removed filter reaches a layer that mixes filters, that does not map zeros
    to zeros, or that is used twice; or the model is not a chain of layers.
    """
    plan = layer_changes(model, filters)
    small = copy.deepcopy(model)
    for name, _, inputs, outputs in plan:
        layer = small.get_submodule(name)
        if inputs is not None:
            _narrow_inputs_(layer, inputs)
        if outputs is not None:
            _narrow_outputs_(layer, outputs)
    return small


def _narrow_inputs_(layer: Any, kept: Bool[Tensor, " inputs"]) -> None:
    axis = 0 if isinstance(layer, Transposed) else 1
    layer.weight = _part(layer.weight, kept, axis)
    _set_size(layer, ("in_features", "in_channels"), int(kept.sum()))


def _narrow_outputs_(layer: Any, kept: Bool[Tensor, " outputs"]) -> None:
    for name, parameter in [*layer.named_parameters()]:
        setattr(layer, name, _part(parameter, kept, _output_axis(layer, parameter)))
    for name, buffer in [*layer.named_buffers()]:
        if buffer.ndim:  # a batch norm also counts its batches
            setattr(layer, name, buffer[kept.to(buffer.device)].clone())
    _set_size(layer, ("out_features", "out_channels", "num_features"), int(kept.sum()))
    if getattr(layer, "groups", 1) > 1:  # depthwise: as many groups as inputs
        groups = layer.weight.shape[0] * layer.groups // len(kept)
        layer.groups = layer.in_channels = groups


def _part(parameter: Tensor, kept: Bool[Tensor, " n"], axis: int) -> nn.Parameter:
    part = parameter.detach().index_select(axis, kept.to(parameter.device).nonzero().flatten())
    return nn.Parameter(part, requires_grad=parameter.requires_grad)


def _output_axis(layer: nn.Module, parameter: Tensor) -> int:
    return 1 if isinstance(layer, Transposed) and parameter.ndim > 1 else 0


def _set_size(layer: nn.Module, names: tuple[str, ...], size: int) -> None:
    for name in names:
        if hasattr(layer, name):
            setattr(layer, name, size)
