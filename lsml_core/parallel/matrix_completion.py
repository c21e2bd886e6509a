"""Hogwild on a matrix of ratings: threads change rows of two factors, and meet on one user or one item only.

    user, item, rating   of one rating, (m,)       U, V    factors, (users, r) and (items, r)
    eta   η, or a function of the epoch 1, 2, …    l2      weight of ½(‖U_u‖² + ‖V_v‖²) in each rating's loss

Rating k is predicted as mean + U_u·V_v, and its loss is half the squared error, plus the penalty.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray

from lsml_core.data.sparse import Ratings
from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.linear import step_sizes
from lsml_core.parallel.threads import Clock, together
from lsml_core.validation import Count, check_count, check_finite, check_not_negative


class Factors(NamedTuple):
    """rmse[k] is over all ratings after k epochs; seconds[k] and held[k] are of one epoch."""

    left: Float64[ndarray, "users r"]
    right: Float64[ndarray, "items r"]
    mean: float
    updates: int
    rmse: Float[ndarray, " epochs+1"]
    seconds: Float[ndarray, " epochs"]
    held: Float[ndarray, " epochs"]

    def predict(self, user: Int64[ndarray, " m"], item: Int64[ndarray, " m"]) -> Float64[ndarray, " m"]:
        return self.mean + (self.left[user] * self.right[item]).sum(1)


def complete(
    data: Ratings,
    *,
    rank: Count,
    threads: Count,
    epochs: Count,
    eta: float | int | Schedule,
    rng: np.random.Generator,
    l2: float | int = 0.0,
    lock: Literal["coordinate"] | None = None,
) -> Factors:
    """One SGD step a rating on the rows U_u and V_v, in a new random order every epoch.

    With lock="coordinate" a thread has both rows for itself while it reads and changes them. Factors start
    with entries of standard deviation 0.1: at 0 they would stay there, because each is the other's slope.
    Without epochs they stay so. A run that diverges ends in inf or nan, and raises nothing.
    ValueError: rank or threads < 1, an unknown lock, epochs, eta or l2 out of range, no ratings, ratings that
    are not finite, or of a user or item that does not exist.  Niu et al. (NIPS 2011).
    """
    rank, threads = check_count("rank", rank), check_count("threads", threads)
    if lock not in (None, "coordinate"):
        raise ValueError(f"lock={lock!r} must be None or 'coordinate'")
    check_not_negative(l2=l2)
    _check_ratings(data)
    mean = float(data.rating.mean())
    left, right = (0.1 * rng.normal(size=(size, rank)) for size in (data.users, data.items))
    centered = data._replace(rating=data.rating - mean)
    errors, clocks, etas = [_rmse(centered, left, right)], [], step_sizes(eta, epochs)
    for step in etas:
        order = rng.permutation(len(data.rating))
        clocks.append(_epoch_(centered, order, left, right, step, float(l2), threads, lock))
        errors.append(_rmse(centered, left, right))
    seconds, held = np.array(clocks).reshape(-1, 2).T
    return Factors(left, right, mean, len(etas) * len(data.rating), np.array(errors), seconds, held)


def _check_ratings(data: Ratings) -> None:
    """Compiled code reads and writes where these numbers tell it to."""
    m = len(data.rating)
    if not m:
        raise ValueError("data has no ratings")
    check_finite(rating=data.rating)
    for name, index, size in (("user", data.user, data.users), ("item", data.item, data.items)):
        if index.shape != (m,) or index.dtype.kind not in "iu":
            raise ValueError(f"{name} of shape {index.shape} and dtype {index.dtype} must be {m} integers")
        if not 0 <= index.min() <= index.max() < size:
            raise ValueError(
                f"{name} runs from {index.min()} to {index.max()}, and must lie in 0 … {size - 1}"
            )


def _epoch_(
    data: Ratings,
    order: Int64[ndarray, " m"],
    left: Float64[ndarray, "users r"],
    right: Float64[ndarray, "items r"],
    eta: float,
    l2: float,
    threads: int,
    lock: Literal["coordinate"] | None,
) -> Clock:
    from lsml_core.parallel.kernels import factors  # here, because numba takes long to import

    loop = factors.coordinate if lock else factors.hogwild
    locks, gate = np.zeros(data.users + data.items, np.int64), np.zeros(1, np.int64)
    shares = np.array_split(order, threads)
    return together(
        loop,
        [
            (data.user, data.item, data.rating, mine, left, right, eta, l2, locks, gate, threads)
            for mine in shares
        ],
    )


def _rmse(data: Ratings, left: Float64[ndarray, "users r"], right: Float64[ndarray, "items r"]) -> float:
    with np.errstate(all="ignore"):
        error = (left[data.user] * right[data.item]).sum(1) - data.rating
        return float(np.sqrt((error**2).mean()))
