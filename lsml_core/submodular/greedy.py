"""Greedy maximisers under |S| ≤ k: greedy, lazy greedy, stochastic greedy. `baselines` has simpler choices.

    F      a `SetFunction` on V = {0, …, n−1}        k        budget, |S| ≤ k
    S      chosen, in the order chosen               gain     F(e | S) = F(S ∪ {e}) − F(S)
    OPT    the largest F(S) with |S| ≤ k             bound    a number that a gain does not exceed
    given  elements that are chosen already: the k elements are added to them, and every gain, F(S) and OPT is
           what S adds to them, F(given ∪ S) − F(given)

`plain_greedy` and `plain_lazy_greedy` are the textbook's loops; `greedy` and `lazy_greedy` make the same
picks, faster (`kernels/rounds.py`). All return a `Selection`. Gains that differ by a relative `tie_tolerance`
of F (10⁻⁹ for most) or less count as equal, and of equal gains the smallest element's is taken: so rounding
decides nothing. None adds an element of negative gain, so fewer than k may be chosen where F is not monotone.
A gain that F itself keeps up to date counts as one evaluation.
The plain forms check nothing; the others raise
ValueError: k that is not an integer from 0 to n − |given|, given elements outside F's ground set, and gains
that are nan or +inf.
"""

import heapq
import math
from collections.abc import Iterator
from itertools import islice
from typing import SupportsIndex

import numpy as np

from lsml_core.submodular.arguments import Indices
from lsml_core.submodular.baselines import random_subset, top_k
from lsml_core.submodular.exact import brute_force
from lsml_core.submodular.kernels.rounds import Round, Start, greedy_steps, lazy_steps, selection
from lsml_core.submodular.knapsack import knapsack_greedy
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction, gains_of
from lsml_core.submodular.ties import first_largest, leaders, smallest
from lsml_core.validation import as_number, check_rng

__all__ = [
    "Round",
    "Selection",
    "brute_force",
    "greedy",
    "greedy_rounds",
    "knapsack_greedy",
    "lazy_greedy",
    "lazy_rounds",
    "plain_greedy",
    "plain_lazy_greedy",
    "random_subset",
    "stochastic_greedy",
    "top_k",
]


def plain_greedy(f: SetFunction, k: int) -> Selection:
    """Add the element of largest gain, k times: what `greedy` does, as the textbook has it.

    f: a set function.   k: how many elements to add.
    """
    state, rest, chosen, gains, evaluations = f.empty(), list(range(f.n)), [], [], 0
    for _ in range(k):
        fresh = f.gains(state, rest)
        evaluations += len(rest)
        best = first_largest(fresh.tolist(), f.tie_tolerance)
        if fresh[best] < 0:
            break
        chosen.append(rest.pop(best))
        gains.append(float(fresh[best]))
        state = f.add(state, chosen[-1])
    return Selection(tuple(chosen), tuple(gains), evaluations)


def plain_lazy_greedy(f: SetFunction, k: int) -> Selection:
    """Minoux's heap of bounds: what `lazy_greedy` does, asking for one gain at a time.

    f: a set function.   k: how many elements to add.
    A heap entry is (−bound, element, |S| when the bound was computed). A stale entry on top is evaluated
    again; a fresh one cannot be beaten by those below it, only equalled.
    """
    state, chosen, gains, evaluations = f.empty(), [], [], f.n
    heap = [(-gain, e, 0) for e, gain in enumerate(f.gains(state, range(f.n)).tolist())]
    heapq.heapify(heap)
    while len(chosen) < k:
        tied: list[tuple[int, float]] = []  # fresh, and as large as any bound
        while heap and -heap[0][0] >= (tied[0][1] * (1 - f.tie_tolerance) if tied else 0):
            negative, e, size = heapq.heappop(heap)
            if size == len(chosen):
                tied.append((e, -negative))
            else:
                heapq.heappush(heap, (-float(f.gains(state, [e])[0]), e, len(chosen)))
                evaluations += 1
        if not tied:  # all gains that are left are negative
            break
        e, gain = min(tied)
        for other, bound in tied:
            if other != e:
                heapq.heappush(heap, (-bound, other, len(chosen)))
        chosen.append(e)
        gains.append(gain)
        state = f.add(state, e)
    return Selection(tuple(chosen), tuple(gains), evaluations)


def greedy(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """Add the element of largest gain, k times: F(S) ≥ (1 − (1 − 1/k)ᵏ)·OPT ≥ (1 − 1/e)·OPT if F is monotone.

    f: submodular function.   k: how many elements to add.   given: elements that are chosen already.
    Cost: O(nk) gain evaluations. No algorithm with polynomially many has a better guarantee
    (Nemhauser & Wolsey, Mathematics of Operations Research, 1978).
    Nemhauser, Wolsey & Fisher (Mathematical Programming, 1978).
    """
    start = Start.after(f, given)
    return selection(islice(greedy_steps(start), start.budget(k)))


def lazy_greedy(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """What `greedy` chooses, usually after far fewer gains, and never more.

    Gains only shrink as S grows, so a gain for an earlier S is a bound, and an element whose gain for *this*
    S is at least every bound cannot be beaten. A bound within the tolerance of the largest may hide a tie, so
    it is brought up to date as well.
    f: submodular function.   k: how many elements to add.   given: elements that are chosen already.
    Its picks differ from greedy's only where gains themselves are rounded by more than the tolerance:
    facility location of float32 features whose similarity matrix is not kept.
    Minoux (1978), "Accelerated greedy algorithms for maximizing submodular set functions".
    """
    start = Start.after(f, given)
    return selection(islice(lazy_steps(start), start.budget(k)))


def stochastic_greedy(
    f: SetFunction,
    k: SupportsIndex,
    *,
    epsilon: float | int,
    rng: np.random.Generator,
    given: Indices = (),
) -> Selection:
    """Each time the best of (n/k)·ln(1/ε) random elements: E F(S) ≥ (1 − 1/e − ε)·OPT if F is monotone.

    f: a set function.   k: how many elements to add.
    epsilon: ε, between 0 and 1.   given: elements that are chosen already; n does not count them.
    The sample contains one of OPT's missing elements with probability at least (1 − ε)·|missing|/k.
    ValueError: ε not between 0 and 1.  Mirzasoleiman et al. (AAAI 2015).
    """
    start = Start.after(f, given)
    k, state, free, chosen, gains, evaluations = start.budget(k), start.state, start.free, [], [], 0
    if not 0 < as_number("epsilon", epsilon) < 1:
        raise ValueError(f"epsilon={epsilon} must be between 0 and 1")
    check_rng(rng)
    size = math.ceil(np.count_nonzero(free) / max(k, 1) * math.log(1 / epsilon))
    for _ in range(k):
        rest = np.flatnonzero(free)
        sample = np.sort(rng.choice(rest, min(size, len(rest)), replace=False))
        fresh = gains_of(f, state, sample)
        best = smallest(leaders(fresh, np.ones(len(sample), dtype=bool), f.tie_tolerance))
        evaluations += len(sample)
        if best is not None:
            chosen.append(int(sample[best]))
            gains.append(float(fresh[best]))
            state, free[chosen[-1]] = f.add(state, chosen[-1]), False
    return Selection(tuple(chosen), tuple(gains), evaluations)


def greedy_rounds(f: SetFunction, *, given: Indices = ()) -> Iterator[Round]:
    """The picks of `greedy`, one after another, all gains fresh: for pictures, or to stop at any time.

    f: a set function.   given: elements chosen already.
    """
    return greedy_steps(Start.after(f, given))


def lazy_rounds(f: SetFunction, *, given: Indices = ()) -> Iterator[Round]:
    """The picks of `lazy_greedy`, one after another.

    f: a set function.   given: elements chosen already.
    """
    return lazy_steps(Start.after(f, given))
