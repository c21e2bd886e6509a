"""Pictures of pruned networks: what layers keep, thresholds of scores, accuracy, and ways to retrain.

layers      names of the layers, the first layer first      threshold   the smallest score that is kept
T, k        last training step, and the step that is rewound to
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend, log_axis, named_ticks
from courseware.plots.lines import mark_x
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, COLORS, ORANGE, RED, line_look, marker_look

KEPT: Look = {"facecolor": BLUE}
CUT: Look = {"facecolor": "0.85"}
EMPTY: Look = {"facecolor": "w", "hatch": "xx", "edgecolor": RED, "linewidth": 1}
LAYER_LIMIT = 18.0  # end of the axis: percent of the network in one layer
BIN_LIMIT = 14.0  # end of the axis: percent of the layer in one bin


def mask_corner(ax: Axes, mask: Bool[ndarray, "rows columns"]) -> None:
    """A part of a mask as an image, dark where a weight is kept."""
    height, width = mask.shape
    ax.imshow(np.where(mask, 0.25, 0.95), cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
    ax.set(xlabel="input", ylabel="output", xlim=(0, width), ylim=(height, 0))
    ax.grid(False)


def speedups(ax: Axes, percent: Sequence[Real], times: Mapping[str, Float[ndarray, " d"]], now: int) -> None:
    """How many times as fast as the dense product each variant is, against the percentage kept.

    times: name -> dense time divided by the variant's time, at each percentage.       now: index to mark.
    """
    for i, faster in enumerate(times.values()):
        ax.plot(percent, faster, markersize=7, **marker_look(i))
    ax.axhline(1, color="0.4", linewidth=1.5)
    mark_x(ax, percent[now])
    log_axis(ax)
    named_ticks(ax, percent, [f"{p:g}" for p in percent])
    ax.set(xlabel="percent of the weights kept", ylabel="times as fast as dense", xlim=(120, 1.7))
    ax.set(ylim=(0.1, 150))
    legend(ax, {name: line_look(i) for i, name in enumerate(times)})


def layer_percentages(
    ax: Axes, layers: Sequence[str], dense: Float[ndarray, " l"], kept: Float[ndarray, " l"], what: str
) -> None:
    """One bar per layer: its percentage of the dense network, and the part of it that is kept.

    what: parameters or operations.
    """
    row, zero = np.arange(len(layers)), np.zeros(len(layers))
    bars(ax, row, zero, dense, CUT)
    bars(ax, row, zero, kept, KEPT)
    layer_axis(ax, layers)
    ax.set(xlabel=f"{what}, percent of the dense network", xlim=(0, LAYER_LIMIT))
    legend(ax, {"kept": KEPT, "pruned": CUT})


def layer_axis(ax: Axes, layers: Sequence[str]) -> None:
    """A vertical axis of layers, the first layer at the top."""
    ax.set(ylabel="layer", ylim=(len(layers) - 0.5, -0.5))
    ax.yaxis.set_major_locator(FixedLocator(range(len(layers))))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: str(layers[round(v)])))
    ax.grid(False, axis="y")


def score_histogram(
    ax: Axes, edges: Float[ndarray, " edges"], counts: Int[ndarray, " bins"], threshold: Real, empty: bool
) -> None:
    """log₁₀ of one layer's scores; scores left of the threshold are removed, and an empty layer is hatched.

    The first bin also holds all smaller scores; if it is too high for the axis, its height is written there.
    """
    share = 100 * counts / max(counts.sum(), 1)
    below = edges[:-1] < threshold
    ax.stairs(np.where(below, share, 0), edges, fill=True, **(EMPTY if empty else CUT))
    ax.stairs(np.where(below, 0, share), edges, fill=True, **KEPT)
    mark_x(ax, threshold)
    ax.set(
        xlabel="log₁₀ of the score", ylabel="percent of the layer", xlim=edges[[0, -1]], ylim=(0, BIN_LIMIT)
    )
    if share[0] > BIN_LIMIT:
        ax.text(edges[1] + 0.1, 0.97 * BIN_LIMIT, f"{share[0]:.0f} % here\nor smaller", va="top", fontsize=12)
    legend(ax, {"kept": KEPT, "pruned": CUT})


def accuracy_lines(
    ax: Axes,
    x: Float[ndarray, " n"] | Int[ndarray, " n"],
    runs: Mapping[str, Float[ndarray, "seeds n"]],
    now: int,
    named: Sequence[str],
) -> None:
    """Mean and range over the seeds, one line per method; a dotted line marks the chosen point.

    now: index of the chosen x.       named: methods in this axes' legend; all may not fit above one axes.
    """
    for i, accuracy in enumerate(runs.values()):
        ax.plot(x, accuracy.mean(0), markersize=6, **marker_look(i))
        ax.fill_between(x, accuracy.min(0), accuracy.max(0), color=COLORS[i], alpha=0.18, linewidth=0)
    mark_x(ax, x[now])
    ax.set(ylim=(0, 100))
    legend(ax, {name: line_look(i) for i, name in enumerate(runs) if name in named})


def prediction(ax: Axes, predicted: Float[ndarray, " n"], true: Float[ndarray, " n"], what: str) -> None:
    """One dot per group of weights, a diamond for the last group, and the diagonal: prediction = truth."""
    reach = 1.15 * max(np.abs(predicted).max(), np.abs(true).max())
    line: Look = {"color": "0.4", "linestyle": (0, (5, 1.5))}
    ax.plot([-reach, reach], [-reach, reach], linewidth=1.5, **line)
    ax.plot(predicted[:-1], true[:-1], "o", color=BLUE, markersize=7, alpha=0.7)
    ax.plot(predicted[-1], true[-1], "D", color=RED, markersize=11, markeredgecolor="0.1")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.set(xlabel=f"predicted change of the {what}, percent", ylabel="true change, percent")
    looks: dict[str, Look] = {
        "random groups": {"marker": "o", "color": BLUE, "linestyle": "none", "markersize": 8},
        "group with the lowest scores": {"marker": "D", "color": RED, "linestyle": "none", "markersize": 9},
        "prediction = truth": line,
    }
    legend(ax, looks)


class Track(NamedTuple):
    """One way to retrain: the step that its weights come from, and the step where its schedule starts."""

    name: str
    weights_from: int
    schedule_from: int


def timeline(ax: Axes, tracks: Sequence[Track], drops: Sequence[int], T: int, k: int) -> None:
    """One row per way to retrain: a dot where its weights come from, a bar for the schedule that it runs.

    drops: steps at which the step size falls; the bar gets lighter there.
    """
    edges, shades = [0, *drops, 2 * T], ("#0072B2", "#6FAED6", "#C6DEEF")
    for row, track in enumerate(tracks):
        first, last = track.schedule_from, track.schedule_from + T - k
        for low, high, shade in zip(edges, edges[1:], shades, strict=False):
            inside = np.array([max(first, low)]), np.array([min(last, high)])
            if inside[0] < inside[1]:
                bars(ax, np.array([row]), *inside, {"facecolor": shade}, height=0.34)
        ax.plot(
            track.weights_from, row, "o", color=ORANGE, markersize=12, markeredgecolor="0.1", clip_on=False
        )
        ax.text(1.03 * T, row - 0.26, track.name, fontsize=12, va="bottom")
    mark_x(ax, k)
    ax.axvline(T, color="0.1", linewidth=1.5)
    ax.set(xlim=(0, 2 * T), ylim=(len(tracks) - 0.5, -0.7), yticks=[], xlabel="step")
    ax.set_ylabel("way to retrain", labelpad=14)  # clear of a dot at step 0
    looks: dict[str, Look] = {
        "weights from": {"marker": "o", "color": ORANGE, "linestyle": "none", "markersize": 10},
        "schedule: η": {"facecolor": shades[0]},
        "η/10": {"facecolor": shades[1]},
        "η/100": {"facecolor": shades[2]},
    }
    legend(ax, looks)


def accuracy_bars(ax: Axes, runs: Mapping[str, Float[ndarray, " seeds"]], dense: Real) -> None:
    """One row per way to retrain: the mean as a bar, each seed as a dot, the dense network as a line."""
    for row, accuracy in enumerate(runs.values()):
        bars(ax, np.array([row]), np.zeros(1), accuracy.mean(keepdims=True), KEPT, height=0.34)
        ax.plot(accuracy, np.full(len(accuracy), row), "o", color="0.1", markersize=6)
    dense_look: Look = {"color": "0.4", "linewidth": 1.5, "linestyle": (0, (5, 1.5))}
    ax.axvline(dense, **dense_look)
    ax.set(
        xlim=(0, 100), ylim=(len(runs) - 0.5, -0.7), yticks=[], xlabel="test accuracy, percent", ylabel=" "
    )
    legend(ax, {"mean": KEPT, "one seed": {"marker": "o", "color": "0.1"}, "dense": dense_look})


def gains(
    ax: Axes, rows: Sequence[str], columns: Sequence[str], gain: Float[ndarray, "seeds columns rows"]
) -> None:
    """Differences in percentage points as a table: the mean and, in brackets, each seed; blue > 0 > red."""
    mean = gain.mean(0).T
    ax.imshow(mean, cmap="RdBu", vmin=-110, vmax=110, aspect="auto", alpha=0.8)
    for (row, column), value in np.ndenumerate(mean):
        seeds = ", ".join(f"{round(v)}" for v in gain[:, column, row])
        text = f"{round(value):+d}  ({seeds})".replace("-", "−")
        ax.text(column, row, text, ha="center", va="center", fontsize=14)
    layer_axis(ax, rows)
    ax.set(
        xlabel="trained by (mean, and each seed in brackets)",
        ylabel="ticket of",
        xlim=(-0.5, len(columns) - 0.5),
    )
    ax.xaxis.set_major_locator(FixedLocator(range(len(columns))))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: str(columns[round(v)])))
    ax.grid(False)
