"""Submodular functions, each with gains for many candidates at once: three of them, and the names of all.

    V = {0, …, n−1}   ground set           S      chosen set, `chosen` its indicator, bool (n,)
    x                 features (n, d)      e      one element

Every function is a `SetFunction`: `n`, `value(indices)`, `empty()`, `gains(state, candidates)` and
`add(state, e)`. All have F(∅) = 0 and are monotone unless they say otherwise. A wrong shape or sign raises
ValueError.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from lsml_core.submodular.arguments import (
    Element,
    Indices,
    Matrix,
    Weights,
    as_set,
    element_indices,
    finite_array,
    is_sparse,
    non_negative_matrix,
    real_array,
    sparse_copy,
    weights_for,
)
from lsml_core.submodular.compositions import ByValue, Chosen, Sums, WeightedSum, with_true, zero_if_chosen
from lsml_core.submodular.facility_location import Exemplar, FacilityLocation, StreamedFacilityLocation
from lsml_core.submodular.pairwise import GraphCut, LogDeterminant, SaturatedCoverage
from lsml_core.submodular.rows import rows_of
from lsml_core.submodular.set_function import Gains, Restricted, SetFunction
from lsml_core.submodular.violations import find_decrease, find_violation
from lsml_core.validation import check_function

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


class Modular(SetFunction[Chosen]):
    """F(S) = Σ_{e∈S} w_e: gains that never change. Monotone only if no weight is negative.

    weights: w_e, one per element, any finite number.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = finite_array(weights, "weights", 1)
        self.n = len(self.weights)

    def value(self, indices: Indices) -> float:
        return float(self.weights[as_set(indices, self.n)].sum())

    def empty(self) -> Chosen:
        return np.zeros(self.n, dtype=bool)

    def gains(self, chosen: Chosen, candidates: Indices) -> Gains:
        c = element_indices(candidates, self.n)
        return zero_if_chosen(chosen, c, self.weights[c])

    def add(self, chosen: Chosen, e: Element) -> Chosen:
        return with_true(chosen, element_indices([e], self.n))


class Coverage(SetFunction[Bool[ndarray, " u"]]):
    """F(S) = the total weight of the items that S covers. The state says which items are covered, bool (u,).

    membership: (n, u), dense or scipy.sparse; element e covers the items where row e is not 0.
    weights: one per item, (u,), at least 0; by default 1.
    """

    def __init__(self, membership: Any, weights: Weights | None = None) -> None:
        from scipy.sparse import csr_array  # lazy import: it takes a third of a second

        if not is_sparse(membership) and np.ndim(membership) != 2:
            raise ValueError(f"membership of shape {np.shape(membership)} must be (n, u)")
        given = membership if is_sparse(membership) else csr_array(real_array(membership, "membership"))
        self.membership: Any = sparse_copy(given, "membership") != 0
        self.n, u = self.membership.shape
        self.weights = weights_for(weights, u)

    def value(self, indices: Indices) -> float:
        covered = self.membership[as_set(indices, self.n)].indices
        return float(self.weights[np.unique(covered)].sum())

    def empty(self) -> Bool[ndarray, " u"]:
        return np.zeros(len(self.weights), dtype=bool)

    def gains(self, covered: Bool[ndarray, " u"], candidates: Indices) -> Gains:
        return self.membership[element_indices(candidates, self.n)] @ np.where(covered, 0.0, self.weights)

    def add(self, covered: Bool[ndarray, " u"], e: Element) -> Bool[ndarray, " u"]:
        return with_true(covered, self.membership[element_indices([e], self.n)].indices)

    def meet(self, states: Any) -> Bool[ndarray, " u"]:
        """Covered is what all of `states` cover."""
        return np.all(states, axis=0)


class FeatureBased(SetFunction[Sums]):
    """F(S) = Σ_f w_f φ(Σ_{e∈S} x_ef): concave over modular, more of a feature brings less and less.

    x: features, (n, d), at least 0, dense or scipy.sparse (then only stored entries are read).
    concave: φ, works elementwise on arrays, never decreases and is 0 at 0: np.sqrt, np.log1p.
    weights: one per feature, (d,), at least 0; by default 1.
    Kirchhoff & Bilmes (EMNLP 2014).
    """

    def __init__(
        self,
        x: Matrix,
        concave: Callable[[ndarray], ndarray] = np.sqrt,
        weights: Weights | None = None,
    ) -> None:
        check_function("concave", concave, "a function of arrays, such as np.sqrt")
        self.rows, self.concave = rows_of(non_negative_matrix(x, "x")), concave
        self.n, d = self.rows.shape
        self.weights = weights_for(weights, d)

    def value(self, indices: Indices) -> float:
        return float(self.concave(self.rows.total(as_set(indices, self.n))) @ self.weights)

    def empty(self) -> Sums:
        return Sums.none(*self.rows.shape)

    def gains(self, state: Sums, candidates: Indices) -> Gains:
        c, now = element_indices(candidates, self.n), self.concave(state.total)

        def increase(x: ndarray, features: ndarray | slice) -> ndarray:
            return self.concave(state.total[features] + x) - now[features]

        return zero_if_chosen(state.chosen, c, self.rows.weighted_sums(c, increase, self.weights))

    def add(self, state: Sums, e: Element) -> Sums:
        return state.plus(e, self.rows.total(element_indices([e], self.n)))
