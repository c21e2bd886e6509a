"""Linear models on sparse examples: what lock-free threads and the simulator train.

    x      examples, a scipy CSR matrix (n, d)      w       weights, (d,), from 0
    y      targets, (n,); ±1 for a classifier       z       margin xᵢᵀw of example i
    φ      loss of one example, φ(z, y)             g       slope ∂φ/∂z: the gradient is g·xᵢ
    l2     weight of ½‖w‖²                          e       the coordinates where xᵢ is not 0
    c_j    number of examples that have coordinate j

f(w) = 1/n Σᵢ φ(xᵢᵀw, yᵢ) + l2/2 ‖w‖². A step on example i must change coordinates in e only, so the penalty
on coordinate j is shared among the c_j examples that have it: each shrinks w_j by η·l2·n/c_j, which is η·l2
on average over i (Niu et al., NIPS 2011, for their sparse SVM). A coordinate that few examples have is shrunk
rarely and strongly: from η·l2·n/c_j = 2 on it would grow without bound, so such an η is refused.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int64, Num, UInt32
from numpy import ndarray

from lsml_core.losses import logistic, logistic_derivative
from lsml_core.optimization.schedules import Schedule, as_schedule
from lsml_core.validation import Count, as_numbers, check_count, check_finite, check_kind, check_not_negative

CSR = Any  # a scipy.sparse.csr_matrix or csr_array; scipy is imported only where it is used
WeightVector = Float64[ndarray, " d"]
ExampleOrder = Int64[ndarray, " m"]
Margins = Float[Any, "..."]


class Loss(IntEnum):
    """φ(z, y) of one example."""

    LOGISTIC = 0  # log(1 + exp(−yz))
    HINGE = 1  # max(0, 1 − yz): the support vector machine
    SQUARED = 2  # ½(z − y)²
    CONSTANT_SLOPE = 3  # −z: example i adds η·xᵢ whatever w is, so the sum of all updates is known in advance


class SparseRows(NamedTuple):
    """x and y as compiled code takes them: unsigned column indices need no check for negative values."""

    starts: Int64[ndarray, " _"]
    columns: UInt32[ndarray, " m"]
    values: Float64[ndarray, " m"]
    y: Float64[ndarray, " n"]

    def example(self, i: int | np.integer) -> tuple[UInt32[ndarray, " e"], Float64[ndarray, " e"], float]:
        """Coordinates e of example i, its entries there, and its target."""
        row = slice(self.starts[i], self.starts[i + 1])
        return self.columns[row], self.values[row], float(self.y[i])


class StepSettings(NamedTuple):
    """What all steps of one epoch share: w_e ← w_e − eta·(g·xᵢ + shrink·w)_e.

    eta: step size.   l2: weight of the penalty.   shrink: l2·n/c_j per coordinate.   loss: a `Loss` as int.
    """

    eta: float
    l2: float
    shrink: WeightVector
    loss: int


def loss_values(z: Margins, y: Margins, loss: Loss | int) -> Margins:
    """φ(z, y) of each margin z and target y.

    z: margins.   y: targets, broadcast against z.   loss: which φ.
    """
    formulas = {
        Loss.LOGISTIC: lambda: logistic(z, y),
        Loss.HINGE: lambda: np.maximum(0, 1 - y * z),
        Loss.SQUARED: lambda: 0.5 * (z - y) ** 2,
        Loss.CONSTANT_SLOPE: lambda: -z,
    }
    return formulas[Loss(loss)]()


def loss_slope(z: float, y: float, loss: Loss | int) -> float:
    """∂φ/∂z of one example: the plain form of `kernels.sgd.slope`.

    z: margin.   y: target.   loss: which φ.
    """
    formulas = {
        Loss.LOGISTIC: lambda: logistic_derivative(z, y),
        Loss.HINGE: lambda: -y if y * z < 1 else 0.0,
        Loss.SQUARED: lambda: z - y,
        Loss.CONSTANT_SLOPE: lambda: -1.0,
    }
    return float(formulas[Loss(loss)]())


def sparse_rows(x: CSR, y: Num[ndarray, " n"], loss: Loss) -> SparseRows:
    """x and y checked and converted for compiled code.

    x: examples, CSR (n, d).   y: targets, (n,).   loss: which φ; it decides which targets are allowed.
    ValueError: see `check_csr`; y of another length, not finite, or other than ±1 for a classifier.
    """
    check_kind("loss", loss, Loss, f"one of {[*Loss.__members__]}, such as Loss.LOGISTIC")
    check_csr(x)
    y = as_numbers("y", y)
    if y.shape != x.shape[:1]:
        raise ValueError(f"y of shape {y.shape} must be ({x.shape[0]},), one target per example")
    if not (np.isfinite(x.data).all() and np.isfinite(y).all()):
        raise ValueError("x and y must be finite")
    if loss in (Loss.LOGISTIC, Loss.HINGE) and not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y contains {np.unique(y)[:4]}, but must be −1 or +1 for {loss.name}")
    x = _canonical(x)
    values, targets = (np.require(a, np.float64, ["C", "W"]) for a in (x.data, y))
    return SparseRows(x.indptr.astype(np.int64), x.indices.astype(np.uint32), values, targets)


def check_csr(x: CSR) -> None:
    """ValueError unless x is a valid CSR matrix with entries: compiled code trusts its indices."""
    if getattr(x, "format", "") != "csr" or len(x.shape) != 2 or not x.nnz:
        raise ValueError(f"x, a {type(x).__name__} of shape {np.shape(x)}, must be a CSR matrix with entries")
    if x.dtype.kind not in "biuf":
        raise ValueError(f"x has dtype {x.dtype}, and must hold real numbers")
    x.check_format(full_check=True)


def shrinkage(rows: SparseRows, d: int, l2: float | int) -> WeightVector:
    """l2·n/c_j: the factor by which each example with coordinate j shrinks w_j, per unit of η.

    rows: the examples.   d: number of coordinates.   l2: weight of the penalty, at least 0.
    """
    return l2 * len(rows.y) / np.maximum(np.bincount(rows.columns, minlength=d), 1)


def largest_curvature(x: CSR) -> float:
    """L, the largest eigenvalue of xᵀx/n: the largest curvature of least squares on examples x, (n, d)."""
    check_csr(x)
    check_finite(x=x.data)
    x = x.astype(float, copy=False)  # products of small integers overflow in their own dtype
    return float(np.linalg.eigvalsh((x.T @ x).toarray() / x.shape[0])[-1])


def mean_loss(rows: SparseRows, w: WeightVector, loss: Loss, l2: float | int = 0.0) -> float:
    """f(w), including the penalty. A run that diverged gives inf or nan, without a warning.

    rows: examples and targets.   w: weights, (d,).   loss: which φ.   l2: weight of the penalty.
    """
    from scipy.sparse import csr_matrix  # lazy import: the package loads without scipy

    with np.errstate(all="ignore"):
        x = csr_matrix((rows.values, rows.columns.view(np.int32), rows.starts), (len(rows.y), len(w)))
        return float(loss_values(x @ w, rows.y, loss).mean() + l2 / 2 * w @ w)


def epoch_settings(
    rows: SparseRows, d: int, eta: float | int | Schedule, l2: float | int, loss: Loss, epochs: Count
) -> Iterator[StepSettings]:
    """The settings of each of `epochs` epochs.

    rows: examples and targets.   l2: weight of the penalty, at least 0.   loss: which φ.
    d: number of coordinates.   eta: step size, or a schedule of the *epoch* k = 0, 1, ….
    ValueError: values out of range, or eta·l2 too large for the rarest coordinate.
    """
    check_not_negative(l2=l2)
    etas, shrink = step_sizes(eta, epochs), shrinkage(rows, d, l2)
    _check_shrinkage(rows, shrink, etas, l2)
    return (StepSettings(value, float(l2), shrink, int(loss)) for value in etas)


def step_sizes(eta: float | int | Schedule, epochs: Count) -> list[float]:
    """η of every epoch; a schedule is called with the *epoch* k = 0, 1, ….

    eta: a number, or a schedule.   epochs: 0 or more.
    ValueError: a step size that is not finite and above 0, or epochs is not a count.
    """
    eta_at = as_schedule(eta)
    return [float(eta_at(k)) for k in range(check_count("epochs", epochs, 0))]


def _check_shrinkage(rows: SparseRows, shrink: WeightVector, etas: list[float], l2: float | int) -> None:
    """ValueError if a step would flip the sign of a weight without making it smaller: 1 − η·shrink ≤ −1."""
    largest = float(shrink[rows.columns].max())
    for k, eta in enumerate(etas, start=1):
        if eta * largest >= 2:
            n, rarest = len(rows.y), round(l2 * len(rows.y) / largest)
            raise ValueError(
                f"eta={eta:g} in epoch {k} and l2={l2} must satisfy eta·l2·n/c < 2, but n={n} and the rarest "
                f"coordinate occurs in c={rarest} examples: take eta below {2 / largest:.3g} or a smaller l2"
            )


def _canonical(x: Any) -> Any:
    """Columns of a row in ascending order without repetition: locks are then taken in one order, and once."""
    if not x.has_canonical_format:
        x = x.copy()
        x.sum_duplicates()
    return x
