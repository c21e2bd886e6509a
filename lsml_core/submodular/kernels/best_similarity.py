"""Facility location, fast, for a similarity in any form: the kernel behind `facility_location`.

    S_ij   similarity of customer i to element j, shape (m, n)
    base   what a customer has before anything is chosen, (m,): 0, or −reach where S_ij = −‖xᵢ − x_j‖²
    best   max(baseᵢ, maxⱼ∈S S_ij), the state, shape (m,)

A pick changes a gain only through the customers whose best similarity it raises, and they become fewer. So
all n gains stay up to date for three to five passes over S in a whole run of `greedy`; asking anew takes k.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from lsml_core.submodular.arguments import Element, Indices, as_set, element_indices
from lsml_core.submodular.kernels.similarity import FEW, Similarity
from lsml_core.submodular.set_function import Gains, GainTracker, SetFunction

BestSimilarity = Float[ndarray, " m"]

SMALL = 1e-3
"""Gains are computed anew once the largest has fallen to this share of what it was at the last time."""


class SimilarityFunction(SetFunction[BestSimilarity]):
    """F(S) = Σᵢ max(baseᵢ, maxⱼ∈S S_ij) − baseᵢ, summed in float64."""

    def __init__(self, similarity: Similarity) -> None:
        self.similarity, self.tie_tolerance = similarity, similarity.tie_tolerance
        self.m, self.n = similarity.shape

    @cached_property
    def _singleton_gains(self) -> Float[ndarray, " n"]:
        return self.similarity.singleton_gains()

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_singleton_gains"}

    def value(self, indices: Indices) -> float:
        best, chosen = self.empty(), as_set(indices, self.n)
        for i in range(0, len(chosen), FEW):
            best = np.maximum(best, self.similarity.columns(chosen[i : i + FEW]).max(axis=0))
        return float(np.subtract(best, self.similarity.base, dtype=float).sum())

    def empty(self) -> BestSimilarity:
        return self.similarity.base.copy()

    def gains(self, best: BestSimilarity, candidates: Indices) -> Gains:
        c = element_indices(candidates, self.n)
        if self.is_empty(best):
            return self._singleton_gains[c]
        return self.similarity.excess(c, best)

    def is_empty(self, best: BestSimilarity) -> bool:
        return np.array_equal(best, self.similarity.base)

    def add(self, best: BestSimilarity, e: Element) -> BestSimilarity:
        return np.maximum(best, self.similarity.columns(element_indices([e], self.n))[0])

    def meet(self, states: Sequence[BestSimilarity]) -> BestSimilarity:
        return np.min(states, axis=0)

    def track_gains(self) -> GainTracker:
        return SimilarityTracker(self)

    def restrict(self, elements: Indices) -> "SimilarityFunction":
        """The same customers, fewer elements."""
        return SimilarityFunction(self.similarity.restrict(element_indices(elements, self.n)))

    def local(self, part: Indices) -> "SimilarityFunction":
        """Made from features, its customers are the points of `part` only, all that a machine holds."""
        return SimilarityFunction(self.similarity.local(element_indices(part, self.n)))


class SimilarityTracker(GainTracker):
    """Subtracts from all gains what the customers with a new best similarity took from them.

    A gain that is a small difference of large numbers has lost digits. So gains are computed anew after the
    first pick, and whenever the largest has fallen below `SMALL` of the largest at the last time.
    """

    def __init__(self, f: SimilarityFunction) -> None:
        self.f, self.everyone = f, np.arange(f.n)
        self.state: BestSimilarity | None = None
        self.known, self.scale = np.zeros(f.n), 0.0

    def __call__(self, state: BestSimilarity, wanted: Bool[ndarray, " n"]) -> Float[ndarray, " n"]:
        if self.state is None or self.f.is_empty(self.state):
            self.known = self.f.gains(state, self.everyone)
            self.scale = self._largest(wanted)
        else:
            rows = np.flatnonzero(state > self.state)
            lost = self.f.similarity.clipped_sum(rows, self.state[rows], state[rows])
            self.known = np.maximum(self.known - lost, 0)
            if self._largest(wanted) < SMALL * self.scale:
                self.known = self.f.gains(state, self.everyone)
                self.scale = self._largest(wanted)
        self.state = state
        return self.known

    def _largest(self, wanted: Bool[ndarray, " n"]) -> float:
        return float(np.where(wanted, self.known, 0).max(initial=0))
