"""Submodular functions, each with gains for many candidates at once: three here, and the names of all.

    V = {0, …, n−1}   ground set           S      chosen set, `chosen` its indicator, bool (n,)
    x                 features (n, d)      e      one element

Every function has `n`, `value(indices)`, `empty()`, `gains(state, candidates)` and `add(state, e)`: see
`set_function`. All have F(∅) = 0 and are monotone unless they say otherwise. A wrong shape or sign raises
ValueError.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from lsml_core.submodular.arguments import (
    Indices,
    Matrix,
    Weights,
    as_set,
    checked,
    finite,
    is_sparse,
    non_negative_matrix,
    real,
    sparse,
    weights_for,
)
from lsml_core.submodular.facility_location import Exemplar, FacilityLocation, StreamedFacilityLocation
from lsml_core.submodular.pairwise import GraphCut, LogDeterminant, SaturatedCoverage
from lsml_core.submodular.rows import rows_of
from lsml_core.submodular.set_function import (
    ByValue,
    Chosen,
    Gains,
    Restricted,
    SetFunction,
    Sums,
    WeightedSum,
    including,
    new_gains,
)
from lsml_core.submodular.violations import find_decrease, find_violation

__all__ = [
    "ByValue",
    "Coverage",
    "Exemplar",
    "FacilityLocation",
    "FeatureBased",
    "GraphCut",
    "LogDeterminant",
    "Modular",
    "Restricted",
    "SaturatedCoverage",
    "SetFunction",
    "StreamedFacilityLocation",
    "WeightedSum",
    "find_decrease",
    "find_violation",
]


class Modular:
    """F(S) = Σ_{e∈S} w_e: gains that never change. Monotone only if no weight is negative."""

    def __init__(self, weights: Weights) -> None:
        self.weights = finite(weights, "weights", 1)
        self.n = len(self.weights)

    def value(self, indices: Indices) -> float:
        return float(self.weights[as_set(indices, self.n)].sum())

    def empty(self) -> Chosen:
        return np.zeros(self.n, dtype=bool)

    def gains(self, chosen: Chosen, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        return new_gains(chosen, c, self.weights[c])

    def add(self, chosen: Chosen, e: int) -> Chosen:
        return including(chosen, e)


class Coverage:
    """F(S) = the total weight of the items that S covers.

    membership (n, u), dense or scipy.sparse of any format: row e says what element e covers, with any finite
    number but 0.
    weights (u,) ≥ 0, by default 1. The state says which items are covered.
    """

    def __init__(self, membership: Any, weights: Weights | None = None) -> None:
        from scipy.sparse import csr_array  # here, so that the room opens without scipy

        if not is_sparse(membership) and np.ndim(membership) != 2:
            raise ValueError(f"membership of shape {np.shape(membership)} must be (n, u)")
        given = membership if is_sparse(membership) else csr_array(real(membership, "membership"))
        self.membership: Any = sparse(given, "membership") != 0
        self.n, u = self.membership.shape
        self.weights = weights_for(weights, u)

    def value(self, indices: Indices) -> float:
        covered = self.membership[as_set(indices, self.n)].indices
        return float(self.weights[np.unique(covered)].sum())

    def empty(self) -> Bool[ndarray, " u"]:
        return np.zeros(len(self.weights), dtype=bool)

    def gains(self, covered: Bool[ndarray, " u"], candidates: Indices) -> Gains:
        return self.membership[checked(candidates, self.n)] @ np.where(covered, 0.0, self.weights)

    def add(self, covered: Bool[ndarray, " u"], e: int) -> Bool[ndarray, " u"]:
        return including(covered, self.membership[checked([e], self.n)].indices)

    def meet(self, states: Any) -> Bool[ndarray, " u"]:
        """A state in which no gain is smaller than in any of `states`: covered is what all cover."""
        return np.all(states, axis=0)


class FeatureBased:
    """F(S) = Σ_f w_f φ(Σ_{e∈S} x_ef): concave over modular, more of a feature brings less and less.

    x (n, d) ≥ 0, dense, or scipy.sparse of any format, of which only the stored entries are looked at;
    weights (d,) ≥ 0, by default 1; φ = `concave` takes arrays of any shape, number by number, never decreases
    and is 0 at 0: np.sqrt, np.log1p.  Kirchhoff & Bilmes (EMNLP 2014).
    """

    def __init__(
        self,
        x: Matrix,
        concave: Callable[[ndarray], ndarray] = np.sqrt,
        weights: Weights | None = None,
    ) -> None:
        self.rows, self.concave = rows_of(non_negative_matrix(x, "x")), concave
        self.n, d = self.rows.shape
        self.weights = weights_for(weights, d)

    def value(self, indices: Indices) -> float:
        return float(self.concave(self.rows.total(as_set(indices, self.n))) @ self.weights)

    def empty(self) -> Sums:
        return Sums.none(*self.rows.shape)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c, worth = checked(candidates, self.n), self.concave(state.total)

        def more(x: ndarray, features: ndarray | slice) -> ndarray:
            return self.concave(state.total[features] + x) - worth[features]

        return new_gains(state.chosen, c, self.rows.weighed(c, more, self.weights))

    def add(self, state: Sums, e: int) -> Sums:
        return state.plus(e, self.rows.total(checked([e], self.n)))
