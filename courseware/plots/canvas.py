"""The figure that a demo draws on, made ahead where there is time, and what of it no frame changes.

This state is the renderer's: it makes pictures quick and never changes them.
"""

from collections import deque

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from courseware.plots.style import STYLE

Widths = tuple[float | int, ...]
Layout = tuple[int, int, Widths | None, float | int]
_ASKED: deque[Layout] = deque(maxlen=1)
_SPARE: dict[Layout, tuple[Figure, list[Axes]]] = {}


def canvas(
    columns: int = 1, *, rows: int = 1, widths: Widths | None = None, height: float | int = 4.7
) -> tuple[Figure, list[Axes]]:
    """A figure as wide as a slide and its axes, in reading order; never registered with pyplot.

    Margins are fixed because a layout engine costs more than the rest of the drawing.
    columns, rows: numbers of axes.   widths: one for each column, relative; None for equal ones.
    height: of the figure in inches; it is 10 inches wide.
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
    mpl.rcParams.update(STYLE)  # pyright: ignore[reportCallIssue, reportArgumentType] - keys are Literals there
    fig = Figure(figsize=(10, height))
    fig.subplots_adjust(
        left=0.085, right=0.97, bottom=0.66 / height, top=1 - 0.68 / height, wspace=0.27, hspace=0.5
    )
    axes = fig.subplots(rows, columns, squeeze=False, gridspec_kw={"width_ratios": widths})
    for ax in axes.flat:
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return fig, list(axes.flat)


def still(*artists: Artist) -> None:
    """Mark artists that look the same in most frames: a demo paints them once and then replays the painting.

    A hint about speed only: an artist that did change is painted anew.
    """
    for artist in artists:
        artist.set_gid("still")


def is_still(artist: Artist) -> bool:
    """Whether `still` has marked this artist."""
    return artist.get_gid() == "still"
