"""Pictures of pruned networks: what a layer keeps, where scores are cut, how accuracy falls, what is rewound.

layers   names, first layer first       share   of the whole network's parameters or operations
cut      score at the border            T, k    last step, and the step that is rewound to
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
from courseware.plots.style import BLUE, COLORS, MARKERS, ORANGE, RED, line_look

KEPT: Look = {"facecolor": BLUE}
CUT: Look = {"facecolor": "0.85"}
NOTHING: Look = {"facecolor": "w", "hatch": "xx", "edgecolor": RED, "linewidth": 1}
WIDEST = 18.0  # percent of the network in one layer
HIGHEST = 14.0  # percent of the layer in one bin


def mask_corner(ax: Axes, mask: Bool[ndarray, "rows columns"]) -> None:
    """A part of a weight matrix: dark where a weight is kept."""
    height, width = mask.shape
    ax.imshow(np.where(mask, 0.25, 0.95), cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
    ax.set(xlabel="input", ylabel="output, a row each", xlim=(0, width), ylim=(height, 0))
    ax.grid(False)


def speedups(ax: Axes, percent: Sequence[Real], times: Mapping[str, Float[ndarray, " d"]], now: int) -> None:
    """How many times as fast as the dense product, against the share kept; the level of 1 is dense."""
    for i, faster in enumerate(times.values()):
        ax.plot(percent, faster, marker=MARKERS[i], markersize=7, **line_look(i))
    ax.axhline(1, color="0.4", linewidth=1.5)
    mark_x(ax, percent[now])
    log_axis(ax)
    named_ticks(ax, percent, [f"{p:g}" for p in percent])
    ax.set(xlabel="percent of the weights kept", ylabel="times as fast as dense", xlim=(120, 1.7))
    ax.set(ylim=(0.1, 150))
    legend(ax, {name: line_look(i) for i, name in enumerate(times)})


def layer_shares(
    ax: Axes, layers: Sequence[str], dense: Float[ndarray, " l"], kept: Float[ndarray, " l"], what: str
) -> None:
    """A row a layer: its share of the dense network, and how much of that is kept; percent."""
    row, zero = np.arange(len(layers)), np.zeros(len(layers))
    bars(ax, row, zero, dense, CUT)
    bars(ax, row, zero, kept, KEPT)
    layer_axis(ax, layers)
    ax.set(xlabel=f"{what}, percent of the dense network", xlim=(0, WIDEST))
    legend(ax, {"kept": KEPT, "cut": CUT})


def layer_axis(ax: Axes, layers: Sequence[str]) -> None:
    """The first layer at the top."""
    ax.set(ylabel="layer", ylim=(len(layers) - 0.5, -0.5))
    ax.yaxis.set_major_locator(FixedLocator(range(len(layers))))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: str(layers[round(v)])))
    ax.grid(False, axis="y")


def score_histogram(
    ax: Axes, edges: Float[ndarray, " edges"], counts: Int[ndarray, " bins"], cut: Real, dead: bool
) -> None:
    """log₁₀ of one layer's scores; what lies left of the cut is removed, and a dead layer hatched.

    The first bin holds all smaller scores too: where it is too high to be drawn, its height is written.
    """
    share = 100 * counts / max(counts.sum(), 1)
    below = edges[:-1] < cut
    ax.stairs(np.where(below, share, 0), edges, fill=True, **(NOTHING if dead else CUT))
    ax.stairs(np.where(below, 0, share), edges, fill=True, **KEPT)
    mark_x(ax, cut)
    ax.set(xlabel="log₁₀ of the score", ylabel="percent of the layer", xlim=edges[[0, -1]], ylim=(0, HIGHEST))
    if share[0] > HIGHEST:
        ax.text(edges[1] + 0.1, 0.97 * HIGHEST, f"{share[0]:.0f} % here\nor smaller", va="top", fontsize=12)
    legend(ax, {"kept": KEPT, "cut": CUT})


def accuracy_lines(
    ax: Axes,
    x: Float[ndarray, " n"] | Int[ndarray, " n"],
    runs: Mapping[str, Float[ndarray, "seeds n"]],
    now: int,
    named: Sequence[str],
) -> None:
    """Mean and range over the seeds; the dotted line is the point that is picked.

    The names of all lines may not fit above one of two axes: `named` are this one's.
    """
    for i, accuracy in enumerate(runs.values()):
        ax.plot(x, accuracy.mean(0), marker=MARKERS[i], markersize=6, **line_look(i))
        ax.fill_between(x, accuracy.min(0), accuracy.max(0), color=COLORS[i], alpha=0.18, linewidth=0)
    mark_x(ax, x[now])
    ax.set(ylim=(0, 100))
    legend(ax, {name: line_look(i) for i, name in enumerate(runs) if name in named})


def prediction(ax: Axes, predicted: Float[ndarray, " n"], true: Float[ndarray, " n"], what: str) -> None:
    """A dot a group of weights, the last one a diamond, beside the diagonal where predictions come true."""
    reach = 1.15 * max(np.abs(predicted).max(), np.abs(true).max())
    line: Look = {"color": "0.4", "linestyle": (0, (5, 1.5))}
    ax.plot([-reach, reach], [-reach, reach], linewidth=1.5, **line)
    ax.plot(predicted[:-1], true[:-1], "o", color=BLUE, markersize=7, alpha=0.7)
    ax.plot(predicted[-1], true[-1], "D", color=RED, markersize=11, markeredgecolor="0.1")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.set(xlabel=f"predicted change of the {what}, percent", ylabel="true change, percent")
    looks: dict[str, Look] = {
        "random groups": {"marker": "o", "color": BLUE, "linestyle": "none", "markersize": 8},
        "the group of lowest score": {"marker": "D", "color": RED, "linestyle": "none", "markersize": 9},
        "prediction come true": line,
    }
    legend(ax, looks)


class Track(NamedTuple):
    """One way to retrain: the step its weights come from, and the one its schedule starts at."""

    name: str
    weights_from: int
    schedule_from: int


def timeline(ax: Axes, tracks: Sequence[Track], drops: Sequence[int], T: int, k: int) -> None:
    """A row a way to retrain: a dot where its weights come from, a bar for the schedule that it runs through.

    `drops`: steps at which the step size falls; the bar gets lighter there.
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
        "steps run: η": {"facecolor": shades[0]},
        "η/10": {"facecolor": shades[1]},
        "η/100": {"facecolor": shades[2]},
    }
    legend(ax, looks)


def accuracy_bars(ax: Axes, runs: Mapping[str, Float[ndarray, " seeds"]], dense: Real) -> None:
    """A row a way to retrain: the mean as a bar, each seed as a dot, the dense network as a line."""
    for row, accuracy in enumerate(runs.values()):
        bars(ax, np.array([row]), np.zeros(1), accuracy.mean(keepdims=True), KEPT, height=0.34)
        ax.plot(accuracy, np.full(len(accuracy), row), "o", color="0.1", markersize=6)
    dense_look: Look = {"color": "0.4", "linewidth": 1.5, "linestyle": (0, (5, 1.5))}
    ax.axvline(dense, **dense_look)
    ax.set(
        xlim=(0, 100), ylim=(len(runs) - 0.5, -0.7), yticks=[], xlabel="test accuracy, percent", ylabel=" "
    )
    legend(ax, {"mean": KEPT, "a seed": {"marker": "o", "color": "0.1"}, "dense": dense_look})


def gains(
    ax: Axes, rows: Sequence[str], columns: Sequence[str], gain: Float[ndarray, "seeds columns rows"]
) -> None:
    """A table of percentage points: the mean and, in brackets, every seed; blue is more, red is less."""
    mean = gain.mean(0).T
    ax.imshow(mean, cmap="RdBu", vmin=-110, vmax=110, aspect="auto", alpha=0.8)
    for (row, column), value in np.ndenumerate(mean):
        seeds = ", ".join(f"{round(v)}" for v in gain[:, column, row])
        text = f"{round(value):+d}  ({seeds})".replace("-", "−")
        ax.text(column, row, text, ha="center", va="center", fontsize=14)
    layer_axis(ax, rows)
    ax.set(xlabel="trained by", ylabel="ticket of", xlim=(-0.5, len(columns) - 0.5))
    ax.xaxis.set_major_locator(FixedLocator(range(len(columns))))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: str(columns[round(v)])))
    ax.grid(False)
