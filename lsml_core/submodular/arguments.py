"""Arguments of set functions and maximisers, checked: elements, budgets, weights and matrices.

    n      size of the ground set {0, …, n−1}         name   of the argument, for the message

What does not pass raises ValueError. Arrays that a function keeps are copied, so that later changes to the
original do not reach it.
"""

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Float, Int, Integer, Num
from numpy import ndarray

from lsml_core.validation import check_count, check_indices, kind_of

Element = int | np.integer
Indices = Sequence[int | np.integer] | Integer[ndarray, " b"]
Weights = Sequence[float | int] | Num[ndarray, " u"]
Matrix = Any
"""A dense array, or a scipy.sparse matrix or array of any format."""


def element_indices(indices: Indices, n: int) -> Int[ndarray, " b"]:
    """As an array, if all are integers from 0 to n − 1."""
    return check_indices("indices", indices, n)


def as_set(indices: Indices, n: int) -> Int[ndarray, " s"]:
    """As `element_indices`, sorted, each element once."""
    return np.unique(element_indices(indices, n))


def check_budget(k: SupportsIndex, n: int, given: int = 0) -> int:
    """k as an int, if so many elements can be added to the `given` ones."""
    number = check_count("k", k, None)
    if not 0 <= number <= n - given:
        less = f" less the {given} given" if given else ""
        raise ValueError(f"budget k={number} must be between 0 and the ground set's size n={n}{less}")
    return number


def real_array(a: Any, name: str) -> ndarray:
    """As a dense array of real numbers."""
    try:
        array = np.asarray(a)
    except (ValueError, RuntimeError):  # rows of different lengths; a tensor that requires a gradient
        array = None
    if array is None or array.dtype.kind not in "biuf":
        raise ValueError(f"{name}, {kind_of(a)}, must be a dense array of real numbers")
    return array


def finite_array(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """A copy in float64, if it has this number of axes and holds neither nan nor infinity.

    a: array, or what numpy makes one of.   name: of the argument, for the message.
    """
    a = np.array(real_array(a, name), dtype=float)
    if a.ndim != axes or not np.isfinite(a).all():
        raise ValueError(f"{name} of shape {a.shape} must have {axes} axes and be finite")
    return a


def non_negative_array(a: Any, name: str, axes: int) -> Float[ndarray, "..."]:
    """As `finite_array`, with no entry below 0.   a, name, axes: as there."""
    a = finite_array(a, name, axes)
    if (a < 0).any():
        raise ValueError(f"{name} holds {a.min():g} and must be at least 0")
    return a


def is_sparse(a: Any) -> bool:
    """Whether it is a scipy.sparse matrix or array; scipy need not be imported to tell."""
    return hasattr(a, "tocsr")


def sparse_copy(a: Any, name: str) -> Any:
    """A copy as a csr_array whose duplicate entries are added up, if it has two axes and is finite."""
    from scipy.sparse import csr_array  # lazy import: scipy is needed for sparse input only

    if a.ndim != 2 or a.dtype.kind not in "biuf":
        raise ValueError(f"{name} of shape {a.shape} and dtype {a.dtype} must have 2 axes and be real")
    a = csr_array(a, copy=True)
    a.sum_duplicates()
    if not np.isfinite(a.data).all():
        raise ValueError(f"{name} of shape {a.shape} must be finite")
    return a


def non_negative_matrix(a: Matrix, name: str) -> Any:
    """As `non_negative_array`, for a dense matrix or for a sparse one, which stays sparse."""
    if not is_sparse(a):
        return non_negative_array(a, name, 2)
    a = sparse_copy(a, name).astype(float)
    non_negative_array(a.data, name, 1)
    return a


def symmetrized(a: Any, name: str) -> Any:
    """`a`, dense and finite or sparse, made exactly symmetric, if it is symmetric up to rounding."""
    if a.shape[0] != a.shape[1] or (abs(a - a.T) - 1e-5 * abs(a) > 1e-8).sum():
        raise ValueError(f"{name} of shape {a.shape} must be symmetric")
    return (a + a.T) / 2


def weights_for(weights: Weights | None, u: int) -> Float[ndarray, " u"]:
    """One weight ≥ 0 for each of u items, 1 if none are given."""
    w = np.ones(u) if weights is None else non_negative_array(weights, "weights", 1)
    if len(w) != u:
        raise ValueError(f"there are {len(w)} weights for {u} items")
    return w
