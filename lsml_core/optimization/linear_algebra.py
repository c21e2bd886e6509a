"""Least-squares solutions that stay exact when the columns of x differ in scale.

x    examples, (m, d)         y    targets, (m,)
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def column_scale(x: Float[ndarray, "m d"]) -> Float[ndarray, " d"]:
    """The largest absolute entry of each column; 1 for a column of zeros."""
    largest = np.abs(x).max(axis=0)
    return np.where(largest > 0, largest, 1.0)


def covariance_eigenvalues(x: Float[ndarray, "m d"]) -> Float[ndarray, " d"]:
    """Eigenvalues of 1/m xᵀx, ascending; squares of singular values, so that small ones are not lost."""
    eigenvalues = np.zeros(x.shape[1])
    sigma = np.linalg.svd(_reduced(x) / np.sqrt(len(x)), compute_uv=False)
    eigenvalues[: len(sigma)] = sigma**2
    return eigenvalues[::-1]


def minimum_norm_solution(x: Float[ndarray, "m d"], y: Float[ndarray, " m"]) -> Float[ndarray, " d"]:
    """The shortest of all w that minimise ‖xw − y‖.

    The rank is decided after every column is brought to the same scale, so that a column that is small
    because of its unit is not taken for rounding error. Scaling changes which solution is the shortest, so
    the part of w in the null space of x is removed at the end.
    """
    scale, limit = column_scale(x), np.finfo(float).eps * max(x.shape)
    both = _reduced(np.column_stack([x / scale, y]))
    x, y = both[:, :-1], both[:, -1]
    u, sigma, vt = np.linalg.svd(x, full_matrices=len(x) < x.shape[1])
    rank = np.count_nonzero(sigma > limit * sigma[0])
    w = vt[:rank].T @ (u[:, :rank].T @ y / sigma[:rank]) / scale
    null = np.linalg.qr(vt[rank:].T / scale[:, None])[0]
    return w - null @ (null.T @ w)


def _reduced(x: Float[ndarray, "m d"]) -> Float[ndarray, "_ d"]:
    """At most d rows with the same xᵀx, so with the same singular values, which are then cheaper to find."""
    return np.asarray(np.linalg.qr(x, mode="r")) if len(x) > x.shape[1] else x
