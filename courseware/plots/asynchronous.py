"""Pictures of workers that do not wait: who overtakes whom, how stale updates are, who can collide.

row        worker, 1, 2, … from the top            tau (τ)   updates between reading and writing
edges      pairs of examples that share a          n         examples
           coordinate
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy import ndarray

from courseware.plots.axes import doubling_axis, legend, log_axis
from courseware.plots.canvas import still
from courseware.plots.parallel import COMPUTE
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, GREEN, ORANGE, QUIET, RED, line_look

STALE: Look = {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w", "linewidth": 0}
CHANGED: Look = {"facecolor": RED, "hatch": "xx", "edgecolor": "w", "linewidth": 0}


class Spans(NamedTuple):
    """One bar an update, from the reading of the weights to their writing."""

    row: Int[ndarray, " m"]
    begin: Float[ndarray, " m"]
    end: Float[ndarray, " m"]

    def where(self, chosen: Bool[ndarray, " m"]) -> "Spans":
        return Spans(self.row[chosen], self.begin[chosen], self.end[chosen])


def stale_update(
    ax: Axes, spans: Spans, stalest: int, missed: Int[ndarray, " tau"], window: tuple[Real, Real]
) -> None:
    """Every worker's updates in a window of time, and for one of them dots on those that it missed."""
    left, right = window
    shown = spans.where((spans.end > left) & (spans.begin < right))
    mine = Spans(*(column[stalest : stalest + 1] for column in spans))
    bars(ax, *shown, {**COMPUTE, "alpha": 0.35})
    bars(ax, *mine, STALE)
    ax.vlines(shown.end, shown.row - 0.4, shown.row + 0.4, color=BLUE, linewidth=2.5)
    ax.plot(spans.end[missed], spans.row[missed], "o", color=RED, markersize=9, markeredgecolor="w", zorder=5)
    looks: dict[str, Look] = {
        "reads … writes": {"facecolor": BLUE, "alpha": 0.35},
        "stalest": STALE,
        "missed": {"marker": "o", "color": RED, "linestyle": "none", "markersize": 9, "markeredgecolor": "w"},
    }
    ax.set(xlim=window)
    legend(ax, looks)


def delays(ax: Axes, tau: Int[ndarray, " n"]) -> None:
    """Shares of updates by τ, in classes that double: 0, 1, 2–3, 4–7, …, 64 and more."""
    edges = np.array([0, 1, 2, 4, 8, 16, 32, 64])
    share = np.bincount(np.searchsorted(edges, tau, side="right") - 1, minlength=len(edges)) / len(tau)
    ax.bar(np.arange(len(edges)), share, 1.0, align="edge", color=BLUE, edgecolor="w", linewidth=2)
    ax.xaxis.set_major_locator(FixedLocator(range(len(edges))))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{edge}" for edge in edges]))
    ax.set(xlabel="delay τ, a bar up to the next tick", ylabel="share of updates")
    ax.set(xlim=(0, len(edges)), ylim=(0, 1))
    ax.grid(False, axis="x")


def two_timelines(
    ax: Axes,
    bands: Mapping[str, tuple[Spans, Bool[ndarray, " m"]]],
    rows: int,
    window: Real,
) -> None:
    """One band of workers a way to share the weights; a bar is red where a weight changed under it."""
    gap = 1.8  # rows between two bands, room for the name
    for i, (label, (spans, changed)) in enumerate(bands.items()):
        top = i * (rows + gap)
        there = (spans.begin < window) & (spans.end > 0) & (spans.row <= rows)
        for look, chosen in ((COMPUTE, there & ~changed), (CHANGED, there & changed)):
            part = spans.where(chosen)
            bars(ax, top + part.row, part.begin, part.end, {**look, "edgecolor": "w", "linewidth": 1})
        still(ax.text(0.1, top + 0.3, label, fontsize=13, va="bottom"))
    ax.set(xlim=(0, window), ylim=(len(bands) * (rows + gap) - gap + 0.6, -0.9), yticks=[])
    ax.grid(False)
    legend(ax, {"reads … writes": COMPUTE, "read what changed": CHANGED})


def rates(
    ax: Axes, workers: Int[ndarray, " n"], series: Mapping[str, Float[ndarray, " n"]], now: int
) -> None:
    """Updates a second against workers, both doubling, with the picture's number of workers marked."""
    top = int(workers[-1])
    still(*ax.plot(workers, workers, color=QUIET, linestyle=(0, (2, 2)), linewidth=1.5))
    for i, values in enumerate(series.values()):
        ax.plot(workers, values, **line_look(i))
    ax.axvline(now, color=QUIET, linewidth=1)
    ticks = [2**i for i in range(int(np.log2(top)) + 1)]
    doubling_axis(ax, "x", ticks)
    doubling_axis(ax, "y", ticks)
    ax.set(xlabel="workers P", ylabel="updates a second, one worker = 1", ylim=(0.5, top))
    legend(ax, {label: line_look(i) for i, label in enumerate(series)})


def conflict_graph(ax: Axes, shares: Bool[ndarray, "n n"]) -> None:
    """Examples on a circle, a line for two that share a coordinate."""
    n = len(shares)
    angle = 2 * np.pi * np.arange(n) / n
    place = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    first, second = np.nonzero(np.triu(shares, 1))
    lines = np.stack([place[first], place[second]], axis=1)
    ax.add_collection(LineCollection([*lines], colors=BLUE, linewidths=0.8, alpha=0.5), autolim=False)
    ax.plot(*place.T, "o", color="0.2", markersize=7)
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.grid(False)


def delay_limits(
    ax: Axes, tau: Int[ndarray, " m"], loss: Float[ndarray, " m"], bound: Real, limit: Real
) -> None:
    """Loss by delay beside what theory says: promised up to `bound`, impossible beyond `limit`.

    No delay stands at the left end of the logarithmic axis.
    """
    x, ends = np.maximum(tau, 0.5), (0.4, 100.0)
    ax.axvspan(ends[0], np.clip(bound, *ends), color=GREEN, alpha=0.18, linewidth=0)
    ax.axvline(limit, color=RED, linewidth=2.4, linestyle=(0, (5, 1.5)))
    ax.plot(x, np.clip(loss, 0.1, 1e4), "o-", color=BLUE, markersize=8)
    log_axis(ax)
    ax.set(xscale="log", xlim=ends, ylim=(0.3, 1e3), xlabel="delay τ", ylabel="loss, without delay = 1")
    ax.xaxis.set_major_locator(FixedLocator([*x]))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{t}" for t in tau]))
    ax.xaxis.set_minor_locator(NullLocator())
    words = "exact limit" if limit < ends[1] else "exact limit, beyond 100"
    wall: Look = {"color": RED, "linestyle": (0, (5, 1.5))}
    legend(ax, {"promised": {"facecolor": GREEN, "alpha": 0.18}, words: wall})
