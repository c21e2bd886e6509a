"""Neighbours in the conflict graph, counted without building it."""

# ruff: noqa: ANN001, ANN201 - numba finds the types itself

import numpy as np

from lsml_core.parallel.kernels import compiled


@compiled
def neighbours(starts, columns, column_starts, members, degree):
    """degree[i] ← examples other than i that share a coordinate with it; `members` are those of a column.

    An example that was met is stamped with i, so that it counts once.
    """
    n = len(degree)
    met = np.full(n, -1)
    for i in range(n):
        met[i] = i
        degree[i] = 0
        for j in columns[starts[i] : starts[i + 1]]:
            for other in members[column_starts[j] : column_starts[j + 1]]:
                if met[other] != i:
                    met[other] = i
                    degree[i] += 1
            if degree[i] == n - 1:
                break
