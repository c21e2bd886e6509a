"""One colour, dash and marker per method, the same in every picture of lectures 00 to 02."""

from collections.abc import Iterable

from courseware.plots.shapes import Look
from courseware.plots.style import marker_look

SGD, BATCH, FULL, QUADRATIC, SHRINKING, SVRG = (marker_look(i) for i in range(6))
"""Lecture 02: one example per step (or a constant step size), a larger batch, all examples, the comparison
with a quadratic, a step size that shrinks, and SVRG.
"""

SAGA: Look = {"color": "0.25", "linestyle": (0, (6, 1, 1, 1, 1, 1)), "marker": "X"}
PLAIN: Look = {"color": "0.35", "linestyle": "-", "marker": "o"}  # what belongs to no method


def by_roster(names: Iterable[str]) -> dict[str, Look]:
    """Lectures 00 and 01: every optimizer has the look of its place in the list of all of them.

    names: of all optimizers, in the order of the list.
    """
    return {name: marker_look(i) for i, name in enumerate(names)}


def without_marks(look: Look) -> Look:
    """The same line without markers.

    look: keywords of Line2D.
    """
    return {key: value for key, value in look.items() if key != "marker"}
