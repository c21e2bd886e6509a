"""Why a large batch can generalise worse: a sharp and a flat minimum, and the noise of the gradient.

    w      one weight, any number of runs     b      batch size
    eta    η, step size                       sigma  σ, standard deviation of the gradient of one example

The gradient of a batch has the standard deviation σ/√b. A run of small batches leaves a sharp minimum again;
a run of large batches stays in the first one it meets. If the test loss is the training loss moved a little
to the side, a sharp minimum costs more than a flat one. A model of the explanation of Keskar, Mudigere,
Nocedal, Smelyanskiy & Tang (ICLR 2017), "On large-batch training for deep learning"; not evidence for it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from lsml_core.validation import (
    Count,
    check_count,
    check_finite,
    check_kind,
    check_not_negative,
    check_positive,
    check_rng,
)

Weights = Float[ndarray, "*shape"]


@dataclass(frozen=True)
class TwoMinima:
    """f(w) = h/2 (w − flat)² − D e^{−(w − sharp)²/2s²} with D = h/2 (flat − sharp)²: both minima lie near 0.

    sharp, flat: where the minima are.   width: s, of the sharp one.   h: curvature of the flat one.
    ValueError: a place that is not finite, or width or h not above 0.
    """

    sharp: float | int = -1.0
    flat: float | int = 1.0
    width: float | int = 0.1
    h: float | int = 0.5

    def __post_init__(self) -> None:
        check_finite(sharp=self.sharp, flat=self.flat)
        check_positive(width=self.width, h=self.h)

    @property
    def depth(self) -> float:
        """D, so that the two minima are equally deep."""
        return self.h / 2 * (self.flat - self.sharp) ** 2

    def value(self, w: Weights) -> Weights:
        """f(w)."""
        return self.h / 2 * (w - self.flat) ** 2 - self.depth * self._hole(w)

    def grad(self, w: Weights) -> Weights:
        """f'(w)."""
        return self.h * (w - self.flat) + self.depth * self._hole(w) * (w - self.sharp) / self.width**2

    def in_sharp(self, w: Weights) -> Bool[ndarray, "*shape"]:
        """Whether w lies in the sharp minimum: within two of its widths."""
        return abs(w - self.sharp) < 2 * self.width

    def _hole(self, w: Weights) -> Weights:
        return np.exp(-((w - self.sharp) ** 2) / (2 * self.width**2))


def noisy_descent(
    f: TwoMinima,
    start: Weights,
    *,
    eta: float | int,
    sigma: float | int,
    batch: Count,
    steps: Count,
    rng: np.random.Generator,
) -> Weights:
    """w ← w − η_k(f'(w) + σ/√b·ξ), ξ ~ N(0, 1); η_k falls linearly from η to 0. Returns the final weights.

    start: one weight per run.   eta: first step size.   sigma: σ.   batch: b.   steps: number of steps.
    """
    check_kind("f", f, TwoMinima, "a TwoMinima()")
    check_finite(start=start)
    check_positive(eta=eta)
    check_rng(rng)
    check_not_negative(sigma=sigma)
    w, noise, steps = start, sigma / np.sqrt(check_count("batch", batch)), check_count("steps", steps, 0)
    for k in range(steps):
        w = w - eta * (1 - k / steps) * (f.grad(w) + noise * rng.normal(size=np.shape(w)))
    return w
