"""The images of lecture 08's runs, and the weighted subsets of a tenth that they compare."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.coresets import Coreset
from lsml_core.data import Dataset, load
from lsml_core.selection.classes import size_of_share
from lsml_core.selection.craig import craig

FRACTION = 0.1
SETS = {"digits": 8, "fashion": 14}  # name -> pixels along an edge
SUBSETS = ("random", "stratified", "CRAIG")


def images(name: str, split: str = "train") -> Dataset:
    """Rows of pixels.

    name: one of `SETS`.   split: "train" or "test".
    """
    data = load(name, side=SETS[name], split=split)
    return Dataset(data.x.reshape(len(data), -1), data.y, data.classes, data.name)


def random_subset(y: Int[ndarray, " n"], rng: np.random.Generator) -> Coreset:
    """A tenth of the examples, each of weight 10.

    y: labels; only their number counts.
    """
    size = round(FRACTION * len(y))
    return Coreset(rng.permutation(len(y))[:size], np.full(size, len(y) / size))


def stratified_subset(y: Int[ndarray, " n"], rng: np.random.Generator) -> Coreset:
    """⌈n_c / 10⌉ random examples per class, weighted so that a class counts n_c, as in CRAIG."""
    members = [rng.permutation(np.flatnonzero(y == c)) for c in np.unique(y)]
    sizes = [size_of_share(FRACTION, len(m)) for m in members]
    chosen = np.concatenate([m[:size] for m, size in zip(members, sizes, strict=True)])
    weights = [np.full(size, len(m) / size) for m, size in zip(members, sizes, strict=True)]
    return Coreset(chosen, np.concatenate(weights))


def subset_of(
    method: str, features: Float[ndarray, "n d"], y: Int[ndarray, " n"], rng: np.random.Generator
) -> Coreset:
    """A weighted subset of a tenth of the examples.

    method: one of `SUBSETS`.   features: what CRAIG measures distances between.   y: labels.
    """
    if method == "CRAIG":
        return craig(features, y, FRACTION)
    return (random_subset if method == "random" else stratified_subset)(y, rng)
