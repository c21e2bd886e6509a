"""Hogwild on a matrix of ratings: threads change rows of two factors, and conflict on a common row.

    user, item, rating   of each rating, (m,)      U, V    factors `left` (users, r) and `right` (items, r)
    eta   η, or a function of the epoch 1, 2, …    l2      weight of ½(‖U_u‖² + ‖V_v‖²) in each rating's loss

Rating k is predicted as mean + U_u·V_v, and its loss is half the squared error, plus the penalty.
`rating_step_` is the algorithm; `kernels.matrix_completion` is the same step compiled, for threads.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray

from lsml_core.data.sparse import Ratings
from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.linear import step_sizes
from lsml_core.parallel.threads import ThreadTiming, run_threads
from lsml_core.validation import Count, check_count, check_finite, check_kind, check_not_negative, check_rng


def rating_step_(
    left: Float64[ndarray, "users r"],
    right: Float64[ndarray, "items r"],
    u: int | np.integer,
    v: int | np.integer,
    rating: float | int,
    *,
    eta: float | int,
    l2: float | int = 0.0,
) -> None:
    """One SGD step on the rating of item v by user u, in place: the plain form.

    left, right: U, (users, r), and V, (items, r).   u, v: user and item.
    eta: step size.   l2: weight of the penalty.
    error = U_u·V_v − rating;  U_u ← U_u − η(error·V_v + l2·U_u),  V_v ← V_v − η(error·U_u + l2·V_v).
    rating: with the mean of all ratings subtracted.
    """
    error = left[u] @ right[v] - rating
    left_step = eta * (error * right[v] + l2 * left[u])
    right[v] -= eta * (error * left[u] + l2 * right[v])
    left[u] -= left_step


class Factorization(NamedTuple):
    """Two factors and the history of the run.

    left, right: U and V.   mean: of all ratings.   updates: number of steps in all.
    rmse: root mean square error over all ratings after 0, 1, … epochs.
    seconds, core_share: of each epoch, see `threads`.
    """

    left: Float64[ndarray, "users r"]
    right: Float64[ndarray, "items r"]
    mean: float
    updates: int
    rmse: Float[ndarray, " epochs+1"]
    seconds: Float[ndarray, " epochs"]
    core_share: Float[ndarray, " epochs"]

    def predict(self, user: Int64[ndarray, " m"], item: Int64[ndarray, " m"]) -> Float64[ndarray, " m"]:
        """Predicted ratings of the given pairs, indices (m,)."""
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
) -> Factorization:
    """One SGD step per rating on the rows U_u and V_v, in a new random order every epoch.

    data: the ratings.   rank: r, the number of columns of both factors.   threads: number of threads.
    eta: step size, or a schedule of the *epoch* k = 0, 1, ….   l2: weight of each rating's penalty.
    lock: None is Hogwild; with "coordinate" a thread locks both rows while it reads and changes them.

    Factors start with entries of standard deviation 0.1: at 0 they would stay there, because the gradient of
    each is a multiple of the other. A run that diverges ends in inf or nan and raises nothing.
    ValueError: rank or threads < 1, an unknown lock, epochs, eta or l2 out of range, no ratings, ratings that
    are not finite, or of a user or item that does not exist.  Niu et al. (NIPS 2011).
    """
    rank, threads = check_count("rank", rank), check_count("threads", threads)
    if lock not in (None, "coordinate"):
        raise ValueError(f"lock={lock!r} must be None or 'coordinate'")
    check_not_negative(l2=l2)
    _check_ratings(data)
    mean = float(data.rating.mean())
    left, right = (0.1 * check_rng(rng).normal(size=(size, rank)) for size in (data.users, data.items))
    centered = data._replace(rating=data.rating - mean)
    errors, timings, etas = [_rmse(centered, left, right)], [], step_sizes(eta, epochs)
    for step in etas:
        order = rng.permutation(len(data.rating))
        timings.append(_epoch_(centered, order, left, right, step, float(l2), threads, lock))
        errors.append(_rmse(centered, left, right))
    seconds, core_share = np.array(timings).reshape(-1, 2).T
    updates = len(etas) * len(data.rating)
    return Factorization(left, right, mean, updates, np.array(errors), seconds, core_share)


def _check_ratings(data: Ratings) -> None:
    """ValueError unless all indices and ratings are valid: compiled code trusts them."""
    check_kind("data", data, Ratings, "a record of Ratings, as data.sparse.ratings returns it")
    m = len(data.rating)
    if not m:
        raise ValueError("data has no ratings")
    check_finite(rating=data.rating)
    for name, index, size in (("user", data.user, data.users), ("item", data.item, data.items)):
        if index.shape != (m,) or index.dtype.kind not in "iu":
            raise ValueError(f"{name} of shape {index.shape} and dtype {index.dtype} must be {m} integers")
        if not 0 <= index.min() <= index.max() < size:
            raise ValueError(
                f"{name} runs from {index.min()} to {index.max()}, but must be between 0 and {size - 1}"
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
) -> ThreadTiming:
    from lsml_core.parallel.kernels import matrix_completion as kernels  # lazy import: numba loads slowly

    locks, arrived = np.zeros(data.users + data.items, np.int64), np.zeros(1, np.int64)
    first, last = (data.user, data.item, data.rating), (left, right, eta, l2, locks, arrived, threads)
    parts = np.array_split(order, threads)
    kernel = kernels.lock_per_row if lock else kernels.without_lock
    return run_threads(kernel, [(*first, part, *last) for part in parts])


def _rmse(data: Ratings, left: Float64[ndarray, "users r"], right: Float64[ndarray, "items r"]) -> float:
    with np.errstate(all="ignore"):
        error = (left[data.user] * right[data.item]).sum(1) - data.rating
        return float(np.sqrt((error**2).mean()))
