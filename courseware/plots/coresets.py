"""Pictures of coresets: exemplars and what they stand for, gradients added head to tail, and training runs.

points   gradients of examples in the plane, (n, 2)      weights   of the exemplars, (m,)
steps    arrows to be added, (m, 2)                      nearest   exemplar of each, place in `chosen`, (n,)
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import (
    COLORS,
    DASHES,
    GREEN,
    MARKERS,
    ORANGE,
    PINK,
    SKY,
    line_look,
)

DARK_PINK = "#8C4F73"  # CRAIG's colour, for coresets that are chosen once
_METHODS: dict[str, Look] = {
    "all": {"color": "0.4", "marker": "o", "linestyle": DASHES[0]},
    "random": {"color": ORANGE, "marker": "s", "linestyle": DASHES[1]},
    "stratified": {"color": SKY, "marker": "v", "linestyle": DASHES[4]},
    "CRAIG": {"color": PINK, "marker": "D", "linestyle": DASHES[3]},
    "S2L": {"color": GREEN, "marker": "^", "linestyle": DASHES[2]},
}
SUM: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 14}
EXEMPLAR: Look = {"marker": "o", "markerfacecolor": "none", "markeredgecolor": "0.1", "linestyle": "none"}


def method_look(name: str, i: int = 0) -> Look:
    """Colour, dash and marker of a way to choose examples, the same in every picture; dark: chosen once.

    name: such as "CRAIG" or "CRAIG, once"; "full" is another word for "all".   i: place of another name.
    """
    base, _, when = name.replace("full", "all").partition(",")
    base = base.partition(":")[0]
    if base not in _METHODS:
        return {**line_look(i), "marker": MARKERS[i]}
    once: Look = {"color": DARK_PINK, "linestyle": DASHES[2]}
    return _METHODS[base] | (once if when.strip() == "once" else {})


def exemplars(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    y: Int[ndarray, " n"],
    chosen: Int[ndarray, " m"],
    weights: Float[ndarray, " m"],
    nearest: Int[ndarray, " n"],
) -> None:
    """Every example is tied to its exemplar; an exemplar's ring grows with its weight.

    points: gradients in the plane.   y: class of each.   chosen: indices of the exemplars.
    weights: of the exemplars.   nearest: the exemplar of each example, as a place in `chosen`.
    """
    spokes = np.stack([points, points[chosen[nearest]]], axis=1)
    ax.add_collection(LineCollection(list(spokes), colors="0.75", linewidths=1), autolim=False)
    looks: dict[str, Look] = {}
    for c in np.unique(y):
        look: Look = {"color": COLORS[c], "marker": MARKERS[c], "linestyle": "none", "markersize": 5}
        ax.plot(*points[y == c].T, **look)
        looks[f"class {c}"] = look
    for j, weight in zip(chosen, weights, strict=True):
        ax.plot(*points[j], markersize=6 + 3 * np.sqrt(weight), markeredgewidth=2, **EXEMPLAR)
    ax.set(xlabel="first entry of the gradient", ylabel="second entry")
    legend(ax, {**looks, "exemplar": {**EXEMPLAR, "markersize": 12, "markeredgewidth": 2}})


def head_to_tail(ax: Axes, full: Float[ndarray, "n 2"], subsets: Mapping[str, Float[ndarray, "_ 2"]]) -> None:
    """The sum of all gradients, and the weighted gradients of subsets added one after the other.

    full: gradients of all examples.   subsets: name -> weighted gradients, in the order of adding.
    """
    everything: Look = {**method_look("all"), "linewidth": 1.4, "marker": "."}
    looks: dict[str, Look] = {"all": everything}
    ax.plot(*_path(full).T, **everything, markersize=3)
    for name, steps in subsets.items():
        looks[name] = {**method_look(name), "linestyle": "-", "linewidth": 2.4}
        ax.plot(*_path(steps).T, **looks[name], markersize=6)
    ax.plot(*full.sum(axis=0), **{**SUM, "markersize": 18}, zorder=6)
    ax.set(xlabel="sum of first entries", ylabel="sum of second entries")
    legend(ax, {**looks, "their sum": SUM})


def _path(steps: Float[ndarray, "m 2"]) -> Float[ndarray, "m+1 2"]:
    """Partial sums, from the origin."""
    return np.concatenate([np.zeros((1, 2)), steps.cumsum(axis=0)])


# --- runs: lines with the range of the seeds ---


def runs(
    ax: Axes,
    x: Float[ndarray, " t"] | Int[ndarray, " t"],
    series: Mapping[str, Float[ndarray, "seeds t"]],
    *,
    of_the_mean: bool = False,
) -> None:
    """One line per name: the mean over the seeds, with a band.

    x: common to all lines.
    of_the_mean: the band is one standard error on both sides; otherwise it is the range of the seeds.
    series: name -> values, (seeds, t).
    """
    looks = {name: {**method_look(name, i), "marker": ""} for i, name in enumerate(series)}
    for name, values in series.items():
        mean_with_band(ax, x, values, looks[name], of_the_mean)
    legend(ax, looks)


def mean_with_band(
    ax: Axes,
    x: Float[ndarray, " t"] | Int[ndarray, " t"],
    values: Float[ndarray, "seeds t"],
    look: Look,
    of_the_mean: bool = False,
) -> None:
    """The line of the mean over the seeds, with a band around it.

    x: common to all seeds, (t,).   values: of each seed, (seeds, t).   look: of the line.
    of_the_mean: the band is one standard error on both sides; otherwise it is the range of the seeds.
    """
    mean, seeds = values.mean(axis=0), len(values)
    ax.plot(x, mean, **look, markersize=7)
    low, high = values.min(axis=0), values.max(axis=0)
    if of_the_mean:
        error = values.std(axis=0, ddof=1) / seeds**0.5
        low, high = mean - error, mean + error
    ax.fill_between(x, low, high, color=look["color"], alpha=0.18, linewidth=0)


def bars_with_range(
    ax: Axes, names: Sequence[str], values: Sequence[Float[ndarray, " seeds"]], texts: Sequence[str]
) -> None:
    """One column per name, as high as the mean over the seeds, with their range and a text above it.

    A column is grey unless its name is a way to choose examples.
    values: for each name, one number per seed.   texts: one for each name.
    names: below the columns.
    """
    means = np.array([float(np.mean(v)) for v in values])
    for i, (v, text) in enumerate(zip(values, texts, strict=True)):
        color = method_look(names[i])["color"] if names[i].replace("full", "all") in _METHODS else "0.6"
        columns(ax, np.array([float(i)]), means[i : i + 1], {"facecolor": color}, width=0.6)
        ax.plot([i, i], [np.min(v), np.max(v)], color="0.1", linewidth=1.6, linestyle="-")
        place = max(float(np.max(v)), 0.0)
        ax.annotate(
            text, (i, place), (0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=12
        )
    ax.set_xticks(range(len(names)), names, fontsize=11)
    ax.set(xlim=(-0.6, len(names) - 0.4))


def stopping_time(ax: Axes, x: Real, text: str) -> None:
    """A vertical line at the chosen stopping time, named at its top.

    x: the stopping time, in data units.   text: its name.
    """
    ax.axvline(x, color="0.3", linewidth=1.4, linestyle=(0, (2, 2)))
    low, high = ax.get_xlim()
    side = "right" if x > (low + high) / 2 else "left"
    ax.text(x, 0.99, f" {text} ", transform=ax.get_xaxis_transform(), ha=side, va="top", color="0.3")
