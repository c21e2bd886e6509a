"""Pictures of optimization paths, updates and stability.

grid     (x, y, height), each (rows, columns)     path    (steps + 1, 2), w₁ and w₂
window   (left, right, bottom, top)
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from contourpy import contour_generator
from jaxtyping import Float, Int, Num
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from courseware.plots import lines
from courseware.plots.axes import legend, power_of_ten
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, ORANGE, QUIET, line_look, marker_look

Grid = tuple[Float[ndarray, "r c"], Float[ndarray, "r c"], Float[ndarray, "r c"]]
Path = Float[ndarray, "steps 2"]
Window = tuple[float, float, float, float]
FAR = 1e3  # data units: points farther away are not drawn


class Landscape(NamedTuple):
    """The contour lines of a surface, its minimisers and the window: computed once, drawn in every frame."""

    lines: list[Float[ndarray, "points 2"]]
    minimisers: Float[ndarray, "m 2"]
    window: Window


def contour_lines(grid: Grid) -> list[Float[ndarray, "points 2"]]:
    """Contours at quantiles of the height, so that steep and flat surfaces get equally many."""
    levels = np.unique(np.quantile(grid[2], np.linspace(0.01, 0.97, 13)))
    contours = contour_generator(*grid)
    return [np.asarray(line) for height in levels for line in contours.lines(height)]


def landscape(ax: Axes, surface: Landscape) -> None:
    """Contour lines, with stars at the minimisers."""
    contours = LineCollection(surface.lines, colors="0.8", linewidths=0.9)
    still(contours)
    ax.add_collection(contours, autolim=False)
    ax.plot(*surface.minimisers.T, "*", color="0.2", markersize=13, zorder=4)
    left, right, bottom, top = surface.window
    ax.set(xlabel="w₁", ylabel="w₂", xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)


def paths(ax: Axes, tracks: Mapping[str, Path], *, markers: bool = True) -> None:
    """One line per path, with a dot at the common start; a path is cut where it leaves the window by far."""
    for i, track in enumerate(tracks.values()):
        look = {**marker_look(i), "markersize": 4} if markers else line_look(i)
        ax.plot(*_inside(track).T, **look, linewidth=1.8)
    start = next(iter(tracks.values()))[0]
    ax.plot(*start, "o", color="0.2", markersize=8, zorder=5)


def update_bars(ax: Axes, updates: Float[ndarray, "steps 2"], *, shown: int = 10) -> None:
    """The last `shown` updates along both axes as signed bars, next to each other.

    The axis ends at 2, 5 or 10 and its label has the power of ten, so that frames can be compared.
    """
    updates = updates[-shown:]
    step = np.arange(1 - len(updates), 1)  # counted from the last, so that the axis stays the same
    largest = np.abs(updates[np.isfinite(updates)]).max(initial=1e-12)
    unit = 10.0 ** np.floor(np.log10(largest))
    size = next(top for top in (2, 5, 10) if largest <= top * unit)
    looks: dict[str, Look] = {
        "along w₁": {"facecolor": BLUE},
        "along w₂": {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w"},
    }
    for values, shift, look in zip(updates.T, (-0.2, 0.2), looks.values(), strict=True):
        columns(ax, step + shift, _drawable(values / unit, size), look, width=0.38)
    ax.axhline(0, color="0.2", linewidth=1)
    ax.set(xlabel="step, counted back from the last", xlim=(0.4 - shown, 0.6))
    ax.set_ylim(-1.1 * size, 1.1 * size)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_ylabel("update ΔW" if unit == 1 else f"update ΔW / {power_of_ten(unit)}")
    legend(ax, looks)


def stability_map(
    ax: Axes,
    zones: Int[ndarray, "r c"],
    window: Window,
    dots: Mapping[str, tuple[float, float]],
) -> None:
    """Zones 0, 1, 2 = monotone, oscillating, divergent over (ηh, β), and one dot per curvature h.

    dots: label -> (ηh, β).
    The dashed line is ηh = (1 + √β)²: between it and the monotone zone a step shrinks the error by √β.
    """
    shades = np.array([[214, 234, 248], [253, 243, 209], [247, 214, 200]], dtype=np.uint8)
    zone = ax.imshow(shades[zones], extent=window, origin="lower", aspect="auto", interpolation="nearest")
    share = np.linspace(window[2], window[3], 100)
    (fastest,) = ax.plot((1 + np.sqrt(share)) ** 2, share, "--", color="0.4", linewidth=1.5)
    words = {"monotone": (0.06, 0.04), "oscillating": (1.05, 0.55), "divergent": (3.0, 0.2)}
    labels = [ax.text(*place, word, color="0.25", style="italic") for word, place in words.items()]
    still(zone, fastest, *labels)
    looks = {}
    for i, (label, (eta_h, beta)) in enumerate(dots.items()):
        shown = min(eta_h, window[1] * 0.985)
        look: Look = {**marker_look(i), "linestyle": "none", "markersize": 12, "markeredgecolor": "w"}
        ax.plot(shown, beta, **look, clip_on=False, zorder=5)
        looks[label] = look
    ax.set(xlabel="ηh", ylabel="β", xlim=window[:2], ylim=(window[2], 1.05))
    legend(ax, looks)
    ax.grid(False)


def arrow_looks(labels: Sequence[str], first: int = 0) -> dict[str, Look]:
    """Label -> the look of its arrow: the colours of line `first` and the next; every other one is hollow."""
    colors = [line_look(first + i)["color"] for i in range(len(labels))]
    looks = [{"facecolor": "w" if i % 2 else color, "edgecolor": color} for i, color in enumerate(colors)]
    return dict(zip(labels, looks, strict=True))


def arrows(
    ax: Axes, moves: Mapping[str, tuple[Float[ndarray, "2"], Float[ndarray, "2"]]], first: int = 0
) -> None:
    """label -> (from, vector), in data units, in the looks of `arrow_looks`."""
    looks = arrow_looks([*moves], first).values()
    for look, (origin, vector) in zip(looks, moves.values(), strict=True):
        shape: Look = {"scale_units": "xy", "scale": 1, "width": 0.013, "linewidth": 1.5, **look}
        ax.quiver(*origin, *vector, angles="xy", zorder=5, data=None, **shape)


def lines_and_level(
    ax: Axes, x: Num[ndarray, " n"], series: Mapping[str, Float[ndarray, " n"]], level: str, *, log: bool
) -> None:
    """Labelled lines over x, a dotted line at 1 named `level`, and the key of all of them."""
    lines.curves(ax, x, series, log=log)
    look: Look = {"color": QUIET, "linestyle": (0, (2, 2)), "linewidth": 1.5}
    ax.axhline(1, **look)
    legend(ax, {label: line_look(i) for i, label in enumerate(series)} | {level: look})


def _inside(track: Path) -> Float[ndarray, "shown 2"]:
    """Up to the first point that is too far away to draw: Agg overflows beyond about 1e6 pixels."""
    far = ~(np.abs(track) < FAR).all(axis=1)
    last = int(far.argmax()) + 1 if far.any() else len(track)
    return np.clip(track[:last], -FAR, FAR)


def _drawable(values: Float[ndarray, " n"], size: Real) -> Float[ndarray, " n"]:
    """Bars of a run that has diverged reach the end of the axes."""
    return np.nan_to_num(values, nan=0.0, posinf=size, neginf=-size)
