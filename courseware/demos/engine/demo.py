"""A Demo: one pure picture function and what turns it. Shown live, swept by tests, frozen into pages.

draw      (**controls) -> Figure, pure       control   name -> Slider, LogSlider, Doubling or Choice
setting   a value for every control          frame     what one setting looks like: PNG and alt text
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import floor, log, log10
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from matplotlib.figure import Figure

from courseware.demos.engine.render import picture_bundle, render

if TYPE_CHECKING:
    from courseware.demos.engine.widget import DemoWidget

Number = int | float
Value = Number | str
Setting = dict[str, Value]


@runtime_checkable
class Control(Protocol):
    """Anything with a label, the finitely many values it can take, in order, and the one it starts at."""

    @property
    def label(self) -> str: ...
    @property
    def start(self) -> Value: ...
    @property
    def values(self) -> tuple[Value, ...]: ...


@dataclass(frozen=True)
class Slider:
    """Evenly spaced numbers from `low` up to `high`; whole numbers if all of low, high and step are."""

    label: str
    low: Number
    high: Number
    step: Number
    start: Number

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.low < self.high):
            raise ValueError(f"slider {self.label!r} needs low < high and step > 0, got {self}")
        _check_start(self)

    @property
    def values(self) -> tuple[Number, ...]:
        count = floor((self.high - self.low) / self.step + 1e-9) + 1
        whole = all(isinstance(v, int) for v in (self.low, self.high, self.step))
        steps = (self.low + i * self.step for i in range(count))
        return tuple(v if whole else round(v, 9) for v in steps)


@dataclass(frozen=True)
class LogSlider:
    """`per_decade` values a factor of ten, from `low` to `high`, rounded to three digits."""

    label: str
    low: Number
    high: Number
    per_decade: int
    start: Number

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high and self.per_decade >= 1):
            raise ValueError(f"slider {self.label!r} needs 0 < low < high and per_decade >= 1, got {self}")
        _check_start(self)

    @property
    def values(self) -> tuple[float, ...]:
        count = floor(log10(self.high / self.low) * self.per_decade + 1e-9) + 1
        return tuple(float(f"{self.low * 10 ** (i / self.per_decade):.3g}") for i in range(count))


@dataclass(frozen=True)
class Doubling:
    """Whole numbers that double, from `low` up to `high`: batches, steps, workers. Or grow by `factor`."""

    label: str
    low: int
    high: int
    start: int
    factor: int = 2

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high and self.factor >= 2):
            raise ValueError(f"slider {self.label!r} needs 0 < low < high and factor >= 2, got {self}")
        _check_start(self)

    @property
    def values(self) -> tuple[int, ...]:
        count = floor(log(self.high / self.low, self.factor) + 1e-9) + 1
        return tuple(self.low * self.factor**i for i in range(count))


@dataclass(frozen=True)
class Choice:
    """One of a few named options, shown as a select box."""

    label: str
    options: tuple[str, ...]
    start: str

    def __post_init__(self) -> None:
        _check_start(self)

    @property
    def values(self) -> tuple[str, ...]:
        return self.options


class Frame(NamedTuple):
    png: bytes
    alt: str


@dataclass(frozen=True)
class Demo:
    """`demo.show()` puts it on the page; `demo.draw(**setting)` is the bare picture.

    notice    the one sentence to take home            goal      what to reach by moving the controls
    presets   name -> changes from the start           prepare   heavy work, done once before the first frame
    """

    draw: Callable[..., Figure]
    controls: Mapping[str, Control]
    title: str
    notice: str
    alt: str | Callable[..., str]
    goal: str = ""
    presets: Mapping[str, Setting] = field(default_factory=dict)
    prepare: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        for preset in self.presets.values():
            self.setting(**preset)

    def setting(self, **changes: Value) -> Setting:
        """The start position with some controls changed; ValueError for what no control can be set to."""
        setting = {name: control.start for name, control in self.controls.items()} | changes
        for name, value in setting.items():
            if name not in self.controls:
                raise ValueError(f"{name}={value!r} is not a control; choose from {sorted(self.controls)}")
            if value not in (allowed := self.controls[name].values):
                raise ValueError(f"{name}={value!r} is not on the control; it takes {_summary(allowed)}")
            setting[name] = allowed[allowed.index(value)]  # a browser's 1 becomes 1.0 again
        return setting

    def frame(self, **changes: Value) -> Frame:
        setting = self.setting(**changes)
        alt = self.alt if isinstance(self.alt, str) else self.alt(**setting)
        return Frame(render(self.draw(**setting)), alt)

    def sweep(self) -> list[Setting]:
        """What tests draw: each control at its first, start and last value, all at an end, every preset."""
        ends = [
            {name: value}
            for name, control in self.controls.items()
            for value in (control.values[0], control.start, control.values[-1])
        ]
        corners = [{name: control.values[i] for name, control in self.controls.items()} for i in (0, -1)]
        return [self.setting(**changes) for changes in (*ends, *corners, *self.presets.values())]

    def show(self) -> DemoWidget:
        """The live demo, to stand on the last line of a notebook cell."""
        from courseware.demos.engine.widget import DemoWidget  # ipywidgets only where it is needed

        if self.prepare is not None:
            self.prepare()
        return DemoWidget(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return picture_bundle(*self.frame())


def _check_start(control: Control) -> None:
    if len(set(control.values)) < len(control.values):
        raise ValueError(f"{control.label!r} takes a value twice: {_summary(control.values)}")
    if control.start not in control.values:
        raise ValueError(
            f"{control.label!r} starts at {control.start!r}; it takes {_summary(control.values)}"
        )


def _summary(values: tuple[Value, ...]) -> str:
    return ", ".join(map(str, values)) if len(values) <= 6 else f"{values[0]}, {values[1]}, … {values[-1]}"
