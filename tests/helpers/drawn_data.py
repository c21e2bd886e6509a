"""What a figure's artists hold, to be compared with the record that was drawn."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy import ndarray


class Rectangles(NamedTuple):
    """The sides of the rectangles of `courseware.plots.shapes`, one entry per rectangle."""

    left: ndarray
    right: ndarray
    bottom: ndarray
    top: ndarray

    @property
    def middle(self) -> ndarray:
        """Row of a bar."""
        return (self.bottom + self.top) / 2


def bar_corners(bars: PolyCollection) -> Rectangles:
    """The sides of every bar or column of a collection."""
    corners = np.array([path.vertices[:4] for path in bars.get_paths()]).reshape(-1, 4, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    return Rectangles(low[:, 0], high[:, 0], low[:, 1], high[:, 1])


def line_data(ax: Axes) -> list[tuple[ndarray, ndarray]]:
    """x and y of every line in the order of drawing, without the samples of the legend."""
    lines = [line for line in ax.lines if line.get_transform() != ax.transAxes]
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in lines]


def headlines(fig: Figure) -> list[Text]:
    """The headline of every axes."""
    return [ax._left_title for ax in fig.axes]


def texts(fig: Figure) -> str:
    """All headlines and texts of a figure, one per line."""
    return "\n".join(t.get_text() for ax in fig.axes for t in (ax._left_title, *ax.texts))
