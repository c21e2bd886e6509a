"""What the functions and algorithms of this room accept: elements, budgets, weights and matrices, checked.

    n      size of the ground set {0, …, n−1}         name   of the argument, for the message

Whatever does not pass raises ValueError. Arrays that a function keeps are copies: what the caller writes into
the original later does not reach it.
"""

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Float, Int, Integer, Num
from numpy import ndarray

from lsml_core.validation import check_count

Indices = Sequence[int | np.integer] | Integer[ndarray, " b"]
Weights = Sequence[float | int] | Num[ndarray, " u"]
Matrix = Any
"""A dense array, or a scipy.sparse matrix or array of any format."""


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


def whole_number(value: SupportsIndex, name: str, low: int) -> int:
    """As an int, if it is an integer of Python or numpy, no bool, and at least `low`."""
    return check_count(name, value, low)


def check_budget(k: SupportsIndex, n: int, given: int = 0) -> int:
    """k as an int, if so many elements can be added to those that are `given` already."""
    number = whole_number(k, "k", -(2**63))
    if not 0 <= number <= n - given:
        less = f" less the {given} given" if given else ""
        raise ValueError(f"budget k={number} must lie between 0 and the ground set's size n={n}{less}")
    return number


def real(a: Any, name: str) -> ndarray:
    """As an array, if it holds real numbers."""
    a = np.asarray(a)
    if a.dtype.kind not in "biuf":
        raise ValueError(f"{name} of dtype {a.dtype} must be a dense array of real numbers")
    return a


def finite(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """A copy in float64, if it has so many axes, and neither nan nor inf."""
    a = np.array(real(a, name), dtype=float)
    if a.ndim != axes or not np.isfinite(a).all():
        raise ValueError(f"{name} of shape {a.shape} must have {axes} axes and be finite")
    return a


def non_negative(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """As `finite`, and at least 0."""
    a = finite(a, name, axes)
    if (a < 0).any():
        raise ValueError(f"{name} holds {a.min():g} and must be at least 0")
    return a


def is_sparse(a: Any) -> bool:
    """Whether it is a scipy.sparse matrix or array, without an import of scipy."""
    return hasattr(a, "tocsr")


def sparse(a: Any, name: str) -> Any:
    """A copy as a csr_array without duplicate entries (they add up), if it has two axes and is finite."""
    from scipy.sparse import csr_array  # here, so that the room opens without scipy

    if a.ndim != 2 or a.dtype.kind not in "biuf":
        raise ValueError(f"{name} of shape {a.shape} and dtype {a.dtype} must have 2 axes and be real")
    a = csr_array(a, copy=True)
    a.sum_duplicates()
    if not np.isfinite(a.data).all():
        raise ValueError(f"{name} of shape {a.shape} must be finite")
    return a


def non_negative_matrix(a: Matrix, name: str) -> Any:
    """As `non_negative`, of a dense matrix or of a sparse one, which stays sparse."""
    if not is_sparse(a):
        return non_negative(a, name, 2)
    a = sparse(a, name).astype(float)
    non_negative(a.data, name, 1)
    return a


def symmetric(a: Any, name: str) -> Any:
    """`a`, dense and finite or sparse, made exactly symmetric, if it is symmetric up to rounding."""
    if a.shape[0] != a.shape[1] or (abs(a - a.T) - 1e-5 * abs(a) > 1e-8).sum():
        raise ValueError(f"{name} of shape {a.shape} must be symmetric")
    return (a + a.T) / 2


def weights_for(weights: Weights | None, u: int) -> Float[ndarray, " u"]:
    """One weight ≥ 0 for each of u things, 1 if none are given."""
    w = np.ones(u) if weights is None else non_negative(weights, "weights", 1)
    if len(w) != u:
        raise ValueError(f"{len(w)} weights for {u} things to weigh")
    return w
