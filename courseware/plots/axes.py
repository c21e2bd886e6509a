"""What surrounds the data of a picture: headline, legend, ticks and numbers in words."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from courseware.plots.canvas import still

Real = float | int
Range = tuple[Real, Real]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def headline(ax: Axes, text: str) -> None:
    """A result in words above the row of names.

    text: the result, of about ten words.
    """
    ax.set_title(text, color="0.1", loc="left", fontweight="bold", pad=28)


def legend(ax: Axes, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Names in one row above the axes: label -> how its sample is drawn, keywords of Line2D, or of a
    Rectangle where there is a facecolor.

    Names that would not fit into the figure are written smaller, all alike. A legend inside the axes hides
    data and takes longer to draw than the data.
    entries: label -> keywords of its sample.
    """
    extent, unit = ax.get_window_extent(), ax.figure.dpi / 100  # 1/100 inch
    width, height = extent.width / unit, extent.height / unit
    room = ax.figure.bbox.width / unit - extent.x0 / unit - 2  # letters are hinted: a name may be drawn wider
    small = min(1.0, room / (sum(54 + _text_width(label) for label in entries) - 18)) if entries else 1.0
    x = 0.0
    for label, look in entries.items():
        place = {"transform": ax.transAxes, "clip_on": False}
        if "facecolor" in look:
            sample = Rectangle((x / width, 1 + 8 / height), 30 * small / width, 12 / height, **place, **look)
        else:
            alone = "marker" in look and look.get("linestyle", "none") == "none"
            points = [(x + at * small) / width for at in ((15,) if alone else (0, 15, 30))]
            line: dict[str, Any] = {"linewidth": 2.4, "markevery": [len(points) // 2], **place, **look}
            sample = Line2D(points, [1 + 14 / height] * len(points), **line)
        place_of_name = ((x + 36 * small) / width, 1 + 13 / height)
        name = ax.text(*place_of_name, label, transform=ax.transAxes, va="center", fontsize=12 * small)
        still(ax.add_artist(sample), name)
        x += small * (54 + _text_width(label))


@cache
def _text_width(text: str, points: int = 12) -> float:
    """In units of 1/100 inch."""
    font = FontProperties(size=points)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 0.72


def log_axis(ax: Axes, which: str = "y") -> None:
    """A logarithmic axis with few, plain-text ticks (mathtext labels cost 10 ms each).

    which: "x" or "y".
    """
    ax.set(**{f"{which}scale": "log"})
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_locator(LogLocator(numticks=6))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: power_of_ten(v)))


def log_log(ax: Axes, x: Range, y: Range) -> None:
    """Logarithmic both ways, with these limits.   x, y: (lowest, highest), both above 0."""
    log_axis(ax, "x")
    log_axis(ax, "y")
    ax.set(xlim=x, ylim=y)


def doubling_axis(ax: Axes, which: str, values: Sequence[int]) -> None:
    """A logarithmic axis whose ticks are these numbers.

    which: "x" or "y".   values: above 0 and increasing; the first and the last one are the axis's limits.
    """
    ax.set(**{f"{which}scale": "log", f"{which}lim": (values[0], values[-1])})
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_locator(FixedLocator(values))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))


def named_ticks(ax: Axes, values: Sequence[Real], words: Sequence[str]) -> None:
    """A logarithmic x axis with these names.   values: of the ticks, above 0.   words: one for each."""
    ax.set(xscale="log")
    ax.xaxis.set_major_locator(FixedLocator(values))
    ax.xaxis.set_minor_locator(NullLocator())
    names = dict(zip(np.round(values, 9), words, strict=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: names.get(np.round(v, 9), "")))


def power_of_ten(value: float) -> str:
    """`1e-3` as `10⁻³`.   value: above 0; its logarithm is rounded."""
    return "10" + str(round(np.log10(value))).translate(_SUPERSCRIPT)


def number(value: float | np.floating) -> str:
    """Two digits, as a headline shows them: 0.23, −1.5, 3·10⁻⁹, ∞.

    value: any number, also inf or nan.
    """
    if not np.isfinite(value):
        return "∞"
    digits, _, exponent = f"{value:.2g}".replace("-", "−").partition("e")
    return f"{digits}·{power_of_ten(10.0 ** int(exponent.replace('−', '-')))}" if exponent else digits


def percentage(share: Real | np.floating, digits: int = 0) -> str:
    """0.123 as "12 %", or as "12.3 %" with one digit.   share: 1 is the whole.   digits: after the point."""
    rounded = f"{100 * share:z.{digits}f}"  # z: no −0
    return f"{rounded} %".replace("-", "−")


def plural(count: int | np.integer, one: str, several: str = "") -> str:
    """A count with its noun: "1 image", "5,000 images", "0 classes".

    count: how many.   one: the noun for one thing.   several: for more, or for none; by default `one` + "s".
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def told_apart(value: float | int | np.number, limit: float | int | np.number, spec: str) -> tuple[str, str]:
    """Two numbers in a format such as `.2f`, with as many digits as tell them apart, up to six.

    Rounding must not make a verdict look wrong: 0.1496 does not reach 0.15, and must not be shown as 0.15.
    value, limit: the two numbers.   spec: a dot, the fewest digits and a letter, as in ".2f".
    """
    first, kind = int(spec[1:-1]), spec[-1]
    pairs = [(f"{value:.{n}{kind}}", f"{limit:.{n}{kind}}") for n in range(first, 7)]
    if abs(value - limit) <= 1e-9:
        return pairs[0]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])
