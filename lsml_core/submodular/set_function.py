"""Set functions as every algorithm here sees them: through their gains.

    V = {0, …, n−1}   ground set               S            chosen set
    F(S)              with F(∅) = 0            e            one element of V
    F(e | S)          F(S ∪ {e}) − F(S)        candidates   elements whose gains are asked for, shape (b,)
    state             what F remembers about S; never changed in place, `add` returns a new one

Submodular: F(e | A) ≥ F(e | B) for all A ⊆ B and e ∉ B. Monotone: no gain is negative. An element of S has
gain 0.

To write a function of your own, subclass `SetFunction` and define `n`, `value`, `empty`, `gains` and `add`:
every algorithm then works. The other methods have defaults; override one where your function can do better.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Element, Indices, element_indices
from lsml_core.validation import check_kind

TIE = 1e-9
"""Relative difference below which two gains count as equal, unless a function's `tie_tolerance` differs."""

State = TypeVar("State")
Gains = Float[ndarray, " b"]


class StreamFunction(ABC, Generic[State]):
    """F on elements that pass by once: all that a streaming algorithm needs to know of it.

    tie_tolerance: relative difference below which two gains count as equal.
    """

    tie_tolerance: float = TIE

    @abstractmethod
    def empty(self) -> State:
        """The state of the empty set."""

    @abstractmethod
    def gains(self, state: State, candidates: Any, /) -> Gains:
        """F(e | S) for each candidate."""

    @abstractmethod
    def add(self, state: State, candidate: Any, /) -> State:
        """The state of S with one more element."""

    @abstractmethod
    def look(self, elements: Sequence[Any], /) -> Any:
        """Candidates, one per row, made from a block of elements of the stream."""

    def names(self, elements: Sequence[Any], first: int) -> Sequence[int]:
        """What a selection calls these elements; by default their positions, from `first` on."""
        return range(first, first + len(elements))

    def meet(self, states: Sequence[State], /) -> State | None:
        """A state in which no gain is smaller than in any of `states`; None if F knows none better than ∅."""
        del states


class SetFunction(StreamFunction[State]):
    """F on the ground set {0, …, n − 1}. A subclass defines `n`, `value`, `empty`, `gains` and `add`."""

    n: int

    @abstractmethod
    def value(self, indices: Indices, /) -> float:
        """F of the set of these elements; their order and duplicates do not matter."""

    @abstractmethod
    def gains(self, state: State, candidates: Indices, /) -> Gains:
        """F(e | S) for each candidate, in their order."""

    @abstractmethod
    def add(self, state: State, e: Element, /) -> State:
        """The state of S ∪ {e}."""

    def track_gains(self) -> "GainTracker":
        """Keeps the gains of all elements up to date while S grows. Default: ask for them after each pick."""
        return GainTracker(self)

    def restrict(self, elements: Indices, /) -> "SetFunction":
        """F as a function of fewer elements: element j there is elements[j] here."""
        return Restricted(self, elements)

    def local(self, part: Indices, /) -> "SetFunction":
        """What a machine that holds only `part` of V maximises, by default F restricted to it."""
        return self.restrict(part)

    def look(self, elements: Sequence[Any], /) -> Int[ndarray, " b"]:
        """Elements of a set function are their own candidates."""
        return element_indices(np.asarray(elements), self.n)

    def names(self, elements: Sequence[Any], first: int) -> Sequence[int]:
        del first
        return [int(e) for e in elements]


def check_set_function(f: Any) -> SetFunction[Any]:
    """`f`, if it is a set function. ValueError for an array, such as features, and for a class."""
    return check_kind("f", f, SetFunction, "a set function, such as FacilityLocation(similarity)")


class GainTracker:
    """The gains of all elements, called with one state after another while S grows.

    Elements that are not `wanted` (bool, (n,)) may have any finite gain in the result.
    """

    def __init__(self, f: SetFunction) -> None:
        self.f = f

    def __call__(self, state: Any, wanted: Bool[ndarray, " n"]) -> Float[ndarray, " n"]:
        gains = np.zeros(self.f.n)
        gains[wanted] = gains_of(self.f, state, np.flatnonzero(wanted))
        return gains


class Restricted(SetFunction):
    """F on the ground set `elements`: element j here is elements[j] there, and the states are the same.

    ValueError: elements outside F's ground set.
    """

    def __init__(self, f: SetFunction, elements: Indices) -> None:
        self.f, self.elements = f, element_indices(elements, f.n).copy()
        self.n, self.tie_tolerance = len(self.elements), f.tie_tolerance

    def value(self, indices: Indices) -> float:
        return self.f.value(self._original(indices))

    def empty(self) -> Any:
        return self.f.empty()

    def gains(self, state: Any, candidates: Indices) -> Gains:
        return gains_of(self.f, state, self._original(candidates))

    def add(self, state: Any, e: Element) -> Any:
        return self.f.add(state, int(self.elements[e]))

    def meet(self, states: Sequence[Any]) -> Any:
        return self.f.meet(states)

    def track_gains(self) -> GainTracker:
        return _RestrictedTracker(self)

    def _original(self, indices: Indices) -> Int[ndarray, " b"]:
        return self.elements[element_indices(indices, self.n)]


class _RestrictedTracker(GainTracker):
    """The gains of the unrestricted function at `elements`."""

    def __init__(self, f: Restricted) -> None:
        self.n, self.elements, self.tracker = f.f.n, f.elements, f.f.track_gains()

    def __call__(self, state: Any, wanted: Bool[ndarray, " n"]) -> Float[ndarray, " n"]:
        mask = np.zeros(self.n, dtype=bool)
        mask[self.elements[wanted]] = True
        return self.tracker(state, mask)[self.elements]


def gains_of(f: StreamFunction, state: Any, candidates: Any) -> Gains:
    """F's gains in float64, (b,).

    f: the function.   state: of S.   candidates: b elements, or candidates of a stream.
    ValueError unless there is one number below infinity for each candidate.
    """
    gains = np.asarray(f.gains(state, candidates), dtype=float)
    if gains.shape != (len(candidates),):
        raise ValueError(
            f"the function returned gains of shape {gains.shape} for {len(candidates)} candidates"
        )
    return check_gains(gains, candidates)


def check_gains(gains: Gains, candidates: Any) -> Gains:
    """The gains, if none is nan or +inf. −inf is allowed: it forbids an element."""
    if not (gains < np.inf).all():
        at = int(np.argmin(gains < np.inf))
        which = f"element {candidates[at]}" if np.ndim(candidates) == 1 else f"candidate {at} of a block"
        raise ValueError(f"the gain of {which} is {gains[at]}; it must be a number below infinity")
    return gains


def state_after(f: StreamFunction, elements: Iterable[Any]) -> Any:
    """The state of F once these elements, or candidates of a stream, are chosen."""
    state = f.empty()
    for e in elements:
        state = f.add(state, e)
    return state
