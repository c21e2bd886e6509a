"""Pictures of coresets: examples and the exemplars that stand for them, and gradients added head to tail.

points   gradients of examples in the plane, (n, 2)      weights   of the exemplars, (m,)
steps    arrows to be added, (m, 2)                      nearest   exemplar of each, place in `chosen`, (n,)
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.shapes import Look
from courseware.plots.style import BLUE, COLORS, MARKERS, ORANGE, QUIET

FULL: Look = {"color": QUIET, "linestyle": "-", "linewidth": 1.4, "marker": "."}
SUM: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 14}
SUBSETS = (BLUE, ORANGE)
EXEMPLAR: Look = {"marker": "o", "markerfacecolor": "none", "markeredgecolor": "0.1", "linestyle": "none"}


def exemplars(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    y: Int[ndarray, " n"],
    chosen: Int[ndarray, " m"],
    weights: Float[ndarray, " m"],
    nearest: Int[ndarray, " n"],
) -> None:
    """Every example is tied to its exemplar; an exemplar's ring grows with its weight."""
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
    """The sum of all gradients, and the weighted gradients of subsets added one after the other."""
    looks: dict[str, Look] = {"all": FULL}
    ax.plot(*_path(full).T, **FULL, markersize=3)
    for i, (name, steps) in enumerate(subsets.items()):
        looks[name] = {"color": SUBSETS[i], "linestyle": "-", "linewidth": 2.4, "marker": MARKERS[i]}
        ax.plot(*_path(steps).T, **looks[name], markersize=6)
    ax.plot(*full.sum(axis=0), **{**SUM, "markersize": 18}, zorder=6)
    ax.set(xlabel="sum of first entries", ylabel="sum of second entries")
    legend(ax, {**looks, "their sum": SUM})


def _path(steps: Float[ndarray, "m 2"]) -> Float[ndarray, "m+1 2"]:
    """Partial sums, from the origin."""
    return np.concatenate([np.zeros((1, 2)), steps.cumsum(axis=0)])
