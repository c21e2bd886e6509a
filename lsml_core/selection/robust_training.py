"""Training loops of lecture 09: each epoch on the examples, or with the weights, that the method chooses.

    fit_crust       on a coreset of the dense cores, chosen anew every epoch
    fit_epic        on what is left after isolated examples were dropped
    fit_sampled     on examples drawn with given probabilities: SPARE
    mixup_within_classes   makes more examples of a small coreset

`group_dro` has the loop of group DRO. In all of them `watch` is called with the model after every epoch, and
what it returns is kept in `watched`. The other arguments are those of `training.fit`: an optimizer of the
model's parameters, epochs, batch, and rng.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.coresets import Coreset
from lsml_core.data import Dataset
from lsml_core.selection.classes import Labels, members_by_class
from lsml_core.selection.crust import Choose, central, crust
from lsml_core.selection.epic import Epic, isolated
from lsml_core.selection.gradients import logit_gradients
from lsml_core.training import fit, per_example
from lsml_core.validation import (
    Count,
    array_of,
    check_count,
    check_function,
    check_kind,
    check_positive,
    check_rng,
    check_share,
)

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
    ValueError before anything is trained if the fraction is not above 0 and at most 1.
    """
    check_watched(data, watch)
    check_share(fraction=fraction)
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
    check_watched(data, watch)
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
    check_watched(data, watch)
    check_rng(rng)
    n, watched = len(data), []
    for _ in range(check_count("epochs", epochs, 0)):
        drawn = data.subset(rng.choice(n, n, p=probabilities))
        fit(model, drawn, optimizer=optimizer, epochs=1, batch=batch, rng=rng, progress=False)
        watched.append(watch and watch(model))
    return tuple(watched)


def check_watched(data: Dataset, watch: Watch | None) -> None:
    """ValueError unless `data` is a `Dataset`, and `watch` a function or None."""
    check_kind("data", data, Dataset, "a Dataset")
    if watch is not None:
        check_function("watch", watch, "a function of the model, or None")


def mixup_within_classes(
    x: Float[ndarray, "n *shape"], y: Labels, *, alpha: float | int = 0.1, rng: np.random.Generator
) -> Float[ndarray, "n *shape"]:
    """λxᵢ + (1 − λ)x_j with a random j of the same class, λ ~ Beta(1, alpha) for each example.

    x: examples, (n, …), floats.   y: labels, (n,), which stay.
    alpha: above 0; small values leave most examples nearly as they are.
    CRUST trains on its coreset mixed in this way, so that few examples do not become too few.
    """
    check_positive(alpha=alpha)
    check_rng(rng)
    x, y = array_of("x", x), array_of("y", y)
    if x.dtype.kind != "f":
        raise ValueError(
            f"x is {x.dtype}, and must be floats: a mixture would be rounded; for instance x / 255"
        )
    if y.shape != x.shape[:1]:
        raise ValueError(f"y of shape {y.shape} must have one label for each of the {len(x)} examples in x")
    partner = np.arange(len(y))
    for members in members_by_class(y):
        partner[members] = rng.permutation(members)
    share = rng.beta(1, alpha, size=(len(y), *(1,) * (x.ndim - 1))).astype(x.dtype)
    return share * x + (1 - share) * x[partner]
