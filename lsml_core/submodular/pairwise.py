"""Submodular functions of a similarity between elements, small enough to be kept whole.

    s    similarity (m, n), customers i by elements j      S    chosen set, `chosen` its indicator, bool (n,)
    V    {0, …, n−1}, the ground set                       e    one element

Facility location, the fourth of the family, has a module of its own, `facility`.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, as_set, checked, non_negative, symmetric
from lsml_core.submodular.set_function import Chosen, Gains, Sums, including, new_gains


class SaturatedCoverage:
    """F(S) = Σᵢ min(Σ_{j∈S} s_ij, α Σ_{j∈V} s_ij): a customer is content with the share α of all there is.

    s (m, n) ≥ 0 and 0 < α ≤ 1.  Lin & Bilmes (ACL 2011).
    """

    def __init__(self, similarity: Num[ndarray, "m n"], alpha: float | int) -> None:
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha={alpha} must be above 0 and at most 1")
        self.profiles = non_negative(similarity, "similarity", 2).T.copy()
        self.n = len(self.profiles)
        self.content = alpha * self.profiles.sum(axis=0)

    def value(self, indices: Indices) -> float:
        total = self.profiles[as_set(indices, self.n)].sum(axis=0)
        return float(np.minimum(total, self.content).sum())

    def empty(self) -> Sums:
        return Sums.none(self.n, len(self.content))

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        missing = np.maximum(self.content - state.total, 0)
        return new_gains(state.chosen, c, np.minimum(self.profiles[c], missing).sum(axis=1))

    def add(self, state: Sums, e: int) -> Sums:
        return state.plus(e, self.profiles[e])


class GraphCut:
    """F(S) = Σ_{i∈V} Σ_{j∈S} s_ij − λ Σ_{i∈S} Σ_{j∈S} s_ij: like all of V, and unlike each other.

    s (n, n) ≥ 0 and symmetric, λ = `redundancy` ≥ 0. Monotone if λ ≤ ½. With λ = 1 it is the weight of the
    edges between S and the rest: not monotone, F(V) = 0. The state's total is Σ_{j∈S} s_ij.
    """

    def __init__(self, similarity: Num[ndarray, "n n"], redundancy: float | int = 0.5) -> None:
        if not 0 <= redundancy < np.inf:
            raise ValueError(f"redundancy={redundancy} must be finite and at least 0")
        self.s = symmetric(non_negative(similarity, "similarity", 2), "similarity")
        self.n, self.redundancy, self.to_all = len(self.s), redundancy, self.s.sum(axis=0)

    def value(self, indices: Indices) -> float:
        i = as_set(indices, self.n)
        return float(self.to_all[i].sum() - self.redundancy * self.s[np.ix_(i, i)].sum())

    def empty(self) -> Sums:
        return Sums.none(self.n, self.n)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        inside = 2 * state.total[c] + self.s[c, c]
        return new_gains(state.chosen, c, self.to_all[c] - self.redundancy * inside)

    def add(self, state: Sums, e: int) -> Sums:
        return state.plus(e, self.s[e])


class Factor(NamedTuple):
    """A state: S, the rows of a Cholesky factor, and the variance of each element's reading given S's."""

    chosen: Chosen
    rows: Float[ndarray, "size n"]
    variance: Float[ndarray, " n"]


class LogDeterminant:
    """F(S) = log det(I + K_S): twice the nats that noisy readings at S tell about a Gaussian process.

    kernel K (n, n), symmetric and positive semi-definite, in units of the noise's variance. Without the I it
    would not be monotone. A gain is the log of a reading's variance given those at S; `add` brings all n
    variances up to date for n|S| multiplications, one row of a Cholesky factor.
    Krause & Guestrin (UAI 2005); Chen, Zhang & Zhou (NeurIPS 2018) for the update.
    """

    def __init__(self, kernel: Num[ndarray, "n n"]) -> None:
        self.kernel = symmetric(kernel, "kernel")
        self.n = len(self.kernel)

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
