"""Data made wrong on purpose, with the truth about what was done: `label_noise(y, 0.2, 10, rng=rng).indices`.

y        true labels, int64 (n,)           indices  the examples that were made wrong, ascending
cue      the class whose patch an example wears, int64 (n,); a group is a pair (y, cue)
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from lsml_core.data.datasets import Dataset
from lsml_core.validation import (
    Count,
    check_count,
    check_finite,
    check_fraction,
    check_kind,
    check_labels,
    check_rng,
)


class NoisyLabels(NamedTuple):
    y: Int64[np.ndarray, " n"]
    indices: Int64[np.ndarray, " k"]


class Spurious(NamedTuple):
    data: Dataset
    cue: Int64[np.ndarray, " n"]
    indices: Int64[np.ndarray, " k"]  # the minority: cue ≠ y


def label_noise(
    y: Int64[np.ndarray, " n"], fraction: float | int, classes: Count, *, rng: np.random.Generator
) -> NoisyLabels:
    """Exactly round(fraction · n) labels replaced, each by one of the other classes with equal chance.

    y: true labels, (n,).   fraction: share of wrong labels, in [0, 1].   classes: how many, at least 2.
    No replaced label stays true by luck, so `indices` is the whole truth about the noise; drawing from
    all classes instead would leave one in `classes` of them as it was.
    """
    check_fraction(fraction=fraction)
    y, classes = np.asarray(y), check_count("classes", classes, 2)  # one class leaves no wrong label
    check_labels(y, (y.size,), classes)
    indices = np.sort(check_rng(rng).permutation(len(y))[: round(fraction * len(y))])
    noisy = y.astype(np.int64)  # an own type of 8 bits may not hold every class
    noisy[indices] = _another(y[indices], classes, rng)
    return NoisyLabels(noisy, indices)


def spurious_patch(
    data: Dataset, alignment: float | int, magnitude: float | int = 1.0, *, rng: np.random.Generator
) -> Spurious:
    """Every image wears a small square whose place names a class: its own class for a share `alignment`.

    data: images, (n, side, side) or (n, 3, side, side), of at least 2 classes.   alignment: in [0, 1].
    In each class round(alignment · n_c) images, the majority, wear their own class's square and the rest
    that of another. The square is set to `magnitude` (1 is white; above 1 it outshines every pixel), side/7
    wide, its places dealt row by row from the upper left corner. At alignment = 1/classes it tells nothing.
    """
    check_kind("data", data, Dataset, "a Dataset of images")
    check_fraction(alignment=alignment)
    check_finite(magnitude=magnitude)
    classes = check_count("number of classes", len(data.classes), 2)
    corners, width = _places(data.x.shape, classes)
    cue = data.y.copy()
    for c in np.unique(data.y):
        members = check_rng(rng).permutation(np.flatnonzero(data.y == c))
        minority = members[round(alignment * len(members)) :]
        cue[minority] = _another(cue[minority], classes, rng)
    x = data.x.copy()
    for c, (top, left) in enumerate(corners):
        x[cue == c, ..., top : top + width, left : left + width] = magnitude
    patched = Dataset(x, data.y, data.classes, f"{data.name} with patches")
    return Spurious(patched, cue, np.flatnonzero(cue != data.y))


def _another(y: Int64[np.ndarray, " k"], classes: int, rng: np.random.Generator) -> Int64[np.ndarray, " k"]:
    """For every label one of the others, all equally likely."""
    return (y + rng.integers(1, classes, size=len(y))) % classes


def _places(shape: tuple[int, ...], classes: int) -> tuple[list[tuple[int, int]], int]:
    """Upper left corners of the classes' squares, and their width."""
    if len(shape) < 3:
        raise ValueError(
            f"data.x has shape {shape}; patches need images, (n, side, side) or (n, 3, side, side)"
        )
    height, side = shape[-2:]
    width = max(1, side // 7)
    rows, columns = height // width, side // width
    if rows * columns < classes:
        raise ValueError(f"images of {height} × {side} have no room for {classes} patches")
    return [(c // columns * width, c % columns * width) for c in range(classes)], width
