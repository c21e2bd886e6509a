"""Whether a pruned network still has a path from inputs to outputs: `connected(model, mask, (64,))`."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Real
from torch import Tensor, nn

from lsml_core.masking import Mask, masked_parameters
from lsml_core.pruning.functional import gradient, other_tensors
from lsml_core.pruning.synaptic_flow import flow_of
from lsml_core.pruning.weights import prunable
from lsml_core.validation import check_counts, check_kind


def collapsed(mask: Mask) -> list[str]:
    """Names of the layers without any weight left. In a chain of layers one of them blocks every signal.

    mask: parameter name -> bool tensor, True where kept.
    """
    _check_tensors(mask)
    return [name for name, kept in mask.items() if not kept.any()]


def _check_tensors(mask: Mask) -> None:
    check_kind("mask", mask, Mapping, "a dict of bool tensors by parameter name")
    for name, kept in mask.items():
        check_kind(f"mask[{name!r}]", kept, Tensor, "a bool tensor")


def collapse_limits(scores: Mapping[str, Real[Tensor, "..."]]) -> dict[str, float]:
    """The largest compression at which one-shot global pruning leaves each layer a weight, by layer.

    N / (number of scores that are at least the layer's largest score): the layer with the smallest limit is
    emptied first. Exact unless the largest score of a layer is tied. Layers of size 0 are left out.
    """
    scores = {name: s for name, s in scores.items() if s.numel()}
    if not scores:
        raise ValueError("scores is empty; it needs the scores of at least one layer")
    ranking = np.sort(np.concatenate([s.detach().flatten().cpu().double().numpy() for s in scores.values()]))
    ranks = {name: len(ranking) - np.searchsorted(ranking, float(s.max())) for name, s in scores.items()}
    return {name: len(ranking) / int(rank) for name, rank in ranks.items()}


def reached_units(mask: Mask) -> list[int]:
    """How many units of each layer a signal from the inputs reaches, in a chain of linear layers.

    A unit is reached if one of its weights is kept and comes from a reached unit. The first number is that
    of the inputs, all of which count as reached.
    mask: bool tensors (outputs, inputs) of all layers, the first layer first.
    ValueError: no layer, a mask of another shape, such as that of a convolution, or layers that do not fit.
    """
    _check_tensors(mask)
    if not mask:
        raise ValueError("mask is empty; it needs the mask of at least one layer")
    first = next(iter(mask.values()))
    reached = torch.ones(first.shape[-1:].numel(), dtype=torch.bool, device=first.device)
    counts = [len(reached)]
    for name, kept in mask.items():
        if kept.ndim != 2 or kept.shape[1] != len(reached) or kept.dtype != torch.bool:
            raise ValueError(
                f"mask[{name!r}] is {kept.dtype} {tuple(kept.shape)}; it must be bool, "
                f"(outputs, {len(reached)}), the mask of a linear layer that reads {len(reached)} units"
            )
        reached = (kept & reached).any(dim=1)
        counts.append(int(reached.count_nonzero()))
    return counts


def connected(model: nn.Module, mask: Mask, shape: tuple[int, ...]) -> bool:
    """Whether a path of kept weights leads from some input to some output.

    Skip connections count, and so do norms, unless they multiply by γ = 0. A path shows as a derivative of
    the summed outputs with respect to the inputs that is not 0, if every weight is about 1/fan-in; in float64
    this does not underflow for a hundred layers. The weights and inputs differ from each other, because equal
    ones cancel in a softmax and in a norm. If the inputs are tokens, the derivative is taken with respect to
    the rows of the embeddings.
    model: any network.   mask: may also name biases, which carry no path, and parameters of norms.
    shape: of one input, without the batch axis.
    ValueError: a mask of another model, or a model without prunable weights.
    """
    weights = _path_weights(model, mask)
    x = _different(
        torch.ones(
            1, *check_counts("shape", shape), dtype=torch.float64, device=next(model.parameters()).device
        )
    )
    tables = {
        id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Embedding | nn.EmbeddingBag)
    }
    inputs = [x, *(w for name, w in weights.items() if id(model.get_parameter(name)) in tables)]
    for tensor in (x, *weights.values()):
        tensor.requires_grad_()
    return any(bool(g.any()) for g in gradient(flow_of(model, weights, x), inputs))


def _different(tensor: Tensor) -> Tensor:
    """Each entry times another number between 3/4 and 5/4: fractions of multiples of the golden ratio."""
    i = torch.arange(1, tensor.numel() + 1, dtype=torch.float64, device=tensor.device)
    return tensor * (0.75 + 0.5 * (i * (5**0.5 - 1) / 2).frac()).view(tensor.shape)


def _path_weights(model: nn.Module, mask: Mask) -> dict[str, Tensor]:
    """1/fan-in for each weight, and |γ| of norms, each 0 where the mask removes it; by name."""
    masked_parameters(model, mask)
    weights, parameters = prunable(model), dict(model.named_parameters(remove_duplicate=False))
    rest = {n: p for n, p in other_tensors(model, weights).items() if n in parameters and "bias" not in n}
    factors = {
        n: _different(torch.full_like(w, len(w) / max(w.numel(), 1), dtype=torch.float64))
        for n, w in weights.items()
    }
    factors |= {n: p.detach().double().abs() for n, p in rest.items()}
    first_names = {id(p): name for name, p in (weights | rest).items()}
    for name, kept in mask.items():
        first = first_names.get(id(parameters[name]))
        if first is not None:
            factors[first] *= kept.to(factors[first].device)
    return factors
