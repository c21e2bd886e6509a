"""The look of every figure: readable from the last row, safe for colour-blind eyes, quick to draw.

Importing this module sets matplotlib's defaults, so a student's own figures match the course's.
Colours are Okabe & Ito's (2008) cycle; lines also differ by dash, so that no figure needs colour.
"""

from collections import deque
from collections.abc import Mapping
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

BLUE, ORANGE, GREEN, PINK, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
COLORS = (BLUE, RED, GREEN, PINK, ORANGE, SKY)
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P")
QUIET = "0.55"  # reference lines and everything that is not the point

STYLE = {
    "figure.dpi": 100,
    "font.size": 14,
    "axes.titlesize": 14,
    "axes.labelsize": 14,
    "legend.fontsize": 12,
    "legend.framealpha": 0.9,
    "lines.linewidth": 2.2,
    "axes.prop_cycle": cycler(color=COLORS) + cycler(linestyle=DASHES),
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
}
mpl.rcParams.update(STYLE)  # pyright: ignore[reportCallIssue, reportArgumentType] - keys are Literals there

Widths = tuple[float | int, ...]
Layout = tuple[int, int, Widths | None, float | int]
_ASKED: deque[Layout] = deque(maxlen=1)
_SPARE: dict[Layout, tuple[Figure, list[Axes]]] = {}

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def canvas(
    columns: int = 1, *, rows: int = 1, widths: Widths | None = None, height: float | int = 4.7
) -> tuple[Figure, list[Axes]]:
    """A figure as wide as a slide and its axes, in reading order; never registered with pyplot.

    Margins are fixed because a layout engine costs more than the rest of the drawing.
    """
    layout = (columns, rows, widths, height)
    _ASKED.append(layout)
    return _SPARE.pop(layout, None) or _bare(*layout)


def set_aside() -> None:
    """Build the canvas that the next picture will probably ask for: a third of its work, done between two."""
    if _ASKED and _ASKED[0] not in _SPARE:
        _SPARE.clear()
        _SPARE[_ASKED[0]] = _bare(*_ASKED[0])


def _bare(columns: int, rows: int, widths: Widths | None, height: float | int) -> tuple[Figure, list[Axes]]:
    fig = Figure(figsize=(10, height))
    fig.subplots_adjust(
        left=0.085, right=0.97, bottom=0.66 / height, top=1 - 0.68 / height, wspace=0.27, hspace=0.5
    )
    axes = fig.subplots(rows, columns, squeeze=False, gridspec_kw={"width_ratios": widths})
    for ax in axes.flat:
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return fig, list(axes.flat)


def log_axis(ax: Axes, which: str = "y") -> None:
    """A logarithmic axis with few, plain-text ticks (mathtext labels cost 10 ms each)."""
    ax.set(**{f"{which}scale": "log"})
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_locator(LogLocator(numticks=6))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: power_of_ten(v)))


def power_of_ten(value: float) -> str:
    """`1e-3` as `10⁻³`."""
    return "10" + str(round(np.log10(value))).translate(_SUPERSCRIPT)


def key(ax: Axes, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Names in one row above the axes: label -> how its sample is drawn, keywords of Line2D, or of a
    Rectangle where there is a facecolor.

    A legend inside the axes hides data and takes longer to draw than the data.
    """
    extent, unit = ax.get_window_extent(), ax.figure.dpi / 100  # 1/100 inch
    width, height = extent.width / unit, extent.height / unit
    x = 0.0
    for label, look in entries.items():
        place = {"transform": ax.transAxes, "clip_on": False}
        if "facecolor" in look:
            sample = Rectangle((x / width, 1 + 8 / height), 30 / width, 12 / height, **place, **look)
        else:
            alone = "marker" in look and look.get("linestyle", "none") == "none"
            points = [(x + 15) / width] if alone else [(x + at) / width for at in (0, 15, 30)]
            line: dict[str, Any] = {"linewidth": 2.4, "markevery": [len(points) // 2], **place, **look}
            sample = Line2D(points, [1 + 14 / height] * len(points), **line)
        place_of_name = ((x + 36) / width, 1 + 13 / height)
        name = ax.text(*place_of_name, label, transform=ax.transAxes, va="center", fontsize=12)
        still(ax.add_artist(sample), name)
        x += 36 + _text_width(label) + 18


def still(*artists: Artist) -> None:
    """Mark artists that look the same in most frames: a demo paints them once and then replays the painting.

    A hint about speed only: an artist that did change is painted anew.
    """
    for artist in artists:
        artist.set_gid("still")


def is_still(artist: Artist) -> bool:
    return artist.get_gid() == "still"


@cache
def _text_width(text: str, points: int = 12) -> float:
    """In units of 1/100 inch."""
    font = FontProperties(size=points)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 0.72


def told_apart(value: float | int | np.number, limit: float | int | np.number, spec: str) -> tuple[str, str]:
    """Two numbers in a format such as `.2f`, with as many digits as tell them apart, up to six.

    Rounding must not make a verdict look wrong: 0.1496 does not reach 0.15, and must not be shown as 0.15.
    """
    first, kind = int(spec[1:-1]), spec[-1]
    pairs = [(f"{value:.{n}{kind}}", f"{limit:.{n}{kind}}") for n in range(first, 7)]
    if abs(value - limit) <= 1e-9:
        return pairs[0]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])


def line_look(i: int) -> dict[str, Any]:
    """The i-th line of every figure: colour and dash together."""
    return {"color": COLORS[i % 6], "linestyle": DASHES[i % 6]}


def headline(ax: Axes, text: str, *, color: str = "0.1") -> None:
    """A result in words above the row of names."""
    ax.set_title(text, color=color, loc="left", fontweight="bold", pad=28)


def badge(ax: Axes, holds: bool | np.bool, text: str) -> None:
    """A verdict as a headline: the words say it, a sign and a colour repeat it."""
    sign, color = ("✓", GREEN) if holds else ("✗", RED)
    headline(ax, f"{sign} {text}", color=color)
