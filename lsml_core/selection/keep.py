"""Which examples to keep, by score: the easiest, the hardest, or a window between.

    score     one number per example, (n,), larger for harder ones; inf is allowed, nan is not
    fraction  of the examples to keep; exactly round(fraction · n) are kept, also under ties

All return indices in ascending order of score, the smaller index first where scores are equal.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.validation import array_of, as_number, check_fraction

Score = Float[ndarray, " n"]
Kept = Int[ndarray, " kept"]


def ranked(score: Score) -> Int[ndarray, " n"]:
    """All examples, the easiest first.  ValueError: nan, or not one number per example.

    score: one number per example, (n,), larger for harder ones; inf is allowed.
    """
    return np.argsort(check_score(score), kind="stable")


def check_score(score: Score, name: str = "score") -> Score:
    """As an array, if it holds one real number per example and no nan."""
    score = array_of(name, score)
    if score.ndim != 1 or score.dtype.kind not in "biuf":
        raise ValueError(f"{name} is {score.dtype} of shape {score.shape}; it must be real numbers, (n,)")
    if np.isnan(score).any():
        raise ValueError(f"{name} is nan for example {int(np.isnan(score).argmax())}; nan has no rank")
    return score


def easiest(score: Score, fraction: float | int) -> Kept:
    """The examples of lowest score.

    score: as for `ranked`.   fraction: of the examples to keep, in [0, 1].
    """
    check_fraction(fraction=fraction)
    return window(score, fraction, 0)


def hardest(score: Score, fraction: float | int) -> Kept:
    """The examples of highest score.

    score: as for `ranked`.   fraction: of the examples to keep, in [0, 1].
    """
    order = ranked(score)
    return order[len(order) - len(easiest(score, fraction)) :]


def window(score: Score, fraction: float | int, offset: float | int) -> Kept:
    """The easiest `fraction` of the examples that are left once the easiest `offset` is excluded.

    score: as for `ranked`.   fraction: of the examples to keep, in [0, 1].
    offset: fraction of the examples to exclude. With wrong labels among the hardest, the best window ends
    before them.
    ValueError: fraction or offset below 0, or more than 1 together.
    """
    fraction, offset = as_number("fraction", fraction), as_number("offset", offset)
    if not (fraction >= 0 and offset >= 0 and fraction + offset <= 1 + 1e-9):
        raise ValueError(
            f"fraction={fraction} and offset={offset} must be at least 0, and their sum at most 1: "
            "0.3 for 30 %"
        )
    order = ranked(score)
    n = len(order)
    size = round(fraction * n)
    begin = min(round(offset * n), n - size)
    return order[begin : begin + size]
