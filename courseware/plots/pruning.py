"""Pictures of pruned networks: what layers keep, thresholds of scores, accuracy, and predicted changes.

layers      names of the layers, the first layer first      threshold   the smallest score that is kept
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend, log_axis, named_ticks
from courseware.plots.lines import mark_x
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, DASHES, GREEN, ORANGE, PINK, QUIET, RED, SKY

KEPT: Look = {"facecolor": BLUE}
CUT: Look = {"facecolor": "0.85"}
EMPTY: Look = {"facecolor": "w", "hatch": "xx", "edgecolor": RED, "linewidth": 1}
DENSE: Look = {"color": "0.4", "linewidth": 1.5, "linestyle": (0, (3, 2))}
_METHODS: dict[str, Look] = {
    "SynFlow": {"color": GREEN, "marker": "o", "linestyle": DASHES[0]},
    "SNIP": {"color": ORANGE, "marker": "s", "linestyle": DASHES[1]},
    "GraSP": {"color": SKY, "marker": "^", "linestyle": DASHES[3]},
    "magnitude": {"color": PINK, "marker": "D", "linestyle": DASHES[4]},
    "random": {"color": QUIET, "marker": "v", "linestyle": DASHES[5]},
}
TICKETS: dict[str, Look] = {
    "ticket": {"color": BLUE, "marker": "o", "linestyle": DASHES[0]},
    "re-initialised": {"color": PINK, "marker": "s", "linestyle": DASHES[1]},
    "shuffled": {"color": SKY, "marker": "^", "linestyle": DASHES[3]},
    "random": {"color": QUIET, "marker": "v", "linestyle": DASHES[5]},
}
"""A ticket and its controls."""
PRODUCTS: dict[str, Look] = {
    "zeros stored": {"color": PINK, "marker": "o", "linestyle": DASHES[0]},
    "zeros left out": {"color": ORANGE, "marker": "s", "linestyle": DASHES[1]},
    "whole rows": {"color": GREEN, "marker": "^", "linestyle": DASHES[3]},
}
BEHIND_TEXT: Look = {"facecolor": "w", "alpha": 0.9, "edgecolor": "none", "pad": 1}
LAYER_LIMIT = 18.0  # end of the axis: percent of the network in one layer
BIN_LIMIT = 14.0  # end of the axis: percent of the layer in one bin


def method_look(name: str) -> Look:
    """A method's colour and marker in every picture; with another number of rounds, hollow and dotted.

    name: of the method.
    """
    base = name.partition(" ")[0]
    other: Look = {"linestyle": DASHES[2], "markerfacecolor": "w"}
    return _METHODS[base] | (other if base != name else {})


def mask_corner(ax: Axes, mask: Bool[ndarray, "rows columns"]) -> None:
    """A part of a mask as an image, dark where a weight is kept."""
    height, width = mask.shape
    ax.imshow(np.where(mask, 0.25, 0.95), cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
    ax.set(xlabel="input", ylabel="output", xlim=(0, width), ylim=(height, 0))
    ax.grid(False)


def speedups(
    ax: Axes,
    percent: Sequence[Real],
    times: Mapping[str, Float[ndarray, " d"]],
    now: int,
    chosen: str,
    noise: Real,
) -> None:
    """How many times as fast as the dense product each variant is, against the percentage kept.

    times: name -> dense time divided by the variant's time, at each percentage.       now: index to mark.
    chosen: the variant whose speed-up at the mark is written beside it.
    noise: ratio of times of equal work; between 1/noise and noise a speed-up is not told from 1 (grey).
    percent: weights kept, in percent, (d,).
    """
    ax.axhspan(1 / noise, noise, color="0.9", zorder=0.5)
    for name, faster in times.items():
        ax.plot(percent, faster, markersize=7, **PRODUCTS[name])
    ax.axhline(1, color="0.4", linewidth=1.5)
    mark_x(ax, percent[now])
    value = float(times[chosen][now])
    last = percent[now] == min(percent)  # at the right end of the axis: write to the left of the mark
    text = ax.text(percent[now] * (1.08 if last else 0.93), value * 1.35, f"{value:.2g} ×", zorder=6)
    text.set(fontweight="bold", color=PRODUCTS[chosen]["color"], ha="right" if last else "left")
    text.set_bbox(BEHIND_TEXT)
    log_axis(ax)
    named_ticks(ax, percent, [f"{p:g}" for p in percent])
    ax.set(xlabel="percent of the weights kept (grey band: timing error)", ylabel="times as fast as dense")
    ax.set(xlim=(120, 1.4), ylim=(0.04, 150))
    legend(ax, {name: PRODUCTS[name] for name in times})


def layer_percentages(
    ax: Axes, layers: Sequence[str], dense: Float[ndarray, " l"], kept: Float[ndarray, " l"], what: str
) -> None:
    """One bar per layer: its percentage of the dense network, and the part of it that is kept.

    dense, kept: in percent of the dense network.       what: parameters or operations.
    layers: their names, in order.
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

    edges: of the bins, log₁₀.   counts: scores in each bin.   threshold: log₁₀ of the smallest score kept.
    empty: whether the layer has no weight left.
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
    looks: Mapping[str, Look],
    *,
    valued: Sequence[str],
    shift: Real = 1.12,
) -> None:
    """Mean and range over the seeds in percent, one line per method; a dotted line marks the chosen point.

    now: index of the chosen x.       valued: methods whose mean at the mark is written beside it.
    shift: factor from the mark to its numbers, on the logarithmic x axis; below 1 where x falls to the right.
    x: numbers of the x axis, (n,).   runs: method -> accuracy in percent, (seeds, n).
    looks: method -> its colour, marker and dashes.
    """
    for name, accuracy in runs.items():
        look = {"linewidth": 2.6 if name in valued else 1.3, **looks[name]}
        ax.plot(x, accuracy.mean(0), markersize=6, **look)
        low, high, color = accuracy.min(0), accuracy.max(0), looks[name]["color"]
        ax.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0)
    mark_x(ax, x[now])
    means = np.array([runs[name].mean(0)[now] for name in valued])
    for name, mean, height in zip(valued, means, apart(means, 6.5), strict=True):
        text = ax.text(
            float(x[now]) * shift, height, f"{mean:.1f} %", va="center", fontweight="bold", zorder=6
        )
        text.set(color=looks[name]["color"], fontsize=13)
        text.set_bbox(BEHIND_TEXT)
    ax.set(ylim=(0, 100))


def apart(heights: Float[ndarray, " n"], gap: Real) -> Float[ndarray, " n"]:
    """Heights of texts at least `gap` apart, in the same order; texts too close fan out around their mean.

    heights: in data units, (n,).   gap: in the same unit.
    """
    blocks: list[list[int]] = []  # indices of texts that touch, the lowest first

    def lowest(block: list[int]) -> float:
        return float(np.mean(heights[block] - gap * np.arange(len(block))))

    for i in np.argsort(heights, kind="stable").tolist():
        blocks.append([i])
        while len(blocks) > 1 and lowest(blocks[-1]) < lowest(blocks[-2]) + gap * len(blocks[-2]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    placed = np.empty(len(heights))
    for block in blocks:
        placed[block] = lowest(block) + gap * np.arange(len(block))
    return placed


def prediction(
    ax: Axes, predicted: Float[ndarray, " n"], true: Float[ndarray, " n"], what: str, method: str
) -> None:
    """One dot per group of weights, a diamond for the last group, and the diagonal: prediction = truth.

    predicted, true: in percent.       what: the objective, in words.       method: has chosen the last group.
    """
    reach = 1.15 * max(np.abs(predicted).max(), np.abs(true).max())
    line: Look = {"color": "0.4", "linestyle": (0, (5, 1.5))}
    ax.plot([-reach, reach], [-reach, reach], linewidth=1.5, **line)
    color = method_look(method)["color"]
    ax.plot(predicted[:-1], true[:-1], "o", color=QUIET, markersize=7, alpha=0.7)
    ax.plot(predicted[-1], true[-1], "D", color=color, markersize=11, markeredgecolor="0.1")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.set(xlabel=f"predicted change of the {what}, percent", ylabel="true change, percent")
    looks: dict[str, Look] = {
        "random groups": {"marker": "o", "color": QUIET, "linestyle": "none", "markersize": 8},
        f"the group that {method} removes": {
            **{"marker": "D", "color": color, "linestyle": "none", "markersize": 9}
        },
        "prediction = truth": line,
    }
    legend(ax, looks)
