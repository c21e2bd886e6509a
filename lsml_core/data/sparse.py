"""Synthetic sparse data of any size: examples with chosen word frequencies, and ratings of a low-rank matrix.

    n, d     examples, coordinates              p_j    probability that an example has coordinate j
    x        CSR matrix (n, d), rows of length 1       s (exponent)   p_j ∝ j^(−s), Zipf's law
    rank     of the matrix of true ratings

Text follows Zipf's law with s about 1, stop words included. A small exponent, or a limit on p_j, has
the effect of leaving out the stop words.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from lsml_core.validation import Count, check_count, check_finite, check_not_negative, check_rng

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class SparseExamples(NamedTuple):
    """Examples x, labels y = ±1 from the weights `planted` with noise, and `frequency`: p, descending."""

    x: "csr_matrix"
    y: Float64[ndarray, " n"]
    planted: Float64[ndarray, " d"]
    frequency: Float64[ndarray, " d"]


class Ratings(NamedTuple):
    """User user[k] gave rating[k] to item[k]; no pair occurs twice."""

    user: Int64[ndarray, " m"]
    item: Int64[ndarray, " m"]
    rating: Float64[ndarray, " m"]
    users: int
    items: int

    @property
    def x(self) -> "csr_matrix":
        """One row per rating, with a 1 for its user and a 1 for its item: what a step on it changes."""
        from scipy.sparse import csr_matrix

        m = len(self.rating)
        columns = np.stack([self.user, self.users + self.item], axis=1).ravel()
        shape = m, self.users + self.items
        return csr_matrix((np.ones(2 * m), columns, np.arange(0, 2 * m + 1, 2)), shape=shape)


def zipf_examples(
    n: Count,
    d: Count,
    nonzeros: float | int,
    *,
    rng: np.random.Generator,
    exponent: float | int = 1.0,
    max_frequency: float | int = 0.5,
    noise: float | int = 0.1,
) -> SparseExamples:
    """Each example has coordinate j with probability p_j = min(c·j^(−s), max_frequency), independently.

    n, d: sizes.   nonzeros: mean number of coordinates per example, Σp_j; it determines c.   exponent: s.
    max_frequency: upper limit of p_j.   noise: standard deviation of the noise on xᵢᵀ planted, which has 1.
    y is the sign of xᵢᵀ planted plus noise. An example may be empty.
    ValueError: sizes below 1, or more nonzeros than d coordinates of max_frequency can give.
    """
    from scipy.sparse import csr_matrix

    n, d = check_count("n", n), check_count("d", d)
    check_finite(exponent=exponent)
    check_not_negative(noise=noise)
    if not 0 < max_frequency < 1 or not 0 < nonzeros < d * max_frequency:
        raise ValueError(
            f"max_frequency={max_frequency} must be between 0 and 1, and "
            f"nonzeros={nonzeros} above 0 and below d·max_frequency={d * max_frequency:g}"
        )
    p = _capped_zipf(d, nonzeros, exponent, max_frequency)
    # A Poisson number of draws with mean −n·log(1 − p) misses a given row with probability 1 − p.
    column = np.repeat(np.arange(d), check_rng(rng).poisson(-n * np.log1p(-p)))
    x = csr_matrix((np.ones(len(column)), (rng.integers(n, size=len(column)), column)), shape=(n, d))
    x.sum_duplicates()
    size = np.diff(x.indptr)
    x.data[:] = 1 / np.sqrt(np.repeat(size, size))
    planted = rng.normal(size=d)
    return SparseExamples(x, np.where(x @ planted + noise * rng.normal(size=n) > 0, 1.0, -1.0), planted, p)


def ratings(
    users: Count,
    items: Count,
    rank: Count,
    m: Count,
    *,
    rng: np.random.Generator,
    exponent: float | int = 0.5,
    noise: float | int = 0.1,
) -> Ratings:
    """About m ratings U_u·V_v + noise, of variance 1 + noise²; popularity follows Zipf's law.

    users, items: sizes of the matrix.   rank: of the true ratings.   m: number of draws.   exponent: s.
    noise: standard deviation. Pairs are drawn m times and kept once, so there are somewhat fewer than m.
    ValueError: sizes below 1.
    """
    users, items = check_count("users", users), check_count("items", items)
    rank, m = check_count("rank", rank), check_count("m", m)
    check_finite(exponent=exponent)
    check_not_negative(noise=noise)
    user, item = (
        check_rng(rng).permutation(size)[rng.choice(size, size=m, p=_zipf(size, exponent))]
        for size in (users, items)
    )
    pair = rng.permutation(np.unique(user * items + item))
    user, item = pair // items, pair % items
    left, right = rng.normal(size=(users, rank)), rng.normal(size=(items, rank)) / np.sqrt(rank)
    rating = (left[user] * right[item]).sum(1) + noise * rng.normal(size=len(pair))
    return Ratings(user, item, rating, users, items)


def _zipf(size: int, exponent: float | int) -> Float64[ndarray, " size"]:
    weight = np.arange(1, size + 1.0) ** -exponent
    return weight / weight.sum()


def _capped_zipf(
    d: int, nonzeros: float | int, exponent: float | int, cap: float | int
) -> Float64[ndarray, " d"]:
    """min(c·j^(−s), cap) of sum `nonzeros`; c by bisection, since the sum grows with c."""
    shape = np.arange(1, d + 1.0) ** -exponent
    low, high = 0.0, cap / shape[-1]  # at `high` every coordinate has the largest frequency
    for _ in range(100):
        c = (low + high) / 2
        low, high = (c, high) if np.minimum(c * shape, cap).sum() < nonzeros else (low, c)
    return np.minimum(high * shape, cap)
