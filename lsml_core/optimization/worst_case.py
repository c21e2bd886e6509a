"""Functions on which the bounds are reached: a rate is a promise for all functions, kept worst by these.

    k   steps made              L   largest curvature        w   weights, shape (…, d)
    b   examples a step         R   distance from start to minimiser
    theta   θ, slope of a line  f_θ(w) = −θw on [−1, 1]

A single function may be faster than its class: noise about the minimum of a bowl averages out of w̄, whose
gap then falls like 1/k. So the O(1/√(bk)) of SGD is shown as an envelope: the slowest line at each k.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.validation import check_count, check_positive

Points = Float[ndarray, "... d"]
Values = Float[Any, "..."]
Slope = Callable[[Float[ndarray, "..."]], Float[ndarray, "..."] | float]


@dataclass(frozen=True)
class Huber:
    """½Lw² for |w| ≤ width, and straight on with the slope reached there; w of shape (…, 1)."""

    width: float | int
    L: float | int = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.width < np.inf and 0 < self.L < np.inf):
            raise ValueError(f"width={self.width} and L={self.L} must be finite and above 0")

    @classmethod
    def slowest(cls, k: int, *, L: float | int = 1.0, R: float | int = 1.0) -> "Huber":
        """The one on which k steps of size 1/L from |w| = R leave exactly L R²/(4k + 2): no L-smooth convex
        function leaves more. Each step gains R/(2k + 1), and none reaches the bowl.

        Drori & Teboulle (Math. Programming, 2014).
        """
        check_positive(L=L, R=R)
        return cls(R / (2 * check_count("k", k, 0) + 1), L)

    @property
    def minimisers(self) -> Float[ndarray, "1 1"]:
        return np.zeros((1, 1))

    def value(self, w: Points) -> Values:
        inside = np.clip(w, -self.width, self.width)
        return (self.L * inside * (w - inside / 2)).sum(-1)

    def grad(self, w: Points) -> Points:
        return self.L * np.clip(w, -self.width, self.width)

    def hessian(self, w: Points) -> Float[ndarray, "... 1 1"]:
        return self.L * (np.abs(w) <= self.width)[..., None].astype(float)


def averaged_sgd(
    slope: Slope,
    start: Float[ndarray, "..."] | float,
    *,
    batch: int,
    steps: int,
    runs: int,
    rng: np.random.Generator,
    eta: float | None = None,
) -> Float[ndarray, "... runs"]:
    """Mean w̄ of w₁ … w_k, where w ← w − η(slope(w) + ξ), clipped to [−1, 1].

    An example is f(w) + cw with c ~ N(0, 1), so σ = 1, and the noise ξ of a mini-batch is N(0, 1/b).
    By default η = √(b/k), `mini_batch_step` for L = 0 and R = 1. All starts (and all functions, where
    `slope` broadcasts) see the same noise.
    """
    batch, steps, runs = check_count("batch", batch), check_count("steps", steps), check_count("runs", runs)
    eta = (batch / steps) ** 0.5 if eta is None else eta
    check_positive(eta=eta)
    noise = rng.normal(0, batch**-0.5, size=(steps, runs))
    w = np.broadcast_to(np.asarray(start, dtype=float)[..., None], (*np.shape(start), runs))
    total = np.zeros(w.shape)
    for xi in noise:
        w = np.clip(w - eta * (slope(w) + xi), -1, 1)
        total += w
    return total / steps


def line_gaps(
    theta: Float[ndarray, " m"], *, batch: int, steps: int, runs: int, rng: np.random.Generator
) -> Float[ndarray, " m"]:
    """E f_θ(w̄) − f_θ* of `averaged_sgd` from w = 0, for every θ; the envelope is its largest entry.

    The bound for this class is 1/√(bk) (`mini_batch_bound` with L = 0, R = σ = 1). With θ = a/√(bk) the
    batch cancels: for two of them the gaps differ by their scale, and by chance, only. Up to a constant no
    algorithm has a smaller envelope.  Nemirovski & Yudin (1983); Agarwal et al. (IEEE Trans. IT, 2012).
    """
    w = averaged_sgd(
        lambda _: -theta[:, None], np.zeros(len(theta)), batch=batch, steps=steps, runs=runs, rng=rng
    )
    return np.abs(theta) - theta * w.mean(-1)
