"""A Demo: compute a record, draw it, and the controls that turn it. Shown live, swept by tests, frozen.

    setting    a value for every control            record    what one setting computes: arrays and numbers
    compute    (**setting) -> record                draw      (record, **setting) -> Figure
    frame      what one setting looks like: PNG, alt text, whether the goal is reached, where its handles are

The claim of a picture is in its record, so that tests can ask for it; and the picture can be tested against
the record, because drawing is apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure

from courseware.demos.engine.controls import Control, Value, summary
from courseware.demos.engine.handles import Handle, placed
from courseware.demos.engine.render import picture_bundle, render

if TYPE_CHECKING:
    from courseware.demos.engine.widget import DemoWidget

Setting = dict[str, Value]
MOST_LIVE = 3
"""A demo has at most so many controls on a web page."""


class Frame(NamedTuple):
    """One picture: the PNG's bytes, its alt text, whether the goal is reached, and its handles.

    handles: as plain data for the front end, see `handles.placed`.
    """

    png: bytes
    alt: str
    reached: bool = False
    handles: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Demo:
    """`demo.show()` puts it on the page; `demo.figure(**changes)` is the bare picture.

    compute: (**setting) -> record, with runs of the real code and no drawing.
    draw: (record, **setting) -> Figure, with `courseware.plots` and no computing.
    controls: name -> control; the names are the keywords of all functions here.
    title: one line above the picture.   notice: one sentence, the thing to notice.
    alt: (record, **setting) -> str, what a screen reader says instead of the picture.
    goal: what to reach by moving the controls.   reached: (record, **setting) -> bool, whether it is.
    presets: name of a button -> changes from the start.
    prepare: heavy work that is done once, before the first frame.
    live: the one, two or three controls that can be moved on a web page, where every frame is stored; empty
        for a choice by how many values the first two have.
    positions: live control -> the values that it keeps there, in order, where evenly spread ones would leave
        out those that the goal or the lecture needs.
    handles: points of the picture that can be dragged.
    """

    compute: Callable[..., Any]
    draw: Callable[..., Figure]
    controls: Mapping[str, Control]
    title: str
    notice: str
    alt: Callable[..., str]
    goal: str = ""
    reached: Callable[..., bool] | None = None
    presets: Mapping[str, Setting] = field(default_factory=dict)
    prepare: Callable[[], object] | None = None
    live: tuple[str, ...] = ()
    positions: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    handles: tuple[Handle, ...] = ()

    def __post_init__(self) -> None:
        if len(self.live) > MOST_LIVE or not {*self.live} <= {*self.controls}:
            raise ValueError(f"live={self.live} must name one to three of the controls {[*self.controls]}")
        for name, kept in self.positions.items():
            self._check_positions(name, kept)
        for handle in self.handles:
            if not handle.controls or not {*handle.controls} <= {*self.controls}:
                raise ValueError(f"handle {handle.label!r} must stand for one or two of {[*self.controls]}")
        for preset in self.presets.values():
            self.setting(**preset)
        for name in ("compute", "draw", "alt", "reached"):
            self._check_parameters(name)

    def _check_positions(self, name: str, kept: Sequence[Value]) -> None:
        if name not in self.live:
            raise ValueError(f"positions of {name!r}: it is not one of live={self.live}")
        control = self.controls[name]
        if [*kept] != [value for value in control.values if value in kept] or control.start not in kept:
            raise ValueError(f"positions of {name!r} must be values of the control, in order, with its start")

    def _check_parameters(self, name: str) -> None:
        """A function that does not take the controls' names is found now, not when its frame is drawn."""
        function = getattr(self, name)
        if function is None:
            return
        record = () if name == "compute" else (None,)
        try:
            signature(function).bind(*record, **dict.fromkeys(self.controls))
        except TypeError as error:
            takes = ", ".join([*(("record",) if record else ()), *self.controls])
            raise ValueError(f"{name} of the demo {self.title!r} must take {takes}: {error}") from None

    def setting(self, **changes: Value) -> Setting:
        """The start position with some controls changed; ValueError for what no control can be set to.

        changes: name of a control -> one of its values.
        """
        setting = {name: control.start for name, control in self.controls.items()} | changes
        for name, value in setting.items():
            if name not in self.controls:
                raise ValueError(f"{name}={value!r} is not a control; choose from {sorted(self.controls)}")
            if value not in (allowed := self.controls[name].values):
                raise ValueError(f"{name}={value!r} is not on the control; it takes {summary(allowed)}")
            setting[name] = allowed[allowed.index(value)]  # a browser's 1 becomes 1.0 again
        return setting

    def record(self, **changes: Value) -> Any:
        """What `compute` returns for the start position with some controls changed.

        changes: name of a control -> one of its values.   ValueError for any other.
        """
        return self.compute(**self.setting(**changes))

    def figure(self, **changes: Value) -> Figure:
        """The picture of that record.

        changes: name of a control -> one of its values.   ValueError for any other.
        """
        setting = self.setting(**changes)
        return self.draw(self.compute(**setting), **setting)

    def frame(self, pixel_ratio: float | int = 1, /, **changes: Value) -> Frame:
        """The picture as PNG with its alt text, and whether the goal is reached.

        pixel_ratio: pixels of the PNG per pixel of the figure, above 0: 2 draws the same picture twice as
            sharp.
        changes: name of a control -> one of its values.   ValueError for any other.
        """
        setting = self.setting(**changes)
        record = self.compute(**setting)
        reached = self.reached is not None and bool(self.reached(record, **setting))
        fig = self.draw(record, **setting)
        fig.set_dpi(pixel_ratio * fig.dpi)
        png = render(fig)
        handles = (placed(handle, fig, record, setting, self.controls) for handle in self.handles)
        return Frame(png, self.alt(record, **setting), reached, tuple(handles))

    def description(self, **changes: Value) -> str:
        """The alt text.

        changes: name of a control -> one of its values.   ValueError for any other.
        """
        setting = self.setting(**changes)
        return self.alt(self.compute(**setting), **setting)

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
        from courseware.demos.engine.widget import DemoWidget  # lazy import: ipywidgets is needed only here

        if self.prepare is not None:
            self.prepare()
        return DemoWidget(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        frame = self.frame()
        return picture_bundle(frame.png, frame.alt)
