"""Pictures of paths, steps and stability.

grid     (x, y, height), each (rows, columns)     path    (steps + 1, 2), w₁ and w₂
window   (left, right, bottom, top)               labels  what the reader sees, also in black and white
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from contourpy import contour_generator
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from courseware.plots.axes import headline, legend, power_of_ten
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, COLORS, MARKERS, ORANGE, line_look

Grid = tuple[Float[ndarray, "r c"], Float[ndarray, "r c"], Float[ndarray, "r c"]]
Path = Float[ndarray, "steps 2"]
Window = tuple[float, float, float, float]
FAR = 1e3  # data units


class Landscape(NamedTuple):
    """A surface as a map: found once, drawn in every frame."""

    lines: list[Float[ndarray, "points 2"]]
    minimisers: Float[ndarray, "m 2"]
    window: Window


def level_lines(grid: Grid) -> list[Float[ndarray, "points 2"]]:
    """Lines of equal height that enclose equal shares of the area, so steep and flat surfaces read alike."""
    levels = np.unique(np.quantile(grid[2], np.linspace(0.01, 0.97, 13)))
    contours = contour_generator(*grid)
    return [np.asarray(line) for height in levels for line in contours.lines(height)]


def landscape(ax: Axes, surface: Landscape) -> None:
    """The map, its minimisers as stars."""
    lines = LineCollection(surface.lines, colors="0.8", linewidths=0.9)
    still(lines)
    ax.add_collection(lines, autolim=False)
    ax.plot(*surface.minimisers.T, "*", color="0.2", markersize=13, zorder=4)
    left, right, bottom, top = surface.window
    ax.set(xlabel="w₁", ylabel="w₂", xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)


def paths(ax: Axes, tracks: Mapping[str, Path], *, markers: bool = True) -> None:
    """One line a run from its start; a run that leaves the window leaves the picture."""
    for i, track in enumerate(tracks.values()):
        marker = {"marker": MARKERS[i % 6], "markersize": 4} if markers else {}
        ax.plot(*_inside(track).T, **line_look(i), linewidth=1.8, **marker)
    start = next(iter(tracks.values()))[0]
    ax.plot(*start, "o", color="0.2", markersize=8, zorder=5)


def update_bars(ax: Axes, updates: Float[ndarray, "steps 2"], *, shown: int = 10) -> None:
    """The last `shown` signed moves along both axes: bars that change sides oscillate.

    The axis has one of three scales and the headline the power of ten, so that frames can be compared.
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
    ax.set(xlabel="step, counted back from the last", ylabel="ΔW", xlim=(0.4 - shown, 0.6))
    ax.set_ylim(-1.1 * size, 1.1 * size)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    legend(ax, looks)
    headline(ax, "ΔW" if unit == 1 else f"ΔW in units of {power_of_ten(unit)}")


def phase_map(
    ax: Axes,
    zones: Int[ndarray, "r c"],
    window: Window,
    dots: Mapping[str, tuple[float, float]],
) -> None:
    """Zones 0, 1, 2 = monotone, ringing, divergent over (ηh, β); one dot a direction of curvature h.

    The dashed line is ηh = (1 + √β)²: to its left, up to the monotone zone, a step shrinks the error by √β.
    """
    shades = np.array([[214, 234, 248], [253, 243, 209], [247, 214, 200]], dtype=np.uint8)
    zone = ax.imshow(shades[zones], extent=window, origin="lower", aspect="auto", interpolation="nearest")
    share = np.linspace(window[2], window[3], 100)
    (fastest,) = ax.plot((1 + np.sqrt(share)) ** 2, share, "--", color="0.4", linewidth=1.5)
    words = {"monotone": (0.06, 0.04), "ringing": (1.15, 0.55), "divergent": (3.0, 0.2)}
    labels = [ax.text(*place, word, color="0.25", style="italic") for word, place in words.items()]
    still(zone, fastest, *labels)
    looks = {}
    for i, (label, (eta_h, beta)) in enumerate(dots.items()):
        shown = min(eta_h, window[1] * 0.985)
        look: Look = {"marker": MARKERS[i], "color": COLORS[i], "linestyle": "none"}
        look |= {"markersize": 12, "markeredgecolor": "w"}
        ax.plot(shown, beta, **look, clip_on=False, zorder=5)
        looks[label] = look
    ax.set(xlabel="ηh", ylabel="β", xlim=window[:2], ylim=(window[2], 1.05))
    legend(ax, looks)
    ax.grid(False)


def arrows(ax: Axes, moves: Mapping[str, tuple[Float[ndarray, "2"], Float[ndarray, "2"]]]) -> None:
    """label -> (from, vector), in data units; every second arrow is hollow."""
    looks = [{"facecolor": "w" if i % 2 else COLORS[i], "edgecolor": COLORS[i]} for i in range(len(moves))]
    for look, (origin, vector) in zip(looks, moves.values(), strict=True):
        shape: Look = {"scale_units": "xy", "scale": 1, "width": 0.013, "linewidth": 1.5, **look}
        ax.quiver(*origin, *vector, angles="xy", zorder=5, data=None, **shape)
    legend(ax, dict(zip(moves, looks, strict=True)))


def _inside(track: Path) -> Float[ndarray, "shown 2"]:
    """Up to the first point too far away to draw, cut there: Agg overflows beyond about 1e6 pixels."""
    far = ~(np.abs(track) < FAR).all(axis=1)
    last = int(far.argmax()) + 1 if far.any() else len(track)
    return np.clip(track[:last], -FAR, FAR)


def _drawable(values: Float[ndarray, " n"], size: Real) -> Float[ndarray, " n"]:
    """Bars of a run that has diverged fill the axes on their own side."""
    return np.nan_to_num(values, nan=0.0, posinf=size, neginf=-size)
