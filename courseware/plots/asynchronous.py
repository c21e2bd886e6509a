"""Pictures of workers that do not wait: delays, conflicts and how much of both does no harm.

row        worker, 1, 2, … from the top            tau (τ)   updates between reading and writing
edges      pairs of examples that share a          n         number of examples
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
from courseware.plots.lines import band
from courseware.plots.parallel import COMPUTE, workers_axis
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, GREEN, ORANGE, RED, line_look, marker_look

STALE: Look = {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w", "linewidth": 0}
CHANGED: Look = {"facecolor": RED, "hatch": "xx", "edgecolor": "w", "linewidth": 0}
MISSED: Look = {"color": RED, "marker": "o", "linestyle": "none", "markersize": 9, "markeredgecolor": "w"}
LIMIT: Look = {"color": RED, "linestyle": (0, (5, 1.5))}
PROMISED: Look = {"facecolor": GREEN, "alpha": 0.18}
DELAY_CLASSES = np.array([0, 1, 2, 4, 8, 16, 32, 64])  # first delay of each; the last one is open


class Spans(NamedTuple):
    """One bar per update, from reading the weights to writing them.

    row: worker, from 1.   begin, end: when the update reads and writes; 1 is the time of a mean computation.
    """

    row: Int[ndarray, " m"]
    begin: Float[ndarray, " m"]
    end: Float[ndarray, " m"]

    def where(self, chosen: Bool[ndarray, " m"] | Int[ndarray, " k"]) -> "Spans":
        """Some of the updates.   chosen: a mask or indices."""
        return Spans(self.row[chosen], self.begin[chosen], self.end[chosen])


def stale_update(
    ax: Axes, spans: Spans, stalest: int, missed: Int[ndarray, " tau"], window: Real, workers: int
) -> None:
    """Every worker's updates from time 0 to `window`, and for one of them dots on those that it missed.

    spans: of all updates.   stalest, missed: places in `spans`, of one update and of those that it missed.
    window: in mean computations.   workers: how many there are.
    """
    shown = spans.where((spans.end > 0) & (spans.begin < window))
    bars(ax, *shown, {**COMPUTE, "alpha": 0.35})
    bars(ax, *spans.where(np.array([stalest])), STALE)
    ax.vlines(shown.end, shown.row - 0.4, shown.row + 0.4, color=BLUE, linewidth=2.5)
    ax.plot(spans.end[missed], spans.row[missed], zorder=5, **MISSED)
    ax.set(xlim=(0, window), xlabel="time, 1 = a mean computation")
    workers_axis(ax, workers)
    looks: dict[str, Look] = {"reads … writes": {"facecolor": BLUE, "alpha": 0.35}}
    legend(ax, {**looks, "stalest": STALE, "missed": MISSED})


def delay_histogram(ax: Axes, tau: Int[ndarray, " n"]) -> None:
    """Fractions of updates by τ, in classes that double: 0, 1, 2–3, 4–7, …, 64 and more.

    tau: delay of each of the n updates, from 0.
    """
    place = np.searchsorted(DELAY_CLASSES, tau, side="right") - 1
    share = np.bincount(place, minlength=len(DELAY_CLASSES)) / len(tau)
    ax.bar(np.arange(len(share)), share, 1.0, align="edge", color=BLUE, edgecolor="w", linewidth=2)
    ax.xaxis.set_major_locator(FixedLocator(range(len(share))))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{first}" for first in DELAY_CLASSES]))
    ax.set(xlabel="delay τ; a bar reaches up to the next tick", ylabel="fraction of updates")
    ax.set(xlim=(0, len(share)), ylim=(0, 1))
    ax.grid(False, axis="x")


def two_timelines(
    ax: Axes,
    bands: Mapping[str, tuple[Spans, Bool[ndarray, " m"]]],
    rows: int,
    window: Real,
) -> None:
    """One band of workers per way to share the weights; a bar is red where a weight it read was changed.

    bands: label -> the updates, and whether each of them read a weight that was changed before it wrote.
    rows: workers shown in each band.   window: end of the time axis, in mean updates.
    """
    gap = 1.8  # rows between two bands, space for the name
    for i, (label, (spans, changed)) in enumerate(bands.items()):
        top = i * (rows + gap)
        visible = (spans.begin < window) & (spans.end > 0) & (spans.row <= rows)
        for look, chosen in ((COMPUTE, visible & ~changed), (CHANGED, visible & changed)):
            part = spans.where(chosen)
            bars(ax, top + part.row, part.begin, part.end, {**look, "edgecolor": "w", "linewidth": 1})
        still(ax.text(0.1, top + 0.3, label, fontsize=13, va="bottom"))
    ax.set(xlim=(0, window), ylim=(len(bands) * (rows + gap) - gap + 0.6, -0.9), yticks=[])
    ax.set(xlabel="time, 1 = a mean update", ylabel="up to eight workers")
    ax.grid(False)
    legend(ax, {"reads … writes": COMPUTE, "its weights were changed": CHANGED})


def conflict_graph(ax: Axes, shares: Bool[ndarray, "n n"], note: str, total: int) -> None:
    """Examples on a circle, a line for two that share a coordinate; `note` stands above, `total` = all.

    shares: [i, j], whether the examples i and j share a coordinate.   total: number of examples in all.
    """
    n = len(shares)
    angle = 2 * np.pi * np.arange(n) / n
    place = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    first, second = np.nonzero(np.triu(shares, 1))
    lines = np.stack([place[first], place[second]], axis=1)
    ax.add_collection(LineCollection([*lines], colors=BLUE, linewidths=0.8, alpha=0.5), autolim=False)
    ax.plot(*place.T, "o", color="0.2", markersize=7)
    ax.text(0, 1.02, note, transform=ax.transAxes, va="bottom", fontsize=13)
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=[], yticks=[])
    ax.set(xlabel=f"{n} of {total:,} examples", ylabel="a line: they share a coordinate")
    ax.set_aspect("equal")
    ax.grid(False)


def delay_limits(
    ax: Axes, tau: Int[ndarray, " m"], loss: Float[ndarray, " m"], bound: Real, limit: Real
) -> None:
    """Loss by delay beside what theory says: allowed up to `bound`, divergent beyond `limit`.

    The delay 0 stands at the left end of the logarithmic axis.
    tau: increasing.   loss: for each τ, relative to the loss without delay.   bound, limit: delays.
    """
    x, ends = np.maximum(tau, 0.5), (0.4, 100.0)
    ax.axvspan(ends[0], np.clip(bound, *ends), linewidth=0, **PROMISED)
    ax.axvline(limit, linewidth=2.4, **LIMIT)
    ax.plot(x, np.clip(loss, 0.1, 1e4), "o-", color=BLUE, markersize=8)
    log_axis(ax)
    ax.set(xscale="log", xlim=ends, ylim=(0.3, 1e3), xlabel="delay τ", ylabel="loss, without delay = 1")
    ax.xaxis.set_major_locator(FixedLocator([*x]))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{t}" for t in tau]))
    ax.xaxis.set_minor_locator(NullLocator())
    name = "exact limit" if limit < ends[1] else "limit beyond 100"
    legend(ax, {"within the bound": PROMISED, name: LIMIT})


def losses_over_time(
    ax: Axes, runs: Mapping[str, tuple[Float[ndarray, " epochs"], Float[ndarray, "seeds epochs"]]]
) -> None:
    """Label -> time and loss of each seed after every epoch: mean and range, both axes logarithmic.

    runs: the time is in epochs of one worker, one entry per epoch; losses have one row per seed.
    """
    for i, (time, loss) in enumerate(runs.values()):
        band(ax, time, loss.min(0), loss.max(0), i)
        ax.plot(time, loss.mean(0), **{**line_look(i), "marker": marker_look(i)["marker"]})
    log_axis(ax)
    log_axis(ax, "x")
    ax.set(xlabel="time, in epochs of one worker", ylabel="training loss after each epoch")
    legend(ax, {label: marker_look(i) for i, label in enumerate(runs)})


def losses_by_workers(
    ax: Axes, workers: Int[ndarray, " n"], ends: Mapping[str, Float[ndarray, "n seeds"]], epochs: int
) -> None:
    """Label -> final loss of each seed by the number of workers: mean and range.

    workers: numbers of workers, increasing.   epochs: after which the losses were measured.
    ends: label -> loss, (n, seeds).
    """
    for i, loss in enumerate(ends.values()):
        band(ax, workers, loss.min(1), loss.max(1), i)
        ax.plot(workers, loss.mean(1), **line_look(i))
    log_axis(ax)
    doubling_axis(ax, "x", [int(P) for P in workers])
    ax.set(xlabel="workers P", ylabel=f"training loss after {epochs} epochs")
    legend(ax, {label: line_look(i) for i, label in enumerate(ends)})
