"""Which gain is the largest, if gains are known up to rounding: of equal ones, the smallest element's.

    gains   F(e | S), or upper bounds on it, shape (n,)     free    elements that may be chosen, bool (n,)
    tie     relative difference below which two gains count as equal, F's `tie_tolerance`

One gain computed in two ways is rounded in two ways. Without a tolerance, rounding would decide between two
elements that bring the same, and each algorithm would choose another one.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray


def leaders(gains: Float[ndarray, " n"], free: Bool[ndarray, " n"], tie: float) -> Bool[ndarray, " n"]:
    """The free elements whose gains count as the largest: none if all gains are below 0."""
    best = np.where(free, gains, -np.inf).max(initial=-np.inf)
    if best < 0:
        return np.zeros_like(free)
    return free & (gains >= best * (1 - tie))


def smallest(leading: Bool[ndarray, " n"]) -> int | None:
    """The smallest of these elements; None if there is none."""
    e = int(np.argmax(leading)) if len(leading) else 0
    return e if len(leading) and leading[e] else None


def exceeds(a: float, b: float, tie: float) -> bool:
    """Whether a is larger than b by more than a tie."""
    return a - b > tie * max(abs(a), abs(b))


def first_largest(values: Sequence[float], tie: float) -> int:
    """The position of the largest value, the first one of those that count as equal."""
    best = max(values)
    return next(i for i, value in enumerate(values) if not exceeds(best, value, tie))
