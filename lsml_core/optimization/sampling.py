"""Which examples each step of a stochastic method sees.

    n      examples in the data set            batch   b, examples per step
    runs   shape of the runs made at once      i       examples of one step, shape (*runs, b)

A `Sampling` is a function that yields i for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.optimization.arrays import BatchIndices
from lsml_core.validation import Count, check_count, check_rng


@runtime_checkable
class Sampling(Protocol):
    """What `sgd`, `svrg` and `saga` take as `sampling`."""

    def __call__(
        self, n: int, batch: int, runs: tuple[int, ...], *, rng: np.random.Generator
    ) -> Iterator[BatchIndices]: ...


def with_replacement(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[BatchIndices]:
    """`batch` independent draws per step: an example may come twice, so batch may also exceed n.

    n: number of examples.   batch: b.   runs: shape of the runs made at once, () for one.
    """
    n, batch = check_count("n", n), check_count("batch", batch)
    while True:
        yield check_rng(rng).integers(n, size=(*runs, batch))


def without_replacement(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[BatchIndices]:
    """A random subset of size `batch`, drawn anew at every step: examples differ within a step, not across.

    n: number of examples.   batch: b, at most n.   runs: shape of the runs made at once, () for one.
    ValueError: batch > n.
    """
    check_batch(batch, n)
    check_rng(rng)
    while True:
        yield rng.random((*runs, n)).argpartition(batch - 1)[..., :batch]


@dataclass(frozen=True, eq=False)
class WithProbabilities:
    """`batch` independent draws per step; example i has probability p[i].

    1/b Σ ∇fᵢ is then biased, unless all p are 1/n: an unbiased estimate divides each ∇fᵢ by n·p[i].
    p: (n,), not negative, with sum 1; other values raise ValueError at the first draw.
    """

    p: Float[ndarray, " n"]

    def __call__(
        self, n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
    ) -> Iterator[BatchIndices]:
        while True:
            yield check_rng(rng).choice(n, size=(*runs, batch), p=self.p)


def check_batch(batch: Count, n: int) -> int:
    """`batch` as a Python integer. ValueError unless it is between 1 and n."""
    size = check_count("batch", batch, low=None)
    if not 1 <= size <= n:
        raise ValueError(f"batch={size} must be between 1 and the number of examples, n={n}")
    return size
