"""The similarity D − d_ij of all pairs of rows, by products of blocks, in one float32 matrix.

    x     rows, (n, d)            D   the largest distance
    d_ij  ‖x_i − x_j‖             S   D − d_ij, (n, n), symmetric

‖x_i − x_j‖² is the product of [−2x_i, ‖x_i‖², 1] and [x_j, 1, ‖x_j‖²], taken in float64, block by block, for
pairs with i ≤ j only. The rows are moved so that one of them is the origin, and no ‖x_i‖ exceeds D. What
rounding may make of ‖x_i − x_j‖² = 0 was measured: below 3·√(d + 2)·ε·D², ε = 2·10⁻¹⁶, also for rows whose
entries are all alike, where the errors of a running sum would add up. So 4·√(d + 2)·ε·D² is taken off every
squared distance, and equal rows are at distance 0. This moves D − d_ij by a few units in its last place at
most, and only where d_ij is nearly 0.
"""

import numpy as np
from jaxtyping import Float, Real
from numpy import ndarray

HEIGHT = 64
"""Rows of a block: its float64 products stay in the cache while roots are taken."""


def similarity_matrix(x: Real[ndarray, "n d"]) -> Float[ndarray, "n n"]:
    """S_ij = D − ‖x_i − x_j‖, symmetric, at least 0, in float32.

    x: rows, (n, d), n ≥ 1, finite.
    S_ij = D for equal rows. Memory: 4·n² bytes, and 8·n·HEIGHT for a block. Cost: O(n²·d).
    ValueError if D is larger than the largest float32.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # told by the ValueError
        s, largest = _distances(x)
    if not np.isfinite(largest):
        limit = np.finfo(np.float32).max
        raise ValueError(f"the largest distance of two rows must be at most {limit:.2g}, that of a float32")
    n = len(s)
    for top in range(0, n, HEIGHT):
        rows = slice(top, top + HEIGHT)
        np.subtract(largest, s[rows, top:], out=s[rows, top:])
        square = np.triu(s[rows, rows])
        s[rows, rows] = np.maximum(square, square.T)
        s[top + HEIGHT :, rows] = s[rows, top + HEIGHT :].T
    return s


def _distances(x: Real[ndarray, "n d"]) -> tuple[Float[ndarray, "n n"], np.float32]:
    """d_ij for i ≤ j; what is below the diagonal is not filled, or not exactly equal.   And D."""
    moved = np.ascontiguousarray(x, dtype=float) - x[0]
    n, squares = len(moved), (moved * moved).sum(axis=1)  # pairwise sums, as rows are contiguous
    squares -= 2 * np.sqrt(moved.shape[1] + 2) * np.finfo(float).eps * squares.max()
    left = np.column_stack([-2 * moved, squares, np.ones(n)])
    right = np.ascontiguousarray(np.column_stack([moved, np.ones(n), squares]).T)
    s, largest, block = np.empty((n, n), np.float32), np.float32(0), np.empty(HEIGHT * n)
    for top in range(0, n, HEIGHT):
        distances = block[: min(HEIGHT, n - top) * (n - top)].reshape(-1, n - top)
        np.matmul(left[top : top + HEIGHT], right[:, top:], out=distances)
        np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
        s[top : top + HEIGHT, top:] = distances
        largest = np.maximum(largest, s[top : top + HEIGHT, top:].max())  # nan, too
    return s, largest
