"""Pictures of pruned networks that are trained again: ways to retrain, and tickets found on another task.

T, k        last training step, and the step that is rewound to
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.lines import mark_x
from courseware.plots.pruning import BEHIND_TEXT, DENSE, KEPT, apart
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import DASHES

OPTIMIZERS: dict[str, Look] = {
    "SGD": {"color": "0.1", "marker": "o", "linestyle": DASHES[0]},
    "Adam": {"color": "#7B3FA0", "marker": "s", "linestyle": DASHES[1]},
}


class Track(NamedTuple):
    """One way to retrain.

    name: as it is written.   weights_from: step that its weights come from.
    schedule_from: step where its schedule starts.
    """

    name: str
    weights_from: int
    schedule_from: int


def timeline(ax: Axes, tracks: Sequence[Track], drops: Sequence[int], T: int, k: int) -> None:
    """One row per way to retrain: a dot where its weights come from, a bar for the schedule that it runs.

    tracks: the ways.   drops: steps at which the step size falls; the bar gets lighter there.
    T: steps of the whole training.   k: step to which the weights are rewound.
    """
    edges, shades = [0, *drops, 2 * T], ("#0072B2", "#6FAED6", "#C6DEEF")
    for row, track in enumerate(tracks):
        first, last = track.schedule_from, track.schedule_from + T - k
        for low, high, shade in zip(edges, edges[1:], shades, strict=False):
            inside = np.array([max(first, low)]), np.array([min(last, high)])
            if inside[0] < inside[1]:
                bars(ax, np.array([row]), *inside, {"facecolor": shade}, height=0.34)
        ax.plot(track.weights_from, row, "o", color="0.1", markersize=12, markeredgecolor="w", clip_on=False)
        ax.text(1.03 * T, row - 0.26, track.name, fontsize=12, va="bottom")
    mark_x(ax, k)
    ax.axvline(T, color="0.1", linewidth=1.5)
    ax.set(xlim=(0, 2 * T), ylim=(len(tracks) - 0.5, -0.7), yticks=[], xlabel="step")
    ax.set_ylabel("way to retrain", labelpad=14)  # clear of a dot at step 0
    looks: dict[str, Look] = {
        "weights from": {"marker": "o", "color": "0.1", "linestyle": "none", "markersize": 10},
        "schedule: η": {"facecolor": shades[0]},
        "η/10": {"facecolor": shades[1]},
        "η/100": {"facecolor": shades[2]},
    }
    legend(ax, looks)


def accuracy_bars(ax: Axes, runs: Mapping[str, Float[ndarray, " seeds"]], dense: Real) -> None:
    """One row per way to retrain: mean as a bar, each seed as a dot, `dense` as a line; all in percent.

    runs: way to retrain -> accuracy in percent, (seeds,).   dense: accuracy of the dense network, in percent.
    """
    for row, accuracy in enumerate(runs.values()):
        bars(ax, np.array([row]), np.zeros(1), accuracy.mean(keepdims=True), KEPT, height=0.34)
        ax.plot(accuracy, np.full(len(accuracy), row), "o", color="0.1", markersize=5)
        ax.text(1, row - 0.2, f"{accuracy.mean():.1f} %", fontsize=13, va="bottom")
    ax.axvline(dense, **DENSE)
    ax.set(
        xlim=(0, 100), ylim=(len(runs) - 0.5, -0.7), yticks=[], xlabel="test accuracy, percent", ylabel=" "
    )
    legend(ax, {"mean": KEPT, "one seed": {"marker": "o", "color": "0.1"}, "dense": DENSE})


def slopes(
    ax: Axes,
    stations: Sequence[str],
    runs: Mapping[str, Float[ndarray, "seeds stations"]],
    levels: Mapping[str, Real],
    low: Real,
) -> None:
    """A slope chart: from station to station one line per optimizer, and a level to compare it with.

    runs: optimizer -> accuracy in percent, one dot per seed and a line through the means.
    levels: optimizer -> accuracy of its control, a dotted line.       low: lower end of the axis.
    stations: their names, from left to right.
    """
    means = {name: accuracy.mean(0) for name, accuracy in runs.items()}
    order = sorted(means, key=lambda name: float(means[name][0]))
    highest = np.max([*means.values()], axis=0)
    for name in order:
        look, x = OPTIMIZERS[name], np.arange(len(stations))
        dots = np.repeat(x[None], len(runs[name]), axis=0)
        ax.plot(dots.ravel(), runs[name].ravel(), "o", color=look["color"], markersize=4, alpha=0.45)
        ax.plot(x, means[name], markersize=9, **look)
        for column, mean in enumerate(means[name].tolist()):
            side = {"va": "bottom", "dy": 2.2} if mean == highest[column] else {"va": "top", "dy": -2.2}
            text = ax.text(column, mean + side["dy"], f"{mean:.0f}", ha="center", va=side["va"])
            text.set(color=look["color"], fontweight="bold", zorder=6)
            text.set_bbox(BEHIND_TEXT)
        ax.axhline(levels[name], color=look["color"], linewidth=1.4, linestyle=(0, (1, 2)))
    heights = apart(np.array([levels[name] for name in order], dtype=float) + 0.4, 5.5)
    for name, height in zip(order, heights, strict=True):
        level = f"new weights, {name}: {levels[name]:.0f}"
        text = ax.text(len(stations) - 0.66, height, level, va="bottom", fontsize=12)
        text.set(color=OPTIMIZERS[name]["color"], zorder=6)
        text.set_bbox(BEHIND_TEXT)
    ax.set(xlim=(-0.35, len(stations) + 0.15), ylim=(low, 102), ylabel="test accuracy, percent")
    ax.set_xlabel("where the ticket was found")
    ax.xaxis.set_major_locator(FixedLocator(range(len(stations))))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: str(stations[round(v)])))
    ax.grid(False, axis="x")
    control: Look = {"color": "0.4", "linestyle": (0, (1, 2)), "linewidth": 1.4}
    entries = {f"trained by {name}": OPTIMIZERS[name] for name in runs}
    legend(ax, {**entries, "own mask with new weights": control})
