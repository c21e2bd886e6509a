"""Pictures of noise and of rates: clouds of gradients, runs, and the promises that they keep or break.

cloud    (draws, 2), one mini-batch gradient a row     promise   what a theorem allows: dashed and grey
x        steps, gradients, or whatever was varied      power     exponent p of a reference line y = c·xᵖ

On a logarithmic axis a run that diverged leaves the picture, and one that arrived leaves it below.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.optimization import Window
from courseware.plots.shapes import Look, Real
from courseware.plots.style import BLUE, MARKERS, ORANGE, key, line_look, log_axis, power_of_ten, still

Numbers = Num[ndarray, " n"]
Line = tuple[Num[ndarray, "..."], Num[ndarray, "..."]]  # x and y, both (n,), n its own
Range = tuple[Real, Real]

PROMISE: Look = {"color": "0.35", "linestyle": (0, (4, 2)), "linewidth": 1.8}
REFERENCE: Look = {"color": "0.65", "linestyle": "-", "linewidth": 1.2}
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
    ax.plot(full[0] + radius * np.cos(angle), full[1] + radius * np.sin(angle), **PROMISE)
    ax.plot(*draws.mean(0), **MEAN, zorder=4)
    ax.plot(*full, **FULL, zorder=5)
    left, right, bottom, top = window
    ax.set(
        xlabel="first entry of the gradient", ylabel="second entry", xlim=(left, right), ylim=(bottom, top)
    )
    key(ax, {"∇f": FULL, "draws g": {**DRAW, "markersize": 7}, "their mean": MEAN, "RMS, theory": PROMISE})


def walk(ax: Axes, curve: Line, visited: Line) -> None:
    """A function of one weight as (w, height), and the points of a run on it; the first one is black."""
    ax.plot(*curve, color="0.6", linewidth=2)
    ax.plot(*visited, "o", color=BLUE, markersize=6, alpha=0.7, markeredgewidth=0)
    ax.plot(visited[0][:1], visited[1][:1], "o", color="0.2", markersize=9)


def runs(ax: Axes, series: Sequence[Line]) -> None:
    """Lines over an x of their own, in the order of their names."""
    for i, (x, y) in enumerate(series):
        ax.plot(x, _drawable(y), **line_look(i))


def marked(ax: Axes, x: Numbers, y: Numbers, i: int = 0, *, now: int | None = None) -> None:
    """Line `i` with a mark at each measured point; a ring where the sliders stand."""
    shown, look = _drawable(y), {**line_look(i), "linewidth": 1.2}
    ax.plot(x, shown, marker=MARKERS[i % 6], markersize=7, **look)
    if now is not None:
        ring: Look = {"markersize": 17, "markerfacecolor": "none", "markeredgecolor": "0.1"}
        ax.plot(x[now], shown[now], "o", **ring, markeredgewidth=2)


def promise(ax: Axes, x: Numbers, y: Numbers) -> None:
    """A theorem's line."""
    ax.plot(x, _drawable(y), **PROMISE)


def reference_slope(ax: Axes, x: Range, y: Real, power: Real, name: str) -> None:
    """y·(x/x₀)ᵖ from x₀ to x₁ in log-log axes, named at its right end."""
    heights = y, y * (x[1] / x[0]) ** power
    (line,) = ax.plot(x, heights, **REFERENCE)
    text = ax.text(x[1], heights[1], f" {name}", color="0.35", fontsize=12, va="center")
    still(line, text)


def names(ax: Axes, labels: Sequence[str], promised: str = "", *, marks: bool = False) -> None:
    """The key of coloured lines in their order, with their marks or without, and of a dashed one."""
    entries: dict[str, Look] = {label: line_look(i) for i, label in enumerate(labels)}
    for i, look in enumerate(entries.values()):
        look.update({"marker": MARKERS[i % 6], "markersize": 7} if marks else {})
    key(ax, {**entries, promised: PROMISE} if promised else entries)


def log_log(ax: Axes, x: Range, y: Range) -> None:
    """Logarithmic both ways, with these limits."""
    log_axis(ax, "x")
    log_axis(ax, "y")
    ax.set(xlim=x, ylim=y)


def number(value: float | np.floating) -> str:
    """Two digits, as a headline shows them: 0.23, −1.5, 3·10⁻⁹, ∞."""
    if not np.isfinite(value):
        return "∞"
    digits, _, exponent = f"{value:.2g}".replace("-", "−").partition("e")
    return f"{digits}·{power_of_ten(10.0 ** int(exponent.replace('−', '-')))}" if exponent else digits


def _drawable(y: Numbers) -> Float[ndarray, " n"]:
    """Agg overflows far outside the axes, and zero has no logarithm."""
    return np.where(np.isfinite(y) & (np.abs(y) < 1e30), np.maximum(y, 1e-30), np.nan)
