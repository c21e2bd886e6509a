"""Sieve-streaming: one pass over the elements, a few candidate sets at once, and a threshold for each.

    F    monotone submodular                     S      the set of one sieve, |S| ≤ k
    k    budget                                  v      a guess of OPT, one of (1+ε)ⁱ
    m    the largest F({e}) so far               τ      threshold: a sieve keeps e if F(e | S) ≥ τ

m ≤ OPT ≤ km is not known before the end, so sieves come and go as m grows. That loses nothing: no element
that came before a sieve would have been kept by it, because its F({e}) was below that sieve's threshold.

`plain_sieve_streaming` is the algorithm; `sieve_streaming` returns its set, faster (`kernels/sieves.py`).
A gain reaches a threshold if it falls short of it by F's relative `tie_tolerance` or less: what is equal but
for rounding counts as equal. Of sets that are equal in this sense the first one counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

from numpy import ndarray

from lsml_core.submodular.kernels.sieves import (
    GUESSES,
    THRESHOLDS,
    Sieve,
    SieveRule,
    SieveStates,
    best_sieve,
    powers,
    sieve_states,
)
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction, StreamFunction

__all__ = [
    "GUESSES",
    "THRESHOLDS",
    "Sieve",
    "SieveRule",
    "SieveStates",
    "StreamSelection",
    "plain_sieve_streaming",
    "powers",
    "sieve_states",
    "sieve_streaming",
    "sieve_streaming_plus_plus",
]


@dataclass(frozen=True)
class StreamSelection(Selection):
    """The best sieve's set, how many elements were seen, and the most sieves and elements held at a time."""

    seen: int
    sieves: int
    stored: int


def plain_sieve_streaming(f: SetFunction, stream: Iterable[int], k: int, epsilon: float | int) -> Selection:
    """Sieve-Streaming, one element and one sieve after another: what `sieve_streaming` does.

    f: a set function.   stream: elements.   k: budget, at least 1.   epsilon: ε, above 0.
    """
    m, sieves, evaluations, tolerance = 0.0, dict[float, Sieve](), 0, 1 - f.tie_tolerance
    for e in stream:
        m = max(m, float(f.gains(f.empty(), [e])[0]))
        guesses = powers(1 + epsilon, m, 2 * k * m) if m > 0 else []
        sieves = {v: sieves.get(v, Sieve(f.empty())) for v in guesses}
        evaluations += 1
        for v, (state, chosen, gains, value) in sieves.items():
            if len(chosen) < k and e not in chosen:
                gain = float(f.gains(state, [e])[0])
                evaluations += 1
                if gain >= (v / 2 - value) / (k - len(chosen)) * tolerance:
                    sieves[v] = Sieve(f.add(state, e), (*chosen, e), (*gains, gain), value + gain)
    best = best_sieve([*sieves.values()] or [Sieve(f.empty())], f.tie_tolerance)
    return Selection(best.chosen, best.gains, evaluations)


def sieve_streaming(
    f: StreamFunction,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    *,
    given: Sequence[Any] | ndarray = (),
) -> StreamSelection:
    """F(S) ≥ (½ − ε)·OPT in one pass, O(k·log(k)/ε) elements in memory and O(log(k)/ε) gains per element.

    f: a monotone function of what passes by.
    One sieve for each v ∈ {(1+ε)ⁱ | m ≤ v ≤ 2km}: while |S| < k, keep e if F(e | S) ≥ (v/2 − F(S))/(k − |S|).
    stream: any iterable, read once. Elements of a `SetFunction` are integers, and their own names; those of
    another `StreamFunction`, such as rows of features, are named by their position in the stream.
    k: budget, at least 1.   epsilon: ε; smaller takes more sieves.
    given: elements that are chosen already, of the stream's kind; k, F(S) and OPT do not count them.
    ValueError: k that is not an integer of at least 1, ε not above 0, or so small that it takes over 10,000
    sieves, and gains that are nan or infinite.
    Badanidiyuru, Mirzasoleiman, Karbasi & Krause (KDD 2014).
    """
    states = sieve_states(f, stream, k, epsilon, GUESSES, given=given)
    return _result(states, lambda end: best_sieve([*end.sieves.values()] or [end.best], f.tie_tolerance))


def sieve_streaming_plus_plus(
    f: StreamFunction,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    *,
    given: Sequence[Any] | ndarray = (),
) -> StreamSelection:
    """As `sieve_streaming`, with O(k/ε) elements in memory: sieves are dropped as the best F(S) grows.

    f, stream, k, epsilon, given: as for `sieve_streaming`.
    The set of the best F(S) is kept too, in case its sieve is dropped.
    Kazemi, Mitrovic, Zadimoghaddam, Lattanzi & Karbasi (ICML 2019).
    """
    return _result(sieve_states(f, stream, k, epsilon, THRESHOLDS, given=given), lambda end: end.best)


def _result(states: Iterator[SieveStates], answer: Callable[[SieveStates], Sieve]) -> StreamSelection:
    """Run the pass, and report its end and its peaks."""
    now, sieves, stored = next(states), 0, 0
    for now in states:
        sieves = max(sieves, len(now.sieves))
        stored = max(stored, sum(len(sieve.chosen) for sieve in now.sieves.values()))
    best = answer(now)
    return StreamSelection(best.chosen, best.gains, now.evaluations, now.seen, sieves, stored)
