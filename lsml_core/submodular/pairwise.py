"""Submodular functions of a similarity between elements, which is kept as a whole.

    s    similarity (m, n), customers i by elements j      S    chosen set, `chosen` its indicator, bool (n,)
    V    {0, …, n−1}, the ground set                       e    one element

Facility location, the fourth of the family, has a module of its own, `facility_location`.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.submodular.arguments import (
    Element,
    Indices,
    Matrix,
    as_set,
    element_indices,
    finite_array,
    is_sparse,
    non_negative_matrix,
    symmetrized,
)
from lsml_core.submodular.compositions import Chosen, Sums, with_true, zero_if_chosen
from lsml_core.submodular.rows import rows_of
from lsml_core.submodular.set_function import Gains, SetFunction
from lsml_core.validation import as_number, check_not_negative, check_share


class SaturatedCoverage(SetFunction[Sums]):
    """F(S) = Σᵢ min(Σ_{j∈S} s_ij, α Σ_{j∈V} s_ij): a customer is saturated at a share α of the total.

    similarity: s, (m, n), at least 0, dense or scipy.sparse.   alpha: α, in (0, 1].
    Lin & Bilmes (ACL 2011).
    """

    def __init__(self, similarity: Matrix, alpha: float | int) -> None:
        check_share(alpha=alpha)
        s = non_negative_matrix(similarity, "similarity")
        self.columns = rows_of(s.T.tocsr() if is_sparse(s) else s.T.copy())
        self.n, m = self.columns.shape
        self.ones, self.saturation = np.ones(m), alpha * self.columns.total(np.arange(self.n))

    def value(self, indices: Indices) -> float:
        return float(np.minimum(self.columns.total(as_set(indices, self.n)), self.saturation).sum())

    def empty(self) -> Sums:
        return Sums.none(*self.columns.shape)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c, missing = element_indices(candidates, self.n), np.maximum(self.saturation - state.total, 0)
        new = self.columns.weighted_sums(c, lambda s, i: np.minimum(s, missing[i]), self.ones)
        return zero_if_chosen(state.chosen, c, new)

    def add(self, state: Sums, e: Element) -> Sums:
        return state.plus(e, self.columns.total(element_indices([e], self.n)))


class GraphCut(SetFunction[Sums]):
    """F(S) = Σ_{i∈V} Σ_{j∈S} s_ij − λ Σ_{i∈S} Σ_{j∈S} s_ij: similar to all of V, dissimilar to each other.

    similarity: s, (n, n), at least 0 and symmetric, dense or scipy.sparse.   redundancy: λ, at least 0.
    Monotone if λ ≤ ½. With λ = 1 it is the weight of the edges between S and the rest: not monotone,
    F(V) = 0. The state's total is Σ_{j∈S} s_ij.
    """

    def __init__(self, similarity: Matrix, redundancy: float | int = 0.5) -> None:
        redundancy = as_number("redundancy", redundancy)
        check_not_negative(redundancy=redundancy)
        s = symmetrized(non_negative_matrix(similarity, "similarity"), "similarity")
        self.rows, self.diagonal = rows_of(s), s.diagonal().copy()
        self.n, self.redundancy = s.shape[0], redundancy
        self.to_all = self.rows.total(np.arange(self.n))

    def value(self, indices: Indices) -> float:
        i = as_set(indices, self.n)
        return float(self.to_all[i].sum() - self.redundancy * self.rows.block(i).sum())

    def empty(self) -> Sums:
        return Sums.none(self.n, self.n)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c = element_indices(candidates, self.n)
        inside = 2 * state.total[c] + self.diagonal[c]
        return zero_if_chosen(state.chosen, c, self.to_all[c] - self.redundancy * inside)

    def add(self, state: Sums, e: Element) -> Sums:
        return state.plus(e, self.rows.total(element_indices([e], self.n)))


class Factor(NamedTuple):
    """A state: S, the rows of a Cholesky factor, and each observation's variance given those at S."""

    chosen: Chosen
    rows: Float[ndarray, "size n"]
    variance: Float[ndarray, " n"]


class LogDeterminant(SetFunction[Factor]):
    """F(S) = log det(I + K_S): twice the information, in nats, of noisy observations at S on a Gaussian
    process.

    kernel: K, (n, n), symmetric and positive semi-definite up to rounding, in units of the noise's variance.
    Without the I it would not be monotone. A gain is the log of an observation's variance given those at S;
    `add` updates all n variances with n|S| multiplications, one row of a Cholesky factor.
    ValueError: a kernel that is not symmetric or not positive semi-definite (checking takes n³/3
    multiplications).
    Krause & Guestrin (UAI 2005); Chen, Zhang & Zhou (NeurIPS 2018) for the update.
    """

    def __init__(self, kernel: Num[ndarray, "n n"]) -> None:
        self.kernel = symmetrized(finite_array(kernel, "kernel", 2), "kernel")
        self.n = len(self.kernel)
        _check_semi_definite(self.kernel, rounding=_rounding(kernel))

    def value(self, indices: Indices) -> float:
        i = as_set(indices, self.n)
        return float(np.linalg.slogdet(np.eye(len(i)) + self.kernel[np.ix_(i, i)])[1])

    def empty(self) -> Factor:
        return Factor(np.zeros(self.n, dtype=bool), np.zeros((0, self.n)), 1 + np.diag(self.kernel))

    def gains(self, state: Factor, candidates: Indices) -> Gains:
        c = element_indices(candidates, self.n)
        variance = np.maximum(state.variance[c], 1)  # the noise alone has 1: less is rounding
        return zero_if_chosen(state.chosen, c, np.log(variance))

    def add(self, state: Factor, e: Element) -> Factor:
        (e,) = element_indices([e], self.n)
        if state.chosen[e]:
            return state
        row = (self.kernel[e] - state.rows[:, e] @ state.rows) / np.sqrt(state.variance[e])
        return Factor(with_true(state.chosen, e), np.vstack([state.rows, row]), state.variance - row**2)


def _check_semi_definite(kernel: Float[ndarray, "n n"], rounding: float) -> None:
    """A negative eigenvalue of the size of rounding is accepted: beside the I it changes nothing."""
    slack = 4 * len(kernel) * rounding * max(1.0, np.diag(kernel).max(initial=0))
    try:
        np.linalg.cholesky(kernel + slack * np.eye(len(kernel)))
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh(kernel)[0]
        raise ValueError(
            f"kernel must be positive semi-definite, but has the eigenvalue {least:.3g}"
        ) from None


def _rounding(kernel: Any) -> float:
    dtype = np.asarray(kernel).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else float).eps)
