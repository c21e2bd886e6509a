"""Pictures of distributed and streaming selection: machines and their parts, sieves, and costs.

local     what each machine chose, places of points      value   F over the value of greedy on all elements
level     what a sieve is known by, in F's unit          cost    one number for each size n
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy import ndarray

from courseware.plots.axes import legend, log_axis, number
from courseware.plots.canvas import still
from courseware.plots.shapes import Look, Real, bars, rectangles
from courseware.plots.style import BLUE, GREEN, ORANGE, RED, SKY, line_look, marker_look

POINT: Look = {"marker": ".", "color": "0.6", "linestyle": "none", "markersize": 4}
LOCAL: Look = {"marker": "o", "color": ORANGE, "linestyle": "none", "markersize": 7, "markeredgecolor": "0.2"}
CENTRAL: Look = {"marker": "D", "color": BLUE, "linestyle": "none", "markersize": 14}
CENTRAL |= {"markerfacecolor": "none", "markeredgewidth": 2}
BEST: Look = {"marker": "*", "color": GREEN, "linestyle": "none", "markersize": 18, "markeredgecolor": "w"}
OPEN: Look = {"facecolor": SKY, "edgecolor": "w", "linewidth": 0.5}
FULL: Look = {"facecolor": "0.85", "edgecolor": "0.6", "hatch": "///", "linewidth": 0.5}
KEPT: Look = {"facecolor": "none", "edgecolor": RED, "linewidth": 2.5, "zorder": 4}
SO_FAR: Look = {"color": BLUE, "linewidth": 2.2, "linestyle": (0, (5, 1.5))}
GUARANTEED: Look = {"color": "0.1", "linewidth": 2.2, "linestyle": (0, (1, 1))}
GRIDS = {2: (1, 2), 4: (2, 2), 8: (2, 4), 16: (4, 4)}
FEWEST_ROWS = 6
MOST_NAMES, WIDEST = 24, 2.4
"""Rows that can be named side by side; columns of the picture of the sieves, as a multiple of k, at most."""


# --- GreeDi ----------------------------------------------------------------------------------------


def machine_maps(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    parts: Sequence[Int[ndarray, " _"]],
    local: Sequence[tuple[int, ...]],
    values: Float[ndarray, " m"],
) -> None:
    """A small map for each machine, row by row: its points, its choice, and the value of that in percent.

    points: in the unit square.   parts: the points of each machine.   local: what each one chose.
    values: F of the choice over that of greedy on all points; the largest one is framed.
    """
    rows, columns = GRIDS[len(parts)]
    place = np.array([(i % columns, rows - 1 - i // columns) for i in range(len(parts))], dtype=float)
    low, size = place + np.array([0.06, 0.05]), np.array([0.88, 0.74 if rows < 4 else 0.62])
    left, bottom = (low - 0.03).T
    right, top = (low + size + 0.03).T
    frame: Look = {"facecolor": "none", "edgecolor": "0.7", "linewidth": 1}
    framed: Look = {"facecolor": "none", "edgecolor": "0.1", "linewidth": 2.5}
    best = [int(np.argmax(values))]
    rectangles(ax, left, right, bottom, top, frame)
    rectangles(ax, left[best], right[best], bottom[best], top[best], framed)
    for look, chosen in ((POINT, parts), (LOCAL, local)):
        shown = [low[p] + size * points[np.array(own, dtype=int)] for p, own in enumerate(chosen)]
        smaller = look | {"markersize": look["markersize"] - (rows > 2)}
        ax.plot(*np.concatenate(shown).T, **smaller)
    for x, y, value in zip(place[:, 0] + 0.5, top + 0.02, values.tolist(), strict=True):
        ax.text(x, y, f"{100 * value:.0f} %", ha="center", va="bottom", fontsize=12)
    ax.set(xlim=(0, columns), ylim=(0, rows), xticks=[], yticks=[])
    ax.set(xlabel="value on all points; greedy = 100 %", ylabel=f"round 1: {len(parts)} machines")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    legend(ax, {"points": POINT | {"markersize": 8}, "machine's choice": LOCAL, "best": framed})


def merged_map(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    candidates: Sequence[int],
    answer: Sequence[int],
    central: Sequence[int],
) -> None:
    """All points, the machines' choices, the answer, and what greedy on all points chose.

    points: in the unit square.   candidates, answer, central: indices of points.
    """
    (dots,) = ax.plot(*points.T, **POINT)
    still(dots)
    for look, chosen in ((LOCAL, candidates), (CENTRAL, central), (BEST, answer)):
        ax.plot(*points[np.array(chosen, dtype=int)].T, **look)
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=[], yticks=[])
    ax.set(xlabel="all points", ylabel="round 2: one machine")
    ax.grid(False)
    legend(ax, {"choices": LOCAL, "answer": BEST, "greedy on all": CENTRAL})


# --- sieves ----------------------------------------------------------------------------------------


class SieveRows(NamedTuple):
    """All sieves at one moment, lowest level first; all numbers over the value of greedy on the whole stream.

    level: the guess of OPT that each stands for.   threshold: the gain that it asks for next.   value: F(S).
    chosen: S, names of images.   full: |S| = k.   kept: whether it kept the image that arrived last.
    """

    level: Float[ndarray, " sieves"]
    threshold: Float[ndarray, " sieves"]
    value: Float[ndarray, " sieves"]
    chosen: tuple[tuple[int, ...], ...]
    full: Bool[ndarray, " sieves"]
    kept: Bool[ndarray, " sieves"]


def sieve_sets(
    ax: Axes, sieves: SieveRows, pictures: Float[ndarray, "n side side"], arriving: int, k: int, rows: int
) -> None:
    """A row for each sieve with k places for images; the arriving image on the right, and where it was kept.

    sieves: the lowest level in the bottom row.   k: the largest number of images in a set.
    pictures: all images, by name.   arriving: name of the last image.   rows: rows in the picture, at least.
    """
    rows, n = max(rows, len(sieves.level), FEWEST_ROWS), len(sieves.level)
    box = ax.get_window_extent()
    square = box.width / box.height * rows  # columns, where an image is as wide as high
    right = max(min(square, WIDEST * k), k + 1.2)
    row, place = np.divmod(np.arange(n * k), k)
    slot: Look = {"facecolor": "0.96", "edgecolor": "0.8", "linewidth": 0.8}
    rectangles(ax, place + 0.0, place + 1.0, row + 0.0, row + 1.0, slot)
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    mosaic = np.full((n, k, *framed.shape[1:]), np.nan)
    for r, chosen in enumerate(sieves.chosen):
        mosaic[r, : len(chosen)] = framed[list(chosen)]
    _images(ax, mosaic, (0, k, 0, n))
    size = min(3.0, right - k - 0.4)
    middle, tall = rows / 2, size * square / right
    _images(ax, pictures[None, None, arriving], (right - size, right, middle - tall / 2, middle + tall / 2))
    r = np.flatnonzero(sieves.kept)
    last = np.array([len(sieves.chosen[i]) for i in r], dtype=float)
    ends = np.stack([np.full(len(r), right - size), last, np.full(len(r), np.nan)], axis=-1)
    heights = np.stack([np.full(len(r), middle), r + 0.5, np.full(len(r), np.nan)], axis=-1)
    ax.plot(ends.ravel(), heights.ravel(), color=RED, linestyle="-", linewidth=1, zorder=3)
    rectangles(ax, last - 1, last, r + 0.0, r + 1.0, KEPT)
    ax.text(right - size / 2, middle - tall / 2 - 0.1, "arriving", ha="center", va="top", fontsize=12)
    ax.set(xlim=(0, right), ylim=(0, rows), xticks=[], ylabel="guess v of OPT (greedy = 1)")
    _row_names(ax, [number(level) for level in sieves.level], rows)
    ax.set_xlabel(f"{sum(map(len, sieves.chosen))} images held, up to {k} for each guess")
    ax.grid(False)
    legend(ax, {"free place": slot, "arriving image kept": KEPT})


def sieve_values(
    ax: Axes, sieves: SieveRows, best: Real, greedy_so_far: Real, bound: Real, holds: bool, rows: int
) -> None:
    """A bar for each sieve, as long as its F(S), in the rows of `sieve_sets`; grey where S is full.

    best: the value of the set that is returned.   greedy_so_far, bound: vertical lines.
    holds: whether best reaches the bound, said in its name.
    rows: rows in the picture, at least.
    sieves: the lowest level in the bottom row; their values, like best, are shares of greedy's.
    """
    at = np.arange(len(sieves.level)) + 0.5
    for look, chosen in ((OPEN, ~sieves.full), (FULL, sieves.full)):
        bars(ax, at[chosen], np.zeros(chosen.sum()), sieves.value[chosen], look)
    if len(sieves.value) and sieves.value.max() >= best - 1e-12:
        ax.plot(best, at[np.argmax(sieves.value)], **BEST, zorder=5)
    lines = {"greedy so far": (greedy_so_far, SO_FAR)}
    if bound > 0:
        lines["bound holds" if holds else "bound broken"] = (bound, GUARANTEED)
    for x, look in lines.values():
        ax.axvline(x, **look)
    rows = max(rows, len(at), FEWEST_ROWS)
    needed = [f"{max(t, 0):.2f}" for t in sieves.threshold.tolist()]
    _row_names(ax, ["full" if f else t for f, t in zip(sieves.full, needed, strict=True)], rows)
    ax.set(xlim=(0, 1.08), ylim=(0, rows), ylabel="gain needed next")
    ax.set_xlabel("F(S); greedy on the stream = 1")
    ax.grid(False)
    legend(ax, {name: look for name, (_, look) in lines.items()})


def _images(ax: Axes, grid: Float[ndarray, "r c side side"], extent: tuple[Real, Real, Real, Real]) -> None:
    """Images in rows from the bottom up, dark on white; what is nan stays empty."""
    r, c, side, _ = grid.shape
    if r:
        sheet = grid[::-1].transpose(0, 2, 1, 3).reshape(r * side, c * side)
        shown = ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, extent=extent, aspect="auto", zorder=2)
        shown.set_interpolation("nearest")


def _row_names(ax: Axes, names: Sequence[str], rows: int) -> None:
    """Every row's name, or every second, third … one where so many rows would write over each other."""
    named = range(0, len(names), -(-rows // MOST_NAMES))
    ax.yaxis.set_major_locator(FixedLocator([i + 0.5 for i in named]))
    ax.yaxis.set_major_formatter(FixedFormatter([names[i] for i in named]))
    ax.tick_params(axis="y", labelsize=11, length=0)


# --- cost ------------------------------------------------------------------------------------------


def costs(ax: Axes, sizes: Int[ndarray, " s"], series: Mapping[str, Float[ndarray, " s"]], what: str) -> None:
    """One line per method, both axes logarithmic; sizes not tried are nan. Grey: slopes 1 and 2.

    sizes: numbers of elements, increasing.   series: method -> cost for each size.
    what: the cost in words, beside the y axis.
    """
    for i, values in enumerate(series.values()):
        ax.plot(sizes, values, **marker_look(i), markersize=8)
    for which in "xy":
        log_axis(ax, which)
    low, high = ax.get_ylim()
    for slope, name in ((1, "∼ n"), (2, "∼ n²")):
        line = low * (sizes / sizes[0]) ** slope
        ax.plot(sizes, line, color="0.75", linestyle="-", linewidth=1.5, zorder=0.8)
        last = int(np.flatnonzero(line < high)[-1])
        ax.text(sizes[last], line[last], name, color="0.4", va="top", ha="left")
    ax.set(xlabel="elements n", ylabel=what, ylim=(low, high))
    legend(ax, {label: line_look(i) for i, label in enumerate(series)})
