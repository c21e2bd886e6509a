"""The figure that a demo draws on, copied from one that was built before, and what of it no frame changes.

This is the renderer's business: it makes pictures quick and never changes them.
"""

import pickle
from functools import cache

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from courseware.plots.style import STYLE

Widths = tuple[float | int, ...]


def canvas(
    columns: int = 1, *, rows: int = 1, widths: Widths | None = None, height: float | int = 4.7
) -> tuple[Figure, list[Axes]]:
    """A figure as wide as a slide and its axes, in reading order; never registered with pyplot.

    Margins are fixed because a layout engine costs more than the rest of the drawing.
    columns, rows: numbers of axes.   widths: one for each column, relative; None for equal ones.
    height: of the figure in inches; it is 10 inches wide.
    """
    mpl.rcParams.update(STYLE)  # pyright: ignore[reportCallIssue, reportArgumentType] - keys are Literals there
    stored, _ = _stored(columns, rows, widths, height)
    return pickle.loads(stored)


@cache
def _stored(columns: int, rows: int, widths: Widths | None, height: float | int) -> tuple[bytes, Figure]:
    """Such a figure as bytes: reading them takes a third of the time that matplotlib takes to build axes.

    The figure itself must stay alive. A transform lists those that depend on it by the `id` of each, and the
    copy's lists keep the ids of the original: if a new transform got one of them, it would take the place of
    another in such a list, which would then miss every change, and the picture would be wrong.
    """
    fig = Figure(figsize=(10, height))
    fig.subplots_adjust(
        left=0.085, right=0.97, bottom=0.66 / height, top=1 - 0.68 / height, wspace=0.27, hspace=0.5
    )
    axes = fig.subplots(rows, columns, squeeze=False, gridspec_kw={"width_ratios": widths})
    for ax in axes.flat:
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return pickle.dumps((fig, list(axes.flat))), fig


def still(*artists: Artist) -> None:
    """Mark artists that look the same in most frames: a demo paints them once and then replays the painting.

    A hint about speed only: an artist that did change is painted anew.
    """
    for artist in artists:
        artist.set_gid("still")


def is_still(artist: Artist) -> bool:
    """Whether `still` has marked this artist."""
    return artist.get_gid() == "still"
