"""A matrix of similarities, perhaps too large to keep: whole, sparse, or made from features when asked for.

    S_ij   similarity of customer i to element j, shape (m, n); negative counts as 0
    x      features, shape (n, d)              low, high   0 ≤ low ≤ high, for every row asked about, (b,)

All that facility location asks of S is `totals` Σᵢ S_ij, a few `profiles` (columns of S, one a row), and the
`rise` of some rows, in increasing order, at all columns or some: Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ. This is
what the gain of j loses when these customers, served lowᵢ so far, are served highᵢ.
"""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

TILE, COLUMNS = 2**19, 2**13
"""Entries of S made at a time, so that they are summed while in the cache, and columns made at a time."""

HEIGHT = 512
"""Rows of a kept S made at a time."""

Rows = Int[ndarray, " b"]
Columns = Int[ndarray, " c"] | None  # None: all
Band = Float[ndarray, " b"]
Totals = Float[ndarray, " c"]
Profiles = Float[ndarray, "c m"]
Tile = Float[ndarray, "r c"]
Make = Callable[[slice, slice, Tile], Tile]
"""S at some of the rows asked about and some of the columns, perhaps written to the tile that is lent."""


@runtime_checkable
class Similarity(Protocol):
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> Any: ...
    def totals(self) -> Totals: ...
    def profiles(self, columns: Int[ndarray, " c"], /) -> Profiles: ...
    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns, /) -> Totals: ...
    def restrict(self, columns: Int[ndarray, " c"], /) -> "Similarity": ...


class Dense:
    """S as an array of float32 or float64."""

    def __init__(self, s: Float[ndarray, "m n"]) -> None:
        self.s, self.shape, self.dtype = np.ascontiguousarray(s), s.shape, s.dtype

    def totals(self) -> Totals:
        return _rise_of_all(self)

    def profiles(self, columns: Int[ndarray, " c"]) -> Profiles:
        return self.s[:, columns].T

    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns = None) -> Totals:
        if columns is None:
            return _rise_of_rows(self.s, rows, low, high)
        return _rise(lambda r, c, _: self.s[np.ix_(rows[r], columns[c])], len(columns), low, high)

    def restrict(self, columns: Int[ndarray, " c"]) -> "Dense":
        return Dense(self.s[:, columns])


class Sparse:
    """S as a sparse matrix: what is not stored is 0."""

    def __init__(self, s: Any) -> None:
        from scipy.sparse import csr_array  # here, so that the room opens without scipy

        self.by_row, self.shape, self.dtype = csr_array(s), s.shape, s.dtype
        self.by_column = self.by_row.tocsc()

    def totals(self) -> Totals:
        return _rise_of_all(self)

    def profiles(self, columns: Int[ndarray, " c"]) -> Profiles:
        return self.by_column[:, columns].T.toarray()

    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns = None) -> Totals:
        part = self.by_row[rows]
        low, high = (np.repeat(side, np.diff(part.indptr)) for side in (low, high))
        over = np.clip(part.data, low, high) - low
        total = np.bincount(part.indices, over, minlength=self.shape[1]).astype(float)  # int where empty
        return total if columns is None else total[columns]

    def restrict(self, columns: Int[ndarray, " c"]) -> "Sparse":
        return Sparse(self.by_column[:, columns])


class Features:
    """S_ij = reachᵢ − ‖customerᵢ − x_j‖², in float32 if x is, else in float64.

    Any tile of S is a product of [2c, reach − ‖c‖², −1] and [x, 1, ‖x‖²], d + 2 multiplications an entry. The
    first look at all of S keeps it if it fits into `memory` bytes. Inside, S has its mean taken off:
    numbers near 0 leave float32 more digits for their differences.
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
        center = x.mean(axis=0, dtype=float)  # distances stay as they are, and smaller numbers cancel less
        c, x = customers - center, x - center
        c2, x2 = (c**2).sum(axis=1), (x**2).sum(axis=1)
        self.mean = float(reach.mean() - c2.mean() - x2.mean() + 2 * c.mean(axis=0) @ x.mean(axis=0))
        self._left = np.column_stack([2 * c, reach - c2 - self.mean, -np.ones(len(c))]).astype(self.dtype)
        self._right = np.column_stack([x, np.ones(len(x)), x2]).astype(self.dtype).T.copy()
        self._all_in_reach = (reach >= (np.sqrt(c2) + np.sqrt(x2.max())) ** 2).all()
        self._symmetric = customers is self.x and (reach == reach[0]).all()
        self._kept: Dense | None = None

    def totals(self) -> Totals:
        """Without a pass over S where nothing is negative: sums of [2c, …] first, and then the product."""
        self._keep()  # now, so that what follows is rounded alike in every run
        if self._all_in_reach:
            return self._left.sum(axis=0, dtype=float) @ self._right + self.mean * len(self._left)
        return _rise_of_all(self)

    def profiles(self, columns: Int[ndarray, " c"]) -> Profiles:
        if self._kept is not None and self._symmetric:
            return self._kept.s[columns] + self.mean
        return self._right[:, columns].T @ self._left.T + self.mean

    def made(self, rows: Rows | slice, columns: slice, out: Tile) -> Tile:
        """S − mean at some rows and columns, written to `out`."""
        return np.matmul(self._left[rows], self._right[:, columns], out=out)

    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns = None) -> Totals:
        low, high = low - self.mean, high - self.mean
        if len(rows) == self.shape[0] and columns is None:
            self._keep()
        if self._kept is not None:
            return self._kept.rise(rows, low, high, columns)
        right = self._right if columns is None else self._right[:, columns]

        return _rise(
            lambda r, c, tile: np.matmul(self._left[rows[r]], right[:, c], out=tile),
            right.shape[1],
            low,
            high,
        )

    def _keep(self) -> None:
        m, n = self.shape
        if self._kept is None and m * n * self.dtype.itemsize <= self.memory:
            s = np.empty((m, n), self.dtype)
            for top in range(0, m, HEIGHT):  # several times faster than one product, which copies its parts
                self.made(slice(top, top + HEIGHT), slice(None), s[top : top + HEIGHT])
            self._kept = Dense(s)

    def restrict(self, columns: Int[ndarray, " c"]) -> "Features":
        return Features(self.customers, self.x[columns], self.reach, self.memory)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not S, which whoever needs it can make again."""
        return vars(self) | {"_kept": None}


def covering_reach(customers: Float[ndarray, "m d"], x: Float[ndarray, "n d"]) -> float:
    """A squared distance that no customer and element exceed, from one look at each of them."""
    center = x.mean(axis=0, dtype=float)
    radii = [np.sqrt(((side - center) ** 2).sum(axis=1).max()) for side in (customers, x)]
    return float(sum(radii) ** 2 * (1 + 1e-5))  # rounding must not make a similarity negative


def _rise(make: Make, n: int, low: Band, high: Band) -> Totals:
    """As `_rise_of_rows`, of n columns that are made tile by tile."""
    total, width = np.zeros(n), max(1, min(n, COLUMNS))
    height = max(1, TILE // width)
    lent = np.empty(height * width, low.dtype)
    for left in range(0, n, width):
        c = slice(left, min(left + width, n))
        for top in range(0, len(low), height):
            r = slice(top, min(top + height, len(low)))
            here = lent[: (r.stop - top) * (c.stop - left)].reshape(r.stop - top, -1)
            tile = make(r, c, here)
            total[c] += _rise_of_rows(tile, np.arange(len(tile)), low[r], high[r])
    return total


def _rise_of_rows(s: Tile, rows: Rows, low: Band, high: Band) -> Totals:
    """Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ, in the precision of S over a few rows and in float64 over all."""
    from lsml_core.submodular.loops import rise_  # here, because numba takes long to import

    total = np.zeros(s.shape[1])
    rise_(s, rows, low, high, total)
    return total


def _rise_of_all(s: Similarity) -> Totals:
    m = s.shape[0]
    return s.rise(np.arange(m), np.zeros(m, s.dtype), np.full(m, np.inf, s.dtype), None)
