"""Pictures of clients: their paths, their data, their work, their losses.

paths    local weights of every round, (rounds, k, T + 1, 2)    optimum, end   where w should be, and ends
counts   examples of each class, (clients, classes)             used           is a client's work used?
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend, log_axis
from courseware.plots.canvas import still
from courseware.plots.lines import BOUND, band
from courseware.plots.optimization import Window
from courseware.plots.shapes import Look, Real, bars, columns
from courseware.plots.style import BLUE, COLORS, ORANGE, PINK, RED, line_look, marker_look

MEAN: Look = {"color": "0.1", "marker": "o", "markersize": 7, "linewidth": 1.6}
OPTIMUM: Look = {"color": "0.1", "marker": "*", "markersize": 17, "linestyle": "none", "markeredgecolor": "w"}
END: Look = {"color": ORANGE, "marker": "X", "markersize": 15, "linestyle": "none", "markeredgecolor": "0.1"}
USED: Look = {"facecolor": BLUE}
DISCARDED: Look = {"facecolor": "w", "edgecolor": RED, "hatch": "////", "linewidth": 0.8}
MARKED: Look = {"facecolor": RED, "hatch": "xx", "edgecolor": "w", "linewidth": 0}
NOT_DONE: Look = {"facecolor": "0.88"}
RUN: Look = {"color": MEAN["color"], "linestyle": "-", "linewidth": 2.2}
COMPARED: Look = {"color": PINK, "linestyle": (0, (5, 1.5)), "linewidth": 2.2}
STATISTICS = (
    0,
    4,
    2,
)  # places in the cycle of colours: the worst loss like a client's bar, the mean as its line
AT_ZERO: Look = {"color": "0.1", "linewidth": 2.5}


def local_paths(
    ax: Axes,
    levels: Sequence[Float[ndarray, "points 2"]],
    centers: Float[ndarray, "k 2"],
    paths: Float[ndarray, "rounds k steps 2"],
    means: Float[ndarray, "times 2"],
    optimum: Float[ndarray, " 2"],
    end: Float[ndarray, " 2"],
    window: Window,
) -> None:
    """Every client's level lines and minimiser in its colour, its local paths, and the means that w takes.

    levels: level lines of the clients in turn: 0, 1, …, k − 1, 0, 1, ….   centers: the clients' minimisers.
    paths: w at the start and after each local step of every round.   means: w after 0, 1, … rounds.
    optimum: where w should end.   end: where it converges.   window: (left, right, bottom, top).
    """
    k = len(centers)
    colors = [COLORS[i % k] for i in range(len(levels))]
    lines = LineCollection(levels, colors=colors, linewidths=1.2, alpha=0.45)
    still(ax.add_collection(lines, autolim=False))
    for i, own in enumerate(paths.swapaxes(0, 1)):
        ax.add_collection(LineCollection(list(own), colors=COLORS[i], linewidths=2.0), autolim=False)
        ax.plot(*centers[i], "D", color=COLORS[i], markersize=10, markeredgecolor="w", zorder=4)
    ax.plot(*means.T, **MEAN, zorder=5)
    ax.plot(*end, **END, zorder=6)
    ax.plot(*optimum, **OPTIMUM, zorder=6)  # in front: small enough to leave the arms of the cross visible
    left, right, bottom, top = window
    ax.set(xlabel="w₁", ylabel="w₂", xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)
    client: Look = {"color": "0.4", "marker": "D", "markersize": 9, "linestyle": "none"}
    legend(ax, {"w": MEAN, "client's optimum": client, "optimum": OPTIMUM, "end": END})


def proximal_springs(ax: Axes, center: Float[ndarray, " 2"], ends: Float[ndarray, "k 2"]) -> None:
    """A spring from w to each client's last local weights.

    center: w.   ends: of the clients in the order of their colours.
    """
    for i, tip in enumerate(ends):
        ax.plot(*_spring(center, tip).T, "-", color=COLORS[i], linewidth=1.2, alpha=0.9, zorder=3)


def _spring(start: Float[ndarray, " 2"], tip: Float[ndarray, " 2"]) -> Float[ndarray, "points 2"]:
    """A zigzag with straight ends, of ten turns whatever its length."""
    along = np.linspace(0, 1, 25)
    side = 0.05 * np.where((along > 0.1) & (along < 0.9), (-1.0) ** np.arange(25), 0)
    way = tip - start
    across = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
    return start + along[:, None] * way + side[:, None] * across


def class_counts(ax: Axes, counts: Int[ndarray, "clients classes"], used: Bool[ndarray, " clients"]) -> None:
    """How many examples of each class each client holds: area is the count. Discarded clients are hollow.

    used: whether the server uses the client's work.
    counts: numbers of examples, (clients, classes).
    """
    client, label = np.nonzero(counts)
    number, counted = counts[client, label], used[client]
    for shown, face, edge in ((counted, BLUE, BLUE), (~counted, "none", RED)):
        look: Look = {"facecolors": face, "edgecolors": edge, "linewidths": 1.5}
        ax.scatter(label[shown], client[shown] + 1, s=3 * number[shown], **look)
    clients, classes = counts.shape
    ax.set(xlabel="class; area = number of images", ylabel="client")
    ax.set(xlim=(-0.7, classes - 0.3), ylim=(clients + 0.8, 0.2))
    ax.xaxis.set_major_locator(FixedLocator(range(classes)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    used_look: Look = {"color": BLUE, "marker": "o", "markersize": 11, "linestyle": "none"}
    discarded: Look = {**used_look, "markerfacecolor": "none", "color": RED, "markeredgewidth": 1.5}
    legend(ax, {"used": used_look, "discarded": discarded})


def epochs_done(
    ax: Axes, done: Int[ndarray, " clients"], used: Bool[ndarray, " clients"], epochs: int
) -> None:
    """Epochs that each client completed before the deadline; one row per client.

    done: by each client.   used: whether the server uses its work.   epochs: asked of every client.
    """
    row, zero = np.arange(1, len(done) + 1), np.zeros(len(done))
    bars(ax, row, zero, np.full(len(done), float(epochs)), NOT_DONE)
    bars(ax, row[used], zero[used], done[used].astype(float), USED)
    bars(ax, row[~used], zero[~used], done[~used].astype(float), DISCARDED)
    ax.set(xlabel="epochs completed at the deadline", ylabel="client")
    ax.set(xlim=(0, epochs), ylim=(len(done) + 0.8, 0.2))
    ax.grid(False)
    legend(ax, {"used": USED, "discarded": DISCARDED, "not done": NOT_DONE})


def points_per_seed(ax: Axes, values: Mapping[str, Float[ndarray, " seeds"]]) -> None:
    """One dot per seed and method; dots of the same seed are joined by a line.

    values: method -> one value per seed; the seeds are the same for all methods.
    """
    table = np.array(list(values.values()))
    places = np.arange(len(table))
    for seed in table.T:
        ax.plot(places, seed, color="0.7", linewidth=1.2, linestyle="-", zorder=2)
    for i, row in enumerate(table):
        ax.plot(np.full(len(row), i), row, **{**marker_look(i), "linestyle": "none"}, markersize=9)
    ax.set(xlim=(-0.4, len(table) - 0.6))
    _named_places(ax, list(values))


def losses_until(
    ax: Axes, losses: Mapping[str, Float[ndarray, "seeds shown"]], stop: int, every: int
) -> None:
    """Label -> loss per seed after 0, `every`, … rounds: mean and range, bright until the line at `stop`.

    stop: a round, at most the last one measured.   every: rounds from one measurement to the next.
    losses: label -> mean loss, (seeds, shown).
    """
    rounds = every * np.arange(next(iter(losses.values())).shape[1])
    seen = slice(stop // every + 1)
    for i, values in enumerate(losses.values()):
        ax.plot(rounds, values.mean(0), alpha=0.25, **line_look(i))
        ax.plot(rounds[seen], values.mean(0)[seen], **line_look(i))
        band(ax, rounds[seen], values.min(0)[seen], values.max(0)[seen], i)
    ax.axvline(stop, color="0.1", linewidth=1.5)
    log_axis(ax)
    ax.set(xlabel="round", ylabel="loss of all clients", xlim=(0, rounds[-1]))
    legend(ax, {name: line_look(i) for i, name in enumerate(losses)})


def accuracy_and_epsilon(
    ax: Axes,
    epsilon: Mapping[str, Float[ndarray, " rounds"]],
    accuracy: Mapping[str, Float[ndarray, "seeds rounds"]],
    now: str,
    stop: int,
) -> None:
    """Accuracy against ε over the rounds, one path per noise; a ring marks round `stop` of the path `now`.

    epsilon, accuracy: noise -> ε, and accuracy by seed, after 0, 1, … rounds.   now: one of these names.
    stop: a round from 1.
    """
    for i, (name, spent) in enumerate(epsilon.items()):
        mean = accuracy[name].mean(0)
        look = marker_look(i) if name == now else {**marker_look(i), "alpha": 0.35}
        ax.plot(spent[1:], mean[1:], markevery=[len(mean) - 2], **look)
        if name == now:
            ring: Look = {"markersize": 15, "markerfacecolor": "none", "markeredgecolor": "0.1", "zorder": 5}
            ax.plot(spent[stop], mean[stop], "o", **ring)
    log_axis(ax, "x")
    ax.xaxis.set_major_locator(FixedLocator([0.1, 1, 10, 100]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    legend(ax, {name: marker_look(i) for i, name in enumerate(epsilon)})


def with_and_without_noise(
    ax: Axes,
    plain: Float[ndarray, "seeds rounds"],
    noisy: Float[ndarray, "seeds rounds"],
    i: int,
    name: str,
) -> None:
    """Accuracy over the rounds, mean and range: black without noise, and in the i-th colour with it.

    plain, noisy: accuracy after 0, 1, … rounds without and with noise.   name: of the noise.
    """
    looks: dict[str, Look] = {"no noise": {"color": "0.1", "linestyle": "-"}, name: line_look(i)}
    for accuracy, look in zip((plain, noisy), looks.values(), strict=True):
        rounds, low, high = np.arange(accuracy.shape[1]), accuracy.min(0), accuracy.max(0)
        ax.plot(rounds, accuracy.mean(0), **look)
        ax.fill_between(rounds, low, high, color=look["color"], alpha=0.18, linewidth=0)
    legend(ax, looks)


def distances_to_optimum(
    ax: Axes, distances: Mapping[str, Float[ndarray, " rounds"]], end: Real, floor: Real
) -> None:
    """Distance of w over the rounds, black as on the map; pink, another run to compare with; dashed, `end`.

    Values are cut at `floor`.
    distances: label -> distance after 0, 1, … rounds, of one run or two.   end: the distance in theory.
    floor: lower end of the axis, above 0.
    """
    looks = dict(zip(distances, (RUN, COMPARED), strict=False))
    for name, distance in distances.items():
        ax.plot(np.arange(len(distance)), np.maximum(distance, floor), **looks[name])
    rounds = len(next(iter(distances.values())))
    ax.plot([0, rounds], [end, end], **BOUND)
    log_axis(ax)
    ax.set(xlabel="round", ylabel="distance of w to the optimum", xlim=(0, rounds - 1), ylim=(floor, 5))
    legend(ax, {**looks, "end in theory": BOUND})


def client_losses(
    ax: Axes,
    fair: Float[ndarray, " clients"],
    plain: Float[ndarray, " clients"],
    means: tuple[Real, Real],
    marked: int | None = None,
) -> None:
    """One bar per client at the current q, sorted by the loss at q = 0, which is a black line.

    fair, plain: losses at the current q and at q = 0.   means: of both, in this order.
    marked: a client whose bar is hatched.
    """
    order = np.argsort(-plain)
    place = np.arange(len(plain))
    columns(ax, place, fair[order], {"facecolor": BLUE, "linewidth": 0})
    entries: dict[str, Look] = {"loss": USED, "at q = 0": AT_ZERO, "mean": {"color": ORANGE}}
    if marked is not None:
        columns(ax, place[order == marked], fair[[marked]], MARKED)
        entries["loss ≥ log 10"] = MARKED
    ax.hlines(plain[order], place - 0.4, place + 0.4, **AT_ZERO)
    ax.axhline(means[1], color="0.1", linewidth=1.5, linestyle=(0, (2, 2)))
    ax.axhline(means[0], color=ORANGE, linewidth=2.2)
    ax.set(xlabel="client, the worst at q = 0 first", ylabel="loss F of the client")
    ax.set(xlim=(-0.7, len(plain) - 0.3))
    ax.xaxis.set_major_locator(FixedLocator([]))
    legend(ax, entries)


def fairness_tradeoff(
    ax: Axes, q: Sequence[Real], series: Mapping[str, Float[ndarray, " n"]], now: int
) -> None:
    """Label -> a statistic of the losses over q, at equal distances; `now` is the index of the current q.

    series: three statistics; see `STATISTICS` for their colours.
    """
    place = np.arange(len(q))
    looks = {name: marker_look(i) for name, i in zip(series, STATISTICS, strict=True)}
    for name, values in series.items():
        ax.plot(place, values, markersize=8, **looks[name])
        ax.plot(now, values[now], "o", markersize=17, markerfacecolor="none", markeredgecolor="0.1", zorder=5)
    _named_places(ax, [f"{power:g}" for power in q])
    ax.set(xlabel="q", xlim=(-0.4, len(q) - 0.6), ylabel="loss")
    legend(ax, {name: {**look, "linewidth": 2.2} for name, look in looks.items()})


def _named_places(ax: Axes, names: Sequence[str]) -> None:
    """Ticks 0, 1, … with these names."""
    ax.xaxis.set_major_locator(FixedLocator(range(len(names))))
    ax.xaxis.set_major_formatter(FixedFormatter([*names]))
