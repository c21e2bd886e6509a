"""What every algorithm of this room knows of a set function: its gains. And new functions made from old ones.

    V = {0, …, n−1}   ground set               S            chosen set
    F(S)              with F(∅) = 0            e            one element of V
    F(e | S)          F(S ∪ {e}) − F(S)        candidates   elements to ask about, shape (b,)
    state             whatever F remembers about S; never changed, `add` makes a new one

Submodular: F(e | A) ≥ F(e | B) for all A ⊆ B and e ∉ B. Monotone: no gain is negative. An element of S has
gain 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, as_set, checked

TIE = 1e-9
"""Relative difference below which two gains count as equal, unless the function has a `tie_tolerance`."""

State = TypeVar("State")
Gains = Float[ndarray, " b"]
Chosen = Bool[ndarray, " n"]


@runtime_checkable
class SetFunction(Protocol[State]):
    @property
    def n(self) -> int: ...
    def value(self, indices: Indices, /) -> float: ...
    def empty(self) -> State: ...
    def gains(self, state: State, candidates: Indices, /) -> Gains: ...
    def add(self, state: State, e: int, /) -> State: ...


@runtime_checkable
class Refreshing(SetFunction[State], Protocol[State]):
    """Brings the gains of all n elements up to date for less than it takes to ask for them anew."""

    def refreshed(self, gains: Gains, before: State, after: State, /) -> Gains: ...


@runtime_checkable
class Restrictable(SetFunction[State], Protocol[State]):
    """Has a way of its own to become a function of fewer elements; element j there is elements[j] here."""

    def restrict(self, elements: Indices, /) -> SetFunction: ...


@runtime_checkable
class Local(SetFunction[State], Protocol[State]):
    """Has a stand-in for whoever knows only `part` of V; element j there is part[j] here."""

    def local(self, part: Indices, /) -> SetFunction: ...


@dataclass(frozen=True)
class ByValue:
    """A set function given by a Python function of a sorted tuple: short to write, slow to run.

    `ByValue(5, lambda S: len(S) ** 0.5)`. What it gives for () is taken off, so that F(∅) = 0.
    """

    n: int
    function: Callable[[tuple[int, ...]], float | int]

    def value(self, indices: Indices) -> float:
        return float(self.function(tuple(as_set(indices, self.n).tolist())) - self.function(()))

    def empty(self) -> tuple[int, ...]:
        return ()

    def gains(self, state: tuple[int, ...], candidates: Indices) -> Gains:
        here = self.value(state)
        return np.array([self.value((*state, int(e))) - here for e in candidates], dtype=float)

    def add(self, state: tuple[int, ...], e: int) -> tuple[int, ...]:
        return (*state, e)


class WeightedSum:
    """F(S) = Σ_t a_t F_t(S) with a_t ≥ 0: submodular, because diminishing gains add up.

    The state is that of every part. A cost for each element is a part too, `Modular(-costs)`.
    ValueError: parts on different ground sets, or weights that are not finite and at least 0, one for each.
    """

    def __init__(self, parts: Sequence[SetFunction], weights: Sequence[float | int]) -> None:
        if len({f.n for f in parts}) != 1:
            raise ValueError(f"parts on {[f.n for f in parts]} elements: one or more on the same are needed")
        if len(weights) != len(parts) or not all(0 <= a < np.inf for a in weights):
            raise ValueError(f"weights={weights} must be {len(parts)} finite numbers, at least 0")
        self.parts, self.weights, self.n = tuple(parts), tuple(weights), parts[0].n
        self.tie_tolerance = max(tie_tolerance(f) for f in parts)

    def value(self, indices: Indices) -> float:
        return float(sum(a * f.value(indices) for a, f in zip(self.weights, self.parts, strict=True)))

    def empty(self) -> tuple[Any, ...]:
        return tuple(f.empty() for f in self.parts)

    def gains(self, state: tuple[Any, ...], candidates: Indices) -> Gains:
        terms = zip(self.weights, self.parts, state, strict=True)
        return np.sum([a * f.gains(s, candidates) for a, f, s in terms], axis=0)

    def add(self, state: tuple[Any, ...], e: int) -> tuple[Any, ...]:
        return tuple(f.add(s, e) for f, s in zip(self.parts, state, strict=True))


class Restricted:
    """F on the ground set `elements`: element j here is elements[j] there, and the states are the same."""

    def __init__(self, f: SetFunction, elements: Indices) -> None:
        self.f, self.elements = f, checked(elements, f.n).copy()
        self.n, self.tie_tolerance = len(self.elements), tie_tolerance(f)

    def value(self, indices: Indices) -> float:
        return self.f.value(self._there(indices))

    def empty(self) -> Any:
        return self.f.empty()

    def gains(self, state: Any, candidates: Indices) -> Gains:
        return gains_of(self.f, state, self._there(candidates))

    def add(self, state: Any, e: int) -> Any:
        return self.f.add(state, int(self.elements[e]))

    def _there(self, indices: Indices) -> Int[ndarray, " b"]:
        return self.elements[checked(indices, self.n)]


def restricted(f: SetFunction, elements: Indices) -> SetFunction:
    """F as a function of fewer elements, in its own way if it has one."""
    return f.restrict(elements) if isinstance(f, Restrictable) else Restricted(f, elements)


def tie_tolerance(f: Any) -> float:
    """The relative difference below which two gains of F count as equal: what rounding can make of a tie."""
    return getattr(f, "tie_tolerance", TIE)


def gains_of(f: Any, state: Any, candidates: Any) -> Gains:
    """F(e | S) of all candidates, in float64.  ValueError: see `valid`."""
    return valid(f.gains(state, candidates), candidates)


def valid(gains: Any, candidates: Any) -> Gains:
    """In float64, if there is one gain for each candidate, none of them nan or inf; −inf forbids one."""
    gains = np.asarray(gains, dtype=float)
    if gains.shape != (len(candidates),):
        raise ValueError(f"the function gave gains of shape {gains.shape} for {len(candidates)} candidates")
    if not (gains < np.inf).all():
        at = int(np.argmin(gains < np.inf))
        which = f"element {candidates[at]}" if np.ndim(candidates) == 1 else f"candidate {at} of a block"
        raise ValueError(f"the gain of {which} is {gains[at]}, and must be a number below infinity")
    return gains


def after(f: Any, elements: Iterable[Any], state: Any = None) -> Any:
    """The state of F when these are added to `state`, by default the empty set's."""
    state = f.empty() if state is None else state
    for e in elements:
        state = f.add(state, e)
    return state


class Sums(NamedTuple):
    """A state that many functions need: S, and the sum of its elements' rows."""

    chosen: Chosen
    total: Float[ndarray, " d"]

    @classmethod
    def none(cls, n: int, d: int) -> "Sums":
        return cls(np.zeros(n, dtype=bool), np.zeros(d))

    def plus(self, e: int, row: Float[ndarray, " d"]) -> "Sums":
        return self if self.chosen[e] else Sums(including(self.chosen, e), self.total + row)


def including(chosen: Bool[ndarray, " u"], more: int | Int[ndarray, " b"]) -> Bool[ndarray, " u"]:
    chosen = chosen.copy()
    chosen[more] = True
    return chosen


def new_gains(chosen: Chosen, candidates: Int[ndarray, " b"], gains: Gains) -> Gains:
    """0 for candidates that are chosen already."""
    return np.where(chosen[candidates], 0.0, gains)
