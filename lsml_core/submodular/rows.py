"""The rows of a dense or sparse matrix, one per element, and the sums that set functions need of them.

x        (n, d), row e belongs to element e        i, c    elements, (b,)
term     function (entries, columns) -> numbers of the same shape, 0 where an entry is 0
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import is_sparse

Elements = Int[ndarray, " b"]
Row = Float[ndarray, " d"]
Term = Callable[[ndarray, Any], ndarray]


class DenseRows:
    """The rows of an array."""

    def __init__(self, x: Float[ndarray, "n d"]) -> None:
        self.x, self.shape = x, x.shape

    def total(self, i: Elements) -> Row:
        """Σ_{e∈i} x_e."""
        return self.x[i].sum(axis=0)

    def weighted_sums(self, c: Elements, term: Term, weights: Row) -> Float[ndarray, " b"]:
        """Σ_f w_f · term(x_ef, f) for each e in c."""
        return term(self.x[c], slice(None)) @ weights

    def block(self, i: Elements) -> Float[ndarray, "b b"]:
        """x at rows i and columns i."""
        return self.x[np.ix_(i, i)]


class SparseRows:
    """The rows of a csr_array: only stored entries are read."""

    def __init__(self, x: Any) -> None:
        self.x, self.shape = x, x.shape

    def total(self, i: Elements) -> Row:
        return np.asarray(self.x[i].sum(axis=0))

    def weighted_sums(self, c: Elements, term: Term, weights: Row) -> Float[ndarray, " b"]:
        part = self.x[c]
        row = np.repeat(np.arange(len(c)), np.diff(part.indptr))
        terms = term(part.data, part.indices) * weights[part.indices]
        return np.bincount(row, terms, minlength=len(c)).astype(float)  # int where empty

    def block(self, i: Elements) -> Any:
        return self.x[i][:, i]


Rows = DenseRows | SparseRows


def rows_of(x: Any) -> Rows:
    return SparseRows(x) if is_sparse(x) else DenseRows(x)
