"""The controls of a demo: a label, the finitely many values it takes, in order, and the one it starts at.

A value that a control does not take is refused by `Demo.setting`, which names the control.
"""

from dataclasses import dataclass
from math import floor, log, log10
from typing import Protocol, runtime_checkable

Number = int | float
Value = Number | str


@runtime_checkable
class Control(Protocol):
    """What every control has: `label` on the page, `values` it can take, `start` among them."""

    @property
    def label(self) -> str: ...
    @property
    def start(self) -> Value: ...
    @property
    def values(self) -> tuple[Value, ...]: ...


@dataclass(frozen=True)
class Slider:
    """Evenly spaced numbers from `low` up to `high`; whole numbers if all of low, high and step are.

    label: text beside the slider.       low, high: the ends; low < high.
    step: the distance of two values, above 0.       start: one of the values.
    """

    label: str
    low: Number
    high: Number
    step: Number
    start: Number

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.low < self.high):
            raise ValueError(f"slider {self.label!r} needs low < high and step > 0, got {self}")
        check_start(self)

    @property
    def values(self) -> tuple[Number, ...]:
        count = floor((self.high - self.low) / self.step + 1e-9) + 1
        whole = all(isinstance(v, int) for v in (self.low, self.high, self.step))
        steps = (self.low + i * self.step for i in range(count))
        return tuple(v if whole else round(v, 9) for v in steps)


@dataclass(frozen=True)
class LogSlider:
    """`per_decade` values for each factor of ten, from `low` to `high`, rounded to three digits.

    label: text beside the slider.       low, high: the ends; 0 < low < high.
    per_decade: at least 1.       start: one of the values.
    ValueError for any other.
    """

    label: str
    low: Number
    high: Number
    per_decade: int
    start: Number

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high and self.per_decade >= 1):
            raise ValueError(f"slider {self.label!r} needs 0 < low < high and per_decade >= 1, got {self}")
        check_start(self)

    @property
    def values(self) -> tuple[float, ...]:
        count = floor(log10(self.high / self.low) * self.per_decade + 1e-9) + 1
        return tuple(float(f"{self.low * 10 ** (i / self.per_decade):.3g}") for i in range(count))


@dataclass(frozen=True)
class Doubling:
    """Whole numbers that double, from `low` up to `high`: batch sizes, steps. Or grow by `factor`.

    label: text beside the slider.       low, high: the ends; 0 < low < high.
    factor: ratio of neighbouring values, at least 2.       start: one of the values.
    ValueError for any other.
    """

    label: str
    low: int
    high: int
    start: int
    factor: int = 2

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high and self.factor >= 2):
            raise ValueError(f"slider {self.label!r} needs 0 < low < high and factor >= 2, got {self}")
        check_start(self)

    @property
    def values(self) -> tuple[int, ...]:
        count = floor(log(self.high / self.low, self.factor) + 1e-9) + 1
        return tuple(self.low * self.factor**i for i in range(count))


@dataclass(frozen=True)
class Numbers:
    """The numbers `values`, in increasing order, as a slider: for a few that no rule spaces.

    label: text beside the slider.       start: one of the values.
    ValueError if a value is not a number, the values do not increase, or the start is not among them.
    """

    label: str
    values: tuple[Number, ...]
    start: Number

    def __post_init__(self) -> None:
        if not all(isinstance(v, Number) and not isinstance(v, bool) for v in self.values):
            raise ValueError(f"slider {self.label!r} needs numbers, got {self.values}")
        if list(self.values) != sorted(self.values):
            raise ValueError(f"slider {self.label!r} needs increasing values, got {self.values}")
        check_start(self)


@dataclass(frozen=True)
class Choice:
    """One of a few named options, shown as a select box. For numbers there are the sliders.

    label: text beside the box.       options: in the order shown, all different.       start: one of them.
    ValueError for any other.
    """

    label: str
    options: tuple[str, ...]
    start: str

    def __post_init__(self) -> None:
        check_start(self)

    @property
    def values(self) -> tuple[str, ...]:
        return self.options


def check_start(control: Control) -> None:
    """ValueError unless the values differ and the control starts at one of them."""
    if len(set(control.values)) < len(control.values):
        raise ValueError(f"{control.label!r} takes a value twice: {summary(control.values)}")
    if control.start not in control.values:
        raise ValueError(f"{control.label!r} starts at {control.start!r}; it takes {summary(control.values)}")


def summary(values: tuple[Value, ...]) -> str:
    """All of them, or the first two and the last.

    values: of the control, in order.
    """
    return ", ".join(map(str, values)) if len(values) <= 6 else f"{values[0]}, {values[1]}, … {values[-1]}"
