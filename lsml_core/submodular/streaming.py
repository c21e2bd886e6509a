"""Sieve-streaming: one pass over the elements, a few candidate sets at once, and a threshold for each.

    F    monotone submodular                     S      the set of one sieve, |S| ≤ k
    k    budget                                  v      a guess of OPT, one of (1+ε)ⁱ
    m    the largest F({e}) so far               τ      threshold: a sieve keeps e if F(e | S) ≥ τ
    LB   the largest F(S) so far                 rung   v or τ, what a sieve is known by; together a ladder

m ≤ OPT ≤ km is not known before the end, so sieves come and go as m grows. That loses nothing: no element
that came before a sieve would have been kept by it, because its F({e}) was below that sieve's threshold.

A gain reaches a threshold if it falls short by a relative 1e-9 or less (or by F's `tie_tolerance`): what is
equal but for rounding counts as equal. Of sets that are equal in this sense the first one counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor, inf, log
from typing import Any, NamedTuple, Protocol, SupportsIndex, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import checked, whole_number
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import Gains, SetFunction, after, gains_of, tie_tolerance
from lsml_core.submodular.ties import first_largest

BLOCK = 512
"""Elements looked at together; the sets are those of one after another."""
GROUPS = 4
"""Groups of neighbouring sieves that share a bound."""
AHEAD = 8
"""Gains asked for ahead at first."""
MOST = 10_000
"""Sieves at a time: an epsilon that asks for more is refused."""


@runtime_checkable
class Passing(Protocol):
    """F on elements that are seen once. `look` turns a block of them into candidates, one a row.

    `meet` gives a state in which no gain is smaller than in any of those given, or None if F knows none.
    """

    def look(self, elements: Sequence[Any], /) -> Any: ...
    def empty(self) -> Any: ...
    def gains(self, state: Any, candidates: Any, /) -> Gains: ...
    def add(self, state: Any, candidate: Any, /) -> Any: ...
    def meet(self, states: Sequence[Any], /) -> Any: ...


@runtime_checkable
class Meeting(SetFunction, Protocol):
    def meet(self, states: Sequence[Any], /) -> Any: ...


class Sieve(NamedTuple):
    """One set, its value F(S), and what F remembers about it."""

    state: Any
    chosen: tuple[int, ...] = ()
    gains: tuple[float, ...] = ()
    value: float = 0.0


class Ladder(NamedTuple):
    """All sieves by their rung after `seen` elements, the best set there ever was, and what it took."""

    sieves: dict[float, Sieve]
    best: Sieve
    m: float
    seen: int
    evaluations: int


@dataclass(frozen=True)
class Streamed(Selection):
    """The best sieve's set, how many elements went by, and the most sieves and elements held at a time."""

    seen: int
    sieves: int
    stored: int


class Rule(NamedTuple):
    """Which rungs there are, from (m, LB, k) to the lowest and the highest, and τ of a sieve on a rung."""

    span: Callable[[float, float, int], tuple[float, float]]
    threshold: Callable[[float, Sieve, int], float]


GUESSES = Rule(
    span=lambda m, _, k: (m, 2 * k * m),
    threshold=lambda v, sieve, k: (v / 2 - sieve.value) / (k - len(sieve.chosen)),
)
"""The slide's: a guess v of OPT on every rung, and τ asks the rest of S to bring what is missing to v/2."""

THRESHOLDS = Rule(span=lambda m, LB, k: (max(LB, m) / (2 * k), m), threshold=lambda tau, _sieve, _k: tau)
"""Sieve-Streaming++'s: τ itself on every rung; those below OPT/2k are not needed, and OPT ≥ LB."""


def sieve_streaming(
    f: SetFunction | Passing,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    *,
    given: Sequence[Any] | ndarray = (),
) -> Streamed:
    """F(S) ≥ (½ − ε)·OPT in one pass, with O(k·log(k)/ε) elements in memory and O(log(k)/ε) gains an element.

    Sieves for v ∈ {(1+ε)ⁱ | m ≤ v ≤ 2km}; v's keeps e while |S| < k and F(e | S) ≥ (v/2 − F(S))/(k − |S|).
    stream: any iterable, read once. Elements of a `SetFunction` are whole numbers, and their own names; those
    of a `Passing` function, such as rows of features, are named by their place in the stream.
    given: elements that are chosen already, of the stream's kind; k, F(S) and OPT do not count them, as in
    `greedy`.
    ValueError: k that is no integer of at least 1, ε not above 0, or so small that it takes over 10,000
    sieves, and gains that are nan or infinite.
    Badanidiyuru, Mirzasoleiman, Karbasi & Krause (KDD 2014).
    """
    return _last(ladders(f, stream, k, epsilon, GUESSES, given=given), _best_at_the_end(tie_tolerance(f)))


def sieve_streaming_plus_plus(
    f: SetFunction | Passing,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    *,
    given: Sequence[Any] | ndarray = (),
) -> Streamed:
    """As `sieve_streaming`, with O(k/ε) elements in memory: rungs are dropped as LB grows.

    The set that LB is the value of is kept too, in case its sieve is dropped.
    Kazemi, Mitrovic, Zadimoghaddam, Lattanzi & Karbasi (ICML 2019).
    """
    return _last(ladders(f, stream, k, epsilon, THRESHOLDS, given=given), lambda end: end.best)


def ladders(
    f: SetFunction | Passing,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    rule: Rule = GUESSES,
    *,
    block: SupportsIndex = BLOCK,
    given: Sequence[Any] | ndarray = (),
) -> Iterator[Ladder]:
    """The ladder before the first element, and after every block of them: with block = 1 for pictures.

    A block, no longer than `block` nor than all before it, goes through one sieve after another in its own
    order. A sieve that should end within a block ends after it: so only `evaluations` depends on the block,
    and with `THRESHOLDS` the best so far.
    """
    k, block = whole_number(k, "k", 1), whole_number(block, "block", 1)
    if not 0 < epsilon < np.inf:
        raise ValueError(f"epsilon={epsilon} must be finite and above 0")
    powers(1 + epsilon, *rule.span(1.0, 0.0, k))  # too many sieves are refused before the first element
    passing = f if isinstance(f, Passing) else _Indexed(f)
    known = passing.look(list(given)) if len(given) else ()
    start, names = after(passing, known), frozenset(map(int, known) if isinstance(passing, _Indexed) else ())
    one_pass = _Pass(passing, k, 1 + epsilon, rule, start, names, tie_tolerance(f))
    return _blocks(one_pass, iter(stream), block)


def _blocks(one_pass: "_Pass", elements: Iterator[Any], block: int) -> Iterator[Ladder]:
    ladder = Ladder({}, Sieve(one_pass.start), 0.0, 0, 0)
    yield ladder
    while batch := list(islice(elements, min(block, max(1, ladder.seen)))):
        named = isinstance(one_pass.f, _Indexed)
        names = batch if named else range(ladder.seen, ladder.seen + len(batch))
        ladder = one_pass.after(ladder, one_pass.f.look(batch), names)
        yield ladder


@dataclass(frozen=True)
class _Pass:
    """What stays the same from the first element to the last."""

    f: Passing
    k: int
    base: float
    rule: Rule
    start: Any
    given: frozenset[int]
    tie: float

    def after(self, ladder: Ladder, seen: Any, names: Sequence[SupportsIndex]) -> Ladder:
        """The ladder after one more block."""
        alone = gains_of(self.f, self.start, seen)
        m, asked = max(ladder.m, float(alone.max())), len(alone)
        rungs = powers(self.base, *self.rule.span(m, ladder.best.value, self.k)) if m > 0 else []
        sieves = dict.fromkeys(rungs, Sieve(self.start)) | {
            rung: sieve for rung, sieve in ladder.sieves.items() if rungs and rung >= rungs[0]
        }
        open_ = [rung for rung in rungs if len(sieves[rung].chosen) < self.k]
        for i in range(GROUPS):
            group = open_[len(open_) * i // GROUPS : len(open_) * (i + 1) // GROUPS]
            bounds, more = self._bounds([(rung, sieves[rung]) for rung in group], seen, alone)
            asked += more
            for rung in group:
                sieves[rung], more = self._sifted(rung, sieves[rung], seen, names, bounds)
                asked += more
        best = _best([ladder.best, *sieves.values()], self.tie)
        return Ladder(sieves, best, m, ladder.seen + len(alone), ladder.evaluations + asked)

    def _bounds(
        self, group: list[tuple[float, Sieve]], seen: Any, alone: Gains
    ) -> tuple[Float[ndarray, " b"], int]:
        """What no gain in the group exceeds (F({e}), or one gain for all sieves), and the gains asked for."""
        common = self.f.meet([sieve.state for _, sieve in group]) if len(group) > 1 else None
        if common is None:
            return alone, 0
        lowest = min(self._threshold(rung, sieve) for rung, sieve in group)
        near = np.flatnonzero(alone >= lowest)
        bounds = alone.copy()
        bounds[near] = self._gains(common, seen, near)
        return bounds, len(near)

    def _gains(self, state: Any, seen: Any, near: Int[ndarray, " c"]) -> Gains:
        return gains_of(self.f, state, seen if len(near) == len(seen) else seen[near])

    def _threshold(self, rung: float, sieve: Sieve) -> float:
        """τ, less what rounding may take from a gain that equals it."""
        tau = self.rule.threshold(rung, sieve, self.k)
        return tau - self.tie * abs(tau)

    def _sifted(
        self,
        rung: float,
        sieve: Sieve,
        seen: Any,
        names: Sequence[SupportsIndex],
        bounds: Float[ndarray, " b"],
    ) -> tuple[Sieve, int]:
        """The sieve after a block, and the gains asked for: ahead, and only where the bound reaches τ.

        Once an element is kept, the gains known of those behind it are bounds.
        """
        bounds, at, ahead, asked = bounds.copy(), 0, AHEAD, 0
        while len(sieve.chosen) < self.k:
            tau = self._threshold(rung, sieve)
            near = at + np.flatnonzero(bounds[at:] >= tau)[:ahead]
            if not len(near):
                break
            gains = bounds[near] = self._gains(sieve.state, seen, near)
            asked += len(near)
            passed = np.flatnonzero(gains >= tau)
            if len(passed):
                j = int(near[passed[0]])
                sieve = self._with(sieve, names[j], seen[j], float(bounds[j]))
                at, ahead = j + 1, AHEAD
            else:
                at, ahead = int(near[-1]) + 1, 2 * ahead
        return sieve, asked

    def _with(self, sieve: Sieve, name: Any, candidate: Any, gain: float) -> Sieve:
        if (name := int(name)) in sieve.chosen or name in self.given:  # it came by once more
            return sieve
        state = self.f.add(sieve.state, candidate)
        return Sieve(state, (*sieve.chosen, name), (*sieve.gains, gain), sieve.value + gain)


@dataclass(frozen=True)
class _Indexed:
    """A `SetFunction`, as one of elements that pass: they are whole numbers, and F has seen them before."""

    f: SetFunction

    def look(self, elements: Sequence[SupportsIndex]) -> Any:
        return checked(np.asarray(elements), self.f.n)

    def empty(self) -> Any:
        return self.f.empty()

    def gains(self, state: Any, candidates: Any) -> Gains:
        return self.f.gains(state, candidates)

    def add(self, state: Any, candidate: Any) -> Any:
        return self.f.add(state, int(candidate))

    def meet(self, states: Sequence[Any]) -> Any:
        return self.f.meet(states) if isinstance(self.f, Meeting) else None


def powers(base: float, low: float, high: float) -> list[float]:
    """All baseⁱ from low to high, both included, for base > 1 and low > 0; one i always gives one float.

    ValueError: more than 10,000.
    """
    count = log(high / low) / log(base) + 1 if base > 1 else inf
    if count > MOST:
        raise ValueError(f"epsilon={base - 1:g} asks for {count:.3g} sieves, and {MOST} are the most")
    i = range(floor(log(low, base)) - 1, ceil(log(high, base)) + 2)
    return [power for power in (base**j for j in i) if low <= power <= high]


def _best(sieves: Sequence[Sieve], tie: float) -> Sieve:
    return sieves[first_largest([sieve.value for sieve in sieves], tie)]


def _best_at_the_end(tie: float) -> Callable[[Ladder], Sieve]:
    return lambda end: _best([*end.sieves.values()], tie) if end.sieves else end.best


def _last(steps: Iterator[Ladder], answer: Callable[[Ladder], Sieve]) -> Streamed:
    """Run the pass, and report its end and its peaks."""
    ladder, sieves, stored = next(steps), 0, 0
    for ladder in steps:
        sieves = max(sieves, len(ladder.sieves))
        stored = max(stored, sum(len(sieve.chosen) for sieve in ladder.sieves.values()))
    best = answer(ladder)
    return Streamed(best.chosen, best.gains, ladder.evaluations, ladder.seen, sieves, stored)
