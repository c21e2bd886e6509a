"""Loss functions of two weights, small enough to draw, with gradient and Hessian in closed form.

    w        weights, shape (..., d): a point, or any batch of points at once
    value    Err(w), shape (...)              grad     ∇Err(w), shape (..., d)
    hessian  ∇²Err(w), shape (..., d, d)      h        curvature: an eigenvalue of the Hessian
    mu, L    smallest and largest curvature

`value` and `grad` use operators only and accept torch tensors too; `hessian` is for numpy only.
A w of the wrong size raises ValueError. `Rosenbrock`, `Beale`, `Himmelblau` and `Saddle` are in `nonconvex`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.optimization.arrays import Coordinates, Heights, Hessians, check_size
from lsml_core.optimization.nonconvex import Beale, Himmelblau, Rosenbrock, Saddle
from lsml_core.validation import as_numbers

__all__ = ["Beale", "Himmelblau", "Objective", "Quadratic", "Rosenbrock", "Saddle"]


@runtime_checkable
class Objective(Protocol):
    """A loss surface; `minimisers` has one row for each point of lowest loss, or no row."""

    @property
    def minimisers(self) -> Float[ndarray, "m d"]: ...
    def value(self, w: Coordinates) -> Heights: ...
    def grad(self, w: Coordinates) -> Coordinates: ...
    def hessian(self, w: Coordinates) -> Hessians: ...


@dataclass(frozen=True)
class Quadratic:
    """½ Σᵢ hᵢ wᵢ²: the directions are independent, so the path of a rule can be computed by hand.

    Any convex quadratic looks like this in the eigenbasis of its Hessian.
    curvatures: the hᵢ, finite and above 0. They are kept as a tuple, so that quadratics can be compared and
    used as keys.
    """

    curvatures: Sequence[float | int] | Float[ndarray, " d"]

    def __post_init__(self) -> None:
        h = as_numbers("curvatures", self.curvatures)
        if h.ndim != 1 or not h.size or not ((h > 0) & (h < np.inf)).all():
            raise ValueError(f"curvatures={self.curvatures} must be one or more finite numbers > 0")
        object.__setattr__(self, "curvatures", tuple(h.tolist()))

    @classmethod
    def ravine(cls, condition: float | int) -> "Quadratic":
        """½(w₁² + condition·w₂²): a valley along w₁, `condition` times as steep across as along."""
        return cls((1.0, condition))

    @property
    def mu(self) -> float:
        return min(self.curvatures)

    @property
    def L(self) -> float:
        return max(self.curvatures)

    @property
    def condition(self) -> float:
        """κ = L/μ, the condition number."""
        return self.L / self.mu

    @property
    def minimisers(self) -> Float[ndarray, "1 d"]:
        return np.zeros((1, len(self.curvatures)))

    def value(self, w: Coordinates) -> Heights:
        return (0.5 * self._h(w) * w * w).sum(-1)

    def grad(self, w: Coordinates) -> Coordinates:
        return self._h(w) * w

    def hessian(self, w: Coordinates) -> Hessians:
        h = np.diag(self._h(w))
        return np.broadcast_to(h, (*w.shape[:-1], *h.shape))

    def _h(self, w: Coordinates) -> Float[Any, " d"]:
        check_size(w, len(self.curvatures))
        return np.array(self.curvatures) if isinstance(w, ndarray) else w.new_tensor(self.curvatures)
