"""Pictures of distributed and streaming selection: machines and their parts, sieves, and costs.

owner     machine of each point, 0, 1, …, (n,)       value   F over the value of greedy on all points
level     what a sieve is known by, in F's unit      cost    one number for each size n
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy import ndarray

from courseware.plots.axes import legend, log_axis
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, columns, rectangles
from courseware.plots.style import BLUE, COLORS, GREEN, MARKERS, QUIET, RED, line_look, marker_look

ANSWER: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 18, "markeredgecolor": "w"}
CENTRAL: Look = {"marker": "D", "color": RED, "linestyle": "none", "markersize": 13}
CENTRAL |= {"markerfacecolor": "none", "markeredgewidth": 2}
LOCAL: Look = {"marker": "o", "color": "0.3", "linestyle": "none", "markersize": 8, "markeredgecolor": "0.1"}
OPEN: Look = {"facecolor": BLUE, "edgecolor": "w", "linewidth": 0.5}
FULL: Look = {"facecolor": "0.85", "edgecolor": "0.6", "hatch": "///", "linewidth": 0.5}
KEPT: Look = {"marker": "o", "color": RED, "linestyle": "none", "markersize": 8, "markeredgecolor": "w"}
SO_FAR: Look = {"color": QUIET, "linewidth": 2, "linestyle": (0, (2, 2))}
GUARANTEED: Look = {"color": RED, "linewidth": 2, "linestyle": (0, (5, 1.5))}
BEST: Look = {"marker": "*", "color": GREEN, "linestyle": "none", "markersize": 18, "markeredgecolor": "w"}


# --- GreeDi ----------------------------------------------------------------------------------------


def machines_map(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    owner: Int[ndarray, " n"],
    local: Sequence[tuple[int, ...]],
    answer: Sequence[int],
    central: Sequence[int],
) -> None:
    """Points in the colour of their machine, its choice in the machine's marker, and the two answers.

    owner: machine of each point.   local: what each machine chose.   answer: of GreeDi.
    central: what greedy on all points chose.
    """
    dots = ax.scatter(*points.T, s=9, c=[COLORS[p % 6] for p in owner], alpha=0.5, linewidth=0, zorder=0.9)
    still(dots)
    for i in range(min(6, len(local))):
        chosen = np.concatenate([np.array(own, dtype=int) for own in local[i::6]])
        look: Look = {"marker": MARKERS[i], "color": COLORS[i], "markersize": 8, "markeredgecolor": "0.1"}
        ax.plot(*points[chosen].T, linestyle="none", **look)
    ax.plot(*points[[*central]].T, **CENTRAL, zorder=4)
    ax.plot(*points[[*answer]].T, **ANSWER, zorder=5)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="first feature", ylabel="second feature")
    ax.grid(False)
    legend(ax, {"one machine": LOCAL, "answer": ANSWER, "greedy on all": CENTRAL})


def machine_bars(ax: Axes, values: Float[ndarray, " m"], merged: Real) -> None:
    """The value of each machine's own set, beside the merged one; the star is on the set that is returned."""
    m = len(values)
    columns(ax, np.arange(m) + 1, values, {"facecolor": [COLORS[p % 6] for p in range(m)], "alpha": 0.8})
    columns(ax, np.array([m + 1.5]), np.array([merged]), {"facecolor": "0.2"})
    best = int(np.argmax(values))
    place = (m + 1.5, merged) if merged >= values[best] else (best + 1, values[best])
    line, returned = {"color": QUIET, "linestyle": (0, (2, 2))}, {**ANSWER, "color": GREEN}
    ax.axhline(1, **line)
    ax.plot(*place, **returned, zorder=5)
    ax.xaxis.set_major_locator(FixedLocator([m + 1.5]))
    ax.xaxis.set_major_formatter(FixedFormatter(["merged"]))
    ax.set(xlim=(0.3, m + 2.2), ylim=(0, 1.2), xlabel=f"machines 1 to {m}, and the merged set")
    ax.set_ylabel("F(S) over greedy's on all points")
    ax.grid(False, axis="x")
    legend(ax, {"returned": returned, "greedy on all": line})


# --- sieves ----------------------------------------------------------------------------------------


class SieveBars(NamedTuple):
    """All sieves at one moment, lowest level first.

    value: F(S).   full: |S| = k.   kept: whether a sieve kept the last element.   low, high: span of levels.
    """

    level: Float[ndarray, " sieves"]
    value: Float[ndarray, " sieves"]
    full: Bool[ndarray, " sieves"]
    kept: Bool[ndarray, " sieves"]
    low: float
    high: float


def sieve_bars(
    ax: Axes, sieves: SieveBars, epsilon: Real, greedy_so_far: Real, bound: Real, window: tuple[Real, Real]
) -> None:
    """One bar per sieve, as long as its F(S).

    greedy_so_far, bound: vertical lines.   window: lowest and highest level of the axis.
    """
    half = (1 + epsilon) ** 0.4
    low, high, zero = sieves.level / half, sieves.level * half, np.zeros(len(sieves.level))
    for look, chosen in ((OPEN, ~sieves.full), (FULL, sieves.full)):
        rectangles(ax, zero[chosen], sieves.value[chosen], low[chosen], high[chosen], look)
    ax.plot(sieves.value[sieves.kept], sieves.level[sieves.kept], **KEPT, zorder=4)
    if len(sieves.level):
        best = int(np.argmax(sieves.value))
        ax.plot(sieves.value[best], sieves.level[best], **BEST, zorder=5)
        ax.axhspan(sieves.low, sieves.high, color="0.95", zorder=0.4)
    for x, name, look, side in (
        (greedy_so_far, "greedy so far", SO_FAR, "left"),
        (bound, "bound", GUARANTEED, "right"),
    ):
        if x > 0:
            ax.axvline(x, **look)
        if x > 0.06:  # else no room for the name
            place = x + (0.015 if side == "left" else -0.015), 1.1 * window[0]
            ax.text(*place, name, rotation=90, ha=side, va="bottom", fontsize=12)
    log_axis(ax)
    ax.set(xlim=(0, 1.08), ylim=window, xlabel="F(S) over greedy's on the whole stream")
    ax.grid(False)
    legend(ax, {"open": OPEN, "full": FULL, "kept now": KEPT, "best": BEST})


# --- cost ------------------------------------------------------------------------------------------


def costs(ax: Axes, sizes: Int[ndarray, " s"], series: Mapping[str, Float[ndarray, " s"]], what: str) -> None:
    """One line per method, both axes logarithmic; sizes not tried are nan. Grey: slopes 1 and 2."""
    for i, values in enumerate(series.values()):
        ax.plot(sizes, values, **marker_look(i), markersize=8)
    for which in "xy":
        log_axis(ax, which)
    low, high = ax.get_ylim()
    for slope, name in ((1, "∼ n"), (2, "∼ n²")):
        line = low * (sizes / sizes[0]) ** slope
        ax.plot(sizes, line, color="0.75", linestyle="-", linewidth=1.5, zorder=0.8)
        last = int(np.flatnonzero(line < high)[-1])
        ax.text(sizes[last], line[last], name, color="0.4", va="top", ha="left")
    ax.set(xlabel="elements n", ylabel=what, ylim=(low, high))
    legend(ax, {label: line_look(i) for i, label in enumerate(series)})
