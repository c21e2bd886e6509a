"""Pictures of noise and of rates: clouds of gradients, runs, and the promises that they keep or break.

cloud    (draws, 2), one mini-batch gradient a row     promise   what a theorem allows: dashed and grey
x        steps, gradients, or whatever was varied      power     exponent p of a reference line y = c·xᵖ

On a logarithmic axis a run that diverged leaves the picture, and one that arrived leaves it below.
"""

import numpy as np
from jaxtyping import Float, Num
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.lines import BOUND
from courseware.plots.optimization import Window
from courseware.plots.shapes import Look, Real
from courseware.plots.style import BLUE, ORANGE

Numbers = Num[ndarray, " n"]
Line = tuple[Num[ndarray, "..."], Num[ndarray, "..."]]  # x and y, both (n,), n its own
Range = tuple[Real, Real]

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


def cloud(
    ax: Axes, draws: Float[ndarray, "draws 2"], full: Float[ndarray, " 2"], radius: Real, window: Window
) -> None:
    """Draws, their mean, the full gradient, and the circle of radius `radius` about it."""
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


def walk(ax: Axes, curve: Line, visited: Line) -> None:
    """A function of one weight as (w, height), and the points of a run on it; the first one is black."""
    ax.plot(*curve, color="0.6", linewidth=2)
    ax.plot(*visited, "o", color=BLUE, markersize=6, alpha=0.7, markeredgewidth=0)
    ax.plot(visited[0][:1], visited[1][:1], "o", color="0.2", markersize=9)
