"""Lines over an axis: runs, their spread over seeds, bounds, and what is marked on them.

On a logarithmic axis a run that diverged leaves the picture, and one that arrived leaves it below.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Num
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy import ndarray

from courseware.plots.axes import Range, Real, legend, log_axis
from courseware.plots.canvas import still
from courseware.plots.shapes import Look
from courseware.plots.style import QUIET, line_look, marker_look

Numbers = Num[ndarray, " n"]
Line = tuple[Num[ndarray, "..."], Num[ndarray, "..."]]  # x and y, both (n,), n its own

BOUND: Look = {"color": "0.35", "linestyle": (0, (4, 2)), "linewidth": 1.8}
REFERENCE: Look = {"color": "0.65", "linestyle": "-", "linewidth": 1.2}


def curves(
    ax: Axes,
    x: Numbers,
    series: Mapping[str, Float[ndarray, " n"]],
    *,
    log: bool = True,
    floor: float = 1e-12,
) -> None:
    """Labelled lines over a common x; on a log axis values are cut at `floor`, where rounding begins.

    series: label -> y.   log: whether the y axis is logarithmic.   floor: above 0.
    """
    for i, y in enumerate(series.values()):
        ax.plot(x, _drawable(y, floor if log else -np.inf), **line_look(i))
    if log:
        log_axis(ax)


def separate_lines(ax: Axes, series: Sequence[Line]) -> None:
    """Lines over an x of their own, in the order of their names.   series: (x, y) of each line."""
    for i, (x, y) in enumerate(series):
        ax.plot(x, _drawable(y), **line_look(i))


def measured_points(ax: Axes, x: Numbers, y: Numbers, i: int = 0, *, now: int | None = None) -> None:
    """Line `i` with a mark at each measured point; a ring where the sliders stand.

    i: place of the line among the looks, from 0.   now: index of the point with the ring, None for no ring.
    x, y: the measured points, (n,) each, in data units.
    """
    shown, look = _drawable(y), {**marker_look(i), "linewidth": 1.2}
    ax.plot(x, shown, markersize=7, **look)
    if now is not None:
        ring: Look = {"markersize": 17, "markerfacecolor": "none", "markeredgecolor": "0.1"}
        ax.plot(x[now], shown[now], "o", **ring, markeredgewidth=2)


def band(ax: Axes, x: Numbers, low: Float[ndarray, " n"], high: Float[ndarray, " n"], i: int) -> None:
    """The spread over seeds behind line `i` of `curves`.   low, high: its ends at each x."""
    ax.fill_between(x, low, high, color=line_look(i)["color"], alpha=0.18, linewidth=0)


def bound(ax: Axes, x: Numbers, y: Numbers) -> None:
    """A theorem's line.

    x, y: points of the line, (n,) each, in data units.
    """
    ax.plot(x, _drawable(y), **BOUND)


def reference_slope(ax: Axes, x: Range, y: Real, power: Real, name: str) -> None:
    """y·(x/x₀)ᵖ from x₀ to x₁ in log-log axes, named at its right end.

    x: (x₀, x₁).   y: height at x₀.   power: p, the slope.
    name: of the line.
    """
    heights = y, y * (x[1] / x[0]) ** power
    (line,) = ax.plot(x, heights, **REFERENCE)
    text = ax.text(x[1], heights[1], f" {name}", color="0.35", fontsize=12, va="center")
    still(line, text)


def line_legend(ax: Axes, labels: Sequence[str], bound_name: str = "", *, marks: bool = False) -> None:
    """The key of coloured lines in their order, with their marks or without, and of a dashed one.

    bound_name: of the dashed line, empty if there is none.   marks: whether the lines have marks.
    labels: one per coloured line.
    """
    look_of = (lambda i: {**marker_look(i), "markersize": 7}) if marks else line_look
    entries: dict[str, Look] = {label: look_of(i) for i, label in enumerate(labels)}
    legend(ax, {**entries, bound_name: BOUND} if bound_name else entries)


def shaded_interval(ax: Axes, first: Real, last: Real, text: str) -> None:
    """A shaded stretch of the x axis with its name at the top.

    first, last: its ends, in data units.   text: the name.
    """
    ax.add_patch(
        Rectangle((first, 0), last - first, 1, transform=ax.get_xaxis_transform(), color="0.92", zorder=0.6)
    )
    ax.text(
        (first + last) / 2, 0.97, text, transform=ax.get_xaxis_transform(), ha="center", va="top", color="0.3"
    )


def reference_level(ax: Axes, y: Real, text: str, *, color: str = QUIET, va: str = "top") -> None:
    """A horizontal reference, named at its left end; `va` is the side of the name that is at the line.

    y: its height.   va: "top", "center", "baseline" or "bottom".
    text: the name.   color: of line and name.
    """
    ax.axhline(y, color=color, linewidth=1.5, linestyle=(0, (2, 2)))
    ax.text(0.02, y, text, transform=ax.get_yaxis_transform(), va=va, color="0.3", fontsize=12)


def mark_x(ax: Axes, x: Real | np.number) -> None:
    """A vertical mark: now. It is grey, because colours stand for what is compared.

    x: where, in data units.
    """
    ax.axvline(float(x), color="0.3", linewidth=1.8, linestyle=(0, (1, 1)))


def ring(ax: Axes, x: Real, y: Real) -> None:
    """A ring around the point that is picked.

    x, y: the point, in data units.
    """
    ax.plot(x, y, "o", markersize=15, markerfacecolor="none", markeredgecolor="0.1", markeredgewidth=2)


def _drawable(y: Numbers, floor: Real = 1e-30) -> Float[ndarray, " n"]:
    """Agg overflows far outside the axes, and zero has no logarithm."""
    return np.where(np.isfinite(y) & (np.abs(y) < 1e30), np.maximum(y, floor), np.nan)
