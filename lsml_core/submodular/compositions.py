"""Set functions made from a Python function, or from other set functions; and states that several share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from lsml_core.submodular.arguments import Element, Indices, as_set
from lsml_core.submodular.set_function import Gains, GainTracker, SetFunction
from lsml_core.validation import as_numbers, check_count, check_function, check_kind

Chosen = Bool[ndarray, " n"]


@dataclass(frozen=True)
class ByValue(SetFunction[tuple[int, ...]]):
    """A set function given by a Python function of a sorted tuple: short to write, slow to run.

    `ByValue(5, lambda S: len(S) ** 0.5)`. The value of () is subtracted, so that F(∅) = 0.
    """

    n: int
    function: Callable[[tuple[int, ...]], float | int]

    def __post_init__(self) -> None:
        check_function("function", self.function, "a function of a tuple of elements, such as len")
        object.__setattr__(self, "n", check_count("n", self.n, 0))

    def value(self, indices: Indices) -> float:
        return float(self.function(tuple(as_set(indices, self.n).tolist())) - self.function(()))

    def empty(self) -> tuple[int, ...]:
        return ()

    def gains(self, state: tuple[int, ...], candidates: Indices) -> Gains:
        before = self.value(state)
        return np.array([self.value((*state, int(e))) - before for e in candidates], dtype=float)

    def add(self, state: tuple[int, ...], e: Element) -> tuple[int, ...]:
        return (*state, int(e))


class WeightedSum(SetFunction[tuple[Any, ...]]):
    """F(S) = Σ_t a_t F_t(S) with a_t ≥ 0: submodular, because diminishing gains add up.

    parts: set functions F_t on the same ground set; the state is the tuple of their states. Costs of elements
    are a part too: `Modular(-costs)`.
    weights: the a_t, one per part.
    ValueError: parts on different ground sets, or weights that are not finite and at least 0.
    """

    def __init__(self, parts: Sequence[SetFunction], weights: Sequence[float | int]) -> None:
        check_kind("parts", parts, Sequence, "a sequence of set functions")
        for t, f in enumerate(parts):
            check_kind(f"parts[{t}]", f, SetFunction, "a set function, such as Modular(values)")
        if len({f.n for f in parts}) != 1:
            raise ValueError(
                f"the parts have {[f.n for f in parts]} elements; one or more on the same elements are needed"
            )
        numbers = as_numbers("weights", weights)
        if numbers.shape != (len(parts),) or not ((numbers >= 0) & (numbers < np.inf)).all():
            raise ValueError(f"weights={weights} must be {len(parts)} finite numbers, at least 0")
        self.parts, self.weights, self.n = tuple(parts), tuple(numbers.tolist()), parts[0].n
        self.tie_tolerance = max(f.tie_tolerance for f in parts)

    def value(self, indices: Indices) -> float:
        return float(sum(a * f.value(indices) for a, f in zip(self.weights, self.parts, strict=True)))

    def empty(self) -> tuple[Any, ...]:
        return tuple(f.empty() for f in self.parts)

    def gains(self, state: tuple[Any, ...], candidates: Indices) -> Gains:
        terms = zip(self.weights, self.parts, state, strict=True)
        return np.sum([a * f.gains(s, candidates) for a, f, s in terms], axis=0)

    def add(self, state: tuple[Any, ...], e: Element) -> tuple[Any, ...]:
        return tuple(f.add(s, e) for f, s in zip(self.parts, state, strict=True))

    def track_gains(self) -> GainTracker:
        return _SumTracker(self)

    def restrict(self, elements: Indices) -> "WeightedSum":
        return WeightedSum([f.restrict(elements) for f in self.parts], self.weights)

    def local(self, part: Indices) -> "WeightedSum":
        return WeightedSum([f.local(part) for f in self.parts], self.weights)


class _SumTracker(GainTracker):
    """Every part keeps its own gains up to date."""

    def __init__(self, f: WeightedSum) -> None:
        self.weights, self.trackers = f.weights, [part.track_gains() for part in f.parts]

    def __call__(self, state: tuple[Any, ...], wanted: Chosen) -> Float[ndarray, " n"]:
        terms = zip(self.weights, self.trackers, state, strict=True)
        return np.sum([a * tracker(s, wanted) for a, tracker, s in terms], axis=0)


class Sums(NamedTuple):
    """A state that many functions need: S, and the sum of its elements' rows."""

    chosen: Chosen
    total: Float[ndarray, " d"]

    @classmethod
    def none(cls, n: int, d: int) -> "Sums":
        return cls(np.zeros(n, dtype=bool), np.zeros(d))

    def plus(self, e: Element, row: Float[ndarray, " d"]) -> "Sums":
        return self if self.chosen[e] else Sums(with_true(self.chosen, e), self.total + row)


def with_true(mask: Bool[ndarray, " u"], at: Element | Int[ndarray, " b"]) -> Bool[ndarray, " u"]:
    """A copy of the mask that is True at these places too."""
    mask = mask.copy()
    mask[at] = True
    return mask


def zero_if_chosen(chosen: Chosen, candidates: Int[ndarray, " b"], gains: Gains) -> Gains:
    """The gains, 0 for candidates that are chosen already."""
    return np.where(chosen[candidates], 0.0, gains)
