"""Training loops of lecture 09: each epoch on the examples, or with the weights, that the method chooses.

    fit_crust       on a coreset of the dense cores, chosen anew every epoch
    fit_epic        on what is left after isolated examples were dropped
    fit_sampled     on examples drawn with given probabilities: SPARE
    fit_group_dro   with group weights that follow the largest group loss

`watch` is called with the model after every epoch; what it returns is kept in `watched`. The other arguments
are those of `training.fit`: an optimizer of the model's parameters, epochs, batch, and rng.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Integer
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.coresets import Coreset
from lsml_core.data import Dataset
from lsml_core.selection.crust import Choose, central, crust
from lsml_core.selection.epic import Epic, isolated
from lsml_core.selection.gradients import logit_gradients
from lsml_core.selection.spurious import GroupDRO
from lsml_core.tensors import as_array, as_inputs, on_model
from lsml_core.training import check_trained, fit, in_mode, per_example, train_step
from lsml_core.validation import Count, check_count, check_kind, check_labels, check_rng

Watch = Callable[[nn.Module], Any]
"""(model) -> anything, after every epoch."""


class CrustRun(NamedTuple):
    """chosen: the examples of each epoch; all of them while training is ordinary.   watched: by epoch."""

    chosen: tuple[Int[ndarray, " m"], ...]
    watched: tuple[Any, ...]


class EpicRun(NamedTuple):
    """kept: the examples left, ascending.   dropped: those of each round.   watched: by epoch."""

    kept: Int[ndarray, " kept"]
    dropped: tuple[Int[ndarray, " dropped"], ...]
    watched: tuple[Any, ...]


class GroupRun(NamedTuple):
    """q: group weights after every epoch, (epochs, groups).   watched: by epoch."""

    q: Float[ndarray, "epochs groups"]
    watched: tuple[Any, ...]


def current_gradients(model: nn.Module, data: Dataset) -> Float[ndarray, "n classes"]:
    """p − y of every example, for the model as it is.

    model: a classifier.   data: n examples.
    """
    return logit_gradients(per_example(model, data)["probabilities"], data.y)


def fit_crust(
    model: nn.Module,
    data: Dataset,
    *,
    fraction: float | int,
    warm_up: Count,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    radius: float | int | None = None,
    choose: Choose = central,
    watch: Watch | None = None,
) -> CrustRun:
    """`warm_up` epochs on all examples; then every epoch on a coreset chosen anew at its beginning.

    model: trained in place.   data: the training set.   optimizer, epochs, batch: as for `training.fit`.
    watch: called with the model after every epoch; None keeps nothing.
    fraction, radius, choose: as in `crust`.   epochs: all of them, the warm-up included.
    """
    _check_data(data)
    warm_up, everyone = check_count("warm_up", warm_up, 0), np.arange(len(data))
    chosen, watched = [], []
    for epoch in range(check_count("epochs", epochs, 0)):
        coreset = Coreset(everyone, np.ones(len(data)))
        if epoch >= warm_up:
            coreset = crust(current_gradients(model, data), data.y, fraction, radius=radius, choose=choose)
        fit(model, data, optimizer=optimizer, epochs=1, batch=batch, rng=rng, coreset=coreset, progress=False)
        chosen.append(coreset.indices)
        watched.append(watch and watch(model))
    return CrustRun(tuple(chosen), tuple(watched))


def fit_epic(
    model: nn.Module,
    data: Dataset,
    *,
    defence: Epic,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    watch: Watch | None = None,
) -> EpicRun:
    """Ordinary training; after some epochs, as `defence` says, isolated examples are dropped for good.

    model: trained in place.   data: the training set.   optimizer, epochs, batch: as for `training.fit`.
    watch: called with the model after every epoch; None keeps nothing.
    defence: when EPIC looks, and how closely.
    """
    _check_data(data)
    check_kind("defence", defence, Epic, "a record of settings, such as Epic(fraction=0.2)")
    kept, dropped, watched = np.arange(len(data)), [], []
    for epoch in range(1, check_count("epochs", epochs, 0) + 1):
        ones = Coreset(kept, np.ones(len(kept)))
        fit(model, data, optimizer=optimizer, epochs=1, batch=batch, rng=rng, coreset=ones, progress=False)
        if defence.looks_after(epoch):
            left = data.subset(kept)
            gone = kept[isolated(current_gradients(model, left), left.y, defence.fraction)]
            kept = np.setdiff1d(kept, gone)
            dropped.append(gone)
        watched.append(watch and watch(model))
    return EpicRun(kept, tuple(dropped), tuple(watched))


def fit_sampled(
    model: nn.Module,
    data: Dataset,
    probabilities: Float[ndarray, " n"],
    *,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    watch: Watch | None = None,
) -> tuple[Any, ...]:
    """Every epoch on n examples drawn with replacement.   probabilities: of each example, their sum is 1.

    model: trained in place.   data: the training set.   optimizer, epochs, batch: as for `training.fit`.
    watch: called with the model after every epoch; None keeps nothing.
    Returns what `watch` returned, by epoch.
    """
    _check_data(data)
    check_rng(rng)
    n, watched = len(data), []
    for _ in range(check_count("epochs", epochs, 0)):
        drawn = data.subset(rng.choice(n, n, p=probabilities))
        fit(model, drawn, optimizer=optimizer, epochs=1, batch=batch, rng=rng, progress=False)
        watched.append(watch and watch(model))
    return tuple(watched)


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
    _check_data(data)
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


def _check_data(data: Dataset) -> None:
    check_kind("data", data, Dataset, "a Dataset")


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
    from lsml_core.training import losses

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
