"""Draw axes once: what an axis and the still artists paint is recorded, and replayed where nothing differs.

Making ticks takes matplotlib longer than all else in a demo's frame. `replayed(fig)` lets matplotlib draw the
figure in its own order, with these parts replaced by recordings. A recording is found by its *look*: every
attribute that the part is drawn from, reduced to numbers and strings. A part with an attribute that cannot
be reduced has no look and is drawn by matplotlib each time: an unforeseen property only costs time.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cache, partial
from types import MethodType
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.cbook import CallbackRegistry
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import BboxBase, Transform, TransformedPath

from courseware.plots.canvas import is_still

_PLAIN = {type(None), bool, int, float, str, bytes, np.float64, np.int64, np.bool, type, np.ufunc}
_BESIDE = (  # what an artist belongs to, which the look of its axes holds, and bookkeeping
    *("_axes", "_parent_figure", "axis", "_remove_method"),
    *("_stale", "stale_callback", "_sticky_edges", "callbacks", "_callbacks"),
)
_CACHES = ("_parents", "_invalid", "_affine", "_points", "_inverted", "_shorthand_name")  # of transforms
_TICKS = ("major", "minor", "minorTicks")  # in an axis' look as positions and labels
_KEPT = 512


class Unknown(Exception):
    """An attribute that cannot be reduced to numbers and strings."""


class Recording(NamedTuple):
    """Calls of the compiled renderer; for an axis also the answers that the place of a title depends on."""

    calls: list[tuple[str, tuple, dict]]
    answers: dict[str, Any]


_RECORDINGS: OrderedDict[Hashable, Recording] = OrderedDict()


@contextmanager
def replayed(fig: Figure, renderer: RendererAgg) -> Iterator[None]:
    """Within this context, drawing `fig` replays its axes and still artists from their recordings.

    Parts that are seen for the first time are drawn once to be recorded, onto a renderer of their own.

    renderer: the one that draws `fig`; recordings are made for its size and resolution.
    """
    replaced = []
    for part, look in _looks(fig):
        recording = _RECORDINGS.get(look) or _record(part, renderer)
        _RECORDINGS[look] = recording
        _RECORDINGS.move_to_end(look)
        setattr(part, "draw", partial(_replay, recording.calls))  # noqa: B010 - of this instance only
        for method, answer in recording.answers.items():
            setattr(part, method, lambda *_, answer=answer, **__: answer)
        replaced.append((part, ("draw", *recording.answers)))
    while len(_RECORDINGS) > _KEPT:
        _RECORDINGS.popitem(last=False)
    try:
        yield
    finally:
        for part, methods in replaced:
            for method in methods:
                delattr(part, method)


def _record(part: Artist, like: RendererAgg) -> Recording:
    renderer = RendererAgg(like.width, like.height, like.dpi)
    answers = {}
    if isinstance(part, XAxis | YAxis):
        answers["get_tightbbox"] = part.get_tightbbox(renderer)
        answers["get_ticks_position"] = part.get_ticks_position()
    taps = renderer._renderer = _Tap(renderer._renderer)
    renderer._update_methods()
    part.draw(renderer)
    return Recording(taps.calls, answers)


class _Tap:
    """Stands in for the compiled half of the renderer: keeps every call, and passes it on."""

    def __init__(self, renderer: Any) -> None:
        self._renderer, self.calls = renderer, []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._renderer, name)

        def call(*args: Any, **options: Any) -> Any:
            self.calls.append((name, tuple(map(_frozen, args)), {k: _frozen(v) for k, v in options.items()}))
            return method(*args, **options)

        return call


def _replay(calls: list[tuple[str, tuple, dict]], renderer: Any) -> None:
    for name, args, options in calls:
        getattr(renderer._renderer, name)(*args, **options)


def _frozen(value: Any) -> Any:
    """A copy that later changes of the figure do not reach."""
    if isinstance(value, GraphicsContextBase):
        gc, box, path = copy.copy(value), value.get_clip_rectangle(), value.get_clip_path()
        gc.set_clip_rectangle(box and box.frozen())
        gc.set_clip_path(TransformedPath(*map(_frozen, path)) if path[0] else None)
        return gc
    if isinstance(value, Transform | BboxBase):
        return value.frozen()
    if isinstance(value, np.ndarray | Path):
        return copy.deepcopy(value)
    return type(value)(map(_frozen, value)) if type(value) in (list, tuple) else value


def _looks(fig: Figure) -> Iterator[tuple[Artist, Hashable]]:
    """The parts of a figure that can be recorded, each with its look."""
    look = _Look()
    if fig.get_layout_engine() is not None:  # it moves the axes while they are drawn
        return
    try:
        page = look(fig.get_size_inches()), fig.dpi, look(_defaults())
    except Unknown:
        return
    for ax in fig.axes:
        if type(ax) is Axes and not ax.get_axes_locator():
            ax.apply_aspect()
            yield from _axes_looks(ax, page, look)


def _defaults() -> dict[str, Any]:
    """matplotlib's settings at this moment, but for two that are no property of a drawing."""
    return {k: v for k, v in dict.items(mpl.rcParams) if k not in ("backend", "axes.prop_cycle")}


def _axes_looks(ax: Axes, page: Hashable, look: "_Look") -> Iterator[tuple[Artist, Hashable]]:
    try:
        where = page, look(ax.transData), look(ax.transAxes), tuple(look(s) for s in ax.spines.values())
    except Unknown:
        return
    for part in (ax.xaxis, ax.yaxis, *filter(is_still, ax.get_children())):
        try:
            yield part, (where, look.axis(part) if isinstance(part, XAxis | YAxis) else look(part))
        except Unknown:
            continue


class _Look:
    """Reduces the attributes of artists to hashable values; equal values are drawn alike."""

    def __init__(self) -> None:
        self._known: dict[int, Hashable] = {}  # of this figure's objects, by id: many share a transform
        self._alive: list[
            object
        ] = []  # so that none is freed while a part is drawn, and its id given to another

    def __call__(self, value: Any) -> Hashable:
        kind = type(value)
        return value if kind in _PLAIN else _reduction(kind)(self, value)

    def _sequence(self, value: list | tuple) -> Hashable:
        return type(value), *(value if _PLAIN.issuperset(map(type, value)) else map(self, value))

    def _items(self, items: dict[Any, Any]) -> Hashable:
        return *items, *[v if type(v) in _PLAIN else self(v) for v in items.values()]

    def _array(self, value: np.ndarray) -> Hashable:
        if value.dtype == object:
            raise Unknown(object)
        return value.shape, value.dtype.str, value.tobytes()

    def _object(self, value: Any) -> Hashable:
        look = self._known.get(id(value))
        if look is None:
            self._alive.append(value)
            self._known[id(value)] = "above"  # an object that leads back to itself
            try:
                look = self._known[id(value)] = self._parts(value)
            except Unknown:
                del self._known[id(value)]
                raise
        return look

    def _parts(self, value: Any) -> Hashable:
        if isinstance(value, BboxBase):
            return self._array(value.get_points())
        if isinstance(value, Line2D | Text) and not value.get_visible():
            return type(value)  # nothing is painted, and nothing makes room for it
        if isinstance(value, Transform):
            return self._array(value.get_matrix()) if value.is_affine else self._attributes(value, _CACHES)
        return self._attributes(value, _BESIDE)

    def _attributes(self, value: Any, left_out: tuple[str, ...]) -> Hashable:
        if not hasattr(value, "__dict__"):
            raise Unknown(type(value))
        items = vars(value).copy()
        for name in left_out:
            items.pop(name, None)
        return type(value), self._items(items)

    def axis(self, axis: XAxis | YAxis) -> Hashable:
        """An axis is drawn from its ticks as they come out, and from all else that it holds."""
        groups: Any = axis.axes.get_figure(root=False)
        aligned = groups._align_label_groups[axis.axis_name].get_siblings(axis.axes)
        places, small = list(axis.get_majorticklocs()), list(axis.get_minorticklocs())
        labels = (
            axis.get_major_formatter().format_ticks(places),
            axis.get_minor_formatter().format_ticks(small),
        )
        if len(aligned) > 1 or axis.get_major_formatter().get_offset():
            raise Unknown  # depends on other axes; may push the title
        ticks = self(places), self(small), self(axis.get_view_interval()), self(labels)
        return ticks, self._attributes(axis, _BESIDE + (_TICKS[:2] if len(small) else _TICKS))


@cache
def _reduction(kind: type) -> Callable[[_Look, Any], Hashable]:
    """How an object of this class, which is none of `_PLAIN`, is reduced."""
    if issubclass(kind, Enum):
        return lambda _, value: value
    if issubclass(kind, tuple | list):
        return _Look._sequence
    if kind is dict:
        return _Look._items
    if issubclass(kind, np.ma.MaskedArray):
        return lambda look, value: (look(value.data), look(np.ma.getmaskarray(value)))
    if kind is np.ndarray:
        return _Look._array
    if kind is MethodType:
        return lambda look, value: (value.__func__, look(value.__self__))
    if issubclass(kind, CallbackRegistry):
        return lambda *_: None
    if issubclass(kind, Axes | Figure) or not kind.__module__.startswith("matplotlib."):
        return _unknown
    return _Look._object


def _unknown(_: _Look, value: Any) -> Hashable:
    raise Unknown(type(value))
