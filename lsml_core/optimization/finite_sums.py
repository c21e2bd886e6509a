"""Losses that are a mean over examples, f(w) = 1/n Σᵢ fᵢ(w), with the gradient of each example at hand.

    x   examples, shape (n, d)          w   weights, shape (…, d): a point, or any batch of points at once
    y   targets, shape (n,)             i   examples asked for, shape (…, b), each 0 … n − 1
    l2  weight of ½‖w‖², in every fᵢ    L, mu   largest and smallest curvature of f;  L_max   of a single fᵢ

`i` and `w` broadcast against each other: w (E, R, d) with i (R, b) gives every one of the E points of a
run the same examples. Wrong shapes and values raise ValueError when the sum is made; x and y are copied.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.optimization.schedules import Examples

Points = Float[ndarray, "... d"]
Values = Float[Any, "..."]


@runtime_checkable
class FiniteSum(Protocol):
    """All that a stochastic method needs to know of a loss."""

    @property
    def n(self) -> int: ...
    @property
    def d(self) -> int: ...
    def value(self, w: Points) -> Values: ...
    def grad(self, w: Points) -> Points: ...
    def grads(self, w: Points, i: Examples) -> Float[ndarray, "... b d"]: ...  # ∇fᵢ(w), one row an example
    def batch_grad(self, w: Points, i: Examples) -> Points: ...  # 1/b Σ ∇fᵢ(w) over the examples asked for


@dataclass(frozen=True, eq=False, repr=False)
class _LinearModel:
    """fᵢ(w) = φ(xᵢᵀw, yᵢ) + ½ l2 ‖w‖²: ∇fᵢ is xᵢ times one number, the slope of φ, plus l2·w."""

    x: Num[ndarray, "n d"]
    y: Num[ndarray, " n"]
    l2: float | int = 0.0

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            array = np.array(getattr(self, name), dtype=float)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.x.ndim != 2 or not self.x.size or self.y.shape != self.x.shape[:1]:
            raise ValueError(f"x of shape {self.x.shape} must be (n, d), and y of shape {self.y.shape} (n,)")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all() and 0 <= self.l2 < np.inf):
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
        return self._slope(w @ self.x.T, self.y) @ self.x / self.n + self.l2 * w

    def grads(self, w: Points, i: Examples) -> Float[ndarray, "... b d"]:
        x, slope = self._at(w, i)
        return slope[..., None] * x + self.l2 * w[..., None, :]

    def batch_grad(self, w: Points, i: Examples) -> Points:
        """As `grads(w, i).mean(-2)`, without a row for every example."""
        x, slope = self._at(w, i)
        return np.einsum("...b,...bd->...d", slope, x) / i.shape[-1] + self.l2 * w

    @property
    def L(self) -> float:
        return self._sharpest * float(self._spectrum[-1]) + self.l2

    @property
    def L_max(self) -> float:
        return self._sharpest * float((self.x**2).sum(-1).max()) + self.l2

    def _at(self, w: Points, i: Examples) -> tuple[Float[ndarray, "... b d"], Float[ndarray, "... b"]]:
        x = self.x[i]
        return x, self._slope(np.einsum("...bd,...d->...b", x, w), self.y[i])

    @cached_property
    def _spectrum(self) -> Float[ndarray, " d"]:
        """Eigenvalues of 1/n Σ xᵢxᵢᵀ, ascending; as squares of singular values small ones are not lost."""
        found = np.zeros(self.d)
        sigma = np.linalg.svd(_triangle(self.x) / np.sqrt(self.n), compute_uv=False)
        found[: len(sigma)] = sigma**2
        return found[::-1]

    @property
    def _sharpest(self) -> float:
        """Largest curvature of φ."""
        raise NotImplementedError

    def _loss(self, margin: Values, y: Values) -> Values:
        raise NotImplementedError

    def _slope(self, margin: Values, y: Values) -> Values:
        raise NotImplementedError


class LeastSquares(_LinearModel):
    """fᵢ(w) = ½(xᵢᵀw − yᵢ)² + ½ l2 ‖w‖²: the same curvature everywhere, so that rates are exact."""

    @property
    def mu(self) -> float:
        return float(self._spectrum[0]) + self.l2

    @cached_property
    def minimiser(self) -> Float[ndarray, " d"]:
        """Where ∇f = 0; where there are several such points, the shortest. Columns may differ in scale."""
        root = np.sqrt(self.n * self.l2)  # of the penalty, as d more examples
        x = np.vstack([self.x, root * np.eye(self.d)]) if self.l2 else self.x
        return _frozen(_shortest_solution(x, np.append(self.y, np.zeros(len(x) - self.n))))

    @property
    def _sharpest(self) -> float:
        return 1.0

    def _loss(self, margin: Values, y: Values) -> Values:
        return 0.5 * (margin - y) ** 2

    def _slope(self, margin: Values, y: Values) -> Values:
        return margin - y


class Logistic(_LinearModel):
    """fᵢ(w) = log(1 + exp(−yᵢxᵢᵀw)) + ½ l2 ‖w‖², with yᵢ = ±1; the slope of φ is −y/(1 + exp(y·margin))."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not np.isin(self.y, (-1, 1)).all():
            raise ValueError(f"y holds {np.unique(self.y)[:4]}, and must be −1 or +1")

    @property
    def mu(self) -> float:
        """A lower bound: far from the data's margins φ is flat, and only l2 bends."""
        return float(self.l2)

    @cached_property
    def minimiser(self) -> Float[ndarray, " d"]:
        """Where ∇f = 0, by Newton's method. ValueError if l2 is 0: there may be no such point."""
        if self.l2 == 0:
            raise ValueError("l2=0.0 must be above 0: separable examples push w to infinity")
        w, scale = np.zeros(self.d), _scale(self.x)  # w·scale is the same in any unit of x
        for _ in range(100):
            step, value = self._newton_step(w, scale), self.value(w)
            while self.value(w - step) > value + 1e-12 * (1 + value):  # too long: the curvature changed
                step = step / 2
            w = w - step
            if np.linalg.norm(step * scale) <= 1e-12 * (1 + np.linalg.norm(w * scale)):
                break
        return _frozen(w)

    def _newton_step(self, w: Float[ndarray, " d"], scale: Float[ndarray, " d"]) -> Float[ndarray, " d"]:
        share = np.abs(self._slope(self.x @ w, self.y))  # φ'' = share·(1 − share)
        hessian = (self.x.T * (share * (1 - share))) @ self.x / self.n + self.l2 * np.eye(len(w))
        return np.linalg.solve(hessian / np.outer(scale, scale), self.grad(w) / scale) / scale

    @property
    def _sharpest(self) -> float:
        return 0.25

    def _loss(self, margin: Values, y: Values) -> Values:
        return np.logaddexp(0, -y * margin)

    def _slope(self, margin: Values, y: Values) -> Values:
        return -0.5 * y * (1 - np.tanh(0.5 * y * margin))  # −y/(1 + exp(y·margin)), without overflow


def _scale(x: Float[ndarray, "m d"]) -> Float[ndarray, " d"]:
    """The largest entry of each column; 1 for a column of zeros."""
    largest = np.abs(x).max(axis=0)
    return np.where(largest > 0, largest, 1.0)


def _triangle(x: Float[ndarray, "m d"]) -> Float[ndarray, "_ d"]:
    """At most d rows with the same xᵀx, so the same singular values: these cost less than those of x."""
    return np.asarray(np.linalg.qr(x, mode="r")) if len(x) > x.shape[1] else x


def _shortest_solution(x: Float[ndarray, "m d"], y: Float[ndarray, " m"]) -> Float[ndarray, " d"]:
    """The shortest of all w with the least ‖xw − y‖.

    The rank is decided after every column is brought to the same scale: what is small because of its unit is
    not taken for rounding. Scaling changes which solution is the shortest, so the part of w in the null space
    of x is taken off in the end.
    """
    scale, limit = _scale(x), np.finfo(float).eps * max(x.shape)
    both = _triangle(np.column_stack([x / scale, y]))
    x, y = both[:, :-1], both[:, -1]
    u, sigma, vt = np.linalg.svd(x, full_matrices=len(x) < x.shape[1])
    rank = np.count_nonzero(sigma > limit * sigma[0])
    w = vt[:rank].T @ (u[:, :rank].T @ y / sigma[:rank]) / scale
    null = np.linalg.qr(vt[rank:].T / scale[:, None])[0]
    return w - null @ (null.T @ w)


def _frozen(array: ndarray) -> ndarray:
    """A cached result is shared by all who ask for it."""
    array.setflags(write=False)
    return array
