"""Gradients and labels, class by class: CRAIG and CRUST select in each class by itself."""

from math import ceil

import numpy as np
from jaxtyping import Int, Integer, Real
from numpy import ndarray

from lsml_core.validation import array_of, check_share

Gradients = Real[ndarray, "n d"]
Labels = Integer[ndarray, " n"]


def checked_rows(gradients: Gradients) -> Gradients:
    """As an array. ValueError unless they are finite numbers, (n, d), n ≥ 1."""
    g = array_of("gradients", gradients)
    if g.ndim != 2 or not len(g) or g.dtype.kind not in "biuf" or not np.isfinite(g).all():
        raise ValueError(
            f"gradients is {g.dtype} of shape {g.shape}; it must be finite numbers, (n, d), n ≥ 1"
        )
    return g


def checked_gradients(gradients: Gradients, y: Labels) -> tuple[Gradients, Labels]:
    """Both as arrays. ValueError unless gradients are finite numbers, (n, d), with n integer labels."""
    g, y = checked_rows(gradients), array_of("y", y)
    if y.shape != (len(g),) or y.dtype.kind not in "iu":
        raise ValueError(f"y is {y.dtype} of shape {y.shape}; it must be {len(g)} integer labels")
    return g, y


def members_by_class(y: Labels) -> list[Int[ndarray, " members"]]:
    """The examples of every class, in the order of the labels."""
    return [np.flatnonzero(y == c) for c in np.unique(y)]


def size_of_share(fraction: float | int, n: int) -> int:
    """⌈fraction · n⌉, at least 1: how many of the n examples of a class are kept.

    fraction: above 0 and at most 1, else ValueError.   n: at least 1.
    A product that only rounding lifts above a whole number counts as that number.
    """
    check_share(fraction=fraction)
    return max(1, ceil(fraction * n - 1e-9))
