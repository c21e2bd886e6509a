"""Degrees of the conflict graph, counted without building the graph: equal to `conflicts.plain_degrees`."""

# ruff: noqa: ANN001, ANN201 - numba infers the types

import numpy as np

from lsml_core.parallel.kernels import compiled


@compiled
def count_neighbors_(starts, columns, column_starts, members, degree):
    """degree[i] ← number of examples other than i that share a coordinate with it.

    starts, columns: the rows in CSR form.   column_starts, members: the examples of each column.
    An example that was found is marked with i, so that it counts once.
    """
    n = len(degree)
    marked = np.full(n, -1)
    for i in range(n):
        marked[i] = i
        degree[i] = 0
        for j in columns[starts[i] : starts[i + 1]]:
            for other in members[column_starts[j] : column_starts[j + 1]]:
                if marked[other] != i:
                    marked[other] = i
                    degree[i] += 1
            if degree[i] == n - 1:
                break
