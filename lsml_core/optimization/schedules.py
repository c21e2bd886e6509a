"""Schedules: the step size η_k as a function of k.

    k      0, 1, 2, …: how many steps have been made, so the first step has k = 0
    eta    η, the slide's t_k; an array stands for several runs at once

A schedule is a function k -> η_k, or a frozen record that can be called like one. This holds everywhere in
`lsml_core`. The unit of k is one update of the weights (`sgd`, `svrg`, `saga`, `training.fit`), unless the
docstring of a function that takes a schedule says that it counts epochs. `Held` turns a schedule that counts
epochs into one that counts updates. Every η_k must be finite and above 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lsml_core.optimization.arrays import Numbers
from lsml_core.validation import Count, as_numbers, check_count, check_counts, check_function, check_positive

Schedule = Callable[[int], Numbers]


@dataclass(frozen=True)
class InverseRoot:
    """η_k = eta/√(k + 1), for convex f whose curvature is unknown."""

    eta: Numbers

    def __post_init__(self) -> None:
        as_numbers("eta", self.eta)

    def __call__(self, k: int) -> Numbers:
        return self.eta / (k + 1) ** 0.5


@dataclass(frozen=True)
class InverseTime:
    """η_k = eta/(1 + k/warm_steps): nearly constant for `warm_steps` steps, then like 1/k.

    For strongly convex f: Σ η_k = ∞, so that any distance can be covered, and Σ η_k² < ∞, so that the noise
    averages out. With eta·warm_steps < 1/(2μ) the steps shrink too early: the start is then forgotten more
    slowly than 1/k.  Robbins & Monro (Ann. Math. Statist., 1951).
    """

    eta: Numbers
    warm_steps: Numbers

    def __post_init__(self) -> None:
        as_numbers("eta", self.eta)
        check_positive(warm_steps=self.warm_steps)

    def __call__(self, k: int) -> Numbers:
        return self.eta / (1 + k / self.warm_steps)


@dataclass(frozen=True)
class StepDecay:
    """η is multiplied by `factor` at each of the steps `drops`: the usual schedule for deep networks.

    eta: η before the first drop.   factor: above 0.
    drops: the steps k at which η falls, integers from 0; never fractions of the training.
    torch's MultiStepLR(milestones=drops, gamma=factor).
    """

    eta: Numbers
    drops: Sequence[Count]
    factor: float | int = 0.1

    def __post_init__(self) -> None:
        check_counts("drops", self.drops, 0)
        as_numbers("eta", self.eta)
        check_positive(factor=self.factor)

    def __call__(self, k: int) -> Numbers:
        passed = sum(k >= drop for drop in self.drops)
        return self.eta * float(self.factor) ** passed


@dataclass(frozen=True)
class Held:
    """Each value of `schedule` is held for `steps` steps: schedule(0) `steps` times, then schedule(1), …

    With `steps` updates per epoch, a schedule that counts epochs becomes one that counts updates.
    """

    schedule: Schedule
    steps: Count

    def __post_init__(self) -> None:
        check_function("schedule", self.schedule, "a function of k")
        check_count("steps", self.steps)

    def __call__(self, k: int) -> Numbers:
        return self.schedule(k // int(self.steps))


def as_schedule(eta: Numbers | Schedule) -> Schedule:
    """`eta` as a schedule; a number stands for a constant step size.

    ValueError: η_k is not finite or not above 0. A schedule raises it when that k is reached.
    """
    if not callable(eta):
        check_positive(eta=eta)
        return lambda _: eta

    def eta_at(k: int) -> Numbers:
        value = eta(k)
        if not np.all((np.asarray(value) > 0) & (np.asarray(value) < np.inf)):
            raise ValueError(f"eta={eta} gives {value} for k={k}; it must be finite and above 0")
        return value

    return eta_at
