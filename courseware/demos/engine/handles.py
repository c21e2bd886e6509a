"""Handles: points of a picture that are dragged, and the controls that they stand for.

    at       where the handle is, in the coordinates of its axes
    place    the same as fractions of the picture, from its left and its top, for a browser of any size
    xs, ys   where it would be for each value of a control

A drag moves a handle from one of these places to the nearest other. `front.js` (`handleLayer`) follows the
pointer and sets the controls; the frame is then asked for as after a move of their sliders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

if TYPE_CHECKING:
    from courseware.demos.engine.controls import Control, Value


@dataclass(frozen=True)
class Handle:
    """A point that stands for one control or two.

    label: what a screen reader says: "start of both runs".
    axes: which of the figure's axes it lies in, counted from 0.
    at: (record, **setting) -> (x, y), where it is in the coordinates of the axes. It is asked with other
        values of the two controls, too, and with the present record.
    x, y: the control that moves the point along the axis; empty if it does not move so.
    """

    label: str
    axes: int
    at: Callable[..., tuple[float, float]]
    x: str = ""
    y: str = ""

    @property
    def controls(self) -> tuple[str, ...]:
        return tuple(name for name in (self.x, self.y) if name)


def placed(
    handle: Handle, fig: Figure, record: Any, setting: Mapping[str, Value], controls: Mapping[str, Control]
) -> dict[str, Any]:
    """The handle as plain data for the front end.

    handle: one of the demo's.   setting: name of a control -> its value.
    fig: drawn for `record` and `setting`, so that its axes have their places.
    controls: all of the demo; those that the handle stands for give `xs` and `ys`.
    """
    transform, width, height = fig.axes[handle.axes].transData, fig.bbox.width, fig.bbox.height

    def places(name: str, values: Sequence[Value]) -> Float[ndarray, "values 2"]:
        """Where the handle is for these values of one control, all at once: a transform is slow to call."""
        at = [handle.at(record, **{**setting, name: value}) for value in values]
        right, top = transform.transform(at).T
        return np.column_stack([right / width, 1 - top / height]).round(4)

    def along(name: str, axis: int) -> list[float]:
        return places(name, controls[name].values)[:, axis].tolist() if name else []

    name = handle.controls[0]
    x, y = places(name, [setting[name]])[0].tolist()
    return {
        "label": handle.label,
        "x": handle.x,
        "y": handle.y,
        "place": (x, y),
        "xs": along(handle.x, 0),
        "ys": along(handle.y, 1),
    }


def thinned(handles: Sequence[Mapping[str, Any]], kept: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """Handles that move along some values only; one that cannot move any more is left out.

    handles: as `placed` returns them.
    kept: control → the indices of its values that remain.
    """
    found = []
    for handle in handles:
        moved = dict(handle)
        for name, places in (("x", "xs"), ("y", "ys")):
            if handle[name] not in kept:
                moved |= {name: "", places: []}
            else:
                moved[places] = [handle[places][i] for i in kept[handle[name]]]
        if moved["x"] or moved["y"]:
            found.append(moved)
    return found
