"""The optimum, by branch and bound, for small ground sets.

S      the elements taken on this branch        rest   elements it may still take, largest gain first
best   the best set found so far                room   how many more fit, k − |S|
"""

from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, as_set, check_budget
from lsml_core.submodular.result import Selection, selection_in_order
from lsml_core.submodular.set_function import SetFunction, check_set_function, gains_of, state_after

LARGEST = 25
"""Largest ground set: the work can double with every element."""


def brute_force(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """A set of at most k elements of largest F, for submodular F, monotone or not.

    f: a set function of at most 25 elements.
    k: largest size.   given: elements that are chosen already; F(S) is then what S adds to them.
    Below a branch S no set is worth more than F(S) plus the k − |S| largest gains that are left, because
    gains only shrink. A branch that cannot beat the best set so far is cut off; the first branch is greedy's.
    ValueError: more than 25 elements that are not given, or k that is not an integer from 0 to their number.
    """
    start = as_set(given, check_set_function(f).n).tolist()
    rest = np.setdiff1d(np.arange(f.n), start)
    k = check_budget(k, f.n, len(start))
    if len(rest) > LARGEST:
        raise ValueError(f"n={len(rest)} is too large to search: at most {LARGEST} elements are allowed")
    search = _Search(f, k)
    search.explore(state_after(f, start), (), 0.0, rest)
    return selection_in_order(f, search.best, evaluations=search.evaluations, given=start)


class _Search:
    """Remembers the best set and counts the gains while it walks the branches."""

    def __init__(self, f: SetFunction, k: int) -> None:
        self.f, self.k = f, k
        self.best: tuple[int, ...] = ()
        self.value, self.evaluations = 0.0, 0

    def explore(self, state: Any, S: tuple[int, ...], value: float, rest: Int[ndarray, " r"]) -> None:
        """Try S and every way to add some of `rest`, except branches that cannot beat the best set."""
        if value > self.value:
            self.best, self.value = S, value
        room = self.k - len(S)
        if not room or not len(rest):
            return
        gains = gains_of(self.f, state, rest)
        self.evaluations += len(rest)
        order = np.argsort(-gains, kind="stable")
        rest, gains = rest[order], gains[order]
        sums = np.concatenate([[0.0], np.cumsum(np.maximum(gains, 0))])
        for i, e in enumerate(rest.tolist()):
            reach = value + sums[min(i + room, len(rest))] - sums[i]
            if reach <= self.value * (1 + 1e-12):
                return
            self.explore(self.f.add(state, e), (*S, e), value + float(gains[i]), rest[i + 1 :])
