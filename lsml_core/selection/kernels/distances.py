"""The similarity D − d_ij of all pairs of rows, by products of blocks, in one float32 matrix.

    x     rows, (n, d)            D   the largest distance
    d_ij  ‖x_i − x_j‖             S   D − d_ij, (n, n), symmetric

‖x_i − x_j‖² is the product of [−2x_i, ‖x_i‖², 1] and [x_j, 1, ‖x_j‖²], taken in float64, block by block, for
pairs with i ≤ j only. The rows are moved so that one of them is the origin. Then no ‖x_i‖ exceeds D, and even
between equal rows d_ij is off by the order of √(2·10⁻¹⁶)·D only, which rounding D − d_ij to float32 hides.
"""

import numpy as np
from jaxtyping import Float, Real
from numpy import ndarray

HEIGHT = 64
"""Rows of a block: its float64 products stay in the cache while roots are taken."""


def similarity_matrix(x: Real[ndarray, "n d"]) -> Float[ndarray, "n n"]:
    """S_ij = D − ‖x_i − x_j‖, symmetric, at least 0, in float32.

    x: rows, (n, d), n ≥ 1, finite.
    S_ii = D. Memory: 4·n² bytes, and 8·n·HEIGHT for a block. Cost: O(n²·d).
    """
    moved = np.asarray(x, dtype=float) - x[0]
    n, squares = len(moved), np.einsum("ij,ij->i", moved, moved)
    left = np.column_stack([-2 * moved, squares, np.ones(n)])
    right = np.ascontiguousarray(np.column_stack([moved, np.ones(n), squares]).T)
    s, largest, block = np.empty((n, n), np.float32), np.float32(0), np.empty(HEIGHT * n)
    for top in range(0, n, HEIGHT):
        distances = block[: min(HEIGHT, n - top) * (n - top)].reshape(-1, n - top)
        np.matmul(left[top : top + HEIGHT], right[:, top:], out=distances)
        np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
        s[top : top + HEIGHT, top:] = distances
        largest = max(largest, s[top : top + HEIGHT, top:].max())
    for top in range(0, n, HEIGHT):
        rows = slice(top, top + HEIGHT)
        np.subtract(largest, s[rows, top:], out=s[rows, top:])
        square = np.triu(s[rows, rows])
        s[rows, rows] = np.maximum(square, square.T)
        s[top + HEIGHT :, rows] = s[rows, top + HEIGHT :].T
    return s
