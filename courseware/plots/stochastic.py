"""Pictures of gradient noise and of the points that a run visits."""

import numpy as np
from jaxtyping import Float, Int
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


BAR_NAME: Look = {"va": "bottom", "fontsize": 12}


def gradient_draws(
    ax: Axes, draws: Float[ndarray, "draws 2"], full: Float[ndarray, " 2"], radius: Real, window: Window
) -> None:
    """Mini-batch gradients, their mean, the full gradient, and a circle around it.

    draws: one gradient per row.       full: ∇f.       radius: of the circle, what theory gives for the
    root mean square distance of a draw from ∇f.
    window: (left, right, bottom, top).
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


def ball_under_bar(
    ax: Axes, curve: Line, visited: Line, bound: tuple[Real, str], words: str, color: str
) -> None:
    """A function of one weight, the points of a run on it, the last one large, and a bound as a bar.

    curve: (w, value), all of it is in view.       visited: (w, value) of every point, the first one black.
    bound: height and text; where it is above the picture it is drawn at the top, with an arrow.
    words: stand beside the last point; where the point is outside, it is drawn at the edge, as a triangle.
    color: of the points.
    """
    top = 1.12 * float(curve[1].max())
    left, right = 1.05 * float(curve[0].min()), 1.05 * float(curve[0].max())
    ax.plot(*curve, color="0.6", linewidth=2)
    ax.plot(*visited, "o", color=color, markersize=5, alpha=0.45, markeredgewidth=0)
    ax.plot(visited[0][:1], visited[1][:1], "o", color="0.2", markersize=8)
    height, text = bound
    ax.axhline(min(height, 0.985 * top), **BOUND)
    arrow = " ↑ above the picture" if height > top else ""
    ax.text(0.01, min(height, 0.985 * top), text + arrow, **BAR_NAME, transform=ax.get_yaxis_transform())
    w, value = float(visited[0][-1]), float(visited[1][-1])
    inside = left <= w <= right and value <= top
    place = (w, value) if inside else (float(np.clip(np.nan_to_num(w, nan=right), left, right)), 0.93 * top)
    ax.plot(*place, "o" if inside else "^", color=color, markersize=15, markeredgecolor="w", clip_on=False)
    side = -1 if place[0] > 0.3 else 1
    align = "right" if side < 0 else "left"
    ax.text(place[0] + 0.07 * side, place[1] + 0.03 * top, words, ha=align, va="bottom", color=color)
    ax.set(xlabel="w", xlim=(left, right), ylim=(-0.04 * top, top))
    ax.set_ylabel("f(w) − f*", labelpad=0)  # the tick labels may be wide


def means_on_line(
    ax: Axes, slope: Real, means: Float[ndarray, " runs"], bound: tuple[Real, str], words: str, color: str
) -> None:
    """f(w) = −slope·w on [−1, 1] above its minimum: a dot per run at its w̄, their mean large, and a bound.

    slope: above 0.   means: w̄ of each run.   bound: its height and its text.
    words: stand beside the mean.   color: of the dots.
    """
    top = 2.12 * slope
    ax.plot([-1, 1], [2 * slope, 0], color="0.6", linewidth=2)
    ax.plot(means, slope * (1 - means), "o", color=color, markersize=6, alpha=0.3, markeredgewidth=0)
    ax.plot(0, slope, "o", color="0.2", markersize=8)
    height, text = bound
    ax.axhline(min(height, 0.985 * top), **BOUND)
    arrow = " ↑ above the picture" if height > top else ""
    ax.text(0.01, min(height, 0.985 * top), text + arrow, **BAR_NAME, transform=ax.get_yaxis_transform())
    mean = float(means.mean())
    ax.plot(mean, slope * (1 - mean), "o", color=color, markersize=15, markeredgecolor="w")
    ax.text(1.06, slope * (1 - mean) + 0.07 * top, words, ha="right", va="bottom", color=color)
    ax.set(xlabel="w̄, the mean of the iterates", xlim=(-1.08, 1.08))
    ax.set_ylabel("f(w̄) − f*", labelpad=0)  # the tick labels may be wide
    ax.set_ylim(-0.04 * top, 1.06 * top)


def fan(ax: Axes, x: Float[ndarray, " m"] | Int[ndarray, " m"], lines: Float[ndarray, "n m"]) -> None:
    """Thin grey lines over a common x."""
    ax.plot(x, lines.T, color="0.8", linewidth=1, linestyle="-")
