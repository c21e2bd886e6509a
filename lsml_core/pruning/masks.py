"""From scores to masks: `mask = keep_top(scores, density=0.1)`, True = kept.

scores    name -> tensor, large = keep: a score for each weight, or for each filter
mask      name -> bool tensor of the same shape
density   share of the weights kept, 1/compression
N         number of scores, in the whole network or in one layer
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from lsml_core.pruning.scores import Scores, flow, prunable
from lsml_core.training import Mask
from lsml_core.training import apply_mask_ as apply_

__all__ = [
    "Mask",
    "apply_",
    "collapsed",
    "connected",
    "exponential",
    "hold",
    "keep_top",
    "linear",
    "prune",
]

Scope = Literal["global", "layer"]
SAMPLE = 1 << 14


def keep_top(
    scores: Scores, density: float | int, *, scope: Scope = "global", within: Mask | None = None
) -> Mask:
    """The round(density · N) largest scores: of the whole network, or of each layer by itself.

    The count is exact however many scores are equal: of those at the border the first in memory stay.
    within: an earlier mask. Nothing it cut comes back, and where fewer survive in it than asked for, all do.
    O(N). ValueError: a density outside 0 … 1, a score that is nan or +inf, or another mask's names.
    """
    if not 0 <= density <= 1:
        raise ValueError(f"density={density} is the share kept, between 0 and 1")
    if within is not None and within.keys() != scores.keys():
        raise ValueError(f"within names {sorted(within)}, and the scores are {sorted(scores)}")
    if scope == "global":
        return _kept(scores, density, within)
    if scope != "layer":
        raise ValueError(f"scope={scope!r} must be 'global' or 'layer'")
    layers = ({name: s} for name, s in scores.items())
    return {name: kept for layer in layers for name, kept in _kept(layer, density, within).items()}


def exponential(density: float | int, steps: int) -> list[float]:
    """density^(i/steps) for i = 1 … steps: each step keeps the same share of what is left."""
    return [density ** (i / steps) for i in range(1, steps + 1)]


def linear(density: float | int, steps: int) -> list[float]:
    """1 − (1 − density)·i/steps for i = 1 … steps: each step removes equally many."""
    return [1 - (1 - density) * i / steps for i in range(1, steps + 1)]


def prune(
    model: nn.Module,
    score: Callable[[nn.Module], Scores],
    densities: Sequence[float | int],
    scope: Scope = "global",
) -> Mask:
    """Score, keep the top, cut, and score again what is left: once for each density, each mask in the last.

    The model stays as it is; the mask comes into force with `apply_`, or `fit(…, mask=mask)`.
    densities: `exponential(density, 100)`, `linear`, or [density] for one shot.
    """
    model, mask = copy.deepcopy(model), None
    for density in densities:
        mask = keep_top(score(model), density, scope=scope, within=mask)
        apply_(model, mask)
    if mask is None:
        raise ValueError("densities is empty, and must name one density for each round of pruning")
    return mask


def hold(optimizer: Optimizer, model: nn.Module, mask: Mask) -> RemovableHandle:
    """Zero the pruned weights now, and after every step of a torch optimizer; `.remove()` ends it.

    Zero gradients would not do: momentum, Adam's memory, and weight decay move weights by themselves.
    """
    apply_(model, mask)

    def cut(*_: Any) -> None:
        apply_(model, mask)

    return optimizer.register_step_post_hook(cut)


def collapsed(mask: Mask) -> list[str]:
    """Names of the layers with nothing left. In a chain of layers one is enough to cut the network in two."""
    return [name for name, kept in mask.items() if not kept.any()]


def connected(model: nn.Module, mask: Mask, shape: tuple[int, ...]) -> bool:
    """Whether a path of kept weights leads from an input, of this shape, to an output.

    Follows skip connections, which survive a collapsed layer. The paths' products of 1/fan-in are summed in
    float64, which a hundred layers do not exhaust.
    """
    weights = {name: torch.ones_like(w, dtype=torch.float64) for name, w in prunable(model).items()}
    for name, kept in mask.items():
        weights[name] = kept.to(weights[name])
    return flow(model, {name: w / w[0].numel() for name, w in weights.items()}, shape).item() > 0


def _kept(scores: Scores, density: float | int, within: Mask | None) -> Mask:
    """Layer by layer, so that a large network is never copied as a whole where a mask has left less of it."""
    values = {name: _flat(s) for name, s in scores.items()}
    if not all(v.max(initial=-np.inf) < np.inf for v in values.values()):
        raise ValueError("scores hold nan or +inf: the loss diverged, or float32 was too small for them")
    open_ = None if within is None else {name: _flat(within[name]) for name in scores}
    among = [v if open_ is None else np.compress(open_[name], v) for name, v in values.items()]
    k = round(density * sum(map(len, values.values())))
    border, spare = _border(np.concatenate(among), k)
    mask: Mask = {}
    for name, v in values.items():
        top, at_border = v > border, v == border
        if open_ is not None:
            top &= open_[name]
            at_border &= open_[name]
        equal = np.flatnonzero(at_border)[:spare]  # of those at the border the first in memory stay
        top[equal] = True
        spare -= len(equal)
        mask[name] = torch.from_numpy(top).view_as(scores[name]).to(scores[name].device)
    return mask


def _border(scores: Float[ndarray, " N"], k: int) -> tuple[float, int]:
    """The k-th largest score, and how many of those that equal it are among the k largest."""
    if not 0 < k < len(scores):
        return (np.inf, 0) if k == 0 else (-np.inf, len(scores))
    border = float(_kth_largest(scores, k))
    return border, k - int(np.count_nonzero(scores > border))


def _kth_largest(scores: Float[ndarray, " N"], k: int) -> np.floating:
    """A sample splits the scores in three, and only the part with the k-th is searched, seldom a large one.

    After Floyd & Rivest (Communications of the ACM, 1975). Exact, whatever the sample.
    """
    if len(scores) > SAMPLE:
        sample = np.sort(scores[:: len(scores) // SAMPLE])
        place, slack = round(len(sample) * (1 - k / len(scores))), 2 * round(len(sample) ** 0.5)
        low, high = sample[max(place - slack, 0)], sample[min(place + slack, len(sample) - 1)]
        for part in (scores > high, (scores >= low) & (scores <= high), scores < low):
            inside = int(np.count_nonzero(part))
            if k <= inside:
                scores = scores[part]
                break
            k -= inside
    if scores.min() == scores.max():
        return scores[0]  # np.partition is slowest where there is nothing to do
    return np.partition(scores, len(scores) - k)[len(scores) - k]


def _flat(tensor: torch.Tensor) -> ndarray:
    return tensor.detach().flatten().cpu().numpy()
