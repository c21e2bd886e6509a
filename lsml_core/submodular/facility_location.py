"""Facility location: every customer counts its similarity to the most similar chosen element.

    S_ij   similarity of customer i to element j, shape (m, n)       x      features, shape (n, d)
    best   maxⱼ∈S S_ij, best similarity so far: the state, (m,)      reach  squared distance of similarity 0

Often the customers are the elements themselves: the chosen ones are then exemplars, or medoids, of all.
`PlainFacilityLocation` is the definition; the others compute the same by `kernels/best_similarity.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.submodular.arguments import (
    Element,
    Indices,
    Matrix,
    finite_array,
    is_sparse,
    real_array,
    sparse_copy,
)
from lsml_core.submodular.kernels.best_similarity import SimilarityFunction
from lsml_core.submodular.kernels.neighbors import neighbor_graph
from lsml_core.submodular.kernels.similarity import Dense, Features, Similarity, Sparse, center_of
from lsml_core.submodular.set_function import TIE, Gains, SetFunction, StreamFunction

BestSimilarity = Float[ndarray, " m"]
Points = Num[ndarray, "n d"]
Closeness = Callable[[Float[ndarray, "b d"], Float[ndarray, "m d"]], Float[ndarray, "b m"]]


class PlainFacilityLocation(SetFunction[BestSimilarity]):
    """F(S) = Σᵢ maxⱼ∈S S_ij, as it is defined.   similarity: S, dense, (m, n), at least 0."""

    def __init__(self, similarity: Num[ndarray, "m n"]) -> None:
        self.s, self.n = np.array(similarity, dtype=float), similarity.shape[1]

    def value(self, indices: Indices) -> float:
        return float(self.s[:, np.asarray(indices, dtype=int)].max(axis=1, initial=0).sum())

    def empty(self) -> BestSimilarity:
        return np.zeros(len(self.s))

    def gains(self, best: BestSimilarity, candidates: Indices) -> Gains:
        return np.maximum(self.s[:, np.asarray(candidates, dtype=int)] - best[:, None], 0).sum(axis=0)

    def add(self, best: BestSimilarity, e: Element) -> BestSimilarity:
        return np.maximum(best, self.s[:, e])


class FacilityLocation(SimilarityFunction):
    """F(S) = Σᵢ maxⱼ∈S S_ij.

    similarity: S, (m, n), dense or scipy.sparse, at least 0; kept in float32 if it is, else in float64.
    For features, (n, d), use `from_features`: features without negative entries cannot be told from a
    similarity of n customers to d elements.
    ValueError: a similarity that is not (m, n), not finite or negative.
    Cornuéjols, Fisher & Nemhauser (Management Science, 1977).
    """

    def __init__(self, similarity: Num[ndarray, "m n"] | Similarity | Any) -> None:
        super().__init__(similarity if isinstance(similarity, Similarity) else _as_similarity(similarity))

    @classmethod
    def from_features(
        cls, x: Points, *, neighbors: int | None = None, memory: float | int = 1e9
    ) -> "FacilityLocation":
        """F of S_ij = reach − ‖xᵢ − x_j‖², for a reach that no two points exceed: it is maximal at k-medoids.

        x: features, (n, d). float32 stays float32, unless distances between near points would be lost in
        rounding. Rows scaled to length 1 give the cosine: ‖x − y‖² = 2 − 2 cos(x, y).
        neighbors: K counts only near pairs, see `neighbor_graph`; None counts all.
        memory: S is kept if it fits into this many bytes; else its rows are made whenever they are needed.
        """
        x = as_features(x)
        if neighbors is not None:
            return cls(Sparse(neighbor_graph(x, neighbors)))
        return cls(Features(x, x, np.full(len(x), covering_reach(x, x)), memory))


class Exemplar(SimilarityFunction):
    """F(S) = L({e₀}) − L(S ∪ {e₀}),  L(S) = Σᵢ minⱼ∈S ‖xᵢ − x_j‖²: how far the k-medoid loss falls.

    It is facility location with S_ij = max(0, ‖xᵢ − e₀‖² − ‖xᵢ − x_j‖²); use that for another distance.
    x: features, (n, d).   phantom: e₀, (d,), which makes L({e₀}) finite; by default the origin.
    memory: as in `FacilityLocation.from_features`.
    ValueError: x that is not (n, d) or not finite, or a phantom that is not.  Gomes & Krause (ICML 2010).
    """

    def __init__(
        self, x: Points, *, phantom: Num[ndarray, " d"] | None = None, memory: float | int = 1e9
    ) -> None:
        x = as_features(x)
        origin = np.zeros(x.shape[1]) if phantom is None else finite_array(phantom, "phantom", 1)
        if len(origin) != x.shape[1]:
            raise ValueError(f"phantom of shape {origin.shape} must be {x.shape[1:]}, like a row of x")
        super().__init__(Features(x, x, ((x - origin) ** 2).sum(axis=1), memory))


class StreamedFacilityLocation(StreamFunction[BestSimilarity]):
    """Facility location whose elements are rows of features that pass by; only the customers are kept.

    customers: features, (m, d). If they are drawn at random from the stream, F/m estimates its mean.
    similarity: function (rows (b, d), customers) -> (b, m), where negative counts as 0. By default what a row
    saves a customer against a phantom at the origin: F is `Exemplar` for these customers.
    """

    def __init__(self, customers: Points, similarity: Closeness | None = None) -> None:
        self.customers = as_features(customers)
        self.tie_tolerance = 1e-6 if self.customers.dtype == np.float32 else TIE
        self.similarity = saved_distance if similarity is None else similarity

    def look(self, elements: Sequence[Any] | Points) -> Float[ndarray, "b m"]:
        """The similarity of each row to every customer: all that is needed of it."""
        return self.similarity(np.asarray(elements, dtype=self.customers.dtype), self.customers)

    def empty(self) -> BestSimilarity:
        return np.zeros(len(self.customers), self.customers.dtype)

    def gains(self, best: BestSimilarity, columns: Float[ndarray, "b m"]) -> Gains:
        """Σᵢ max(0, S_ij − bestᵢ) for each row of `columns`, in float64."""
        from lsml_core.submodular.kernels.clipped_sum import excess_of_columns_  # lazy import: numba

        if columns.ndim != 2 or columns.shape[1] != len(best):
            raise ValueError(f"similarities have shape {columns.shape}, and must be (b, {len(best)})")
        total = np.zeros(len(columns))
        excess_of_columns_(np.ascontiguousarray(columns), np.arange(len(columns)), best, total)
        return total

    def add(self, best: BestSimilarity, column: Float[ndarray, " m"]) -> BestSimilarity:
        return np.maximum(best, column)

    def meet(self, states: Sequence[BestSimilarity]) -> BestSimilarity:
        return np.min(states, axis=0)


def saved_distance(rows: Float[ndarray, "b d"], customers: Float[ndarray, "m d"]) -> Float[ndarray, "b m"]:
    """‖c‖² − ‖c − x‖² = 2c·x − ‖x‖², in one product."""
    minus = -np.ones((len(customers), 1), customers.dtype)
    return np.hstack([rows, (rows**2).sum(axis=1, keepdims=True)]) @ np.hstack([2 * customers, minus]).T


def as_features(x: Points) -> Float[ndarray, "n d"]:
    """A copy: in float32 if x is and that is precise enough, see `float32_suffices`, else in float64.

    ValueError: not 2-D, no point, or not finite.
    """
    x = real_array(x, "features")
    if x.ndim != 2 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"features of shape {x.shape} must be (n, d), n ≥ 1, and finite")
    return np.array(x, dtype=np.float32 if x.dtype == np.float32 and float32_suffices(x) else float)


def float32_suffices(x: Float[ndarray, "n d"]) -> bool:
    """Whether squared distances in float32 tell near points from nearer ones.

    They are differences of numbers as large as the largest ‖x‖², and must not be off by a twentieth of the
    median distance to the nearest other point, in a sample.
    """
    x = x - center_of(x)
    sample = x[:: 1 + len(x) // 4000]
    probe = sample[:: 1 + len(sample) // 64]
    squared = (x**2).sum(axis=1).max()
    apart = (probe**2).sum(axis=1)[:, None] + (sample**2).sum(axis=1) - 2 * probe @ sample.T
    nearest = np.where(apart > 1e-14 * squared, apart, np.inf).min(axis=1)
    return bool(np.finfo(np.float32).eps * squared <= 0.05 * np.median(nearest))


def covering_reach(customers: Float[ndarray, "m d"], x: Float[ndarray, "n d"]) -> float:
    """A squared distance that no customer and element exceed, from one look at each of them."""
    center = center_of(x)
    radii = [np.sqrt(((side - center) ** 2).sum(axis=1).max()) for side in (customers, x)]
    return float(sum(radii) ** 2 * (1 + 1e-5))  # rounding must not put a pair out of reach


def _as_similarity(s: Matrix) -> Similarity:
    """A copy, in float32 if s is, else in float64."""
    s = sparse_copy(s, "similarity") if is_sparse(s) else real_array(s, "similarity")
    values = s.data if is_sparse(s) else s
    if s.ndim != 2 or (values.size and not 0 <= values.min() <= values.max() < np.inf):
        lowest = f", with an entry {values.min():g}," if values.size and values.min() < 0 else ""
        raise ValueError(
            f"similarity of shape {s.shape}{lowest} must be (m, n), finite and at least 0; for features, "
            "(n, d), use FacilityLocation.from_features"
        )
    dtype = np.float32 if values.dtype == np.float32 else float
    return Sparse(s.astype(dtype)) if is_sparse(s) else Dense(np.array(s, dtype, order="C"))
