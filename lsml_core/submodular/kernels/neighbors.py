"""The nearest neighbours of every point, exactly: a sparse stand-in for n² similarities.

    x      features, shape (n, d)        near    indices of the K nearest, shape (b, K), in no order
    K      neighbours of a point         close   −‖xᵢ − x_j‖², shape (b, K): large where near

From a few 100,000 points on use a library of approximate neighbours: `FacilityLocation` takes its graph.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.submodular.kernels.similarity import Features
from lsml_core.validation import check_count

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BLOCK = 256
"""Rows of S in memory at a time."""


def neighbor_graph(x: Float[ndarray, "n d"], neighbors: SupportsIndex) -> "csr_array":
    """S_ij = reach − ‖xᵢ − x_j‖² where one of i and j is among the K nearest of the other, and where i = j.

    neighbors: K. reach is the largest squared distance in the graph: its longest edge has similarity 0.
    A point is its own nearest. About n²d multiplications.  ValueError: neighbors outside 1 … n.
    """
    from scipy.sparse import csr_array, diags_array  # lazy import: it takes a third of a second

    n, neighbors = len(x), check_count("neighbors", neighbors)
    if neighbors > n:
        raise ValueError(f"neighbors={neighbors} must be between 1 and n={n}")
    blocks = _nearest(Features(x, x, np.zeros(n), memory=0), neighbors)
    near, close = (np.concatenate(part) for part in zip(*blocks, strict=True))
    longest = -close.min()
    point = np.repeat(np.arange(n), neighbors)
    one_way = csr_array((close.ravel() + longest, (point, near.ravel())), shape=(n, n))
    itself = diags_array(np.full(n, longest), dtype=close.dtype)
    return csr_array(one_way.maximum(one_way.T).maximum(itself))


def _nearest(s: Features, neighbors: int) -> Iterator[tuple[Int[ndarray, "b K"], Float[ndarray, "b K"]]]:
    """The K largest entries of each row of S, from the K groups of columns with the largest peaks.

    An entry outside these groups is no larger than K entries inside, the peaks: so only groups·K + n numbers
    of a row are read more than once. Group g holds the columns g, g + G, g + 2G, …
    """
    n = s.shape[1]
    size = max(1, round(np.sqrt(n / neighbors / 3)))  # a member looked at costs three peaks, measured
    groups = -(-n // size)
    padded = np.full((BLOCK, size * groups), -np.inf, s.dtype)
    offsets = groups * np.arange(size)
    for begin in range(0, n, BLOCK):
        block = padded[: min(BLOCK, n - begin)]
        s.make(slice(begin, begin + BLOCK), slice(None), block[:, :n])
        peaks = block.reshape(len(block), size, groups).max(axis=1)
        members = (_largest(peaks, neighbors)[:, None, :] + offsets[:, None]).reshape(len(block), -1)
        entries = np.take_along_axis(block, members, axis=1)
        top = _largest(entries, neighbors)
        yield np.take_along_axis(members, top, axis=1), np.take_along_axis(entries, top, axis=1)


def _largest(a: Float[ndarray, "b c"], k: int) -> Int[ndarray, "b k"]:
    return np.argpartition(a, a.shape[1] - k, axis=1)[:, a.shape[1] - k :]
