"""How long synchronous SGD takes: all wait for the slowest worker, then for the network. Times in seconds.

    P   workers       B   batch, shared equally       s   spread: how uneven the workers' speed is

A step takes max_p (computing time of p) + all-reduce(P). The first term falls with P, but slower than 1/P,
because a maximum over more workers is larger; the second one rises.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.validation import check_count, check_not_negative, check_rng

Counts = int | Int[ndarray, "..."]
Seconds = Float[Any, "..."]


class Timeline(NamedTuple):
    """Step t begins at begin[t]; worker p has computed at done[t, p]; all have the sum at end[t]."""

    begin: Float[ndarray, " steps"]
    done: Float[ndarray, "steps workers"]
    end: Float[ndarray, " steps"]

    @property
    def utilization(self) -> float:
        """Fraction of the workers' time that is spent computing."""
        return float((self.done - self.begin[:, None]).sum() / (self.end[-1] * self.done.shape[1]))


@dataclass(frozen=True)
class Cluster:
    """P equal machines in a ring.

    seconds_per_example: to compute the gradient of one example.
    spread: s, standard deviation of the logarithm of a log-normal factor of mean 1, drawn for every worker
        and step: the stragglers.
    latency: seconds per message.   transfer: seconds to send one whole gradient to a neighbour.
    """

    seconds_per_example: float | int = 1.0
    spread: float | int = 0.0
    latency: float | int = 0.0
    transfer: float | int = 0.0

    def __post_init__(self) -> None:
        check_not_negative(**vars(self))

    def all_reduce(self, workers: Counts) -> Seconds:
        """Seconds of a ring all-reduce: 2(P − 1)(latency + transfer/P).

        In 2(P − 1) rounds every worker sends one P-th of the gradient. The part of the transfer stays below
        2·transfer however many workers there are; that of the latency grows with P.
        Patarasu & Yuan (J. Parallel Distrib. Comput., 2009).
        """
        P = _counts(workers=workers)
        return 2 * (P - 1) * (self.latency + self.transfer / P)

    def step(self, batch: Counts, workers: Counts) -> Seconds:
        """Expected seconds per step: B/P·seconds_per_example·E max_p (factor of p) + all-reduce.

        batch: B, examples of all workers.   workers: P.   Numbers or arrays.
        """
        share = _counts(batch=batch) / _counts(workers=workers)
        computing = share * self.seconds_per_example * expected_slowest(workers, self.spread)
        return computing + self.all_reduce(workers)

    def speed_up(self, batch: Counts, workers: Counts) -> Seconds:
        """Expected seconds of one worker divided by those of P workers, for the same batch.

        batch: B, examples of all workers.   workers: P.   Numbers or arrays.
        """
        return self.step(batch, 1) / self.step(batch, workers)

    def timeline(self, batch: int, workers: int, steps: int, *, rng: np.random.Generator) -> Timeline:
        """One random course of `steps` steps. A further worker does not change what the others draw.

        batch: B.   workers: P.   steps: at least 1.
        """
        batch, workers = check_count("batch", batch), check_count("workers", workers)
        steps = check_count("steps", steps)
        z = check_rng(rng).normal(size=(workers, steps)).T
        compute = batch / workers * self.seconds_per_example * np.exp(self.spread * z - self.spread**2 / 2)
        end = np.cumsum(compute.max(axis=1) + self.all_reduce(workers))
        begin = np.concatenate([[0.0], end[:-1]])
        return Timeline(begin, begin[:, None] + compute, end)


def expected_slowest(workers: Counts, spread: float | int) -> Seconds:
    """E max of P independent log-normal factors exp(sZ − s²/2): 1 for a single worker.

    workers: P.   spread: s.

    Integrates over the density P·Φ(z)^(P−1)·φ(z) of the largest of P normal variables.
    """
    from scipy.special import ndtr  # lazy import: the package loads without scipy

    P = _counts(workers=workers)
    check_not_negative(spread=spread)
    z = np.linspace(-12, 12 + spread, 4001)
    factor = np.exp(spread * z - spread**2 / 2)
    density = P[..., None] * ndtr(z) ** (P[..., None] - 1) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.trapezoid(factor * density, z, axis=-1)


def _counts(**numbers: Counts) -> Float[ndarray, "..."]:
    """The number or array of numbers as floats. ValueError unless all are integers of at least 1."""
    ((name, value),) = numbers.items()
    counts = np.asarray(value)
    if counts.dtype.kind not in "iu":
        raise ValueError(f"{name}={value!r} must be an integer or an array of integers")
    if (counts < 1).any():
        raise ValueError(f"{name}={value} must be at least 1")
    return counts.astype(float)
