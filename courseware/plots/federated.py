"""Pictures of clients: their paths, their data, their work, their losses.

fans     local paths of every round, (rounds, k, T + 1, 2)    optimum, end   where w should be, and ends
counts   examples of each class, (clients, classes)           used           does a client's work count?
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.canvas import still
from courseware.plots.optimization import Window
from courseware.plots.shapes import Look, Real, bars, columns
from courseware.plots.style import BLUE, COLORS, ORANGE, RED, line_look

MEAN: Look = {"color": "0.1", "marker": "o", "markersize": 7, "linewidth": 1.6}
OPTIMUM: Look = {"color": "0.1", "marker": "*", "markersize": 17, "linestyle": "none", "markeredgecolor": "w"}
END: Look = {"color": RED, "marker": "X", "markersize": 15, "linestyle": "none", "markeredgecolor": "w"}
USED: Look = {"facecolor": BLUE}
LOST: Look = {"facecolor": "w", "edgecolor": RED, "hatch": "////", "linewidth": 0.8}
ABSENT: Look = {"facecolor": "0.88"}


def fan(
    ax: Axes,
    levels: Sequence[Float[ndarray, "points 2"]],
    centers: Float[ndarray, "k 2"],
    fans: Float[ndarray, "rounds k steps 2"],
    optimum: Float[ndarray, " 2"],
    end: Float[ndarray, " 2"],
    window: Window,
) -> None:
    """Every client's level lines and minimiser in its colour, its local paths, and the means that w takes."""
    k = len(centers)
    colors = [COLORS[i % k] for i in range(len(levels))]
    lines = LineCollection(levels, colors=colors, linewidths=1.2, alpha=0.45)
    still(ax.add_collection(lines, autolim=False))
    for i, paths in enumerate(fans.swapaxes(0, 1)):
        ax.add_collection(LineCollection(list(paths), colors=COLORS[i], linewidths=2.0), autolim=False)
        ax.plot(*centers[i], "D", color=COLORS[i], markersize=10, markeredgecolor="w", zorder=4)
    begins = np.concatenate([fans[:, 0, 0], fans[-1:, :, -1].mean(1)])
    ax.plot(*begins.T, **MEAN, zorder=5)
    ax.plot(*end, **END, zorder=6)
    ax.plot(*optimum, **OPTIMUM, zorder=6)  # in front: small enough to leave the arms of the cross
    left, right, bottom, top = window
    ax.set(xlabel="w₁", ylabel="w₂", xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)
    client: Look = {"color": "0.4", "marker": "D", "markersize": 9, "linestyle": "none"}
    legend(ax, {"w": MEAN, "own best": client, "optimum": OPTIMUM, "end": END})


def leash(ax: Axes, center: Float[ndarray, " 2"], ends: Float[ndarray, "k 2"]) -> None:
    """A spring from w to each client's last local point."""
    for i, tip in enumerate(ends):
        ax.plot(*_spring(center, tip).T, color=COLORS[i], linewidth=1.2, alpha=0.9, zorder=3)


def _spring(start: Float[ndarray, " 2"], tip: Float[ndarray, " 2"]) -> Float[ndarray, "points 2"]:
    """A zigzag with straight ends, of ten turns whatever its length."""
    along = np.linspace(0, 1, 25)
    side = 0.05 * np.where((along > 0.1) & (along < 0.9), (-1.0) ** np.arange(25), 0)
    way = tip - start
    across = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
    return start + along[:, None] * way + side[:, None] * across


def bubbles(ax: Axes, counts: Int[ndarray, "clients classes"], used: Bool[ndarray, " clients"]) -> None:
    """Who holds how many of what: area is the count. Clients whose work does not count are hollow."""
    client, label = np.nonzero(counts)
    number, counted = counts[client, label], used[client]
    for shown, face in ((counted, BLUE), (~counted, "none")):
        edge = BLUE if face == BLUE else RED
        ax.scatter(
            label[shown],
            client[shown] + 1,
            s=3 * number[shown],
            facecolors=face,
            edgecolors=edge,
            linewidths=1.5,
        )
    clients, classes = counts.shape
    ax.set(
        xlabel="class; an area is a number of images",
        ylabel="client",
        xlim=(-0.7, classes - 0.3),
        ylim=(clients + 0.8, 0.2),
    )
    ax.xaxis.set_major_locator(FixedLocator(range(classes)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    used_look: Look = {"color": BLUE, "marker": "o", "markersize": 11, "linestyle": "none"}
    lost_look: Look = {**used_look, "markerfacecolor": "none", "color": RED, "markeredgewidth": 1.5}
    legend(ax, {"in the average": used_look, "thrown away": lost_look})


def work(ax: Axes, done: Int[ndarray, " clients"], used: Bool[ndarray, " clients"], epochs: int) -> None:
    """Epochs that each client got done before the deadline; a row a client."""
    row = np.arange(1, len(done) + 1)
    zero = np.zeros(len(done))
    bars(ax, row, zero, np.full(len(done), float(epochs)), ABSENT)
    bars(ax, row[used], zero[used], done[used].astype(float), USED)
    bars(ax, row[~used], zero[~used], done[~used].astype(float), LOST)
    ax.set(
        xlabel="epochs done at the deadline", ylabel="client", xlim=(0, epochs), ylim=(len(done) + 0.8, 0.2)
    )
    ax.grid(False)
    legend(ax, {"counts": USED, "thrown away": LOST, "not done": ABSENT})


def every_seed(ax: Axes, values: Mapping[str, Float[ndarray, " seeds"]]) -> None:
    """One dot a seed and method, the same seed joined by a line."""
    table = np.array(list(values.values()))
    places = np.arange(len(table))
    for seed in table.T:
        ax.plot(places, seed, color="0.7", linewidth=1.2, linestyle="-", zorder=2)
    for i, row in enumerate(table):
        ax.plot(
            np.full(len(row), i),
            row,
            marker="osD^vP"[i],
            **{**line_look(i), "linestyle": "none"},
            markersize=9,
        )
    ax.set(xlim=(-0.4, len(table) - 0.6))
    ax.xaxis.set_major_locator(FixedLocator(places.tolist()))
    names = list(values)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: names[int(v)] if v in places else ""))


def losses(
    ax: Axes,
    fair: Float[ndarray, " clients"],
    plain: Float[ndarray, " clients"],
    fair_mean: Real,
    plain_mean: Real,
    top: Real,
) -> None:
    """A bar for each client, in the order of their losses at q = 0; black is how it was there."""
    order = np.argsort(-plain)
    place = np.arange(len(plain))
    columns(ax, place, fair[order], {"facecolor": BLUE, "linewidth": 0})
    ax.hlines(plain[order], place - 0.4, place + 0.4, color="0.1", linewidth=2.5)
    ax.axhline(plain_mean, color="0.1", linewidth=1.5, linestyle=(0, (2, 2)))
    ax.axhline(fair_mean, color=ORANGE, linewidth=2.2)
    ax.set(
        xlabel="client, the worst at q = 0 first",
        ylabel="loss F_k",
        ylim=(0, top),
        xlim=(-0.7, len(plain) - 0.3),
    )
    ax.xaxis.set_major_locator(FixedLocator([]))
    then: Look = {"color": "0.1", "linewidth": 2.5}
    legend(ax, {"F_k": USED, "at q = 0": then, "mean": {"color": ORANGE}})


def trade(ax: Axes, q: Sequence[str], series: Mapping[str, Float[ndarray, " n"]], now: int) -> None:
    """Worst, mean and standard deviation over q, in equal steps."""
    place = np.arange(len(q))
    for i, values in enumerate(series.values()):
        ax.plot(place, values, marker="osD^vP"[i], markersize=8, **line_look(i))
        ax.plot(now, values[now], "o", markersize=17, markerfacecolor="none", markeredgecolor="0.1", zorder=5)
    ax.xaxis.set_major_locator(FixedLocator(place.tolist()))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: q[int(v)] if v in place else ""))
    ax.set(xlabel="q", xlim=(-0.4, len(q) - 0.6))
    legend(ax, {name: {**line_look(i), "linewidth": 2.2} for i, name in enumerate(series)})
