"""Whole filters: `small = shrink(model, keep_top(per_filter(magnitude(model, skip=…)), 0.5, scope="layer"))`.

    filter    one output of a layer: a row of W_l, its bias, its norm's γ and β, and the inputs of W_{l+1}
    filters   name of a weight -> bool (outputs,), True = kept; a layer it does not name keeps all
    scores    name of a weight -> a score for each of its filters, (outputs,)

Zeros scattered over a matrix save no time on dense kernels; a smaller matrix does.
Li, Kadav, Durdanovic, Samet & Graf (ICLR 2017), "Pruning filters for efficient ConvNets".
"""

import copy
from collections import OrderedDict
from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from lsml_core.pruning.scores import Scores, Weighted
from lsml_core.training import Mask

Filters = Mapping[str, Bool[Tensor, " outputs"]]
Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d
POINTWISE = (nn.ReLU, nn.LeakyReLU, nn.GELU, nn.Tanh, nn.Dropout, nn.Identity)
POOLING = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
SILENT = (*POINTWISE, *POOLING, nn.Flatten)
"""Layers that make nothing out of a channel of zeros."""


def per_filter(scores: Scores, dim: int = 0) -> Scores:
    """The mean score of each filter; of absolute weights this is the L1 norm, comparable across layers.

    dim = 1 scores inputs in place of outputs.
    """
    return {name: s.movedim(dim, 0).flatten(1).mean(1) for name, s in scores.items()}


def filter_mask(model: nn.Sequential, filters: Filters) -> Mask:
    """The mask of single parameters that silences these filters: weights, bias, γ and β.

    All four are needed: the norm of an empty filter still sends β on.
    """
    _check(model, filters)
    mask: Mask = {}
    kept = None  # of the layer last seen
    for name, layer in model.named_children():
        if isinstance(layer, Weighted):
            kept = filters.get(f"{name}.weight")
        if kept is not None and isinstance(layer, Weighted | Norm):
            for own, parameter in layer.named_parameters():
                rows = kept.view(-1, *[1] * (parameter.ndim - 1))
                mask[f"{name}.{own}"] = rows.expand_as(parameter).clone()
    return mask


@torch.no_grad()
def shrink(model: nn.Sequential, filters: Filters) -> nn.Sequential:
    """A smaller network that computes what `model` computes under `filter_mask`, with the same names.

    A chain of linear layers, ungrouped convolutions, batch norms, and layers that keep zeros zero. The last
    layer keeps all its outputs, and every layer at least one. ValueError if it is not so.
    """
    _check(model, filters)
    small: OrderedDict[str, nn.Module] = OrderedDict()
    kept: Tensor | None = None  # outputs of the layer before that are still there; None: all
    for name, layer in model.named_children():
        layer = copy.deepcopy(layer)
        if isinstance(layer, Weighted):
            if kept is not None:
                _narrow_inputs_(layer, kept)
            kept = filters.get(f"{name}.weight")
        if kept is not None and isinstance(layer, Weighted | Norm):
            _narrow_outputs_(layer, kept)
        elif kept is not None and not isinstance(layer, SILENT):
            raise ValueError(f"{name} is a {type(layer).__name__}, which may not keep zeros zero")
        small[name] = layer
    return nn.Sequential(small).train(model.training)


def _narrow_inputs_(layer: Weighted, kept: Bool[Tensor, " inputs"]) -> None:
    """After flattening, each channel has become a row of as many inputs as it had pixels."""
    pixels = layer.weight.shape[1] // len(kept)
    inputs = kept.repeat_interleave(pixels)
    layer.weight = nn.Parameter(layer.weight[:, inputs])
    _set_size(layer, ("in_features", "in_channels"), int(inputs.sum()))


def _narrow_outputs_(layer: nn.Module, kept: Bool[Tensor, " outputs"]) -> None:
    for name, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
        if tensor.ndim:  # a batch norm also counts its batches
            part = tensor[kept].clone()
            setattr(layer, name, nn.Parameter(part) if isinstance(tensor, nn.Parameter) else part)
    _set_size(layer, ("out_features", "out_channels", "num_features"), int(kept.sum()))


def _set_size(layer: nn.Module, names: tuple[str, ...], size: int) -> None:
    for name in names:
        if hasattr(layer, name):
            setattr(layer, name, size)


def _check(model: nn.Sequential, filters: Filters) -> None:
    weighted = {f"{n}.weight": layer for n, layer in model.named_children() if isinstance(layer, Weighted)}
    for name, kept in filters.items():
        if name not in weighted or name == [*weighted][-1]:
            raise ValueError(f"filters names {name!r}, and may name {[*weighted][:-1]}, all but the last")
        if kept.shape != weighted[name].weight.shape[:1] or kept.dtype != torch.bool or not kept.any():
            n = len(weighted[name].weight)
            raise ValueError(f"filters[{name!r}] must be {n} bools and keep a filter, and is {kept}")
    if any(getattr(layer, "groups", 1) > 1 for layer in weighted.values()):
        raise ValueError("model has a grouped convolution, whose inputs cannot be removed one by one")
