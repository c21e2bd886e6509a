"""The rounds of greedy and of lazy greedy, with gains kept up to date and asked for in batches.

    free     elements that may still be chosen, bool (n,)     bounds  numbers that no gain exceeds, (n,)
    fresh    elements whose bound is their gain for this S    tie     F's `tie_tolerance`

They pick what `plain_greedy` and `plain_lazy_greedy` pick.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, as_set, check_budget
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import (
    GainTracker,
    SetFunction,
    check_gains,
    check_set_function,
    gains_of,
    state_after,
)
from lsml_core.submodular.ties import leaders, smallest


class Round(NamedTuple):
    """One pick: e, its gain, what was known of every gain when it was made, and evaluations so far.

    `bounds` are gains for the elements that are `fresh`, and gains for an earlier S for the others.
    """

    e: int
    gain: float
    bounds: Float[ndarray, " n"]
    fresh: Bool[ndarray, " n"]
    evaluations: int


@dataclass(frozen=True)
class Start:
    """Where a maximiser begins: F's state with the given elements, and which elements are free."""

    f: SetFunction
    state: Any
    free: Bool[ndarray, " n"]

    @classmethod
    def after(cls, f: SetFunction, given: Indices) -> "Start":
        elements = as_set(given, check_set_function(f).n)
        free = np.ones(f.n, dtype=bool)
        free[elements] = False
        return cls(f, state_after(f, elements.tolist()), free)

    def budget(self, k: SupportsIndex) -> int:
        return check_budget(k, self.f.n, int(np.count_nonzero(~self.free)))

    def gains(self) -> Float[ndarray, " n"]:
        """Of the free elements; 0 for the others."""
        return GainTracker(self.f)(self.state, self.free)


def greedy_steps(
    start: Start,
    costs: Float[ndarray, " n"] | None = None,
    budget: float | int = np.inf,
    price: Float[ndarray, " n"] | None = None,
) -> Iterator[Round]:
    """Pick the largest gain/price among the elements that can still be paid for; costs and prices are 1."""
    f, state, free, ones = start.f, start.state, start.free.copy(), np.ones(start.f.n)
    costs, price = (ones if given is None else given for given in (costs, price))
    track, everyone, evaluations, spent = f.track_gains(), np.arange(f.n), 0, 0.0
    while (affordable := free & (spent + costs <= budget * (1 + 1e-12))).any():
        gains = check_gains(track(state, affordable), everyone)
        evaluations += int(np.count_nonzero(affordable))
        e = smallest(leaders(gains / price, affordable, f.tie_tolerance))
        if e is None:
            return
        yield Round(e, float(gains[e]), gains.copy(), affordable.copy(), evaluations)
        state, free[e], spent = f.add(state, e), False, spent + costs[e]


def lazy_steps(start: Start) -> Iterator[Round]:
    """Stale bounds are brought up to date from the largest down, 1, 2, 4, … at a time, until all that lead
    are fresh: at most about twice as many gains as one at a time would take, in a few calls."""
    f, state, bounds, free = start.f, start.state, start.gains(), start.free.copy()
    fresh, evaluations = free.copy(), int(np.count_nonzero(free))
    while free.any():
        batch, leading = 1, leaders(bounds, free, f.tie_tolerance)
        while (leading & ~fresh).any():
            stale = np.flatnonzero(free & ~fresh)
            asked = np.sort(stale[_largest(bounds[stale], batch)])
            bounds[asked], fresh[asked] = gains_of(f, state, asked), True
            evaluations, batch = evaluations + len(asked), 2 * batch
            leading = leaders(bounds, free, f.tie_tolerance)
        if (e := smallest(leading)) is None:
            return
        yield Round(e, float(bounds[e]), bounds.copy(), fresh.copy(), evaluations)
        state, free[e], fresh[:] = f.add(state, e), False, False


def selection(rounds: Iterable[Round]) -> Selection:
    """The picks of these rounds."""
    picks = [(r.e, r.gain, r.evaluations) for r in rounds]
    chosen, gains, evaluations = zip(*picks, strict=True) if picks else ((), (), (0,))
    return Selection(chosen, gains, evaluations[-1])


def _largest(bounds: Float[ndarray, " b"], count: int) -> Int[ndarray, " c"]:
    if count >= len(bounds):
        return np.arange(len(bounds))
    return np.argpartition(-bounds, count)[:count]
