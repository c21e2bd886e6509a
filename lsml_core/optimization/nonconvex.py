"""Nonconvex functions of two weights, small enough to draw, with gradient and Hessian in closed form.

    w        weights, shape (..., 2): a point, or any batch of points at once; x and y are its coordinates
    value    Err(w), shape (...)       grad     ∇Err(w), shape (..., 2)       hessian  ∇²Err(w), (..., 2, 2)

Each is an `objectives.Objective`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.optimization.arrays import Coordinates, Heights, Hessians, check_size


@dataclass(frozen=True)
class Rosenbrock:
    """(1 − x)² + 100(y − x²)²: a curved valley whose floor is almost flat.

    At the minimiser (1, 1) the condition number is about 2508.  Rosenbrock (Computer J., 1960).
    """

    @property
    def minimisers(self) -> Float[ndarray, "1 2"]:
        return np.ones((1, 2))

    def value(self, w: Coordinates) -> Heights:
        x, y = _xy(w)
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def grad(self, w: Coordinates) -> Coordinates:
        x, y = _xy(w)
        rise = 200 * (y - x * x)
        return _pair(w, 2 * (x - 1) - 2 * x * rise, rise)

    def hessian(self, w: Coordinates) -> Hessians:
        x, y = _xy(w)
        return _symmetric(w, 2 + 1200 * x * x - 400 * y, -400 * x, 200)


@dataclass(frozen=True)
class Beale:
    """Σₖ (cₖ − x + x yᵏ)², k = 1, 2, 3: a flat plain with steep corners. A fixed step size is
    too large for the corners or too small for the plain.

    Minimiser (3, ½).  Beale (1958), "On an iterative method for finding a local minimum".
    """

    @property
    def minimisers(self) -> Float[ndarray, "1 2"]:
        return np.array([[3.0, 0.5]])

    def value(self, w: Coordinates) -> Heights:
        return sum(t * t for _, t, _, _ in self._residuals(w))

    def grad(self, w: Coordinates) -> Coordinates:
        terms = [(t * t_x, t * t_y) for _, t, t_x, t_y in self._residuals(w)]
        along_x, along_y = (2 * sum(parts) for parts in zip(*terms, strict=True))
        return _pair(w, along_x, along_y)

    def hessian(self, w: Coordinates) -> Hessians:
        x, y = _xy(w)
        xx, xy, yy = 0, 0, 0
        for k, t, t_x, t_y in self._residuals(w):
            xx = xx + 2 * t_x * t_x
            xy = xy + 2 * (t_x * t_y + t * k * y ** (k - 1))
            yy = yy + 2 * (t_y * t_y + t * k * (k - 1) * x * y ** max(k - 2, 0))
        return _symmetric(w, xx, xy, yy)

    def _residuals(self, w: Coordinates) -> Iterator[tuple[int, Any, Any, Any]]:
        """k, tₖ = cₖ − x + x yᵏ, ∂tₖ/∂x and ∂tₖ/∂y."""
        x, y = _xy(w)
        for k, c in enumerate((1.5, 2.25, 2.625), start=1):
            t_x = y**k - 1
            yield k, c + x * t_x, t_x, k * x * y ** (k - 1)


@dataclass(frozen=True)
class Himmelblau:
    """(x² + y − 11)² + (x + y² − 7)²: four equally deep minima, so the end of a path depends on its start.

    Himmelblau (1972), Applied Nonlinear Programming.
    """

    @property
    def minimisers(self) -> Float[ndarray, "4 2"]:
        return np.array(
            [
                [3.0, 2.0],
                [-2.805118086952745, 3.131312518250573],
                [-3.779310253377747, -3.2831859912861696],
                [3.5844283403304917, -1.8481265269644036],
            ]
        )

    def value(self, w: Coordinates) -> Heights:
        p, q = self._residuals(w)
        return p * p + q * q

    def grad(self, w: Coordinates) -> Coordinates:
        (x, y), (p, q) = _xy(w), self._residuals(w)
        return _pair(w, 4 * x * p + 2 * q, 2 * p + 4 * y * q)

    def hessian(self, w: Coordinates) -> Hessians:
        (x, y), (p, q) = _xy(w), self._residuals(w)
        return _symmetric(w, 8 * x * x + 4 * p + 2, 4 * (x + y), 8 * y * y + 4 * q + 2)

    def _residuals(self, w: Coordinates) -> tuple[Any, Any]:
        x, y = _xy(w)
        return x * x + y - 11, x + y * y - 7


@dataclass(frozen=True)
class Saddle:
    """½(x² − y²): a saddle at the origin, no minimiser.

    Gradient descent shrinks x by the factor 1 − η per step and grows y by 1 + η.
    """

    @property
    def minimisers(self) -> Float[ndarray, "0 2"]:
        return np.empty((0, 2))

    def value(self, w: Coordinates) -> Heights:
        x, y = _xy(w)
        return 0.5 * (x * x - y * y)

    def grad(self, w: Coordinates) -> Coordinates:
        x, y = _xy(w)
        return _pair(w, x, -y)

    def hessian(self, w: Coordinates) -> Hessians:
        return _symmetric(w, 1, 0, -1)


def _xy(w: Coordinates) -> tuple[Any, Any]:
    check_size(w, 2)
    return w[..., 0], w[..., 1]


def _pair(w: Coordinates, along_x: Any, along_y: Any) -> Coordinates:
    g = 1.0 * w  # a new float array of the same kind, numpy or torch
    g[..., 0], g[..., 1] = along_x, along_y
    return g


def _symmetric(w: Coordinates, xx: Any, xy: Any, yy: Any) -> Hessians:
    check_size(w, 2)
    h = np.empty((*w.shape, 2))
    h[..., 0, 0], h[..., 0, 1], h[..., 1, 0], h[..., 1, 1] = xx, xy, xy, yy
    return h
