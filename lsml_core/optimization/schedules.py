"""What is settled before a stochastic run starts: the examples of every step, and how long the steps are.

    n      examples in all                       i     I_k, the examples of step k, shape (*runs, b)
    b      batch, examples a step                k     step, from 1
    runs   shape of the runs made at once        eta   η, the slide's t_k

A `Sampling` is a function that yields i for ever; a `Schedule` is a function k -> η.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int, Num
from numpy import ndarray

Examples = Int[ndarray, "... b"]
Hyper = float | int | Num[ndarray, "..."]
Schedule = Callable[[int], Hyper]


@runtime_checkable
class Sampling(Protocol):
    def __call__(
        self, n: int, batch: int, runs: tuple[int, ...], *, rng: np.random.Generator
    ) -> Iterator[Examples]: ...


def with_replacement(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[Examples]:
    """`batch` independent draws a step: an example may come twice."""
    while True:
        yield rng.integers(n, size=(*runs, batch))


def without_replacement(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[Examples]:
    """A random subset of size `batch`, drawn afresh at every step: different within a step, not across."""
    while True:
        yield rng.random((*runs, n)).argpartition(batch - 1)[..., :batch]


@dataclass(frozen=True)
class InverseRoot:
    """η_k = eta/√k, for convex f without curvature to count on."""

    eta: Hyper

    def __call__(self, k: int) -> Hyper:
        return self.eta / k**0.5


@dataclass(frozen=True)
class InverseTime:
    """η_k = eta/(1 + k/hold): nearly constant for `hold` steps, then like 1/k, for strongly convex f.

    Σ η_k = ∞ reaches any distance, Σ η_k² < ∞ silences the noise. With eta·hold < 1/(2μ) the steps die too
    early: the start is then forgotten more slowly than 1/k.  Robbins & Monro (Ann. Math. Statist., 1951).
    """

    eta: Hyper
    hold: Hyper

    def __call__(self, k: int) -> Hyper:
        return self.eta / (1 + k / self.hold)


@dataclass(frozen=True)
class Staircase:
    """η changes every `steps` steps only, as once an epoch: schedule(1), … , schedule(1), schedule(2), …"""

    schedule: Schedule
    steps: int

    def __call__(self, k: int) -> Hyper:
        return self.schedule(1 + (k - 1) // self.steps)
