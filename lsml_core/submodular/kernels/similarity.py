"""A matrix of similarities, perhaps too large to keep: whole, sparse, or made from features when asked for.

    S_ij   similarity of customer i to element j, shape (m, n)
    base   what customer i has before anything is chosen, (m,): F adds up what lies above it
    x      features, shape (n, d)              low, high   base ≤ low ≤ high, for every row asked about, (b,)

All that facility location asks of S is `totals` Σᵢ max(0, S_ij − baseᵢ), a few `profiles` (columns of S, one
a row), and the `rise` of some rows, in increasing order, at all columns or some:
Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ. This is what the gain of j loses when these customers, served lowᵢ so far,
are served highᵢ. All sums are in float64, and all ways to ask see the same entries where S is kept; where it
is made anew, entries may differ in their last digit.
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
    @property
    def base(self) -> Band: ...
    def totals(self) -> Totals: ...
    def profiles(self, columns: Int[ndarray, " c"], /) -> Profiles: ...
    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns, /) -> Totals: ...
    def restrict(self, columns: Int[ndarray, " c"], /) -> "Similarity": ...


class Dense:
    """S as an array of float32 or float64."""

    def __init__(self, s: Float[ndarray, "m n"]) -> None:
        self.s, self.shape, self.dtype = np.ascontiguousarray(s), s.shape, s.dtype
        self.base = np.zeros(len(s), s.dtype)

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
        self.by_column, self.base = self.by_row.tocsc(), np.zeros(s.shape[0], s.dtype)

    def totals(self) -> Totals:
        return _rise_of_all(self)

    def profiles(self, columns: Int[ndarray, " c"]) -> Profiles:
        return self.by_column[:, columns].T.toarray()

    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns = None) -> Totals:
        part = self.by_row[rows]
        low, high = (np.repeat(side, np.diff(part.indptr)) for side in (low, high))
        over = np.clip(part.data, low, high).astype(float) - low
        total = np.bincount(part.indices, over, minlength=self.shape[1]).astype(float)  # int where empty
        return total if columns is None else total[columns]

    def restrict(self, columns: Int[ndarray, " c"]) -> "Sparse":
        return Sparse(self.by_column[:, columns])


class Features:
    """S_ij = −‖customerᵢ − x_j‖² and baseᵢ = −reachᵢ, in float32 if x is, else in float64.

    Any tile of S is a product of [2c, −‖c‖², −1] and [x, 1, ‖x‖²], d + 2 multiplications an entry. The first
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
        center = center_of(x)  # distances stay as they are, and smaller numbers cancel less
        c, x = customers - center, x - center
        c2, x2 = (c**2).sum(axis=1), (x**2).sum(axis=1)
        self._left = np.column_stack([2 * c, -c2, -np.ones(len(c))]).astype(self.dtype)
        self._right = np.column_stack([x, np.ones(len(x)), x2]).astype(self.dtype).T.copy()
        self._all_in_reach = (reach >= (np.sqrt(c2) + np.sqrt(x2.max())) ** 2).all()
        self._symmetric = customers is self.x
        self._kept: Dense | None = None

    def totals(self) -> Totals:
        """Without a pass over S where all is within reach: sums of [2c, …] first, and then the product."""
        self._keep()  # now, so that what follows is rounded alike in every run
        if self._all_in_reach:
            return self._left.sum(axis=0, dtype=float) @ self._right - self.base.sum(dtype=float)
        return _rise_of_all(self)

    def profiles(self, columns: Int[ndarray, " c"]) -> Profiles:
        if self._kept is None:
            return self._right[:, columns].T @ self._left.T
        return self._kept.s[columns] if self._symmetric else self._kept.profiles(columns)

    def made(self, rows: Rows | slice, columns: slice, out: Tile) -> Tile:
        """S at some rows and columns, written to `out`."""
        return np.matmul(self._left[rows], self._right[:, columns], out=out)

    def rise(self, rows: Rows, low: Band, high: Band, columns: Columns = None) -> Totals:
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
                self._fill(s, slice(top, top + HEIGHT))
            self._kept = Dense(s)

    def _fill(self, s: Float[ndarray, "m n"], rows: slice) -> None:
        """These rows. Of a symmetric S only what is right of the diagonal is made, and then mirrored."""
        if not self._symmetric:
            self.made(rows, slice(None), s[rows])
            return
        self.made(rows, slice(rows.start, None), s[rows, rows.start :])
        square = s[rows, rows]
        np.minimum(square, square.T.copy(), out=square)
        s[rows.stop :, rows] = s[rows, rows.stop :].T

    def restrict(self, columns: Int[ndarray, " c"]) -> "Features":
        return Features(self.customers, self.x[columns], self.reach, self.memory)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not S, which whoever needs it can make again."""
        return vars(self) | {"_kept": None}


def center_of(x: Float[ndarray, "n d"]) -> Float[ndarray, " d"]:
    """The median of about 1,000 rows: one row far away does not move it, as it would the mean."""
    return np.median(x[:: 1 + len(x) // 1000], axis=0).astype(float)


def covering_reach(customers: Float[ndarray, "m d"], x: Float[ndarray, "n d"]) -> float:
    """A squared distance that no customer and element exceed, from one look at each of them."""
    center = center_of(x)
    radii = [np.sqrt(((side - center) ** 2).sum(axis=1).max()) for side in (customers, x)]
    return float(sum(radii) ** 2 * (1 + 1e-5))  # rounding must not put a pair out of reach


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
    """Σᵢ clip(S_ij, lowᵢ, highᵢ) − lowᵢ, in float64."""
    from lsml_core.submodular.kernels.clipped_sum import rise_  # here, because numba takes long to import

    total = np.zeros(s.shape[1])
    rise_(s, rows, low, high, total)
    return total


def _rise_of_all(s: Similarity) -> Totals:
    m = s.shape[0]
    return s.rise(np.arange(m), s.base, np.full(m, np.inf, s.dtype), None)
