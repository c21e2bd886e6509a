"""Pictures of overlapping sets, of greedy's guarantee, of lazy greedy's queue, and of chosen images.

outline   corners of a set's shape, (points, 2)      share    F(S) over its largest value
order     elements in the order chosen               bounds   upper bounds on the gains, largest first
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.canvas import still
from courseware.plots.lines import band
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, ORANGE, QUIET, RED, line_look, marker_look

Outline = Float[ndarray, "points 2"]
Window = tuple[Real, Real, Real, Real]

PURPLE = "#9B7FC0"  # between the colours of A and of B
OUTLINE_A: Look = {"edgecolor": BLUE, "facecolor": "none", "linewidth": 2.2}
OUTLINE_B: Look = {"edgecolor": RED, "facecolor": "none", "linewidth": 2.2, "linestyle": (0, (4, 1.5))}
TINT = 0.65  # of the colour that a shaded region has; the outlines must stand out from it
NEW: dict[str, Look] = {
    "new to both": {"facecolor": PURPLE},
    "to A only": {"facecolor": BLUE},
    "to B only": {"facecolor": RED},
}
BARS: dict[str, Look] = {
    "A": {"facecolor": BLUE},
    "B": {"facecolor": RED, "hatch": "//", "edgecolor": "w"},
}
STALE: Look = {"facecolor": "0.93", "edgecolor": "0.55", "hatch": "///", "linewidth": 1}
FELL: Look = {"facecolor": "none", "edgecolor": ORANGE, "linewidth": 1.2, "linestyle": (0, (2, 1.5))}
FRESH: Look = {"facecolor": ORANGE, "edgecolor": ORANGE, "linewidth": 1}


def circle(center: tuple[Real, Real], radius: Real, *, corners: int = 60) -> Outline:
    """The outline of a circle, counter-clockwise from the right, in data units.

    center: (x, y).   radius: above 0.   corners: number of its points.
    """
    angle = 2 * np.pi * np.arange(corners) / corners
    return np.array(center) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def rectangle(left: Real, right: Real, bottom: Real, top: Real) -> Outline:
    """The outline of a rectangle, counter-clockwise from the left lower corner.

    left, right, bottom, top: its sides, in data units.
    """
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)])


# --- diminishing returns ---------------------------------------------------------------------------


def two_sets(
    ax: Axes,
    A: Sequence[Outline],
    more: Sequence[Outline],
    e: Outline,
    new: Mapping[str, Bool[ndarray, "r c"]],
    window: Window,
) -> None:
    """The discs of A, those of B \\ A, the new one e, and which cells e adds to both, to A only, to B only.

    A, more: outlines of the discs of A, and of those that only B has.   e: outline of the new disc.
    new: label (a key of NEW) -> cells of the map.   window: left, right, bottom, top of the map.
    """
    colors = np.full((*next(iter(new.values())).shape, 3), 255, np.uint8)
    for label, cells in new.items():
        colors[cells] = 255 * (1 - TINT * (1 - np.array(to_rgb(NEW[label]["facecolor"]))))
    ax.imshow(colors, extent=window, origin="lower", interpolation="nearest", aspect="auto", zorder=0.5)
    centred: Look = {"ha": "center", "va": "center"}
    for name, outlines, look in (("A", A, OUTLINE_A), ("B", more, OUTLINE_B)):
        _shapes(ax, outlines, look)
        for outline in outlines:
            still(ax.text(*_middle(outline), name, color=look["edgecolor"], alpha=0.8, **centred))
    ax.plot(*np.vstack([e, e[:1]]).T, color="0.1", linewidth=3.5, linestyle="-")
    ax.text(*_middle(e), "e", fontweight="bold", fontsize=18, **centred)
    ax.set(xlim=window[:2], ylim=window[2:], xlabel="metres", ylabel="metres")
    ax.grid(False)
    legend(ax, {label: {**look, "alpha": TINT} for label, look in NEW.items()})


def gain_bars(
    ax: Axes, gains: Float[ndarray, " sizes"], marked: Mapping[str, int], top: Real, unit: str
) -> None:
    """The gain of one element to larger and larger sets.

    gains: to the sets of 0, 1, 2, … discs.   marked: name of a set ("A" or "B") -> its size.
    top: of the axis.   unit: of the gains, in words.
    """
    others = np.setdiff1d(np.arange(len(gains)), [*marked.values()])
    columns(ax, others, gains[others], {"facecolor": "0.8"})
    for name, at in marked.items():
        columns(ax, np.array([at]), gains[at : at + 1], BARS[name])
    ax.set(xlim=(-0.6, len(gains) - 0.4), ylim=(0, top), xlabel="number of discs before e is added")
    ax.set_ylabel(f"gain of e, {unit}")
    ax.grid(False, axis="x")
    legend(ax, {f"gain to {name}: {gains[at]:.2f}": BARS[name] for name, at in marked.items()})


# --- greedy and its guarantee ----------------------------------------------------------------------


class Shapes(NamedTuple):
    """How an instance looks: an outline for each element, and the items that are to be covered.

    window: (left, right, bottom, top).
    """

    outlines: list[Outline]
    items: Float[ndarray, "u 2"]
    window: Window


def chosen_shapes(ax: Axes, shapes: Shapes, order: Sequence[int], best: Sequence[int]) -> None:
    """All elements, the chosen ones numbered, those of the optimum dashed.

    order: indices of the chosen elements, the first choice first.   best: those of the optimum.
    shapes: the outline of each element, and the items that are to be covered.
    """
    all_shapes = _shapes(ax, shapes.outlines, {"facecolor": "none", "edgecolor": "0.8", "linewidth": 1})
    (dots,) = ax.plot(*shapes.items.T, ".", color="0.6", markersize=3, zorder=0.9)
    still(all_shapes, dots)
    chosen = [shapes.outlines[i] for i in order]
    looks: dict[str, Look] = {
        "chosen": {"facecolor": (*to_rgb(BLUE), 0.3), "edgecolor": BLUE, "linewidth": 1.5},
        "optimum": {"facecolor": "none", "edgecolor": "0.1", "linewidth": 2.5, "linestyle": (0, (4, 1.5))},
    }
    for outlines, look in zip((chosen, [shapes.outlines[i] for i in best]), looks.values(), strict=True):
        _shapes(ax, outlines, look)
    for i, outline in enumerate(chosen):
        ax.text(*_middle(outline), f"{i + 1}", ha="center", va="center", fontweight="bold", clip_on=True)
    left, right, bottom, top = shapes.window
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    ax.grid(False)
    legend(ax, looks)


def shares_of_optimum(
    ax: Axes, series: Mapping[str, Float[ndarray, "draws ks"]], bound: Float[ndarray, " ks"], k: int
) -> None:
    """Mean and range over draws for k = 1, 2, …, greedy's bound (dotted), and a vertical line at `k`.

    series: label -> F(S) over the optimum's value, for each draw and k.
    """
    ks = np.arange(1, len(bound) + 1)
    line: Look = {"color": "0.2", "linestyle": (0, (1, 1)), "linewidth": 2}
    ax.plot(ks, bound, **line)
    for i, values in enumerate(series.values()):
        band(ax, ks, values.min(axis=0), values.max(axis=0), i)
        ax.plot(ks, values.mean(axis=0), **marker_look(i), markersize=7)
    still(*ax.collections, *ax.lines)
    ax.axvline(k, color=QUIET, linewidth=1)
    draws = len(next(iter(series.values())))
    over = f" (mean and range of {draws} draws)" if draws > 1 else ""
    ax.set(xlabel=f"budget k{over}", ylabel="F(S) over the optimum's", xlim=(0.8, len(bound) + 0.2))
    ax.set(ylim=(0.35, 1.02))
    legend(ax, {**{label: line_look(i) for i, label in enumerate(series)}, "bound": line})


# --- the lazy queue --------------------------------------------------------------------------------


def lazy_queue(
    ax: Axes,
    place: Int[ndarray, " n"],
    before: Float[ndarray, " n"],
    now: Float[ndarray, " n"],
    true: Float[ndarray, " n"],
    fresh: Bool[ndarray, " n"],
    winner: int,
    top: Real,
) -> None:
    """The queue before the round, largest bound first; bars that were evaluated again have fallen.

    place: positions in the queue.   before, now: their bounds before and after the round.
    true: the gains, which lazy greedy does not know (dots).   fresh: evaluated again in this round.
    winner: the position of the pick.   top: of the axis.
    """
    again, stale = np.flatnonzero(fresh), np.flatnonzero(~fresh)
    columns(ax, place[stale], now[stale], STALE)
    columns(ax, place[again], before[again], FELL)
    columns(ax, place[again], now[again], FRESH)
    ax.plot(place, true, ".", color="0.1", markersize=6)
    ax.plot(winner, now[place == winner], "*", color="0.1", markeredgecolor="w", markersize=22, zorder=5)
    ax.set(xlim=(place[0] - 0.8, place[-1] + 0.8), ylim=(0, top), ylabel="gain, or bound on it")
    ax.set_xlabel("position in the queue before the round")
    ax.grid(False, axis="x")
    dot: Look = {"marker": ".", "color": "0.1", "linestyle": "none", "markersize": 9}
    star: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 14}
    legend(ax, {"old gain": STALE, "fresh gain": FRESH, "true gain": dot, "chosen": star})


def evaluations(ax: Axes, greedy: Int[ndarray, " k"], lazy: Int[ndarray, " k"], now: int, top: Real) -> None:
    """Gains evaluated after 1, 2, … rounds by greedy and by lazy greedy; a mark at round `now`.

    greedy, lazy: numbers after each round.   now: from 1.   top: of the axis.
    """
    series = {"greedy": (greedy, 0), "lazy greedy": (lazy, 4)}
    for values, i in series.values():
        ax.plot(np.arange(1, len(values) + 1), values, **line_look(i))
        ax.plot(now, values[now - 1], **{**marker_look(i), "linestyle": "none"}, markersize=9, zorder=5)
    ax.set(xlabel="elements chosen", ylabel="gains evaluated so far", ylim=(0, top))
    legend(ax, {label: line_look(i) for label, (_, i) in series.items()})


# --- exemplars -------------------------------------------------------------------------------------


def image_grid(ax: Axes, images: Float[ndarray, "k side side"], rows: int, columns: int) -> None:
    """Images in the order chosen, row by row, dark on white; places without an image stay empty.

    images: grey values from 0 to 1.   rows, columns: of the grid.
    """
    side = images.shape[1]
    edge = side + 2
    grid = np.zeros((rows * edge, columns * edge))
    for i, image in enumerate(images):
        top, left = (i // columns) * edge, (i % columns) * edge
        grid[top : top + side, left : left + side] = image
    ax.imshow(grid, cmap="gray_r", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.set(xticks=[], yticks=[], xlabel="in the order chosen", ylabel="Fashion-MNIST")
    ax.grid(False)


def shares_explained(
    ax: Axes, series: Mapping[str, Float[ndarray, "runs ks"]], now: tuple[str, int], top: Real
) -> None:
    """Mean and range over runs, with a mark at `now` = (method, k).

    series: method -> fraction explained for each run and k; the mark is that of the first run.
    top: of the axis.
    """
    for i, (label, values) in enumerate(series.items()):
        ks = np.arange(1, values.shape[1] + 1)
        band(ax, ks, values.min(axis=0), values.max(axis=0), i)
        ax.plot(ks, values.mean(axis=0), **line_look(i))
        if label == now[0]:
            look: Look = {"color": "0.1", "markersize": 12, "markeredgecolor": "w", "zorder": 5}
            ax.plot(now[1], values[0, now[1] - 1], "o", **look)
    ax.set(xlabel="budget k", ylabel="variance explained", ylim=(0, top))
    legend(ax, {label: line_look(i) for i, label in enumerate(series)})


# --- shapes ----------------------------------------------------------------------------------------


def _middle(outline: Outline) -> tuple[float, float]:
    x, y = outline.mean(axis=0).tolist()
    return x, y


def _shapes(ax: Axes, outlines: Sequence[Outline], look: Look) -> PolyCollection:
    shapes = PolyCollection([*outlines], **look)  # pyright: ignore[reportArgumentType]
    ax.add_collection(shapes, autolim=False)
    return shapes
