"""Maximisers under |S| ≤ k: greedy, its faster kin, what it is compared with, and greedy with costs.

    F      a `SetFunction` on V = {0, …, n−1}        k        budget, |S| ≤ k
    S      chosen, in the order chosen               gain     F(e | S) = F(S ∪ {e}) − F(S)
    OPT    the largest F(S) with |S| ≤ k             bound    a number that a gain does not exceed

Every maximiser returns a `Selection`. Of equal gains the smallest element's is taken. None adds an element of
negative gain except `top_k` and `random_subset`, so fewer than k may be chosen where F is not monotone. A
gain that F itself keeps up to date counts as one asked for.  ValueError: k outside 0 … n.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Weights, check_budget, non_negative
from lsml_core.submodular.exact import brute_force
from lsml_core.submodular.result import Selection, in_order
from lsml_core.submodular.set_function import Refreshing, SetFunction

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


def greedy(f: SetFunction, k: int) -> Selection:
    """Add the element of largest gain, k times: F(S) ≥ (1 − (1 − 1/k)ᵏ)·OPT ≥ (1 − 1/e)·OPT if F is monotone.

    O(nk) gains; nothing that asks for polynomially many can promise more.
    Nemhauser, Wolsey & Fisher (Mathematical Programming, 1978).
    """
    check_budget(k, f.n)
    return _selection(islice(greedy_rounds(f), k))


def lazy_greedy(f: SetFunction, k: int) -> Selection:
    """What `greedy` chooses, usually after far fewer gains.

    Gains only shrink as S grows, so a gain for an earlier S is a bound, and an element whose gain for *this*
    S is no less than any bound cannot be beaten. In the worst case still O(nk) gains.
    Minoux (1978), "Accelerated greedy algorithms for maximizing submodular set functions".
    """
    check_budget(k, f.n)
    return _selection(islice(lazy_rounds(f), k))


def stochastic_greedy(f: SetFunction, k: int, *, epsilon: float | int, rng: np.random.Generator) -> Selection:
    """Each time the best of (n/k)·ln(1/ε) random elements: E F(S) ≥ (1 − 1/e − ε)·OPT after n·ln(1/ε) gains.

    The sample meets one of OPT's missing elements with a probability near its share, whatever k is.
    ValueError: ε not between 0 and 1.  Mirzasoleiman et al. (AAAI 2015).
    """
    check_budget(k, f.n)
    if not 0 < epsilon < 1:
        raise ValueError(f"epsilon={epsilon} must lie between 0 and 1")
    size = math.ceil(f.n / max(k, 1) * math.log(1 / epsilon))
    state, free, chosen, gains, evaluations = f.empty(), np.ones(f.n, dtype=bool), [], [], 0
    for _ in range(k):
        rest = np.flatnonzero(free)
        sample = np.sort(rng.choice(rest, min(size, len(rest)), replace=False))
        fresh = f.gains(state, sample)
        best = int(np.argmax(fresh))
        evaluations += len(sample)
        if fresh[best] >= 0:
            chosen.append(int(sample[best]))
            gains.append(float(fresh[best]))
            state, free[chosen[-1]] = f.add(state, chosen[-1]), False
    return Selection(tuple(chosen), tuple(gains), evaluations)


def knapsack_greedy(f: SetFunction, budget: float | int, costs: Weights) -> Selection:
    """Σ_{e∈S} cost_e ≤ budget: the better of greedy by gain and greedy by gain per cost.

    Each alone can be arbitrarily bad; the better of them is at least ½(1 − 1/e)·OPT if F is monotone.
    ValueError: costs that are not n finite numbers above 0.  Leskovec et al. (KDD 2007).
    """
    costs = non_negative(costs, "costs", 1)
    if len(costs) != f.n or not costs.all():
        raise ValueError(f"costs={costs} must be {f.n} numbers above 0")
    runs = [_selection(_rounds(f, costs, budget, price)) for price in (np.ones(f.n), costs)]
    best = max(runs, key=lambda run: run.value)
    return replace(best, evaluations=sum(run.evaluations for run in runs))


def top_k(f: SetFunction, k: int) -> Selection:
    """The k elements of largest F({e}), which may all say the same."""
    check_budget(k, f.n)
    alone = f.gains(f.empty(), np.arange(f.n))
    return in_order(f, np.argsort(-alone, kind="stable")[:k].tolist(), evaluations=f.n)


def random_subset(f: SetFunction, k: int, *, rng: np.random.Generator) -> Selection:
    """k elements, every set of k equally likely."""
    check_budget(k, f.n)
    return in_order(f, rng.choice(f.n, k, replace=False).tolist(), evaluations=0)


def greedy_rounds(f: SetFunction) -> Iterator[Round]:
    """The picks of `greedy`, one after another, all gains fresh: for pictures, or to stop when you like."""
    return _rounds(f, np.ones(f.n), f.n, np.ones(f.n))


def lazy_rounds(f: SetFunction) -> Iterator[Round]:
    """The picks of `lazy_greedy`, one after another.

    Stale bounds are brought up to date from the largest down, 1, 2, 4, … at a time, until a fresh one leads:
    at most about twice as many as one at a time would take, in a few calls.
    """
    state, bounds = f.empty(), f.gains(f.empty(), np.arange(f.n))
    free, fresh, evaluations = np.ones(f.n, dtype=bool), np.ones(f.n, dtype=bool), f.n
    while free.any():
        batch = 1
        while not fresh[e := _leader(bounds, free)]:
            stale = np.flatnonzero(free & ~fresh)
            ask = np.sort(stale[_largest(bounds[stale], batch)])
            bounds[ask], fresh[ask] = f.gains(state, ask), True
            evaluations, batch = evaluations + len(ask), 2 * batch
        if bounds[e] < 0:
            return
        yield Round(e, float(bounds[e]), bounds.copy(), fresh.copy(), evaluations)
        state, free[e], fresh[:] = f.add(state, e), False, False


def _rounds(
    f: SetFunction, costs: Float[ndarray, " n"], budget: float | int, price: Float[ndarray, " n"]
) -> Iterator[Round]:
    """Greedy by gain/price among what can still be paid for: a budget of k is a cost of 1 each."""
    refreshed = f.refreshed if isinstance(f, Refreshing) else None
    before = state = f.empty()
    gains, evaluations = f.gains(state, np.arange(f.n)), f.n
    free, spent = np.ones(f.n, dtype=bool), 0.0
    while (open_ := free & (spent + costs <= budget)).any():
        if not free.all():
            gains = refreshed(gains, before, state) if refreshed else _asked_anew(f, gains, state, open_)
            evaluations += int(np.count_nonzero(open_))
        e = _leader(gains / price, open_)
        if gains[e] < 0:
            return
        yield Round(e, float(gains[e]), gains, open_, evaluations)
        before, state = state, f.add(state, e)
        free[e], spent = False, spent + costs[e]


def _asked_anew(
    f: SetFunction, gains: Float[ndarray, " n"], state: Any, wanted: Bool[ndarray, " n"]
) -> Float[ndarray, " n"]:
    gains = gains.copy()
    gains[wanted] = f.gains(state, np.flatnonzero(wanted))
    return gains


def _leader(bounds: Float[ndarray, " n"], free: Bool[ndarray, " n"]) -> int:
    """The free element of largest bound, the first of equals."""
    return int(np.argmax(np.where(free, bounds, -np.inf)))


def _largest(bounds: Float[ndarray, " b"], count: int) -> Int[ndarray, " c"]:
    if count >= len(bounds):
        return np.arange(len(bounds))
    return np.argpartition(-bounds, count)[:count]


def _selection(rounds: Iterable[Round]) -> Selection:
    picks = [(r.e, r.gain, r.evaluations) for r in rounds]
    chosen, gains, evaluations = zip(*picks, strict=True) if picks else ((), (), (0,))
    return Selection(chosen, gains, evaluations[-1])
