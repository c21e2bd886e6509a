"""Pictures of a class: how each question went, and how the totals are spread.

names     a question each       shares   (questions, 5): full, partial, none, not begun, to be read
points    (students,), totals   of       points that can be earned
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.canvas import canvas
from courseware.plots.style import BLUE, ORANGE, QUIET, RED

KINDS = ("full", "partial", "none", "not begun", "to be read")
LOOKS: tuple[dict[str, Any], ...] = (
    {"facecolor": BLUE},
    {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w"},
    {"facecolor": RED, "hatch": "xx", "edgecolor": "w"},
    {"facecolor": "0.88"},
    {"facecolor": "w", "hatch": "..", "edgecolor": "0.6"},
)


def class_picture(
    names: Sequence[str],
    shares: Sequence[Sequence[float | int]],
    points: Float[ndarray, " students"],
    of: float | int,
) -> bytes:
    """Both panels as a PNG, as high as there are questions.

    names: of the questions.   shares: for each question, fractions of the class in the order of `KINDS`.
    points: each student's total.   of: points that can be earned.
    """
    fig, (left, right) = canvas(2, widths=(1.6, 1.0), height=max(4.7, 1.6 + 0.45 * len(names)))
    fig.subplots_adjust(left=min(0.4, 0.04 + 0.0105 * max(map(len, names), default=0)))
    question_shares(left, names, np.array(shares, dtype=float).reshape(len(names), len(KINDS)))
    totals(right, points, of)
    png = io.BytesIO()
    fig.savefig(png, format="png")
    return png.getvalue()


def question_shares(ax: Axes, names: Sequence[str], shares: Float[ndarray, "questions 5"]) -> None:
    """A bar a question, from full points on the left to what waits for a reader on the right.

    names: of the questions.   shares: fractions of the class, in the order of `KINDS`.
    """
    rows = np.arange(len(names))
    left = np.zeros(len(names))
    for share, look in zip(shares.T, LOOKS, strict=True):
        ax.barh(rows, share, left=left, height=0.7, **look)
        left = left + share
    ax.set_yticks(rows, [name.replace("_", " ") for name in names], fontsize=12)
    ax.set(xlim=(0, 1), xlabel="share of the class")
    ax.invert_yaxis()
    ax.grid(False)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    legend(ax, dict(zip(KINDS, LOOKS, strict=True)))


def totals(ax: Axes, points: Float[ndarray, " students"], of: float | int) -> None:
    """A histogram of the points, with the median.   of: points that can be earned."""
    edges = np.linspace(0, of, 11).tolist()
    ax.hist(np.clip(points, 0, of), edges, color=BLUE, edgecolor="w")
    if len(points):
        ax.axvline(float(np.median(points)), color=QUIET, linestyle="--", linewidth=2)
        legend(ax, {"median": {"color": QUIET, "linestyle": "--"}})
    ax.set(xlim=(0, of), xlabel=f"points of {of:g}", ylabel="students")
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
