"""From scores to masks: `mask = keep_top(scores, density=0.1)`, True = kept.

scores    name -> tensor, large = keep: a score for each weight, or for each filter
mask      name -> bool tensor of the same shape
density   share of the weights kept, 1/compression
N         number of scores, in the whole network or in one layer
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Shaped
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from lsml_core.pruning.connectivity import collapsed, connected
from lsml_core.pruning.scores import Scores
from lsml_core.pruning.weights import check_stored, weights_of
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
    scores: Scores, density: float | int | np.number, *, scope: Scope = "global", within: Mask | None = None
) -> Mask:
    """The round(density · N) largest scores: of the whole network, or of each layer by itself.

    The count is exact however many scores are equal: of those at the border the first stay, in the order of
    the layers and then of the places in each. Layers may differ in dtype, and scores may be integers: they
    are compared as they are, never rounded to a common precision.
    density: the fraction kept, between 0 and 1.
    scope: "global" ranks all weights together, "layer" keeps the same fraction of every layer.
    within: an earlier mask. Nothing it cut comes back, and where fewer survive in it than asked for, all do.
    O(N). ValueError: a density outside 0 … 1, a score that is nan or +inf, or a mask of another network.
    """
    density = _checked(density)
    if scope not in ("global", "layer"):
        raise ValueError(f"scope={scope!r} must be 'global' or 'layer'")
    _check_within(within, scores)
    values = {name: _flat(name, s) for name, s in scores.items()}
    open_ = None if within is None else {name: _flat(name, within[name]) for name in scores}
    groups = [[*scores]] if scope == "global" else [[name] for name in scores]
    mask = {n: m for group in groups for n, m in _kept({n: values[n] for n in group}, density, open_).items()}
    return {name: torch.from_numpy(mask[name]).view_as(s).to(s.device) for name, s in scores.items()}


def exponential(density: float | int | np.number, steps: int) -> list[float]:
    """density^(i/steps) for i = 1 … steps: each step keeps the same share of what is left."""
    density, steps = _checked(density), _counted(steps)
    return [density ** (i / steps) for i in range(1, steps + 1)]


def linear(density: float | int | np.number, steps: int) -> list[float]:
    """1 − (1 − density)·i/steps for i = 1 … steps: each step removes equally many."""
    density, steps = _checked(density), _counted(steps)
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
    check_stored(weights_of(model))  # what is computed from others can neither be copied nor cut
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


def _checked(density: float | int | np.number) -> float:
    if not isinstance(density, Real) or not 0 <= density <= 1:
        raise ValueError(f"density={density!r} must be a number between 0 and 1, the fraction that is kept")
    return float(density)


def _counted(steps: int) -> int:
    if not isinstance(steps, Integral) or steps < 1:
        raise ValueError(f"steps={steps!r} must be an integer, at least 1")
    return int(steps)


def _check_within(within: Mask | None, scores: Scores) -> None:
    if not scores:
        raise ValueError("scores is empty, and must name the scores of one layer or more")
    if within is None:
        return
    if within.keys() != scores.keys():
        raise ValueError(f"within names {sorted(within)}, and the scores are {sorted(scores)}")
    for name, kept in within.items():
        if kept.shape != scores[name].shape or kept.dtype != torch.bool:
            shape = tuple(scores[name].shape)
            raise ValueError(
                f"within[{name!r}] is {kept.dtype} {tuple(kept.shape)}, and must be bool {shape}"
            )


def _kept(
    values: Mapping[str, Shaped[ndarray, " n"]], density: float, within: Mapping[str, ndarray] | None
) -> dict[str, ndarray]:
    """Layer by layer, so that a large network is never copied as a whole where a mask has left less of it."""
    values = _comparable(values)
    among = [v if within is None else np.compress(within[name], v) for name, v in values.items()]
    k = round(density * sum(map(len, values.values())))
    border, spare = _border(np.concatenate(among), k)
    mask = {}
    for name, v in values.items():
        top, at_border = v > border, v == border
        if within is not None:
            top &= within[name]
            at_border &= within[name]
        equal = np.flatnonzero(at_border)[:spare]  # of those at the border the first in memory stay
        top[equal] = True
        spare -= len(equal)
        mask[name] = top
    return mask


def _comparable(values: Mapping[str, Shaped[ndarray, " n"]]) -> dict[str, Shaped[ndarray, " n"]]:
    """All in one dtype that holds every value exactly.

    No float holds all integers of 64 bits. Beside floats these become pairs (nearest float, what it lacks),
    stored as complex numbers, which numpy orders by the first part and then by the second.
    """
    common = np.result_type(*values.values())
    wide = any(v.dtype.kind in "iu" and v.dtype.itemsize == 8 for v in values.values())
    if common.kind == "f" and wide:
        return {name: _pairs(v) for name, v in values.items()}
    return {name: v.astype(common, copy=False) for name, v in values.items()}


def _pairs(values: Shaped[ndarray, " n"]) -> Shaped[ndarray, " n"]:
    pairs = values.astype(np.complex128)
    if values.dtype.kind in "iu":
        largest = np.nextafter(float(np.iinfo(values.dtype).max), 0)  # that can be cast back
        pairs.real = np.minimum(pairs.real, largest)
        pairs.imag = (values - pairs.real.astype(values.dtype)).view(f"i{values.itemsize}")
    return pairs


def _border(scores: Shaped[ndarray, " N"], k: int) -> tuple[Any, int]:
    """The k-th largest score, and how many of those that equal it are among the k largest."""
    if not 0 < k < len(scores):
        return (np.inf, 0) if k == 0 else (-np.inf, len(scores))
    border = _kth_largest(scores, k)
    return border, k - int(np.count_nonzero(scores > border))


def _kth_largest(scores: Shaped[ndarray, " N"], k: int) -> np.generic:
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


def _flat(name: str, tensor: torch.Tensor) -> Shaped[ndarray, " n"]:
    """What has no order is refused. numpy has no bfloat16 and is slow at float16: float32 holds both."""
    if tensor.is_complex():
        raise ValueError(f"scores[{name!r}] is {tensor.dtype}, and must be real")
    values = tensor.detach().flatten()
    if tensor.is_floating_point() and tensor.element_size() < 4:
        values = values.float()
    values = values.cpu().numpy()
    if values.dtype.kind == "f" and not values.max(initial=-np.inf) < np.inf:
        raise ValueError(
            f"scores[{name!r}] hold nan or +inf: the loss diverged, or {tensor.dtype} was too small for them"
        )
    return values
