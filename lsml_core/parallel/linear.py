"""Linear models on sparse examples: what lock-free threads learn, and the simulator too.

    x      examples, a scipy CSR matrix (n, d)      w       weights, (d,), from 0
    y      targets, (n,); ±1 for a classifier       z       margin xᵢᵀw of example i
    φ      loss of one example, φ(z, y)             g       slope ∂φ/∂z: the gradient is g·xᵢ
    l2     weight of ½‖w‖²                          e       the coordinates where xᵢ is not 0
    c_j    examples that have coordinate j

f(w) = 1/n Σᵢ φ(xᵢᵀw, yᵢ) + l2/2 ‖w‖². A step on example i must touch e only, so coordinate j of the
penalty is shared out among the c_j examples that have it: each shrinks w_j by η·l2·n/c_j, and on average
over i that is η·l2 (Niu et al., NIPS 2011, for their sparse SVM). A coordinate that few examples have is
shrunk seldom and by much: from η·l2·n/c_j = 2 on it would grow without bound, so such an η is refused.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int64, Num, UInt32
from numpy import ndarray

from lsml_core.optimization.schedules import Schedule, as_schedule
from lsml_core.validation import Count, check_count, check_not_negative

CSR = Any  # a scipy.sparse.csr_matrix or csr_array; the room opens without scipy
Weights = Float64[ndarray, " d"]
Order = Int64[ndarray, " m"]


class Loss(IntEnum):
    """φ(z, y) of one example."""

    LOGISTIC = 0  # log(1 + exp(−yz))
    HINGE = 1  # max(0, 1 − yz): the support vector machine
    SQUARED = 2  # ½(z − y)²
    TALLY = 3  # −z: whatever w is, example i adds η·xᵢ, so the sum of all updates is known beforehand


class Rows(NamedTuple):
    """x and y as the compiled loops want them: an index without a sign needs no check for being negative."""

    starts: Int64[ndarray, " _"]
    columns: UInt32[ndarray, " m"]
    values: Float64[ndarray, " m"]
    y: Float64[ndarray, " n"]


class Step(NamedTuple):
    """w ← w − η(g·xᵢ + shrink·w) on e."""

    eta: float
    l2: float
    shrink: Weights
    loss: int


def rows_of(x: CSR, y: Num[ndarray, " n"], loss: Loss) -> Rows:
    """ValueError: see `check_csr`; y of another length, y other than ±1 for a classifier, not finite."""
    check_csr(x)
    if y.shape != x.shape[:1]:
        raise ValueError(f"y of shape {y.shape} must be ({x.shape[0]},), one target an example")
    if not (np.isfinite(x.data).all() and np.isfinite(y).all()):
        raise ValueError("x and y must be finite")
    if loss in (Loss.LOGISTIC, Loss.HINGE) and not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y holds {np.unique(y)[:4]}, and must be −1 or +1 for {loss.name}")
    x = _canonical(x)
    values, targets = (np.require(a, np.float64, ["C", "W"]) for a in (x.data, y))
    return Rows(x.indptr.astype(np.int64), x.indices.astype(np.uint32), values, targets)


def check_csr(x: CSR) -> None:
    """ValueError unless x is a sound CSR matrix with entries: compiled loops read where it tells them to."""
    if getattr(x, "format", "") != "csr" or len(x.shape) != 2 or not x.nnz:
        raise ValueError(f"x, a {type(x).__name__} of shape {x.shape}, must be a CSR matrix with entries")
    x.check_format(full_check=True)


def shrinkage(rows: Rows, d: int, l2: float | int) -> Weights:
    """l2·n/c_j, by how much of itself each example that has coordinate j shrinks it, per unit of η."""
    return l2 * len(rows.y) / np.maximum(np.bincount(rows.columns, minlength=d), 1)


def mean_loss(rows: Rows, w: Weights, loss: Loss, l2: float | int = 0.0) -> float:
    """f(w). A run that diverged has inf or nan here, without a warning."""
    from scipy.sparse import csr_matrix  # here, so that the room opens without scipy

    with np.errstate(all="ignore"):
        x = csr_matrix((rows.values, rows.columns.view(np.int32), rows.starts), (len(rows.y), len(w)))
        return float(_phi(x @ w, rows.y, loss).mean() + l2 / 2 * w @ w)


def steps(
    rows: Rows, d: int, eta: float | int | Schedule, l2: float | int, loss: Loss, epochs: Count
) -> Iterator[Step]:
    """One an epoch; a schedule counts epochs, k = 0, 1, …  ValueError: values out of range."""
    check_not_negative(l2=l2)
    etas, shrink = step_sizes(eta, epochs), shrinkage(rows, d, l2)
    _check_shrinkage(rows, shrink, etas, l2)
    return (Step(value, float(l2), shrink, int(loss)) for value in etas)


def step_sizes(eta: float | int | Schedule, epochs: Count) -> list[float]:
    """η of every epoch. ValueError: one of them is not finite and above 0, or epochs is no count."""
    eta_at = as_schedule(eta)
    return [float(eta_at(k)) for k in range(check_count("epochs", epochs, 0))]


def _check_shrinkage(rows: Rows, shrink: Weights, etas: list[float], l2: float | int) -> None:
    """ValueError if a step would turn a weight into its opposite, or more: 1 − η·shrink ≤ −1."""
    largest = float(shrink[rows.columns].max())
    for k, eta in enumerate(etas, start=1):
        if eta * largest >= 2:
            n, rarest = len(rows.y), round(l2 * len(rows.y) / largest)
            raise ValueError(
                f"eta={eta:g} in epoch {k} and l2={l2} must satisfy eta·l2·n/c < 2, but n={n} and the rarest "
                f"coordinate occurs in c={rarest} examples: take eta below {2 / largest:.3g} or a smaller l2"
            )


def _phi(z: Float[ndarray, " n"], y: Float[ndarray, " n"], loss: Loss) -> Float[ndarray, " n"]:
    losses = {
        Loss.LOGISTIC: lambda: np.logaddexp(0, -y * z),
        Loss.HINGE: lambda: np.maximum(0, 1 - y * z),
        Loss.SQUARED: lambda: 0.5 * (z - y) ** 2,
        Loss.TALLY: lambda: -z,
    }
    return losses[loss]()


def _canonical(x: Any) -> Any:
    """Columns of a row in ascending order, none twice: locks are then taken in one order, and once."""
    if not x.has_canonical_format:
        x = x.copy()
        x.sum_duplicates()
    return x
