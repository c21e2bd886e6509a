"""Worst-case functions: those on which the bounds for a class of functions are reached.

    k   steps made              L   largest curvature        w   weights, shape (…, d)
    b   examples per step       R   distance from start to minimiser
    theta   θ, slope of the linear function f_θ(w) = −θw on [−1, 1]
    gap     f(w) − f*

A single function may be faster than its class: on ½w² the noise averages out of w̄, and the gap falls like
1/k. So SGD's O(1/√(bk)) is shown as an envelope: at each k, the linear function with the largest gap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.optimization.arrays import Points, Values, check_size
from lsml_core.validation import Count, check_count, check_finite, check_function, check_positive, check_rng

Slope = Callable[[Float[ndarray, "..."]], Float[ndarray, "..."] | float]


@dataclass(frozen=True)
class Huber:
    """½Lw² for |w| ≤ width, and linear beyond, with the slope reached there; w of shape (…, 1).

    width: half the width of the parabola, above 0.   L: its curvature, above 0.
    """

    width: float | int
    L: float | int = 1.0

    def __post_init__(self) -> None:
        check_positive(width=self.width, L=self.L)

    @classmethod
    def worst_case(cls, k: int, *, L: float | int = 1.0, R: float | int = 1.0) -> "Huber":
        """The one whose gap is exactly L R²/(4k + 2) after k steps of size 1/L from |w| = R.

        No L-smooth convex function has a larger gap. Each step moves w by R/(2k + 1), and all of them stay in
        the linear part.

        Drori & Teboulle (Math. Programming, 2014).
        """
        check_positive(L=L, R=R)
        return cls(R / (2 * check_count("k", k, 0) + 1), L)

    @property
    def minimisers(self) -> Float[ndarray, "1 1"]:
        return np.zeros((1, 1))

    def value(self, w: Points) -> Values:
        check_size(w, 1)
        inside = np.clip(w, -self.width, self.width)
        return (self.L * inside * (w - inside / 2)).sum(-1)

    def grad(self, w: Points) -> Points:
        check_size(w, 1)
        return self.L * np.clip(w, -self.width, self.width)

    def hessian(self, w: Points) -> Float[ndarray, "... 1 1"]:
        check_size(w, 1)
        return self.L * (np.abs(w) <= self.width)[..., None].astype(float)


def averaged_sgd(
    slope: Slope,
    start: Float[ndarray, "..."] | float,
    *,
    batch: Count,
    steps: Count,
    runs: Count,
    rng: np.random.Generator,
    eta: float | None = None,
) -> Float[ndarray, "... runs"]:
    """Mean w̄ of w₁ … w_k, where w ← w − η(slope(w) + ξ), projected onto [−1, 1].

    slope: derivative of f; it gets w of shape (*start.shape, runs).       runs: independent repetitions.
    eta: the same for all steps; by default √(b/k), which is `mini_batch_step` for L = 0 and R = 1.
    An example is f(w) + cw with c ~ N(0, 1), so σ = 1, and the noise ξ of a mini-batch is N(0, 1/b). All
    starts (and all functions, where `slope` broadcasts) have the same noise.
    """
    check_function("slope", slope, "a function of w, the derivative of f")
    batch, steps, runs = check_count("batch", batch), check_count("steps", steps), check_count("runs", runs)
    eta = (batch / steps) ** 0.5 if eta is None else eta
    check_positive(eta=eta)
    check_finite(start=start)
    noise = check_rng(rng).normal(0, batch**-0.5, size=(steps, runs))
    w = np.broadcast_to(np.asarray(start, dtype=float)[..., None], (*np.shape(start), runs))
    total = np.zeros(w.shape)
    for xi in noise:
        w = np.clip(w - eta * (slope(w) + xi), -1, 1)
        total += w
    return total / steps


class Gaps(NamedTuple):
    """Mean gap E f(w̄) − f* over the runs, and its standard error."""

    mean: Values
    error: Values


def linear_function_gaps(
    theta: Float[ndarray, " m"],
    *,
    batch: Count,
    steps: Count,
    runs: Count,
    rng: np.random.Generator,
    eta: float | None = None,
) -> Gaps:
    """The gaps of `averaged_sgd` on f_θ from w = 0, for every θ; the largest one is the worst case.

    theta: slopes θ, (m,).   batch, steps, runs, eta: as in `averaged_sgd`.
    The bound for this class is 1/√(bk) (`mini_batch_bound` with L = 0, R = σ = 1). With θ = a/√(bk) the gap
    depends on b and k only through the factor 1/√(bk), except for chance. Up to a constant, no algorithm
    has a smaller worst case.  Nemirovski & Yudin (1983); Agarwal et al. (IEEE Trans. IT, 2012).
    """
    check_finite(theta=theta)
    w = averaged_sgd(
        lambda _: -theta[:, None],
        np.zeros(len(theta)),
        batch=batch,
        steps=steps,
        runs=runs,
        rng=rng,
        eta=eta,
    )
    return _gaps(np.abs(theta)[:, None] - theta[:, None] * w)


def quadratic_gap(
    *, batch: Count, steps: Count, runs: Count, rng: np.random.Generator, eta: float | None = None
) -> Gaps:
    """The gap of `averaged_sgd` on ½w² from w = 1: it falls like 1/k, faster than the bound of its class.

    batch, steps, runs, eta: as in `averaged_sgd`.
    """
    w = averaged_sgd(lambda w: w, 1.0, batch=batch, steps=steps, runs=runs, rng=rng, eta=eta)
    return _gaps(w**2 / 2)


def _gaps(each: Float[ndarray, "... runs"]) -> Gaps:
    return Gaps(each.mean(-1), each.std(-1) / each.shape[-1] ** 0.5)
