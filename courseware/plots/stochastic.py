"""Pictures of gradient noise and of the points that a run visits."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.lines import BOUND, Line
from courseware.plots.optimization import Window
from courseware.plots.shapes import Look, Real
from courseware.plots.style import BLUE, ORANGE

FULL: Look = {"color": "0.1", "marker": "+", "markersize": 15, "markeredgewidth": 2.5, "linestyle": "none"}
DRAW: Look = {"color": BLUE, "marker": "o", "markeredgewidth": 0, "linestyle": "none"}
MEAN: Look = {
    "color": "none",
    "marker": "o",
    "markersize": 13,
    "markeredgecolor": ORANGE,
    "markeredgewidth": 3,
    "linestyle": "none",
}


def gradient_draws(
    ax: Axes, draws: Float[ndarray, "draws 2"], full: Float[ndarray, " 2"], radius: Real, window: Window
) -> None:
    """Mini-batch gradients, their mean, the full gradient, and a circle around it.

    draws: one gradient per row.       full: ∇f.       radius: of the circle, what theory gives for the
    root mean square distance of a draw from ∇f.
    """
    angle = np.linspace(0, 2 * np.pi, 120)
    ax.plot(*draws.T, **DRAW, markersize=4.5, alpha=0.45)
    ax.plot(full[0] + radius * np.cos(angle), full[1] + radius * np.sin(angle), **BOUND)
    ax.plot(*draws.mean(0), **MEAN, zorder=4)
    ax.plot(*full, **FULL, zorder=5)
    left, right, bottom, top = window
    ax.set(
        xlabel="first entry of the gradient", ylabel="second entry", xlim=(left, right), ylim=(bottom, top)
    )
    legend(ax, {"∇f": FULL, "draws g": {**DRAW, "markersize": 7}, "their mean": MEAN, "RMS, theory": BOUND})


def points_on_curve(ax: Axes, curve: Line, visited: Line) -> None:
    """A function of one weight, (w, value), and the points of a run on it; the first one is black."""
    ax.plot(*curve, color="0.6", linewidth=2)
    ax.plot(*visited, "o", color=BLUE, markersize=6, alpha=0.7, markeredgewidth=0)
    ax.plot(visited[0][:1], visited[1][:1], "o", color="0.2", markersize=9)
