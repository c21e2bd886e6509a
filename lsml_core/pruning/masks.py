"""From scores to masks: `mask = keep_top(scores, density=0.1)`, True where a weight is kept.

scores    parameter name -> tensor, large = keep: one score per weight, or one per filter
mask      parameter name -> bool tensor of the same shape
density   fraction of the weights that is kept, 1/compression
N         number of scores, in the whole network or in one layer

`keep_top` does not prevent layer collapse: `collapsed` finds the layers without a weight, and `prune` in many
rounds with `scores.synflow` and the `exponential` schedule avoids them.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from lsml_core.masking import Mask, check_one_mask
from lsml_core.masking import apply_mask_ as apply_
from lsml_core.pruning.connectivity import collapsed, connected
from lsml_core.pruning.kernels.selection import keep_largest
from lsml_core.pruning.scores import Scores
from lsml_core.pruning.weights import check_stored, weights_of
from lsml_core.validation import Count, check_count, check_fraction_of_weights, check_function, check_kind

__all__ = [
    "Mask",
    "apply_",
    "collapsed",
    "connected",
    "exponential",
    "keep_top",
    "keep_top_by_sorting",
    "keep_zero",
    "linear",
    "prune",
]

Scope = Literal["global", "layer"]


def keep_top_by_sorting(
    scores: Scores, density: float | int | np.number, *, scope: Scope = "global", within: Mask | None = None
) -> Mask:
    """The plain form of `keep_top`: sort all scores, keep the first round(density · N). O(N log N).

    Takes the same arguments and gives the same mask; Python compares integers and floats exactly.
    """
    density = _check_arguments(scores, density, scope, within)
    allowed = within or {name: torch.ones(s.shape, dtype=torch.bool) for name, s in scores.items()}
    mask = {name: torch.zeros(s.shape, dtype=torch.bool, device=s.device) for name, s in scores.items()}
    for names in _compared_together(scores, scope):
        ranking = [
            (score, name, place)
            for name in names
            for place, score in enumerate(scores[name].flatten().tolist())
        ]
        k = round(density * len(ranking))
        ranking.sort(key=lambda entry: entry[0], reverse=True)  # stable: the first of equal scores stay first
        open_ = {name: allowed[name].flatten().tolist() for name in names}
        survivors = [(name, place) for _, name, place in ranking if open_[name][place]]
        for name, place in survivors[:k]:
            mask[name].view(-1)[place] = True
    return mask


def keep_top(
    scores: Scores, density: float | int | np.number, *, scope: Scope = "global", within: Mask | None = None
) -> Mask:
    """The mask of the round(density · N) largest scores, of the whole network or of each layer.

    The count is exact however many scores are equal: of equal scores the first stay, in the order of the
    layers and then of the positions in each. Scores of different dtypes, integers too, are compared as the
    numbers they are, without rounding.
    density: fraction that is kept, between 0 and 1.
    scope: "global" compares all scores with each other, "layer" keeps the same fraction of every layer.
    within: an earlier mask. Nothing that it removed comes back; where fewer survive in it than asked for,
        all of them stay.
    O(N): finds the k-th largest score instead of sorting; `keep_top_by_sorting` is the plain form.
    ValueError: a density outside [0, 1], a score that is nan or +inf, or a mask of another network.
    """
    density = _check_arguments(scores, density, scope, within)
    mask: Mask = {}
    for names in _compared_together(scores, scope):
        k = round(density * sum(scores[name].numel() for name in names))
        mask |= keep_largest({name: scores[name] for name in names}, k, within)
    return mask


def exponential(density: float | int | np.number, steps: Count) -> list[float]:
    """density^(i/steps) for i = 1 … steps: every step keeps the same fraction of what is left.

    density: after the last step, in [0, 1].   steps: at least 1.
    """
    density, steps = check_fraction_of_weights("density", density, "kept"), check_count("steps", steps)
    return [density ** (i / steps) for i in range(1, steps + 1)]


def linear(density: float | int | np.number, steps: Count) -> list[float]:
    """1 − (1 − density)·i/steps for i = 1 … steps: every step removes the same number of weights.

    density: after the last step, in [0, 1].   steps: at least 1.
    """
    density, steps = check_fraction_of_weights("density", density, "kept"), check_count("steps", steps)
    return [1 - (1 - density) * i / steps for i in range(1, steps + 1)]


def prune(
    model: nn.Module,
    score: Callable[[nn.Module], Scores],
    densities: Sequence[float | int],
    scope: Scope = "global",
) -> Mask:
    """Prune in rounds: score the weights, keep the top, set the others to 0; then score what is left.

    Returns the last mask. The model itself does not change: use `apply_`, or `fit(…, mask=mask)`.
    score: model -> scores.       scope: see `keep_top`.
    densities: one per round, none above the one before, as by `exponential`; [density] prunes in one shot.
    ValueError: no density, or densities that rise, because a pruned weight does not come back.
    """
    check_function("score", score, "a function of a model, such as magnitude")
    densities = _checked_densities(densities)
    check_stored(weights_of(model))  # a weight computed from others can neither be copied nor pruned
    model, mask = copy.deepcopy(model), None
    for density in densities:
        mask = keep_top(score(model), density, scope=scope, within=mask)
        apply_(model, mask)
    assert mask is not None
    return mask


def keep_zero(optimizer: Optimizer, model: nn.Module, mask: Mask) -> RemovableHandle:
    """Set the pruned weights to 0 now and after every step of `optimizer`, until `.remove()` is called.

    optimizer: of the model's parameters.   model: any network.
    mask: parameter name -> bool tensor, True = kept.
    Gradients of zero would not be enough: what momentum and Adam's averages remember moves weights, too.
    """
    check_kind("optimizer", optimizer, Optimizer, "a torch optimizer of the model's parameters")
    apply_(model, mask)

    def apply_again(*_: Any) -> None:
        apply_(model, mask)

    return optimizer.register_step_post_hook(apply_again)


def _checked_densities(densities: Any) -> list[float]:
    """One density or more, none above the one before it."""
    check_kind("densities", densities, Iterable, "a sequence, one density for each round")
    each = [check_fraction_of_weights(f"densities[{i}]", d, "kept") for i, d in enumerate(densities)]
    if not each:
        raise ValueError("densities is empty; it needs one density for each round of pruning")
    if any(after > before for before, after in pairwise(each)):
        raise ValueError(f"densities={each} must not rise: a pruned weight does not come back")
    return each


def _compared_together(scores: Scores, scope: Scope) -> list[list[str]]:
    """Names of the layers whose scores are ranked together."""
    return [[*scores]] if scope == "global" else [[name] for name in scores]


def _check_arguments(
    scores: Scores, density: float | int | np.number, scope: str, within: Mask | None
) -> float:
    if scope not in ("global", "layer"):
        raise ValueError(f"scope={scope!r} must be 'global' or 'layer'")
    check_kind("scores", scores, Mapping, "a dict of tensors by layer, such as magnitude(model)")
    if not scores:
        raise ValueError("scores is empty; it needs the scores of at least one layer")
    for name, s in scores.items():
        _check_scores(name, s)
    if within is not None:
        _check_within(within, scores)
    return check_fraction_of_weights("density", density, "kept")


def _check_scores(name: str, s: Tensor) -> None:
    check_kind(f"scores[{name!r}]", s, Tensor, "a tensor")
    if s.is_complex() or (s.is_floating_point() and s.element_size() < 2):
        raise ValueError(f"scores[{name!r}] is {s.dtype}; scores must be real numbers of 16 bits or more")
    if s.layout != torch.strided:
        raise ValueError(f"scores[{name!r}] is {s.layout}; scores must be a dense tensor: use .to_dense()")
    if s.is_floating_point() and s.numel() and not s.detach().amax() < np.inf:
        raise ValueError(f"scores[{name!r}] holds nan or +inf: the loss diverged, or {s.dtype} was too small")


def _check_within(within: Mask, scores: Scores) -> None:
    if within.keys() != scores.keys():
        raise ValueError(f"within names {sorted(within)}, but the scores are {sorted(scores)}")
    for name, kept in within.items():
        check_one_mask(f"within[{name!r}]", kept, scores[name])
