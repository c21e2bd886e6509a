"""Whether a pruned network still joins its inputs to its outputs: `connected(model, mask, (64,))` -> bool."""

import torch
from torch import Tensor, nn

from lsml_core.pruning.scores import gradient
from lsml_core.pruning.synaptic_flow import flow_of
from lsml_core.pruning.weights import others, prunable
from lsml_core.training import Mask


def collapsed(mask: Mask) -> list[str]:
    """Names of the layers with nothing left. In a chain of layers one is enough to cut the network in two."""
    return [name for name, kept in mask.items() if not kept.any()]


def connected(model: nn.Module, mask: Mask, shape: tuple[int, ...]) -> bool:
    """Whether a path of kept weights leads from an input, of this shape, to an output.

    Follows skip connections, which survive a collapsed layer, and norms, which pass on what they scale by a
    γ that is not 0. A path shows in the derivative of the summed outputs in the inputs, with every weight
    1/fan-in, in float64, which a hundred layers do not exhaust. Where the inputs are tokens, it is the
    derivative in the rows of the embeddings.
    mask: may also name biases, which carry no path, and parameters of norms. ValueError: an unknown name.
    """
    x = torch.ones(1, *shape, dtype=torch.float64, device=next(model.parameters()).device)
    weights = _carriers(model, mask)
    tables = {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Embedding)}
    inputs = [x, *(w for name, w in weights.items() if id(model.get_parameter(name)) in tables)]
    for tensor in (x, *weights.values()):
        tensor.requires_grad_()
    return any(bool(g.any()) for g in gradient(flow_of(model, weights, x), inputs))


def _carriers(model: nn.Module, mask: Mask) -> dict[str, Tensor]:
    """Weights 1/fan-in, and |γ| and whatever else a path meets, each 0 where the mask cuts it."""
    weights, parameters = prunable(model), dict(model.named_parameters(remove_duplicate=False))
    unknown = mask.keys() - parameters.keys()
    if unknown:
        raise ValueError(f"mask names {sorted(unknown)}, and the parameters are {[*parameters]}")
    rest = {n: p for n, p in others(model, weights).items() if n in parameters and "bias" not in n}
    carriers = {n: torch.full_like(w, 1 / w[0].numel(), dtype=torch.float64) for n, w in weights.items()}
    carriers |= {n: p.detach().double().abs() for n, p in rest.items()}
    first_names = {id(p): name for name, p in (weights | rest).items()}
    for name, kept in mask.items():
        first = first_names.get(id(parameters[name]))
        if first is not None:
            carriers[first] *= kept.to(carriers[first].device)
    return carriers
