"""The conflict graph: two examples are joined if they share a coordinate.

    e    coordinates of an example                 Ω (omega)  size of the largest e
    n    number of examples                        Δ (delta)  fraction of examples that have the most
                                                              frequent coordinate
    Δ_av mean degree: the number of other          ρ (rho)    largest fraction of examples that one example
         examples that one conflicts with                     conflicts with, including itself
    τ    updates by others between reading w for an update and writing it

The slide: delays τ ≤ n/(2Δ_av) do not affect convergence. Sufficient, not necessary: see `staleness`.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from lsml_core.parallel.linear import CSR, check_csr
from lsml_core.validation import Count, check_count

WEIGHTS_PER_LINE = 8
"""Weights of 8 bytes in a cache line of 64."""


class Conflicts(NamedTuple):
    """How the examples of a data set share coordinates.

    omega: Ω, most coordinates of one example.
    delta: Δ, fraction of the examples that have the most frequent coordinate.
    rho: ρ, largest fraction of the examples that one example conflicts with, including itself.
    degree: number of other examples that each one conflicts with, (n,).
    """

    omega: int
    delta: float
    rho: float
    degree: Int64[ndarray, " n"]

    @property
    def mean_degree(self) -> float:
        """Δ_av."""
        return float(self.degree.mean())

    @property
    def delay_bound(self) -> float:
        """n/(2Δ_av), inf if no two examples conflict.  Mania et al. (SIAM J. Optim., 2017)."""
        return len(self.degree) / (2 * self.mean_degree) if self.mean_degree else np.inf


def plain_degrees(x: CSR) -> Int64[ndarray, " n"]:
    """Number of other examples that share a coordinate with each example: the definition, in n² steps.

    x: examples, CSR (n, d).
    """
    check_csr(x)
    pattern = _pattern(x).astype(np.int64)
    shares = (pattern @ pattern.T).toarray() > 0
    np.fill_diagonal(shares, False)
    return shares.sum(axis=1)


def conflicts(x: CSR) -> Conflicts:
    """Ω, Δ, ρ (Niu et al., NIPS 2011) and the degree of every example, all exact.

    x: examples, CSR (n, d); stored zeros do not count.
    Visits all pairs that share a coordinate, Σ_j c_j² steps if column j has c_j entries: seconds for 20,000
    paragraphs with stop words. ValueError: x is not CSR, or has no entries.
    """
    from lsml_core.parallel.kernels.conflict_graph import count_neighbors_

    check_csr(x)
    pattern = _pattern(x)
    columns = pattern.tocsc()
    degree = np.zeros(x.shape[0], np.int64)
    count_neighbors_(pattern.indptr, pattern.indices, columns.indptr, columns.indices, degree)
    size, occurrences = np.diff(pattern.indptr), np.diff(columns.indptr)
    including_itself = degree + (size > 0)
    delta, rho = occurrences.max() / len(degree), including_itself.max() / len(degree)
    return Conflicts(int(size.max()), float(delta), float(rho), degree)


def in_cache_lines(x: CSR, weights: Count = WEIGHTS_PER_LINE) -> CSR:
    """The examples as the cores' caches see them: an entry wherever an example touches a line of weights.

    x: examples, CSR (n, d).   weights: weights per line.   Returns CSR (n, ⌈d/weights⌉) of ones.
    Cores hand each other whole lines of 64 bytes, so two examples disturb each other in time if they share a
    line, even if they share no coordinate: `conflicts(in_cache_lines(x))` counts that. It says nothing about
    the result, for which only shared coordinates matter. The array of weights is taken to begin with a line.
    """
    from scipy.sparse import csr_matrix  # lazy import: the package loads without scipy

    check_csr(x)
    weights, pattern = check_count("weights", weights), _pattern(x)
    shape = x.shape[0], -(-x.shape[1] // weights)
    lines = csr_matrix(
        (np.ones(len(pattern.indices)), pattern.indices // weights, pattern.indptr), shape=shape
    )
    lines.sum_duplicates()
    lines.data[:] = 1
    return lines


def _pattern(x: CSR) -> Any:
    """Where x is not 0, without stored zeros and repeated entries."""
    from scipy.sparse import csr_matrix  # lazy import: the package loads without scipy

    pattern = csr_matrix((x.data != 0, x.indices, x.indptr), shape=x.shape, copy=True)
    pattern.sum_duplicates()
    pattern.eliminate_zeros()
    return pattern
