"""What a test cell tries an answer on: small inputs first, and functions that count their calls.

Kind       what one argument may be: Vector, Number, Whole
Counted    a function that the answer may call, with a budget of calls
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from .shown import as_code


@runtime_checkable
class Kind(Protocol):
    """What one argument may be: `simple` lists its smallest values, `draw` makes one of `size` entries."""

    def simple(self) -> list[Any]: ...
    def draw(self, rng: np.random.Generator, size: int) -> Any: ...


@dataclass(frozen=True)
class Vector:
    """A float array with entries between `low` and `high`; short ones hold whole numbers."""

    low: float | int = -3
    high: float | int = 3

    def simple(self) -> list[Float[ndarray, " 1"]]:
        return [np.zeros(1), np.ones(1)]

    def draw(self, rng: np.random.Generator, size: int) -> Float[ndarray, " size"]:
        return rng.uniform(self.low, self.high, size).round(0 if size < 4 else 3) + 0.0  # no -0.


@dataclass(frozen=True)
class Number:
    """A float between `low` and `high`, of two digits."""

    low: float | int
    high: float | int

    def simple(self) -> list[float]:
        return [round((self.low + self.high) / 2, 1)]

    def draw(self, rng: np.random.Generator, size: int) -> float:  # noqa: ARG002 - a number has no size
        return float(f"{rng.uniform(self.low, self.high):.2g}")


@dataclass(frozen=True)
class Whole:
    """An int from `low` to `high`."""

    low: int
    high: int

    def simple(self) -> list[int]:
        return [self.low]

    def draw(self, rng: np.random.Generator, size: int) -> int:  # noqa: ARG002 - a number has no size
        return int(rng.integers(self.low, self.high, endpoint=True))


def small_first(rng: np.random.Generator, **kinds: Any) -> Iterator[dict[str, Any]]:
    """Inputs from tiny to ordinary, so that the first one that fails is nearly the smallest one that does.

    Single weights of 0 and 1 in every combination, fewest ones first; then 2, 3, 5 and 8 weights at random.
    kinds: name of an argument -> its `Kind`; what is not a `Kind` is passed as it is.
    """
    simple = [k.simple() if isinstance(k, Kind) else [k] for k in kinds.values()]
    for values in sorted(product(*simple), key=lambda values: sum(np.sum(v != 0) for v in values)):
        yield dict(zip(kinds, values, strict=True))
    for size in (2, 2, 3, 3, 5, 5, 8, 8):
        yield {name: k.draw(rng, size) if isinstance(k, Kind) else k for name, k in kinds.items()}


@dataclass
class Counted:
    """A function that counts its calls and refuses those over `limit`; `text` is how messages show it.

    limit: calls allowed, None for any number; one more raises AssertionError.   text: by default the name.
    """

    function: Callable[..., Any]
    limit: int | None = None
    text: str = ""
    calls: int = field(default=0, init=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        self.check()
        return self.function(*args, **kwargs)

    def check(self) -> None:
        """AssertionError when the budget is overspent, also if the answer swallowed the first one."""
        if self.limit is not None and self.calls > self.limit:
            raise AssertionError(f"{self} was called {self.calls} times; the budget here is {self.limit}")

    @property
    def in_code(self) -> bool:
        """Whether `text` is code that makes a function like this one."""
        return self.text.startswith("(lambda ")

    def __repr__(self) -> str:
        return self.text or getattr(self.function, "__name__", "function")

    def __deepcopy__(self, memo: object) -> "Counted":
        """A copy has spent nothing, so the oracle's calls are not the student's."""
        return Counted(self.function, self.limit, self.text)


def linear(h: Float[ndarray, " d"], limit: int | None = None) -> Counted:
    """The gradient w -> h·w of the quadratic ½ Σ hᵢwᵢ².   limit: calls allowed, None for any number."""
    return Counted(lambda w: h * w, limit, f"(lambda w: {as_code(h)} * w)")
