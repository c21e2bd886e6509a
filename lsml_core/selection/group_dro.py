"""Group DRO: a network trained for the group whose loss is largest.

    q_g    weight of group g, Σ q_g = 1        ℓ_g    mean loss of group g in the mini-batch

Every step first moves q towards the groups of largest loss, by the rule `spurious.GroupDRO`. Then the
optimizer takes a step on Σ q_g ℓ_g.

Sagawa, Koh, Hashimoto & Liang (ICLR 2020).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Integer
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.data import Dataset
from lsml_core.evaluation import in_mode, losses
from lsml_core.selection.robust_training import Watch, check_watched
from lsml_core.selection.spurious import GroupDRO
from lsml_core.tensors import as_array, as_inputs, on_model
from lsml_core.training_step import check_trained, train_step
from lsml_core.validation import Count, check_count, check_kind, check_labels, check_rng


class GroupRun(NamedTuple):
    """q: group weights after every epoch, (epochs, groups).   watched: by epoch."""

    q: Float[ndarray, "epochs groups"]
    watched: tuple[Any, ...]


def fit_group_dro(
    model: nn.Module,
    data: Dataset,
    groups: Integer[ndarray, " n"],
    *,
    rule: GroupDRO,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    balanced: bool = True,
    watch: Watch | None = None,
) -> GroupRun:
    """Per mini-batch: q by one step of `rule`, then one step of the optimizer on Σ_g q_g ℓ_g.

    model: trained in place.   data: the training set.   optimizer, epochs, batch: as for `training.fit`.
    watch: called with the model after every epoch; None keeps nothing.
    rule: η_q and the adjustment, see `GroupDRO`.
    groups: of each example, 0 … groups − 1, every one used. Group DRO has to be told them.
    balanced: draw mini-batches in which every group is equally likely, as in the published code. Without it a
    small group is in few batches, and its loss is noisy.
    """
    check_watched(data, watch)
    check_trained(model, optimizer)
    check_kind("rule", rule, GroupDRO, "a record of settings, such as GroupDRO(eta=0.01)")
    check_labels(groups, (len(data),), len(data), "groups")
    sizes = np.bincount(groups)
    if not sizes.all():
        raise ValueError(
            f"groups leaves out {np.flatnonzero(sizes == 0)}; all from 0 to the largest must be used"
        )
    check_rng(rng)
    draw = (1 / (sizes * len(sizes)))[groups] if balanced else None
    x, y = on_model(as_inputs(data.x, model), model), on_model(data.y, model)
    q, history, watched = rule.init(len(sizes)), [], []
    for _ in range(check_count("epochs", epochs, 0)):
        for some in _batches(len(data), check_count("batch", batch), draw, rng):
            with in_mode(model, training=True):
                q = _dro_step(model, optimizer, x[some], y[some], groups[some], q, rule, sizes)
        history.append(q)
        watched.append(watch and watch(model))
    return GroupRun(np.array(history).reshape(-1, len(sizes)), tuple(watched))


def _dro_step(
    model: nn.Module,
    optimizer: Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    groups: Int[ndarray, " b"],
    q: Float[ndarray, " groups"],
    rule: GroupDRO,
    sizes: Int[ndarray, " groups"],
) -> Float[ndarray, " groups"]:
    with torch.no_grad():
        each = as_array(losses(model(x), y)).astype(float)
    present = np.bincount(groups, minlength=len(sizes))
    means = np.bincount(groups, weights=each, minlength=len(sizes)) / np.maximum(present, 1)
    q = rule.step(q, means, sizes)
    weights = (q / np.maximum(present, 1))[groups] * len(groups)  # the mean over the batch is Σ q_g ℓ_g
    train_step(model, optimizer, x, y, weights=on_model(weights, model))
    return q


def _batches(
    n: int, batch: int, draw: Float[ndarray, " n"] | None, rng: np.random.Generator
) -> Iterator[Int[ndarray, " b"]]:
    """One epoch: a permutation, or n draws with these probabilities, cut into mini-batches."""
    order = rng.permutation(n) if draw is None else rng.choice(n, n, p=draw)
    return iter(np.array_split(order, range(batch, n, batch)))
