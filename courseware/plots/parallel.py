"""Pictures of workers that wait for each other, of large batches and of the order of examples.

begin, done, end   seconds: a step begins, each worker has computed, all have the sum
P                  number of workers         series   label -> values over a common x
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from courseware.plots.axes import doubling_axis, legend
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, ORANGE, QUIET, RED, line_look, marker_look

COMPUTE: Look = {"facecolor": BLUE}
WAIT: Look = {"facecolor": "0.88"}
NETWORK: Look = {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w", "linewidth": 0}
RUN_END: Look = {
    "color": ORANGE,
    "marker": "o",
    "linestyle": "none",
    "markersize": 8,
    "markeredgecolor": "0.1",
}
IDEAL: Look = {"color": QUIET, "linestyle": (0, (2, 2)), "linewidth": 1.5}


def gantt(
    ax: Axes,
    begin: Float[ndarray, " steps"],
    done: Float[ndarray, "steps workers"],
    end: Float[ndarray, " steps"],
    window: Real,
) -> None:
    """Who computes and who waits in the first `window` seconds: one row per worker, one barrier per step.

    There are 16 or 64 rows, filled or not, so that few pictures need ticks of their own.
    begin, done, end: seconds at which a step begins, each worker has computed, and all have the sum.
    """
    steps, workers = done.shape
    row, barrier = np.tile(np.arange(1, workers + 1), steps), done.max(axis=1)
    height = 0.8 if workers <= 16 else 1.0
    bars(ax, row, np.repeat(begin, workers), done.ravel(), COMPUTE, height=height)
    bars(ax, row, done.ravel(), np.repeat(barrier, workers), WAIT, height=height)
    bars(ax, np.full(steps, (workers + 1) / 2), barrier, end, NETWORK, height=workers)
    ax.vlines(barrier, 0.5, workers + 0.5, color="0.1", linewidth=1.5)
    workers_axis(ax, 16 if workers <= 16 else 64)
    ax.set(xlabel="seconds", xlim=(0, window))
    legend(ax, {"computes": COMPUTE, "waits": WAIT, "all-reduce": NETWORK})


def workers_axis(ax: Axes, rows: int) -> None:
    """Worker 1 at the top.   rows: number of workers that fit."""
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    ax.set(ylabel="worker", ylim=(rows + 0.5, 0.5))
    ax.grid(False)


def speed_up(
    ax: Axes, workers: Int[ndarray, " n"], series: Mapping[str, Float[ndarray, " n"]], now: tuple[int, Real]
) -> None:
    """Speed-up against the number of workers, both axes doubling; the dot `now` is the current setting.

    workers: powers of two from 1.   series: label -> speed-up.   now: number of workers and speed-up.
    """
    (ideal,) = ax.plot(workers, workers, **IDEAL)
    still(ideal)
    for i, values in enumerate(series.values()):
        ax.plot(workers, values, **line_look(i))
    ax.plot(*now, "o", color=RED, markersize=11, markeredgecolor="w", zorder=5, clip_on=False)
    _doubling_axes(ax, int(workers[-1]))
    ax.set(xlabel="workers P", ylabel="times as fast as one worker")
    legend(ax, {"ideal": IDEAL, **{label: line_look(i) for i, label in enumerate(series)}})


def update_rates(
    ax: Axes, workers: Int[ndarray, " n"], series: Mapping[str, Float[ndarray, " n"]], now: int
) -> None:
    """Updates per second against workers, both axes doubling; `now` is the current number of workers.

    workers: powers of two from 1.   series: label -> rate over the rate of one worker.
    """
    still(*ax.plot(workers, workers, **IDEAL))
    for i, values in enumerate(series.values()):
        ax.plot(workers, values, **line_look(i))
    ax.axvline(now, color=QUIET, linewidth=1)
    _doubling_axes(ax, int(workers[-1]))
    ax.set(xlabel="workers P", ylabel="times the updates of one worker", ylim=(0.5, int(workers[-1])))
    legend(ax, {label: line_look(i) for i, label in enumerate(series)})


def _doubling_axes(ax: Axes, top: int) -> None:
    ticks = [2**i for i in range(int(np.log2(top)) + 1)]
    doubling_axis(ax, "x", ticks)
    doubling_axis(ax, "y", ticks)


def batch_axis(ax: Axes, batches: Sequence[int]) -> None:
    """A logarithmic axis of batch sizes with a margin on both sides.

    batches: sizes in increasing order; each is a tick.
    """
    doubling_axis(ax, "x", batches)
    ax.set(xlabel="batch B", xlim=(batches[0] / 1.15, batches[-1] * 1.15))


def over_batches(
    ax: Axes, batches: Sequence[int], series: Mapping[str, Float[ndarray, " n"]], now: str, marked: int
) -> None:
    """Label -> values over the batch size; the series `now` is bright, with a ring at one batch size.

    batches: sizes in increasing order.   now: a label.   marked: one of the sizes.
    """
    for i, (name, values) in enumerate(series.items()):
        look = marker_look(i) if name == now else {**marker_look(i), "alpha": 0.25}
        ax.plot(batches, values, markersize=7, **look)
    height = float(series[now][[*batches].index(marked)])
    ax.plot(marked, height, "o", markersize=16, markerfacecolor="none", markeredgecolor="0.1", zorder=5)
    batch_axis(ax, batches)
    legend(ax, {name: {**marker_look(i), "linewidth": 2.2} for i, name in enumerate(series)})


def order_raster(
    ax: Axes,
    orders: Mapping[str, Int[ndarray, "epochs n"]],
    repeated: Mapping[str, Bool[ndarray, "epochs n"]],
) -> None:
    """Which example is visited when: one band per order, one row per epoch, one shade per example.

    `repeated` marks visits to an example that the same epoch has visited before, with a cross.
    orders: label -> example visited at each step of each epoch, from 0 to n − 1.   repeated: the same labels.
    """
    epochs, n = next(iter(orders.values())).shape
    gap = 2  # rows between two bands, space for the name
    rows = len(orders) * (epochs + gap)
    shades = np.ma.array(np.zeros((rows, n)), mask=True)
    for i, (label, order) in enumerate(orders.items()):
        top = i * (epochs + gap) + gap
        shades[top : top + epochs] = order
        row, column = np.nonzero(repeated[label])
        for color, width in (("k", 4), ("w", 2)):  # a rim, visible on every shade
            look: Look = {"color": color, "markersize": 7, "markeredgewidth": width}
            still(*ax.plot(column + 1, top + row + 0.5, "x", **look))
        still(ax.text(0.8, top - 0.3, label, fontsize=13, va="bottom"))
    extent = (0.5, n + 0.5, rows, 0)
    still(ax.imshow(shades, cmap="cividis", vmin=0, vmax=n - 1, extent=extent, aspect="auto"))
    ax.set(ylim=(rows, 0), yticks=[], xlabel="step of an epoch", ylabel=f"{epochs} epochs each")
    ax.grid(False)


def runs_on_a_loss(
    ax: Axes,
    w: Float[ndarray, " points"],
    losses: Mapping[str, Float[ndarray, " points"]],
    ends: Float[ndarray, " runs"],
    heights: Float[ndarray, " runs"],
) -> None:
    """Losses over one weight, and a dot on the first of them for every run's end.

    w: increasing.   losses: label -> loss at each w.   ends, heights: weight and loss at each run's end.
    """
    for i, values in enumerate(losses.values()):
        still(*ax.plot(w, values, **line_look(i)))
    ax.plot(ends, heights, **RUN_END)
    ax.set(xlabel="weight w", ylabel="loss", xlim=(float(w[0]), float(w[-1])), ylim=(-0.08, 1.6))
    legend(ax, {**{name: line_look(i) for i, name in enumerate(losses)}, "end of a run": RUN_END})


def losses_by_batch(
    ax: Axes, batches: Sequence[int], losses: Mapping[str, Float[ndarray, " n"]], now: int
) -> None:
    """Label -> mean loss over the batch size; a ring marks the batch size `now`.

    batches: sizes in increasing order, among them `now`.
    losses: label -> mean loss at each batch size, (n,).
    """
    for i, values in enumerate(losses.values()):
        ax.plot(batches, values, markersize=7, **marker_look(i))
        height = float(values[[*batches].index(now)])
        ax.plot(now, height, "o", markersize=16, markerfacecolor="none", markeredgecolor="0.1", zorder=5)
    batch_axis(ax, batches)
    ax.set(ylabel="mean loss where the runs end")
    legend(ax, {name: {**marker_look(i), "linewidth": 2.2} for i, name in enumerate(losses)})
