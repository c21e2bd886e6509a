"""Facility location: every customer goes to the most similar chosen element.

    S_ij    similarity of customer i to element j, shape (m, n)      x       features, shape (n, d)
    served  max(baseᵢ, maxⱼ∈S S_ij), the state, shape (m,)           reach   squared distance that counts as 0
    base    what a customer has before anything is chosen: 0, or −reach where S_ij = −‖xᵢ − x_j‖²

Often the customers are the elements themselves: the chosen ones are then exemplars, or medoids, of the whole.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, Matrix, as_set, checked, finite, is_sparse, real, sparse
from lsml_core.submodular.kernels.neighbors import neighbor_graph
from lsml_core.submodular.kernels.similarity import (
    Dense,
    Features,
    Similarity,
    Sparse,
    covering_reach,
    float32_suffices,
)
from lsml_core.submodular.set_function import TIE, Gains

Served = Float[ndarray, " m"]
Points = Num[ndarray, "n d"]
Closeness = Callable[[Float[ndarray, "b d"], Float[ndarray, "m d"]], Float[ndarray, "b m"]]

FEW = 32
"""Up to so many columns of S are made one by one, and more of them tile by tile."""


class _Assignment:
    """F(S) = Σᵢ max(baseᵢ, maxⱼ∈S S_ij) − baseᵢ."""

    def __init__(self, similarity: Similarity) -> None:
        self.similarity = similarity
        self.m, self.n = similarity.shape
        self.tie_tolerance = tolerance_of(similarity)

    def value(self, indices: Indices) -> float:
        served = self.empty()
        chosen = as_set(indices, self.n)
        for i in range(0, len(chosen), FEW):
            served = np.maximum(served, self.similarity.profiles(chosen[i : i + FEW]).max(axis=0))
        return float(np.subtract(served, self.similarity.base, dtype=float).sum())

    def empty(self) -> Served:
        return self.similarity.base.copy()

    def gains(self, served: Served, candidates: Indices) -> Gains:
        c = checked(candidates, self.n)
        if self._is_empty(served):
            return self.similarity.totals()[c]
        if len(c) <= FEW:
            return served_better(served, self.similarity.profiles(c))
        everyone, best = np.arange(self.m), np.full_like(served, np.inf)
        if 2 * len(c) < self.n:
            return self.similarity.rise(everyone, served, best, c)
        return self.similarity.rise(everyone, served, best, None)[c]

    def refreshed(self, gains: Gains, before: Served, after: Served) -> Gains:
        """Only customers that are served better now change a gain: F's change is theirs alone."""
        if self._is_empty(before):  # the difference of two large numbers would lose digits
            return self.similarity.rise(np.arange(self.m), after, np.full_like(after, np.inf), None)
        rows = np.flatnonzero(after > before)
        return np.maximum(gains - self.similarity.rise(rows, before[rows], after[rows], None), 0)

    def _is_empty(self, served: Served) -> bool:
        return np.array_equal(served, self.similarity.base)

    def add(self, served: Served, e: int) -> Served:
        return np.maximum(served, self.similarity.profiles(checked([e], self.n))[0])

    def meet(self, states: Sequence[Served]) -> Served:
        """A state in which no gain is smaller than in any of `states`."""
        return np.min(states, axis=0)

    def restrict(self, elements: Indices) -> "_Assignment":
        """The same customers, fewer elements."""
        return _Assignment(self.similarity.restrict(checked(elements, self.n)))

    def local(self, part: Indices) -> "_Assignment":
        """What the holder of `part` can compute alone: made from features, its customers are its own too."""
        s, c = self.similarity, checked(part, self.n)
        if isinstance(s, Features) and s.customers is s.x:
            mine = s.x[c]
            return _Assignment(Features(mine, mine, s.reach[c], s.memory))
        return self.restrict(c)


class FacilityLocation(_Assignment):
    """F(S) = Σᵢ maxⱼ∈S S_ij for a dense or scipy.sparse similarity (m, n), S_ij ≥ 0.

    A pick changes a gain only through the customers that it serves better, and they become fewer. So all n
    gains stay up to date for three to five passes over S in a whole run of `greedy`; asking anew takes k.
    ValueError: a similarity that is not (m, n), not finite or negative.
    Cornuéjols, Fisher & Nemhauser (Management Science, 1977).
    """

    def __init__(self, similarity: Num[ndarray, "m n"] | Similarity | Any) -> None:
        super().__init__(similarity if isinstance(similarity, Similarity) else _as_similarity(similarity))

    @classmethod
    def from_features(
        cls, x: Points, *, neighbors: int | None = None, memory: float | int = 1e9
    ) -> "FacilityLocation":
        """F of reach − ‖xᵢ − x_j‖², for a reach that no two points exceed: its maximisers are k-medoids.

        float32 features are computed with in float32, unless points lie so close to each other, compared with
        the farthest, that their distances would be lost in rounding: then in float64.
        S is kept if it fits into `memory` bytes; else its rows are made whenever they are asked for, and
        memory grows with n·d. `neighbors` = K counts only near pairs, see `neighbor_graph`.
        Features scaled to length 1 give the cosine: ‖x − y‖² = 2 − 2 cos(x, y).
        """
        x = as_features(x)
        if neighbors is not None:
            return cls(Sparse(neighbor_graph(x, neighbors)))
        return cls(Features(x, x, np.full(len(x), covering_reach(x, x)), memory))


class Exemplar(_Assignment):
    """F(S) = L({e₀}) − L(S ∪ {e₀}),  L(S) = Σᵢ minⱼ∈S ‖xᵢ − x_j‖²: how far the k-medoid loss falls.

    e₀ is a phantom that makes L({e₀}) finite, at the origin unless `phantom` (d,) says where. It is facility
    location with S_ij = max(0, ‖xᵢ − e₀‖² − ‖xᵢ − x_j‖²); write that down yourself for another distance.
    `memory` as in `FacilityLocation.from_features`.
    ValueError: x that is not (n, d) or not finite, or a phantom that is not.  Gomes & Krause (ICML 2010).
    """

    def __init__(
        self, x: Points, *, phantom: Num[ndarray, " d"] | None = None, memory: float | int = 1e9
    ) -> None:
        x = as_features(x)
        origin = np.zeros(x.shape[1]) if phantom is None else finite(phantom, "phantom", 1)
        if len(origin) != x.shape[1]:
            raise ValueError(f"phantom of shape {origin.shape} must be {x.shape[1:]}, like a row of x")
        super().__init__(Features(x, x, ((x - origin) ** 2).sum(axis=1), memory))


class StreamedFacilityLocation:
    """Facility location whose elements are rows of features that come and go; only `customers` (m, d) stay.

    similarity   function (rows (b, d), customers) -> (b, m), where negative counts as 0; by default what a
                 row saves a customer against a phantom at the origin: F is `Exemplar` for these customers
    With customers drawn at random from the stream, F/m estimates the mean over the whole stream.
    """

    def __init__(self, customers: Points, similarity: Closeness | None = None) -> None:
        self.customers = as_features(customers)
        self.tie_tolerance = 1e-6 if self.customers.dtype == np.float32 else TIE
        self.similarity = saved if similarity is None else similarity

    def look(self, elements: Sequence[Any] | Points) -> Float[ndarray, "b m"]:
        """How close each of the rows is to every customer: all that is needed of them."""
        return self.similarity(np.asarray(elements, dtype=self.customers.dtype), self.customers)

    def empty(self) -> Served:
        return np.zeros(len(self.customers), self.customers.dtype)

    def gains(self, served: Served, profiles: Float[ndarray, "b m"]) -> Gains:
        return served_better(served, profiles)

    def add(self, served: Served, profile: Float[ndarray, " m"]) -> Served:
        return np.maximum(served, profile)

    def meet(self, states: Sequence[Served]) -> Served:
        """A state in which no gain is smaller than in any of `states`."""
        return np.min(states, axis=0)


def saved(rows: Float[ndarray, "b d"], customers: Float[ndarray, "m d"]) -> Float[ndarray, "b m"]:
    """‖c‖² − ‖c − x‖² = 2c·x − ‖x‖², in one product."""
    minus = -np.ones((len(customers), 1), customers.dtype)
    return np.hstack([rows, (rows**2).sum(axis=1, keepdims=True)]) @ np.hstack([2 * customers, minus]).T


def served_better(served: Served, profiles: Float[ndarray, "b m"]) -> Gains:
    """Σᵢ max(0, S_ij − servedᵢ) for each row of `profiles`, in float64."""
    from lsml_core.submodular.kernels.clipped_sum import excess_  # here, because numba takes long to import

    if profiles.ndim != 2 or profiles.shape[1] != len(served):
        raise ValueError(f"similarities of shape {profiles.shape} must be (b, {len(served)}), one a customer")
    total = np.zeros(len(profiles))
    excess_(np.ascontiguousarray(profiles), served, total)
    return total


def as_features(x: Points) -> Float[ndarray, "n d"]:
    """A copy: in float32 if x is and that is precise enough, see `float32_suffices`, else in float64.

    ValueError: not 2-D, no point, or not finite.
    """
    x = real(x, "features")
    if x.ndim != 2 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"features of shape {x.shape} must be (n, d), n ≥ 1, and finite")
    return np.array(x, dtype=np.float32 if x.dtype == np.float32 and float32_suffices(x) else float)


def tolerance_of(similarity: Similarity) -> float:
    """Of ties: distances made in float32 are exact to about six digits, all else to the last."""
    return 1e-6 if isinstance(similarity, Features) and similarity.dtype == np.float32 else TIE


def _as_similarity(s: Matrix) -> Similarity:
    """A copy, in float32 if s is, else in float64."""
    s = sparse(s, "a similarity") if is_sparse(s) else real(s, "a similarity")
    values = s.data if is_sparse(s) else s
    if s.ndim != 2 or (values.size and not 0 <= values.min() <= values.max() < np.inf):
        raise ValueError(f"a similarity of shape {s.shape} must be (m, n), finite and at least 0")
    dtype = np.float32 if values.dtype == np.float32 else float
    return Sparse(s.astype(dtype)) if is_sparse(s) else Dense(np.array(s, dtype, order="C"))
