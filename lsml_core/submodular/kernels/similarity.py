"""A similarity matrix S, perhaps too large to keep: dense, sparse, or made from features when asked for.

    S_ij   similarity of customer i to element j, shape (m, n)
    base   what customer i has before anything is chosen, (m,): F adds up what lies above it
    best   best similarity of each customer so far, (m,), at least base
    x      features, shape (n, d)              low, high   base ≤ low ≤ high, one per row asked for, (b,)

Facility location needs four things of S: the gains of single elements, Σᵢ max(0, S_ij − baseᵢ); the excess
Σᵢ max(0, S_ij − bestᵢ) of some elements; a few columns; and the clipped sum of some rows, at all columns,
Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ. This is what the gain of j loses when the best similarity of these
customers rises from low to high. All sums are in float64. All ways to ask see the same entries where S is
kept; where it is made again, entries may differ in their last digit.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

TILE, WIDTH = 2**19, 2**13
"""Entries of S made at a time, so that they are summed while in the cache, and columns made at a time."""

HEIGHT = 512
"""Rows of a kept S made at a time."""

FEW = 32
"""Up to this many columns of an S that is not kept are made as a whole, and more of them tile by tile."""

Rows = Int[ndarray, " b"]
Columns = Int[ndarray, " c"]
Bounds = Float[ndarray, " b"]
Sums = Float[ndarray, " c"]
Tile = Float[ndarray, "r c"]
MakeTile = Callable[[slice, slice, Tile], Tile]
"""S at some of the rows asked for and some of the columns, perhaps written to the tile that is passed."""


class Similarity(ABC):
    """S in one of its forms.  shape: (m, n).   base: (m,), in S's dtype."""

    shape: tuple[int, int]
    dtype: Any
    base: Float[ndarray, " m"]
    tie_tolerance: float = 1e-9

    def singleton_gains(self) -> Sums:
        """Σᵢ max(0, S_ij − baseᵢ) for every column."""
        return self.excess(np.arange(self.shape[1]), self.base)

    @abstractmethod
    def excess(self, columns: Columns, best: Float[ndarray, " m"]) -> Sums:
        """Σᵢ max(0, S_ij − bestᵢ) for these columns."""

    @abstractmethod
    def columns(self, columns: Columns) -> Float[ndarray, "c m"]:
        """These columns, one per row."""

    @abstractmethod
    def clipped_sum(self, rows: Rows, low: Bounds, high: Bounds) -> Float[ndarray, " n"]:
        """Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ over these rows, in increasing order, for every column.

        rows: i, (b,).   low, high: limits of each of them, (b,).
        """

    @abstractmethod
    def restrict(self, columns: Columns) -> "Similarity":
        """The same customers, fewer columns."""

    def local(self, columns: Columns) -> "Similarity":
        """What the holder of these elements can compute alone; by default with all customers."""
        return self.restrict(columns)


class Dense(Similarity):
    """S as an array of float32 or float64.   symmetric: S = Sᵀ, so that rows serve as columns."""

    def __init__(self, s: Float[ndarray, "m n"], *, symmetric: bool = False) -> None:
        self.s, self.shape, self.dtype = np.ascontiguousarray(s), s.shape, s.dtype
        self.base, self.symmetric = np.zeros(len(s), s.dtype), symmetric

    def excess(self, columns: Columns, best: Float[ndarray, " m"]) -> Sums:
        if not self.symmetric and 2 * len(columns) >= self.shape[1]:  # all columns in order are faster
            return _clipped_sum(self.s, np.arange(len(best)), best, np.full_like(best, np.inf))[columns]
        return _excess(self.s, columns, best, transposed=self.symmetric)

    def columns(self, columns: Columns) -> Float[ndarray, "c m"]:
        return self.s[columns] if self.symmetric else self.s[:, columns].T

    def clipped_sum(self, rows: Rows, low: Bounds, high: Bounds) -> Float[ndarray, " n"]:
        return _clipped_sum(self.s, rows, low, high)

    def restrict(self, columns: Columns) -> "Dense":
        return Dense(self.s[:, columns])


class Sparse(Similarity):
    """S as a sparse matrix: what is not stored is 0."""

    def __init__(self, s: Any) -> None:
        from scipy.sparse import csr_array  # lazy import: scipy is needed for sparse similarities only

        self.by_row, self.shape, self.dtype = csr_array(s), s.shape, s.dtype
        self.by_column, self.base = self.by_row.tocsc(), np.zeros(s.shape[0], s.dtype)

    def excess(self, columns: Columns, best: Float[ndarray, " m"]) -> Sums:
        part = self.by_column[:, columns]
        low = best[part.indices]
        above = np.maximum(part.data, low).astype(float) - low
        column = np.repeat(np.arange(len(columns)), np.diff(part.indptr))
        return np.bincount(column, above, minlength=len(columns)).astype(float)  # int where empty

    def columns(self, columns: Columns) -> Float[ndarray, "c m"]:
        return self.by_column[:, columns].T.toarray()

    def clipped_sum(self, rows: Rows, low: Bounds, high: Bounds) -> Float[ndarray, " n"]:
        part = self.by_row[rows]
        low, high = (np.repeat(bound, np.diff(part.indptr)) for bound in (low, high))
        above = np.clip(part.data, low, high).astype(float) - low
        return np.bincount(part.indices, above, minlength=self.shape[1]).astype(float)  # int where empty

    def restrict(self, columns: Columns) -> "Sparse":
        return Sparse(self.by_column[:, columns])


class Features(Similarity):
    """S_ij = −‖customerᵢ − x_j‖² and baseᵢ = −reachᵢ, in float32 if x is, else in float64.

    Any tile of S is a product of [2c, −‖c‖², −1] and [x, 1, ‖x‖²], d + 2 multiplications per entry. The first
    look at all of S keeps it if it fits into `memory` bytes.
    """

    def __init__(
        self,
        customers: Float[ndarray, "m d"],
        x: Float[ndarray, "n d"],
        reach: Float[ndarray, " m"],
        memory: float | int,
    ) -> None:
        self.customers, self.x, self.reach, self.memory = customers, x, reach, memory
        self.shape, self.dtype = (len(customers), len(x)), np.dtype("f4" if x.dtype == "f4" else "f8")
        self.base = -np.asarray(reach, self.dtype)
        if self.dtype == np.float32:
            self.tie_tolerance = 1e-6  # such distances are exact to about six digits
        center = center_of(x)  # distances stay as they are, and smaller numbers cancel less
        c, x = customers - center, x - center
        c2, x2 = (c**2).sum(axis=1), (x**2).sum(axis=1)
        self._left = np.column_stack([2 * c, -c2, -np.ones(len(c))]).astype(self.dtype)
        self._right = np.column_stack([x, np.ones(len(x)), x2]).astype(self.dtype).T.copy()
        self._all_in_reach = (reach >= (np.sqrt(c2) + np.sqrt(x2.max())) ** 2).all()
        self._symmetric = customers is self.x
        self._kept: Dense | None = None

    def singleton_gains(self) -> Sums:
        """Without a pass over S where all is within reach: sums of [2c, …] first, and then the product."""
        self._keep()  # now, so that what follows is rounded alike in every run
        if self._all_in_reach:
            return self._left.sum(axis=0, dtype=float) @ self._right - self.base.sum(dtype=float)
        return super().singleton_gains()

    def excess(self, columns: Columns, best: Float[ndarray, " m"]) -> Sums:
        if 2 * len(columns) >= self.shape[1]:
            self._keep()
        if self._kept is not None:
            return self._kept.excess(columns, best)
        if len(columns) <= FEW:
            return _excess(self.columns(columns), np.arange(len(columns)), best, transposed=True)
        right = self._right[:, columns]
        return self._tiled(right, np.arange(len(best)), best, np.full_like(best, np.inf))

    def columns(self, columns: Columns) -> Float[ndarray, "c m"]:
        if self._kept is None:
            return self._right[:, columns].T @ self._left.T
        return self._kept.columns(columns)

    def make(self, rows: Rows | slice, columns: slice, out: Tile) -> Tile:
        """S at some rows and columns, written to `out`."""
        return np.matmul(self._left[rows], self._right[:, columns], out=out)

    def clipped_sum(self, rows: Rows, low: Bounds, high: Bounds) -> Float[ndarray, " n"]:
        if self._kept is not None:
            return self._kept.clipped_sum(rows, low, high)
        return self._tiled(self._right, rows, low, high)

    def _tiled(self, right: Float[ndarray, "e c"], rows: Rows, low: Bounds, high: Bounds) -> Sums:
        def make(r: slice, c: slice, tile: Tile) -> Tile:
            return np.matmul(self._left[rows[r]], right[:, c], out=tile)

        return _clipped_sum_of_tiles(make, right.shape[1], low, high)

    def _keep(self) -> None:
        m, n = self.shape
        if self._kept is None and m * n * self.dtype.itemsize <= self.memory:
            s = np.empty((m, n), self.dtype)
            for top in range(0, m, HEIGHT):  # several times faster than one product, which copies its parts
                self._fill(s, slice(top, top + HEIGHT))
            self._kept = Dense(s, symmetric=self._symmetric)

    def _fill(self, s: Float[ndarray, "m n"], rows: slice) -> None:
        """These rows. Of a symmetric S only what is right of the diagonal is made, and then mirrored."""
        if not self._symmetric:
            self.make(rows, slice(None), s[rows])
            return
        self.make(rows, slice(rows.start, None), s[rows, rows.start :])
        square = s[rows, rows]
        np.minimum(square, square.T.copy(), out=square)
        s[rows.stop :, rows] = s[rows, rows.stop :].T

    def restrict(self, columns: Columns) -> "Features":
        return Features(self.customers, self.x[columns], self.reach, self.memory)

    def local(self, columns: Columns) -> "Features":
        """Customers that are the elements themselves are those of this part only."""
        if not self._symmetric:
            return self.restrict(columns)
        mine = self.x[columns]
        return Features(mine, mine, self.reach[columns], self.memory)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not S, which can be made again."""
        return vars(self) | {"_kept": None}


def center_of(x: Float[ndarray, "n d"]) -> Float[ndarray, " d"]:
    """The median of about 1,000 rows: one row far away does not move it, as it would the mean."""
    return np.median(x[:: 1 + len(x) // 1000], axis=0).astype(float)


def _clipped_sum(s: Tile, rows: Rows, low: Bounds, high: Bounds) -> Sums:
    """Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ, in float64."""
    from lsml_core.submodular.kernels.clipped_sum import clipped_sum_  # lazy import: numba loads slowly

    total = np.zeros(s.shape[1])
    clipped_sum_(s, rows, low, high, total)
    return total


def _excess(
    s: Tile, which: Int[ndarray, " e"], best: Float[ndarray, " m"], *, transposed: bool
) -> Float[ndarray, " e"]:
    from lsml_core.submodular.kernels.clipped_sum import excess_in_rows_, excess_of_columns_

    total = np.zeros(len(which))
    (excess_of_columns_ if transposed else excess_in_rows_)(s, which, best, total)
    return total


def _clipped_sum_of_tiles(make: MakeTile, n: int, low: Bounds, high: Bounds) -> Sums:
    """As `_clipped_sum`, of n columns that are made tile by tile."""
    total, width = np.zeros(n), max(1, min(n, WIDTH))
    height = max(1, TILE // width)
    buffer = np.empty(height * width, low.dtype)
    for left in range(0, n, width):
        c = slice(left, min(left + width, n))
        for top in range(0, len(low), height):
            r = slice(top, min(top + height, len(low)))
            tile = make(r, c, buffer[: (r.stop - top) * (c.stop - left)].reshape(r.stop - top, -1))
            total[c] += _clipped_sum(tile, np.arange(len(tile)), low[r], high[r])
    return total
