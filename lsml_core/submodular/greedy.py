"""Maximisers under |S| ≤ k: greedy, its faster kin, what it is compared with, and greedy with costs.

    F      a `SetFunction` on V = {0, …, n−1}        k        budget, |S| ≤ k
    S      chosen, in the order chosen               gain     F(e | S) = F(S ∪ {e}) − F(S)
    OPT    the largest F(S) with |S| ≤ k             bound    a number that a gain does not exceed
    given  elements that are chosen already: the k elements come on top of them, and every gain, F(S) and OPT
           is what S adds to them, F(given ∪ S) − F(given)

Every maximiser returns a `Selection`, without what was given. Of equal gains the smallest element's is taken,
where gains that differ by a relative 1e-9 or less count as equal (or by F's `tie_tolerance`, where it has
one): so rounding decides nothing, at the price that each pick's gain is the largest up to this tolerance.
None adds an element of negative gain except `top_k` and `random_subset`, so fewer than k may be chosen where
F is not monotone. A gain that F itself keeps up to date counts as one asked for.
ValueError: k that is no integer from 0 to n − |given|, given elements outside F's ground set, and gains that
are nan or +inf.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, Weights, as_set, check_budget, non_negative
from lsml_core.submodular.exact import brute_force
from lsml_core.submodular.result import Selection, in_order
from lsml_core.submodular.set_function import (
    Refreshing,
    SetFunction,
    after,
    gains_of,
    tie_tolerance,
    valid,
)
from lsml_core.submodular.ties import exceeds, first, leaders

__all__ = [
    "Round",
    "Selection",
    "brute_force",
    "greedy",
    "greedy_rounds",
    "knapsack_greedy",
    "lazy_greedy",
    "lazy_rounds",
    "random_subset",
    "stochastic_greedy",
    "top_k",
]


class Round(NamedTuple):
    """One pick: e, its gain, what was known of every gain when it was made, and evaluations so far.

    `bounds` are gains for the elements that are `fresh`, and gains for an earlier S for the others.
    """

    e: int
    gain: float
    bounds: Float[ndarray, " n"]
    fresh: Bool[ndarray, " n"]
    evaluations: int


def greedy(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """Add the element of largest gain, k times: F(S) ≥ (1 − (1 − 1/k)ᵏ)·OPT ≥ (1 − 1/e)·OPT if F is monotone.

    given: elements that are chosen already.
    O(nk) gains; nothing that asks for polynomially many can promise more.
    Nemhauser, Wolsey & Fisher (Mathematical Programming, 1978).
    """
    start = _Start(f, given)
    return _selection(islice(_rounds_within(start), start.budget(k)))


def lazy_greedy(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """What `greedy` chooses, usually after far fewer gains.

    Gains only shrink as S grows, so a gain for an earlier S is a bound, and an element whose gain for *this*
    S is no less than any bound cannot be beaten. A bound within the tolerance of the largest may hide a tie,
    and is brought up to date as well. In the worst case as many gains as greedy asks for, and never more.
    given: elements that are chosen already.
    The two differ only where gains themselves are rounded by far more than the tolerance, so that it does not
    hide how a gain was computed: facility location of float32 features whose similarity is not kept.
    Minoux (1978), "Accelerated greedy algorithms for maximizing submodular set functions".
    """
    start = _Start(f, given)
    return _selection(islice(_lazy_rounds(start), start.budget(k)))


def stochastic_greedy(
    f: SetFunction,
    k: SupportsIndex,
    *,
    epsilon: float | int,
    rng: np.random.Generator,
    given: Indices = (),
) -> Selection:
    """Each time the best of (n/k)·ln(1/ε) random elements: E F(S) ≥ (1 − 1/e − ε)·OPT after n·ln(1/ε) gains.

    n counts the elements that are not given. The sample meets one of OPT's missing elements with a
    probability near its share, whatever k is.
    ValueError: ε not between 0 and 1.  Mirzasoleiman et al. (AAAI 2015).
    """
    start = _Start(f, given)
    k = start.budget(k)
    if not 0 < epsilon < 1:
        raise ValueError(f"epsilon={epsilon} must lie between 0 and 1")
    state, free, chosen, gains, evaluations = start.state, start.free, [], [], 0
    size = math.ceil(np.count_nonzero(free) / max(k, 1) * math.log(1 / epsilon))
    for _ in range(k):
        rest = np.flatnonzero(free)
        sample = np.sort(rng.choice(rest, min(size, len(rest)), replace=False))
        fresh = gains_of(f, state, sample)
        best = first(leaders(fresh, np.ones(len(sample), dtype=bool), start.tie))
        evaluations += len(sample)
        if best is not None:
            chosen.append(int(sample[best]))
            gains.append(float(fresh[best]))
            state, free[chosen[-1]] = f.add(state, chosen[-1]), False
    return Selection(tuple(chosen), tuple(gains), evaluations)


def knapsack_greedy(f: SetFunction, budget: float | int, costs: Weights, *, given: Indices = ()) -> Selection:
    """Σ_{e∈S} cost_e ≤ budget: the better of greedy by gain and greedy by gain per cost.

    costs: n numbers above 0; what is given costs nothing. A sum of costs may exceed the budget by a relative
    1e-12, which is rounding.
    Each alone can be arbitrarily bad; the better of them is at least ½(1 − 1/e)·OPT if F is monotone.
    ValueError: other costs, or a budget below 0 or nan.  Leskovec et al. (KDD 2007).
    """
    costs = non_negative(costs, "costs", 1)
    if len(costs) != f.n or not costs.all():
        raise ValueError(f"costs={costs} must be {f.n} numbers above 0")
    if not budget >= 0:
        raise ValueError(f"budget={budget} must be at least 0")
    by_gain, by_price = (
        _selection(_rounds(_Start(f, given), costs, budget, price)) for price in (np.ones(f.n), costs)
    )
    best = by_price if exceeds(by_price.value, by_gain.value, tie_tolerance(f)) else by_gain
    return replace(best, evaluations=by_gain.evaluations + by_price.evaluations)


def top_k(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """The k elements of largest gain alone, on top of what is given; they may all say the same."""
    start = _Start(f, given)
    k, alone, free = start.budget(k), start.gains(), start.free.copy()
    chosen: list[int] = []
    for _ in range(k):
        best = np.where(free, alone, -np.inf).max()
        chosen.append(int(np.argmax(free & (alone >= best - start.tie * abs(best)))))
        free[chosen[-1]] = False
    return in_order(f, chosen, evaluations=int(np.count_nonzero(start.free)), given=given)


def random_subset(
    f: SetFunction, k: SupportsIndex, *, rng: np.random.Generator, given: Indices = ()
) -> Selection:
    """k elements, every set of k equally likely among those that are not given."""
    start = _Start(f, given)
    chosen = rng.choice(np.flatnonzero(start.free), start.budget(k), replace=False)
    return in_order(f, chosen.tolist(), evaluations=0, given=given)


def greedy_rounds(f: SetFunction, *, given: Indices = ()) -> Iterator[Round]:
    """The picks of `greedy`, one after another, all gains fresh: for pictures, or to stop when you like."""
    return _rounds_within(_Start(f, given))


def lazy_rounds(f: SetFunction, *, given: Indices = ()) -> Iterator[Round]:
    """The picks of `lazy_greedy`, one after another.

    Stale bounds are brought up to date from the largest down, 1, 2, 4, … at a time, until all that lead are
    fresh: at most about twice as many as one at a time would take, in a few calls.
    """
    return _lazy_rounds(_Start(f, given))


class _Start:
    """Where a maximiser begins: F's state with what is given, and the elements that are free."""

    def __init__(self, f: SetFunction, given: Indices) -> None:
        elements = as_set(given, f.n)
        self.f, self.state, self.tie = f, after(f, elements.tolist()), tie_tolerance(f)
        self.free = np.ones(f.n, dtype=bool)
        self.free[elements] = False

    def budget(self, k: SupportsIndex) -> int:
        return check_budget(k, self.f.n, self.f.n - int(np.count_nonzero(self.free)))

    def gains(self) -> Float[ndarray, " n"]:
        """Of the free elements, 0 for the others."""
        return _asked_anew(self.f, np.zeros(self.f.n), self.state, self.free)


def _lazy_rounds(start: _Start) -> Iterator[Round]:
    f, state, bounds, free = start.f, start.state, start.gains(), start.free
    fresh, evaluations = free.copy(), int(np.count_nonzero(free))
    while free.any():
        batch, leading = 1, leaders(bounds, free, start.tie)
        while (leading & ~fresh).any():
            stale = np.flatnonzero(free & ~fresh)
            ask = np.sort(stale[_largest(bounds[stale], batch)])
            bounds[ask], fresh[ask] = gains_of(f, state, ask), True
            evaluations, batch = evaluations + len(ask), 2 * batch
            leading = leaders(bounds, free, start.tie)
        if (e := first(leading)) is None:
            return
        yield Round(e, float(bounds[e]), bounds.copy(), fresh.copy(), evaluations)
        state, free[e], fresh[:] = f.add(state, e), False, False


def _rounds_within(start: _Start) -> Iterator[Round]:
    """Without costs: a budget of k is a cost of 1 each."""
    n = start.f.n
    return _rounds(start, np.ones(n), n, np.ones(n))


def _rounds(
    start: _Start, costs: Float[ndarray, " n"], budget: float | int, price: Float[ndarray, " n"]
) -> Iterator[Round]:
    """Greedy by gain/price among what can still be paid for."""
    f, state, free, gains = start.f, start.state, start.free, start.gains()
    refresh = _Refresh(f, gains)
    evaluations, spent, before = int(np.count_nonzero(free)), 0.0, None
    while (open_ := free & (spent + costs <= budget * (1 + 1e-12))).any():
        if before is not None:
            gains = refresh(gains, before, state, open_)
            evaluations += int(np.count_nonzero(open_))
        e = first(leaders(gains / price, open_, start.tie))
        if e is None:
            return
        yield Round(e, float(gains[e]), gains.copy(), open_.copy(), evaluations)
        before, state = state, f.add(state, e)
        free[e], spent = False, spent + costs[e]


class _Refresh:
    """All gains for the next S: brought up to date by F itself if it can, else asked for anew.

    A gain that is a small difference of large numbers has lost digits. So once the largest gain has fallen
    far below the largest at the last time that all were asked for, they are asked for again.
    """

    FAR = 1e-3

    def __init__(self, f: SetFunction, gains: Float[ndarray, " n"]) -> None:
        self.f, self.refreshed = f, f.refreshed if isinstance(f, Refreshing) else None
        self.asked_at = gains.max(initial=0)

    def __call__(
        self, gains: Float[ndarray, " n"], before: Any, state: Any, wanted: Bool[ndarray, " n"]
    ) -> Float[ndarray, " n"]:
        if self.refreshed is None:
            return _asked_anew(self.f, gains, state, wanted)
        gains = valid(self.refreshed(gains, before, state), np.arange(self.f.n))
        if np.where(wanted, gains, 0).max() < self.FAR * self.asked_at:
            gains = gains_of(self.f, state, np.arange(self.f.n))
            self.asked_at = np.where(wanted, gains, 0).max()
        return gains


def _asked_anew(
    f: SetFunction, gains: Float[ndarray, " n"], state: Any, wanted: Bool[ndarray, " n"]
) -> Float[ndarray, " n"]:
    gains = gains.copy()
    gains[wanted] = gains_of(f, state, np.flatnonzero(wanted))
    return gains


def _largest(bounds: Float[ndarray, " b"], count: int) -> Int[ndarray, " c"]:
    if count >= len(bounds):
        return np.arange(len(bounds))
    return np.argpartition(-bounds, count)[:count]


def _selection(rounds: Iterable[Round]) -> Selection:
    picks = [(r.e, r.gain, r.evaluations) for r in rounds]
    chosen, gains, evaluations = zip(*picks, strict=True) if picks else ((), (), (0,))
    return Selection(chosen, gains, evaluations[-1])
