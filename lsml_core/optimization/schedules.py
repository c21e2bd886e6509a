"""What is settled before a stochastic run starts: the examples of every step, and how long the steps are.

    n      examples in all                       i     I_k, the examples of step k, shape (*runs, b)
    b      batch, examples a step                k     step, from 1
    runs   shape of the runs made at once        eta   η, the slide's t_k

A `Sampling` is a function that yields i for ever; a `Schedule` is a function k -> η. Whatever takes a
schedule refuses an η that is not finite and above 0, at the step where it occurs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int, Num
from numpy import ndarray

from lsml_core.validation import Count, check_count, check_positive

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
    """`batch` independent draws a step: an example may come twice, so batch may also exceed n."""
    n, batch = check_count("n", n), check_count("batch", batch)
    while True:
        yield rng.integers(n, size=(*runs, batch))


def without_replacement(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[Examples]:
    """A random subset of size `batch`, drawn afresh at every step: different within a step, not across.

    ValueError: batch > n.
    """
    check_batch(batch, n)
    while True:
        yield rng.random((*runs, n)).argpartition(batch - 1)[..., :batch]


@dataclass(frozen=True)
class InverseRoot:
    """η_k = eta/√k, for convex f of which no curvature is known."""

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

    def __post_init__(self) -> None:
        check_positive(hold=self.hold)

    def __call__(self, k: int) -> Hyper:
        return self.eta / (1 + k / self.hold)


@dataclass(frozen=True)
class Staircase:
    """η changes every `steps` steps only, as once an epoch: schedule(1), … , schedule(1), schedule(2), …"""

    schedule: Schedule
    steps: Count

    def __post_init__(self) -> None:
        check_count("steps", self.steps)

    def __call__(self, k: int) -> Hyper:
        return self.schedule(1 + (k - 1) // self.steps)


def checked_schedule(eta: Hyper | Schedule) -> Schedule:
    """η as a function of the step. ValueError, at the step where it occurs: η not finite, or not above 0."""
    if not callable(eta):
        check_positive(eta=eta)
        return lambda _: eta

    def eta_at(k: int) -> Hyper:
        value = eta(k)
        if not np.all((np.asarray(value) > 0) & (np.asarray(value) < np.inf)):
            raise ValueError(f"eta={eta} gives {value} for k={k}, and must be finite and above 0")
        return value

    return eta_at


def check_batch(batch: Count, n: int) -> int:
    """`batch` as a Python integer. ValueError unless it lies in 1 … n."""
    size = check_count("batch", batch, low=None)
    if not 1 <= size <= n:
        raise ValueError(f"batch={size} must lie between 1 and the number of examples n={n}")
    return size
