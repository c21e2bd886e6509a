"""All sieves of a pass, a block of elements at a time: what makes sieve-streaming fast.

    S      the set of one sieve, |S| ≤ k         m      the largest F({e}) so far
    LB     the largest F(S) so far               τ      threshold: a sieve keeps e if F(e | S) ≥ τ
    level  a guess v of OPT, or τ itself: what a sieve is known by, one of (1 + ε)ⁱ

A block goes through one sieve after another. Gains are asked for ahead, and only where a bound (F({e}), or
one gain that bounds those of several sieves) reaches τ. The sets are those of one element after another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor, inf, log
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.submodular.set_function import Gains, SetFunction, StreamFunction, gains_of, state_after
from lsml_core.submodular.ties import first_largest
from lsml_core.validation import as_number, check_count, check_kind

BLOCK = 512
"""Elements looked at together."""
GROUPS = 4
"""Groups of neighbouring sieves that share a bound."""
AHEAD = 8
"""Gains asked for ahead at first."""
MOST = 10_000
"""Largest number of sieves at a time: an epsilon that asks for more is refused."""


class Sieve(NamedTuple):
    """One set S.

    state: F's for S.   chosen: its elements, in order.   gains: what each added.   value: F(S).
    """

    state: Any
    chosen: tuple[int, ...] = ()
    gains: tuple[float, ...] = ()
    value: float = 0.0


class SieveStates(NamedTuple):
    """All sieves by their level after `seen` elements, the best set ever, and the gains evaluated so far."""

    sieves: dict[float, Sieve]
    best: Sieve
    m: float
    seen: int
    evaluations: int


class SieveRule(NamedTuple):
    """span: (m, LB, k) -> lowest and highest level.   threshold: (level, sieve, k) -> τ."""

    span: Callable[[float, float, int], tuple[float, float]]
    threshold: Callable[[float, Sieve, int], float]


GUESSES = SieveRule(
    span=lambda m, _, k: (m, 2 * k * m),
    threshold=lambda v, sieve, k: (v / 2 - sieve.value) / (k - len(sieve.chosen)),
)
"""Sieve-Streaming's: a level is a guess v of OPT; τ is an equal share of what S lacks to v/2."""

THRESHOLDS = SieveRule(span=lambda m, LB, k: (max(LB, m) / (2 * k), m), threshold=lambda tau, _sieve, _k: tau)
"""Sieve-Streaming++'s: a level is τ itself; those below OPT/2k are not needed, and OPT ≥ LB."""


def sieve_states(
    f: StreamFunction,
    stream: Iterable[Any],
    k: SupportsIndex,
    epsilon: float | int,
    rule: SieveRule = GUESSES,
    *,
    block: SupportsIndex = BLOCK,
    given: Sequence[Any] | ndarray = (),
) -> Iterator[SieveStates]:
    """The sieves before the first element, and after every block of them.

    block: elements looked at together; 1 shows every element's effect. A block is never longer than what came
    before it. A sieve that should end within a block ends after it: so only `evaluations` depends on the
    block, and with `THRESHOLDS` the best so far.
    f, stream, k, epsilon, given: as for `sieve_streaming`.   rule: which sieves there are, and their τ.
    """
    k, block = check_count("k", k), check_count("block", block)
    check_kind("stream", stream, Iterable, "an iterable of elements, such as range(f.n)")
    check_kind("f", f, StreamFunction, "a set function, such as FacilityLocation(similarity)")
    if not 0 < as_number("epsilon", epsilon) < np.inf:
        raise ValueError(f"epsilon={epsilon} must be finite and above 0")
    powers(1 + epsilon, *rule.span(1.0, 0.0, k))  # too many sieves are refused before the first element
    known = f.look(list(given)) if len(given) else ()
    names = frozenset(map(int, known) if isinstance(f, SetFunction) else ())
    one_pass = _Pass(f, k, 1 + epsilon, rule, state_after(f, known), names)
    return _blocks(one_pass, iter(stream), block)


def _blocks(one_pass: "_Pass", elements: Iterator[Any], block: int) -> Iterator[SieveStates]:
    now = SieveStates({}, Sieve(one_pass.start), 0.0, 0, 0)
    yield now
    while batch := list(islice(elements, min(block, max(1, now.seen)))):
        now = one_pass.after(now, one_pass.f.look(batch), one_pass.f.names(batch, now.seen))
        yield now


@dataclass(frozen=True)
class _Pass:
    """What stays the same from the first element to the last.   base: 1 + ε.   start: F's state at first."""

    f: StreamFunction
    k: int
    base: float
    rule: SieveRule
    start: Any
    given: frozenset[int]

    def after(self, now: SieveStates, block: Any, names: Sequence[SupportsIndex]) -> SieveStates:
        """The sieves after one more block of candidates."""
        alone = gains_of(self.f, self.start, block)
        m, asked = max(now.m, float(alone.max())), len(alone)
        levels = powers(self.base, *self.rule.span(m, now.best.value, self.k)) if m > 0 else []
        sieves = dict.fromkeys(levels, Sieve(self.start)) | {
            level: sieve for level, sieve in now.sieves.items() if levels and level >= levels[0]
        }
        open_ = [level for level in levels if len(sieves[level].chosen) < self.k]
        for i in range(GROUPS):
            group = open_[len(open_) * i // GROUPS : len(open_) * (i + 1) // GROUPS]
            bounds, more = self._bounds([(level, sieves[level]) for level in group], block, alone)
            asked += more
            for level in group:
                sieves[level], more = self._sifted(level, sieves[level], block, names, bounds)
                asked += more
        best = best_sieve([now.best, *sieves.values()], self.f.tie_tolerance)
        return SieveStates(sieves, best, m, now.seen + len(alone), now.evaluations + asked)

    def _bounds(
        self, group: list[tuple[float, Sieve]], block: Any, alone: Gains
    ) -> tuple[Float[ndarray, " b"], int]:
        """What no gain in the group exceeds (F({e}), or one gain for all sieves), and how many were asked."""
        common = self.f.meet([sieve.state for _, sieve in group]) if len(group) > 1 else None
        if common is None:
            return alone, 0
        lowest = min(self._threshold(level, sieve) for level, sieve in group)
        near = np.flatnonzero(alone >= lowest)
        bounds = alone.copy()
        bounds[near] = self._gains(common, block, near)
        return bounds, len(near)

    def _gains(self, state: Any, block: Any, near: Int[ndarray, " c"]) -> Gains:
        return gains_of(self.f, state, block if len(near) == len(block) else block[near])

    def _threshold(self, level: float, sieve: Sieve) -> float:
        """τ, less what rounding may take from a gain that equals it."""
        tau = self.rule.threshold(level, sieve, self.k)
        return tau - self.f.tie_tolerance * abs(tau)

    def _sifted(
        self,
        level: float,
        sieve: Sieve,
        block: Any,
        names: Sequence[SupportsIndex],
        bounds: Float[ndarray, " b"],
    ) -> tuple[Sieve, int]:
        """The sieve after a block, and how many gains were asked for.

        Once an element is kept, the gains known of those behind it are bounds.
        """
        bounds, at, ahead, asked = bounds.copy(), 0, AHEAD, 0
        while len(sieve.chosen) < self.k:
            tau = self._threshold(level, sieve)
            near = at + np.flatnonzero(bounds[at:] >= tau)[:ahead]
            if not len(near):
                break
            gains = bounds[near] = self._gains(sieve.state, block, near)
            asked += len(near)
            passed = np.flatnonzero(gains >= tau)
            if len(passed):
                j = int(near[passed[0]])
                sieve = self._with(sieve, names[j], block[j], float(bounds[j]))
                at, ahead = j + 1, AHEAD
            else:
                at, ahead = int(near[-1]) + 1, 2 * ahead
        return sieve, asked

    def _with(self, sieve: Sieve, name: Any, candidate: Any, gain: float) -> Sieve:
        if (name := int(name)) in sieve.chosen or name in self.given:  # it came by once more
            return sieve
        state = self.f.add(sieve.state, candidate)
        return Sieve(state, (*sieve.chosen, name), (*sieve.gains, gain), sieve.value + gain)


def powers(base: float, low: float, high: float) -> list[float]:
    """All baseⁱ from low to high, both included, for base > 1 and low > 0; one i always gives one float.

    ValueError: more than 10,000.
    """
    count = log(high / low) / log(base) + 1 if base > 1 else inf
    if count > MOST:
        raise ValueError(f"epsilon={base - 1:g} asks for {count:.3g} sieves; {MOST} are the most")
    i = range(floor(log(low, base)) - 1, ceil(log(high, base)) + 2)
    return [power for power in (base**j for j in i) if low <= power <= high]


def best_sieve(sieves: Sequence[Sieve], tie: float) -> Sieve:
    """The sieve of largest value, the first one of those that count as equal."""
    return sieves[first_largest([sieve.value for sieve in sieves], tie)]
