"""Submodular functions of a similarity between elements, small enough to be kept whole.

    s    similarity (m, n), customers i by elements j      S    chosen set, `chosen` its indicator, bool (n,)
    V    {0, …, n−1}, the ground set                       e    one element

Facility location, the fourth of the family, has a module of its own, `facility`.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.submodular.arguments import (
    Indices,
    Matrix,
    as_set,
    checked,
    finite,
    is_sparse,
    non_negative_matrix,
    symmetric,
)
from lsml_core.submodular.rows import rows_of
from lsml_core.submodular.set_function import Chosen, Gains, Sums, including, new_gains


class SaturatedCoverage:
    """F(S) = Σᵢ min(Σ_{j∈S} s_ij, α Σ_{j∈V} s_ij): a customer is content with the share α of all there is.

    similarity s (m, n) ≥ 0, dense or scipy.sparse of any format, and 0 < α ≤ 1.  Lin & Bilmes (ACL 2011).
    """

    def __init__(self, similarity: Matrix, alpha: float | int) -> None:
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha={alpha} must be above 0 and at most 1")
        s = non_negative_matrix(similarity, "similarity")
        self.profiles = rows_of(s.T.tocsr() if is_sparse(s) else s.T.copy())
        self.n, m = self.profiles.shape
        self.ones, self.content = np.ones(m), alpha * self.profiles.total(np.arange(self.n))

    def value(self, indices: Indices) -> float:
        return float(np.minimum(self.profiles.total(as_set(indices, self.n)), self.content).sum())

    def empty(self) -> Sums:
        return Sums.none(*self.profiles.shape)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c, missing = checked(candidates, self.n), np.maximum(self.content - state.total, 0)
        new = self.profiles.weighed(c, lambda s, i: np.minimum(s, missing[i]), self.ones)
        return new_gains(state.chosen, c, new)

    def add(self, state: Sums, e: int) -> Sums:
        return state.plus(e, self.profiles.total(checked([e], self.n)))


class GraphCut:
    """F(S) = Σ_{i∈V} Σ_{j∈S} s_ij − λ Σ_{i∈S} Σ_{j∈S} s_ij: like all of V, and unlike each other.

    similarity s (n, n) ≥ 0 and symmetric, dense or scipy.sparse of any format; λ = `redundancy` ≥ 0.
    Monotone if λ ≤ ½. With λ = 1 it is the weight of the edges between S and the rest: not monotone,
    F(V) = 0. The state's total is Σ_{j∈S} s_ij.
    """

    def __init__(self, similarity: Matrix, redundancy: float | int = 0.5) -> None:
        if not 0 <= redundancy < np.inf:
            raise ValueError(f"redundancy={redundancy} must be finite and at least 0")
        s = symmetric(non_negative_matrix(similarity, "similarity"), "similarity")
        self.rows, self.itself = rows_of(s), s.diagonal().copy()
        self.n, self.redundancy = s.shape[0], redundancy
        self.to_all = self.rows.total(np.arange(self.n))

    def value(self, indices: Indices) -> float:
        i = as_set(indices, self.n)
        return float(self.to_all[i].sum() - self.redundancy * self.rows.between(i).sum())

    def empty(self) -> Sums:
        return Sums.none(self.n, self.n)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        inside = 2 * state.total[c] + self.itself[c]
        return new_gains(state.chosen, c, self.to_all[c] - self.redundancy * inside)

    def add(self, state: Sums, e: int) -> Sums:
        return state.plus(e, self.rows.total(checked([e], self.n)))


class Factor(NamedTuple):
    """A state: S, the rows of a Cholesky factor, and the variance of each element's reading given S's."""

    chosen: Chosen
    rows: Float[ndarray, "size n"]
    variance: Float[ndarray, " n"]


class LogDeterminant:
    """F(S) = log det(I + K_S): twice the nats that noisy readings at S tell about a Gaussian process.

    kernel K (n, n), symmetric and positive semi-definite up to rounding, in units of the noise's variance.
    Without the I it would not be monotone. A gain is the log of a reading's variance given those at S; `add`
    brings all n variances up to date for n|S| multiplications, one row of a Cholesky factor.
    ValueError: a kernel that is not symmetric or not positive semi-definite, which n³/3 multiplications tell.
    Krause & Guestrin (UAI 2005); Chen, Zhang & Zhou (NeurIPS 2018) for the update.
    """

    def __init__(self, kernel: Num[ndarray, "n n"]) -> None:
        self.kernel = symmetric(finite(kernel, "kernel", 2), "kernel")
        self.n = len(self.kernel)
        _check_semi_definite(self.kernel, rounding=_rounding(kernel))

    def value(self, indices: Indices) -> float:
        i = as_set(indices, self.n)
        return float(np.linalg.slogdet(np.eye(len(i)) + self.kernel[np.ix_(i, i)])[1])

    def empty(self) -> Factor:
        return Factor(np.zeros(self.n, dtype=bool), np.zeros((0, self.n)), 1 + np.diag(self.kernel))

    def gains(self, state: Factor, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        variance = np.maximum(state.variance[c], 1)  # the noise alone has 1: less is rounding
        return new_gains(state.chosen, c, np.log(variance))

    def add(self, state: Factor, e: int) -> Factor:
        if state.chosen[e]:
            return state
        row = (self.kernel[e] - state.rows[:, e] @ state.rows) / np.sqrt(state.variance[e])
        return Factor(including(state.chosen, e), np.vstack([state.rows, row]), state.variance - row**2)


def _check_semi_definite(kernel: Float[ndarray, "n n"], rounding: float) -> None:
    """A negative eigenvalue of the size of rounding is none: next to the I it changes nothing."""
    slack = 4 * len(kernel) * rounding * max(1.0, np.diag(kernel).max(initial=0))
    try:
        np.linalg.cholesky(kernel + slack * np.eye(len(kernel)))
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh(kernel)[0]
        raise ValueError(
            f"kernel must be positive semi-definite, and has the eigenvalue {least:.3g}"
        ) from None


def _rounding(kernel: Any) -> float:
    dtype = np.asarray(kernel).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else float).eps)
