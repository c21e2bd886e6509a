"""Pictures of optimization paths, updates and stability.

grid     (x, y, height), each (rows, columns)     path    (steps + 1, 2), w₁ and w₂
window   (left, right, bottom, top)
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

from courseware.plots import lines
from courseware.plots.axes import legend, power_of_ten
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import QUIET

Grid = tuple[Float[ndarray, "r c"], Float[ndarray, "r c"], Float[ndarray, "r c"]]
Path = Float[ndarray, "steps 2"]
Window = tuple[float, float, float, float]
FAR = 1e3  # data units: points farther away are not drawn
HUGE, TINY = 1e30, 1e-40  # Agg overflows far outside the axes, and zero has no logarithm
DIRECTIONS: dict[str, Look] = {  # grey, because colours stand for optimizers
    "along w₁": {"facecolor": "0.25"},
    "along w₂": {"facecolor": "0.72", "hatch": "//", "edgecolor": "w"},
}


class Landscape(NamedTuple):
    """The contour lines of a surface, its minimisers and the window: computed once, drawn in every frame.

    lines: as `contour_lines` returns them.   window: (left, right, bottom, top).
    """

    lines: list[Float[ndarray, "points 2"]]
    minimisers: Float[ndarray, "m 2"]
    window: Window


def contour_lines(grid: Grid) -> list[Float[ndarray, "points 2"]]:
    """Contours at quantiles of the height, so that steep and flat surfaces get equally many.

    grid: x, y and height, each (rows, columns).
    """
    levels = np.unique(np.quantile(grid[2], np.linspace(0.01, 0.97, 13)))
    contours = contour_generator(*grid)
    return [np.asarray(line) for height in levels for line in contours.lines(height)]


def landscape(ax: Axes, surface: Landscape) -> None:
    """Contour lines, with stars at the minimisers.

    surface: contour lines, minimisers and window.
    """
    contours = LineCollection(surface.lines, colors="0.8", linewidths=0.9)
    still(contours)
    ax.add_collection(contours, autolim=False)
    ax.plot(*surface.minimisers.T, "*", color="0.2", markersize=13, zorder=4)
    left, right, bottom, top = surface.window
    ax.set(xlabel="w₁", ylabel="w₂", xlim=(left, right), ylim=(bottom, top))
    ax.grid(False)


def named_lines(
    ax: Axes,
    series: Mapping[str, lines.Line],
    looks: Mapping[str, Look],
    *,
    more: Mapping[str, Look] | None = None,
    key: Axes | None = None,
) -> None:
    """Lines over an x of their own, each in the look of its name, and the key of all of them.

    series: name -> (x, y).   looks: name -> keywords of Line2D.
    more: further entries of the key.       key: the axes above which it begins, by default these.
    """
    for name, (x, y) in series.items():
        shown = np.where(np.isfinite(y) & (np.abs(y) < HUGE), np.maximum(y, TINY), np.nan)
        ax.plot(x, shown, **looks[name])
    legend(ax if key is None else key, {name: looks[name] for name in series} | dict(more or {}))


def paths(ax: Axes, tracks: Mapping[str, Path], looks: Mapping[str, Look], *, dots: bool = False) -> None:
    """Paths in the look of their names, each with a large mark at its end, and a dot at the common start.

    tracks: name -> the points at the start and after each step.
    looks: name -> keywords of Line2D, among them "color" and "marker".
    A path is cut where it leaves the window by far.       dots: a small dot after every step.
    """
    for name, track in tracks.items():
        inside = _inside(track)
        look = {**looks[name], "marker": "o" if dots else "", "markersize": 4}
        ax.plot(*inside.T, **look, linewidth=1.6)
    for name, track in tracks.items():
        end: Look = {"color": looks[name]["color"], "linestyle": "none", "markeredgecolor": "w"}
        ax.plot(*_inside(track)[-1:].T, marker=looks[name]["marker"], markersize=11, zorder=6, **end)
    ax.plot(*next(iter(tracks.values()))[0], "o", color="0.2", markersize=8, zorder=5)


def update_bars(ax: Axes, updates: Float[ndarray, "steps 2"], *, shown: int = 10) -> None:
    """The last `shown` updates along both axes as signed bars, next to each other.

    The axis ends at 2, 5 or 10 and its label has the power of ten, so that frames can be compared.
    updates: ΔW of each step, oldest first.
    """
    updates = updates[-shown:]
    step = np.arange(1 - len(updates), 1)  # counted from the last, so that the axis stays the same
    largest = np.abs(updates[np.isfinite(updates)]).max(initial=1e-12)
    unit = 10.0 ** np.floor(np.log10(largest))
    size = next(top for top in (2, 5, 10) if largest <= top * unit)
    for values, shift, look in zip(updates.T, (-0.2, 0.2), DIRECTIONS.values(), strict=True):
        columns(ax, step + shift, _drawable(values / unit, size), look, width=0.38)
    ax.axhline(0, color="0.2", linewidth=1)
    ax.set(xlabel="step, counted back from the last", xlim=(0.4 - shown, 0.6))
    ax.set_ylim(-1.1 * size, 1.1 * size)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_ylabel("update ΔW" if unit == 1 else f"update ΔW / {power_of_ten(unit)}")
    legend(ax, DIRECTIONS)


def stability_map(
    ax: Axes,
    zones: Int[ndarray, "r c"],
    window: Window,
    dots: Mapping[str, tuple[float, float]],
) -> None:
    """Zones 0, 1, 2 = monotone, oscillating, divergent over (ηh, β), and one dot per curvature h.

    zones: one row per β, lowest first, and one column per ηh.   window: ends of ηh, then ends of β.
    dots: label -> (ηh, β).
    The dashed line is ηh = (1 + √β)²: between it and the monotone zone a step shrinks the error by √β.
    """
    shades = np.array([[214, 234, 248], [253, 243, 209], [247, 214, 200]], dtype=np.uint8)
    zone = ax.imshow(shades[zones], extent=window, origin="lower", aspect="auto", interpolation="nearest")
    share = np.linspace(window[2], window[3], 100)
    (fastest,) = ax.plot((1 + np.sqrt(share)) ** 2, share, "--", color="0.4", linewidth=1.5)
    words = {"monotone": (0.05, 0.03), "oscillating": (0.9, 0.6), "divergent": (2.9, 0.2)}
    italic: Look = {"color": "0.25", "style": "italic", "fontsize": 12}
    labels = [ax.text(*place, word, **italic) for word, place in words.items()]
    still(zone, fastest, *labels)
    looks = {}
    for (label, (eta_h, beta)), color, marker in zip(dots.items(), ("0.15", "0.5"), "os", strict=True):
        shown = min(eta_h, window[1] * 0.985)
        look: Look = {"color": color, "marker": marker, "linestyle": "none", "markersize": 13}
        look["markeredgecolor"] = "w"
        ax.plot(shown, beta, **look, clip_on=False, zorder=5)
        looks[label] = look
    ax.set(xlabel="ηh", ylabel="β", xlim=window[:2], ylim=(window[2], 1.05))
    legend(ax, looks)
    ax.grid(False)


def arrows(
    ax: Axes,
    moves: Mapping[str, tuple[Float[ndarray, "2"], Float[ndarray, "2"]]],
    looks: Mapping[str, Look],
) -> None:
    """Arrows, and their key.

    moves: label -> (from, vector), (2,) each, in data units.   looks: label -> keywords of quiver.
    """
    for label, (origin, vector) in moves.items():
        shape: Look = {"scale_units": "xy", "scale": 1, "width": 0.013, "linewidth": 1.5, **looks[label]}
        ax.quiver(*origin, *vector, angles="xy", zorder=5, data=None, **shape)
    legend(ax, {label: looks[label] for label in moves})


def pixel_map(ax: Axes, values: Float[ndarray, "r c"], low: Real, high: Real, name: str) -> None:
    """One square per weight, on a logarithmic scale from white (`low`) to black (`high`).

    values: above 0.   low, high: ends of the scale; 0 < low < high.   name: below the picture.
    """
    shade = np.log(np.clip(values, low, high) / low) / np.log(high / low)
    ax.imshow(shade, cmap="Greys", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    ax.set(xlabel=name, ylabel="pixels")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)


def scatter_on_diagonal(
    ax: Axes, x: Float[ndarray, " n"], y: Float[ndarray, " n"], window: tuple[Real, Real], look: Look
) -> None:
    """Points in double-logarithmic axes, and the line y = x.

    window: lower and upper end of both axes, above 0.   look: its "color" is that of the points.
    """
    ax.plot(x, y, linestyle="none", marker="o", markersize=4.5, color=look["color"], alpha=0.6)
    ax.plot(window, window, **lines.BOUND)
    ax.set(xlim=window, ylim=window)


def level(ax: Axes, series: Mapping[str, Look], name: str) -> None:
    """A dotted line at 1, and the key of it and of the lines in `series`.   name: of the dotted line."""
    look: Look = {"color": QUIET, "linestyle": (0, (2, 2)), "linewidth": 1.5}
    ax.axhline(1, **look)
    legend(ax, {**series, name: look})


def _inside(track: Path) -> Float[ndarray, "shown 2"]:
    """Up to the first point that is too far away to draw: Agg overflows beyond about 1e6 pixels."""
    far = ~(np.abs(track) < FAR).all(axis=1)
    last = int(far.argmax()) + 1 if far.any() else len(track)
    return np.clip(track[:last], -FAR, FAR)


def _drawable(values: Float[ndarray, " n"], size: Real) -> Float[ndarray, " n"]:
    """Bars of a run that has diverged reach the end of the axes."""
    return np.nan_to_num(values, nan=0.0, posinf=size, neginf=-size)
