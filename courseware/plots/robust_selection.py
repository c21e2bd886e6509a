"""Pictures of lecture 09: gradients with right and wrong labels, a dial, images, groups.

points   gradients in the plane of their two largest principal components, (n, 2)
marked   wrong labels, poisons or the minority, bool (n,): always the second colour and a cross
rings    indices of the chosen examples
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.patches import Wedge
from numpy import ndarray

from courseware.plots.axes import legend, percentage
from courseware.plots.shapes import Look, columns
from courseware.plots.style import BLUE, DASHES, GREEN, ORANGE, QUIET, RED, line_look

PLAIN: Look = {"color": BLUE, "marker": "o", "linestyle": "none", "markersize": 5, "markeredgewidth": 0}
MARKED: Look = {"color": ORANGE, "marker": "x", "linestyle": "none", "markersize": 6, "markeredgewidth": 1.6}
RING: Look = {"marker": "o", "markerfacecolor": "none", "linestyle": "none", "markersize": 11}
CHOSEN: Look = {**RING, "markeredgecolor": "0.1", "markeredgewidth": 1.3}
DROPPED: Look = {**RING, "markeredgecolor": RED, "markeredgewidth": 2.0}
STAR: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 13}
BAR_COLORS = (QUIET, BLUE, GREEN, ORANGE)


def gradient_scatter(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    marked: Bool[ndarray, " n"],
    rings: Int[ndarray, " m"],
    names: tuple[str, str, str],
    *,
    dropped: bool = False,
    target: Float[ndarray, " 2"] | None = None,
) -> None:
    """One point per example.   names: of the plain, the marked and the ringed ones.   dropped: red rings.

    target: a star, the gradient of the target with the label that the attacker wants.
    points: gradients in the plane.   marked: which get a cross.   rings: indices of those with a ring.
    """
    ring = DROPPED if dropped else CHOSEN
    ax.plot(*points[~marked].T, **PLAIN, alpha=0.6)
    ax.plot(*points[marked].T, **MARKED)
    ax.plot(*points[rings].T, **ring)
    ax.set(xlabel="first principal component of p − y", ylabel="second")
    entries: dict[str, Look] = dict(zip(names, (PLAIN, MARKED, {**ring, "markersize": 9}), strict=True))
    if target is not None:
        ax.plot(*target, **STAR)
        entries["target"] = STAR
    legend(ax, entries)


def spectra(ax: Axes, values: Mapping[str, Float[ndarray, " l"]]) -> None:
    """Singular values, the first as 1, in the order of their size: of the chosen gradients and of others."""
    looks: list[Look] = [
        {"color": "0.1", "marker": "o", "linestyle": "-", "markersize": 7},
        {"color": QUIET, "marker": "s", "linestyle": DASHES[1], "markersize": 7},
    ]
    for sigma, look in zip(values.values(), looks, strict=True):
        ax.plot(np.arange(1, len(sigma) + 1), sigma / sigma[0], **look)
    ax.set(xlabel="number of the singular value", ylabel="singular value / the largest", ylim=(0, 1.05))
    legend(ax, dict(zip(values, looks, strict=True)))


def against_all_data(
    ax: Axes,
    everything: Float[ndarray, "seeds epochs"],
    picked: Float[ndarray, "seeds epochs"],
    name: str,
) -> None:
    """Mean over seeds by epoch, of training on all data and of the picked method, with its range.

    everything, picked: a value per seed and epoch, with all data and with the method.   name: of the method.
    """
    epochs, look = np.arange(1, picked.shape[-1] + 1), line_look(0)
    base: Look = {"color": QUIET, "linestyle": (0, (5, 1.5)), "linewidth": 2.2}
    ax.plot(epochs, everything.mean(axis=0), **base)
    ax.plot(epochs, picked.mean(axis=0), **look, linewidth=3)
    low, high = picked.min(axis=0), picked.max(axis=0)
    ax.fill_between(epochs, low, high, color=look["color"], alpha=0.18, linewidth=0)
    ax.set(xlabel="epoch", xlim=(1, len(epochs)))
    legend(ax, {"all data": base, name: {**look, "linewidth": 3}})


def dial(ax: Axes, degrees: float | int, others: Float[ndarray, " targets"]) -> None:
    """The angle between two gradients as a hand from 0 to 90 degrees; thin hands for the single targets.

    degrees: the angle, from 0 to 90.   others: the angles of the single targets.
    """
    ax.add_patch(Wedge((0, 0), 1, 0, min(float(degrees), 90), color="#dcebf5"))
    turn = np.radians(np.linspace(0, 90, 91))
    ax.plot(np.cos(turn), np.sin(turn), color="0.6", linewidth=1.2)
    for angle in np.radians(others):
        ax.plot([0, np.cos(angle)], [0, np.sin(angle)], color=QUIET, linewidth=0.8, linestyle="-")
    ax.plot([0, 1], [0, 0], color=BLUE, linewidth=3, linestyle="-")
    at = np.radians(degrees)
    ax.plot([0, np.cos(at)], [0, np.sin(at)], color=ORANGE, linewidth=3, linestyle="-")
    for tick in (0, 30, 60, 90):
        x, y = 1.08 * np.cos(np.radians(tick)), 1.08 * np.sin(np.radians(tick))
        ax.text(x, y, f"{tick}°", ha="center", va="center", fontsize=12)
    line: Look = {"linestyle": "-", "linewidth": 3}
    legend(ax, {"target's gradient": {"color": BLUE, **line}, "poisons' gradient": {"color": ORANGE, **line}})
    ax.set(xlim=(-0.05, 1.35), ylim=(-0.05, 1.2), xticks=[], yticks=[])
    ax.set(xlabel="angle between the gradients", ylabel="thin: single targets")
    ax.set_aspect("equal")
    ax.grid(False)


def image_rows(ax: Axes, rows: Mapping[str, Float[ndarray, "k side side"]]) -> None:
    """Images side by side, one row per name; every row has its own grey scale from −1 to 1 or 0 to 1.

    rows: name -> k images, (k, side, side).
    """
    for r, (name, images) in enumerate(rows.items()):
        side = images.shape[-1]
        signed = images.min() < 0
        for c, image in enumerate(images):
            left, low = c * (side + 1), -(r + 1) * (side + 1)
            extent = (left, left + side, low, low + side)
            cmap, floor = ("PuOr", -1) if signed else ("gray_r", 0)
            ax.imshow(image, cmap=cmap, vmin=floor, vmax=1, extent=extent, interpolation="nearest")
        ax.text(-0.5, -(r + 1) * (side + 1) + side / 2, name, ha="right", va="center", fontsize=12)
    side, width = next(iter(rows.values())).shape[-1], len(next(iter(rows.values())))
    ax.set(xlim=(-9, width * (side + 1)), ylim=(-len(rows) * (side + 1) - 0.5, 1), xticks=[], yticks=[])
    ax.set(xlabel="poisons", ylabel="images")
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)


def rates(
    ax: Axes,
    values: Float[ndarray, " bars"],
    low: Float[ndarray, " bars"],
    high: Float[ndarray, " bars"],
    names: Sequence[str],
    xlabel: str,
    *,
    colors: Sequence[str] = BAR_COLORS,
) -> None:
    """Columns with their intervals and the value above each.   colors: of the columns, in turn.

    values: fractions.   low, high: ends of their intervals.   xlabel: below the axis.
    names: below the columns.
    """
    x = np.arange(len(names))
    for i in x:
        columns(ax, x[[i]], values[[i]], {"facecolor": colors[int(i) % len(colors)]})
    ax.errorbar(x, values, [values - low, high - values], fmt="none", ecolor="0.1", capsize=6, linewidth=1.5)
    for i, value in enumerate(values):
        ax.text(i, high[i] + 0.02, percentage(value), ha="center", va="bottom", fontsize=13)
    ax.set(xlim=(-0.6, len(names) - 0.4), ylim=(0, 1.12), xlabel=xlabel)
    ax.set_xticks(x, names)


def line_colors(count: int) -> list[str]:
    """The colours of the first lines of `group_curves`, for columns beside them.

    count: how many.
    """
    return [line_look(i)["color"] for i in range(count)]


def group_curves(
    ax: Axes, values: Mapping[str, Float[ndarray, "seeds epochs"]], *, minority: str | None = None
) -> None:
    """Mean and range over seeds by epoch; the minority has the second colour of all pictures of examples.

    values: name -> accuracy after each epoch.   minority: which of the names is the minority, if one is.
    """
    epochs = np.arange(1, next(iter(values.values())).shape[-1] + 1)
    looks = {name: line_look(i) for i, name in enumerate(values)}
    if minority is not None:
        looks[minority]["color"] = ORANGE
    for name, runs in values.items():
        ax.plot(epochs, runs.mean(axis=0), **looks[name])
        low, high, color = runs.min(axis=0), runs.max(axis=0), looks[name]["color"]
        ax.fill_between(epochs, low, high, color=color, alpha=0.18, linewidth=0)
    ax.set(xlabel="epoch", ylabel="accuracy", ylim=(-0.02, 1.05), xlim=(1, epochs[-1]))
    legend(ax, looks)


def output_histogram(
    ax: Axes, outputs: Float[ndarray, " n"], rare: Bool[ndarray, " n"], names: tuple[str, str]
) -> None:
    """How many examples have which output, majority and minority side by side; the count axis is logarithmic.

    outputs: probability of the right class.   rare: whether the example is of the minority.
    names: of majority and minority in the legend.
    """
    edges = np.linspace(0, 1, 21)
    looks: list[Look] = [{"color": BLUE}, {"color": ORANGE, "hatch": "//", "edgecolor": "w"}]
    groups = [outputs[~rare], outputs[rare]]
    ax.hist(groups, bins=list(edges), color=[BLUE, ORANGE], rwidth=0.95)
    ax.set(yscale="log", ylim=(0.7, 1500), xlim=(0, 1), ylabel="examples")
    ax.set_xlabel("output: probability of the right class")
    legend(ax, {n: {"facecolor": look["color"]} for n, look in zip(names, looks, strict=True)})
