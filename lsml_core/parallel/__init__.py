"""Parallel SGD: many workers on one set of weights, synchronous or not.

Importing it needs numpy only; torch is imported where processes communicate, numba and scipy where threads
share the weights of a sparse model or are simulated.
"""

from lsml_core.parallel import (
    cluster,
    conflicts,
    engines,
    federated,
    hogwild,
    large_batches,
    linear,
    matrix_completion,
    shuffling,
    staleness,
    synchronous,
    threads,
    timelines,
)

__all__ = [
    "cluster",
    "conflicts",
    "engines",
    "federated",
    "hogwild",
    "large_batches",
    "linear",
    "matrix_completion",
    "shuffling",
    "staleness",
    "synchronous",
    "threads",
    "timelines",
]
