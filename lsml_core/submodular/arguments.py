"""What the functions and algorithms of this room accept: elements, weights and matrices, checked at the door.

    n      size of the ground set {0, …, n−1}         name   of the argument, for the message

Whatever does not pass raises ValueError.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Num
from numpy import ndarray

Indices = Sequence[int] | Int[ndarray, " b"]
Weights = Sequence[float | int] | Num[ndarray, " u"]


def checked(indices: Indices, n: int) -> Int[ndarray, " b"]:
    """As an array, if all are whole numbers from 0 to n − 1."""
    i = np.asarray(indices)
    if i.shape == (0,):
        return np.zeros(0, dtype=np.intp)
    if i.ndim != 1 or i.dtype.kind not in "iu" or not 0 <= i.min() <= i.max() < n:
        raise ValueError(f"indices={indices} must be whole numbers from 0 to {n - 1}")
    return i.astype(np.intp, copy=False)


def as_set(indices: Indices, n: int) -> Int[ndarray, " s"]:
    """As `checked`, sorted, each element once."""
    return np.unique(checked(indices, n))


def finite(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """In float64, if it has so many axes, and neither nan nor inf."""
    a = np.asarray(a, dtype=float)
    if a.ndim != axes or not np.isfinite(a).all():
        raise ValueError(f"{name} of shape {a.shape} must have {axes} axes and be finite")
    return a


def non_negative(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """As `finite`, and at least 0."""
    a = finite(a, name, axes)
    if (a < 0).any():
        raise ValueError(f"{name} holds {a.min():g} and must be at least 0")
    return a


def symmetric(a: Any, name: str) -> Float[ndarray, "n n"]:
    """As `finite`, and equal to its transpose up to rounding."""
    a = finite(a, name, 2)
    if a.shape[0] != a.shape[1] or not np.allclose(a, a.T):
        raise ValueError(f"{name} of shape {a.shape} must be symmetric")
    return a


def weights_for(weights: Weights | None, u: int) -> Float[ndarray, " u"]:
    """One weight ≥ 0 for each of u things, 1 if none are given."""
    w = np.ones(u) if weights is None else non_negative(weights, "weights", 1)
    if len(w) != u:
        raise ValueError(f"{len(w)} weights for {u} things to weigh")
    return w


def check_budget(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"budget k={k} must lie between 0 and the ground set's size n={n}")
