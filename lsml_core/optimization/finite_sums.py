"""Losses that are a mean over examples, f(w) = 1/n Σᵢ fᵢ(w), with the gradient of each example available.

    x   examples, shape (n, d)          w   weights, shape (…, d): a point, or any batch of points at once
    y   targets, shape (n,)             i   positions of examples, shape (…, b), each in 0 … n − 1
    l2  weight of ½‖w‖², in every fᵢ    L, mu   largest and smallest curvature of f;  L_max   of a single fᵢ

`i` and `w` broadcast against each other: w (E, R, d) with i (R, b) gives every one of the E points of a
run the same examples. Wrong shapes and values raise ValueError when the loss is made; x and y are copied.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.losses import logistic, logistic_curvature, logistic_derivative
from lsml_core.optimization.arrays import BatchIndices, Points, Values
from lsml_core.optimization.linear_algebra import column_scale, covariance_eigenvalues, minimum_norm_solution
from lsml_core.validation import as_number, as_numbers, check_kind


@runtime_checkable
class FiniteSum(Protocol):
    """All that a stochastic method needs to know of a loss."""

    @property
    def n(self) -> int: ...
    @property
    def d(self) -> int: ...
    def value(self, w: Points) -> Values: ...
    def grad(self, w: Points) -> Points: ...
    def grads(self, w: Points, i: BatchIndices) -> Float[ndarray, "... b d"]: ...  # ∇fᵢ(w), one row each
    def batch_grad(self, w: Points, i: BatchIndices) -> Points: ...  # 1/b Σ ∇fᵢ(w) over the examples i


def check_finite_sum(f: Any) -> FiniteSum:
    """`f`, if it is a mean of losses. ValueError for arrays, pairs of arrays, and classes."""
    return check_kind("f", f, FiniteSum, "a mean of losses, such as LeastSquares(x, y)")


@dataclass(frozen=True, eq=False, repr=False)
class _LinearModel:
    """fᵢ(w) = φ(xᵢᵀw, yᵢ) + ½ l2 ‖w‖²: ∇fᵢ is xᵢ times one number, φ′(xᵢᵀw), plus l2·w.

    A subclass gives φ, its derivative in z = xᵢᵀw, and the largest second derivative.
    """

    x: Num[ndarray, "n d"]
    y: Num[ndarray, " n"]
    l2: float | int = 0.0

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            array = np.array(as_numbers(name, getattr(self, name)))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.x.ndim != 2 or not self.x.size or self.y.shape != self.x.shape[:1]:
            raise ValueError(f"x of shape {self.x.shape} must be (n, d), and y of shape {self.y.shape} (n,)")
        l2 = as_number("l2", self.l2)
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all() and 0 <= l2 < np.inf):
            raise ValueError(f"x, y and l2={self.l2} must be finite, and l2 at least 0")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n={self.n}, d={self.d}, l2={self.l2:g})"

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def d(self) -> int:
        return self.x.shape[1]

    def value(self, w: Points) -> Values:
        return self._loss(w @ self.x.T, self.y).mean(-1) + self.l2 / 2 * (w * w).sum(-1)

    def grad(self, w: Points) -> Points:
        return self._derivative(w @ self.x.T, self.y) @ self.x / self.n + self.l2 * w

    def grads(self, w: Points, i: BatchIndices) -> Float[ndarray, "... b d"]:
        x, slope = self._at(w, i)
        return slope[..., None] * x + self.l2 * w[..., None, :]

    def batch_grad(self, w: Points, i: BatchIndices) -> Points:
        """`grads(w, i).mean(-2)`, computed without a row for every example."""
        x, slope = self._at(w, i)
        return np.einsum("...b,...bd->...d", slope, x) / i.shape[-1] + self.l2 * w

    @property
    def L(self) -> float:
        return self._largest_curvature * float(self._spectrum[-1]) + self.l2

    @property
    def L_max(self) -> float:
        return self._largest_curvature * float((self.x**2).sum(-1).max()) + self.l2

    def _at(self, w: Points, i: BatchIndices) -> tuple[Float[ndarray, "... b d"], Float[ndarray, "... b"]]:
        """The examples i, and φ′ at each of them."""
        x = self.x[i]
        return x, self._derivative(np.einsum("...bd,...d->...b", x, w), self.y[i])

    @cached_property
    def _spectrum(self) -> Float[ndarray, " d"]:
        """Eigenvalues of 1/n Σ xᵢxᵢᵀ, ascending."""
        return covariance_eigenvalues(self.x)

    @property
    def _largest_curvature(self) -> float:
        """The largest second derivative of φ."""
        raise NotImplementedError

    def _loss(self, z: Values, y: Values) -> Values:
        raise NotImplementedError

    def _derivative(self, z: Values, y: Values) -> Values:
        raise NotImplementedError


class LeastSquares(_LinearModel):
    """fᵢ(w) = ½(xᵢᵀw − yᵢ)² + ½ l2 ‖w‖²: the same curvature everywhere, so that rates are exact.

    x: (n, d).       y: numbers, (n,).       l2: weight of the penalty, at least 0.
    """

    @property
    def mu(self) -> float:
        return float(self._spectrum[0]) + self.l2

    @cached_property
    def minimiser(self) -> Float[ndarray, " d"]:
        """Where ∇f = 0; where there are several such points, the shortest. Columns may differ in scale."""
        root = np.sqrt(self.n * self.l2)  # the penalty acts like d more examples
        x = np.vstack([self.x, root * np.eye(self.d)]) if self.l2 else self.x
        return _read_only(minimum_norm_solution(x, np.append(self.y, np.zeros(len(x) - self.n))))

    @property
    def _largest_curvature(self) -> float:
        return 1.0

    def _loss(self, z: Values, y: Values) -> Values:
        return 0.5 * (z - y) ** 2

    def _derivative(self, z: Values, y: Values) -> Values:
        return z - y


class Logistic(_LinearModel):
    """fᵢ(w) = log(1 + exp(−yᵢxᵢᵀw)) + ½ l2 ‖w‖².

    x: (n, d).       y: labels −1 or +1, (n,).       l2: weight of the penalty, at least 0.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not np.isin(self.y, (-1, 1)).all():
            raise ValueError(f"y holds {np.unique(self.y)[:4]}, but labels must be −1 or +1")

    @property
    def mu(self) -> float:
        """A lower bound, l2: far from z = 0 the logistic loss is flat, and only the penalty is curved."""
        return float(self.l2)

    @cached_property
    def minimiser(self) -> Float[ndarray, " d"]:
        """Where ∇f = 0, by Newton's method. ValueError if l2 is 0: there may be no such point."""
        if self.l2 == 0:
            raise ValueError("l2=0.0 must be above 0: on separable examples the loss has no minimiser")
        w, scale = np.zeros(self.d), column_scale(self.x)  # w·scale does not depend on the unit of x
        for _ in range(100):
            step, value = self._newton_step(w, scale), self.value(w)
            while self.value(w - step) > value + 1e-12 * (1 + value):  # too long: the curvature changed
                step = step / 2
            w = w - step
            if np.linalg.norm(step * scale) <= 1e-12 * (1 + np.linalg.norm(w * scale)):
                break
        return _read_only(w)

    def _newton_step(self, w: Float[ndarray, " d"], scale: Float[ndarray, " d"]) -> Float[ndarray, " d"]:
        curvature = logistic_curvature(self.x @ w)
        hessian = (self.x.T * curvature) @ self.x / self.n + self.l2 * np.eye(len(w))
        return np.linalg.solve(hessian / np.outer(scale, scale), self.grad(w) / scale) / scale

    @property
    def _largest_curvature(self) -> float:
        return 0.25

    def _loss(self, z: Values, y: Values) -> Values:
        return logistic(z, y)

    def _derivative(self, z: Values, y: Values) -> Values:
        return logistic_derivative(z, y)


def _read_only(array: ndarray) -> ndarray:
    """A cached result is shared by all who ask for it."""
    array.setflags(write=False)
    return array
