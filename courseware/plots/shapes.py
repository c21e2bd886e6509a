"""Many rectangles as one artist: a patch for each takes ten times as long to draw.

ends     two numbers a rectangle on either axis, (n,)      look    keywords of the artist
columns  stand on 0                                        bars    lie in rows
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from numpy import ndarray

Look = dict[str, Any]
Real = float | int
Numbers = Float[ndarray, " n"] | Int[ndarray, " n"]


def rectangles(ax: Axes, left: Numbers, right: Numbers, low: Numbers, high: Numbers, look: Look) -> None:
    """From left to right and from low to high; the limits of the axes stay as they are.

    left, right, low, high: one entry for each rectangle, in data units.   look: keywords of PolyCollection.
    """
    corners = np.stack([left, low, left, high, right, high, right, low], axis=-1).reshape(-1, 4, 2)
    ax.add_collection(PolyCollection(corners, **look), autolim=False)  # pyright: ignore[reportArgumentType]


def columns(ax: Axes, x: Numbers, height: Numbers, look: Look, *, width: Real = 0.8) -> None:
    """A column over each x, in its middle.

    height: may be negative.   width: of each column, in data units.   look: keywords of PolyCollection.
    """
    rectangles(ax, x - width / 2, x + width / 2, np.zeros(len(x)), height, look)


def bars(ax: Axes, row: Numbers, first: Numbers, last: Numbers, look: Look, *, height: Real = 0.8) -> None:
    """A bar in each row, from first to last.

    row: middle of each bar on the y axis.   height: of each bar, in data units.
    look: keywords of PolyCollection.
    """
    rectangles(ax, first, last, row - height / 2, row + height / 2, look)
