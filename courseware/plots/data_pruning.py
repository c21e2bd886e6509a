"""Pictures of data pruning: which examples are kept, and with which choice the test error is lowest.

errors   test errors of the choices "easiest", "hardest" and "random", (3, seeds)
winner   index of the choice with the lowest mean error, by setting; clear, whether the seeds agree
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy import ndarray

from courseware.plots.axes import legend, percentage
from courseware.plots.difficulty import RIGHT, WRONG
from courseware.plots.shapes import Look, Real, columns, rectangles
from courseware.plots.style import PINK, RED, SKY

CHOICES: dict[str, Look] = {
    "easiest": {"facecolor": SKY},
    "hardest": {"facecolor": RED},
    "random": {"facecolor": "0.6"},
}
KEPT: Look = {"facecolor": "none", "edgecolor": "0.1", "linewidth": 3}


def labels_by_rank(ax: Axes, wrong: Float[ndarray, " tenths"], begin: Real, end: Real) -> None:
    """Shares of right and wrong labels by position in the ranking; from `begin` to `end` is kept.

    wrong: share of wrong labels in each part of the ranking, easiest first.
    begin, end: as fractions of the ranking, from 0 to 1.
    """
    n = len(wrong)
    middle, ones = (np.arange(n) + 0.5) / n, np.ones(n)
    columns(ax, middle, ones, RIGHT, width=0.9 / n)
    columns(ax, middle, wrong, WRONG, width=0.9 / n)
    ends = np.array([begin]), np.array([end]), np.array([-0.015]), np.array([1.04])
    rectangles(ax, *ends, KEPT)
    ax.text((begin + end) / 2, 1.06, "kept", ha="center", va="bottom", fontsize=13)
    ax.set(xlabel="position in the ranking, easiest first", ylabel="share of the tenth")
    ax.set(xlim=(-0.015, 1.015), ylim=(-0.02, 1.14))
    legend(ax, {"right labels": RIGHT, "wrong labels": WRONG})


def accuracy_by_offset(
    ax: Axes, offsets: Int[ndarray, " o"], runs: Float[ndarray, "o seeds"], random: Float[ndarray, " seeds"]
) -> None:
    """Test accuracy of the windows and of random examples: mean and range over seeds.

    offsets: start of each window, in percent of the ranking.   runs: accuracy with each window, by seed.
    random: accuracy with random examples, by seed.
    """
    ax.axhspan(float(random.min()), float(random.max()), color="0.85", zorder=0.6)
    ax.axhline(float(random.mean()), color="0.45", linewidth=1.8, linestyle=(0, (2, 2)))
    ax.plot(offsets, runs.mean(axis=1), color=PINK, linestyle="-")
    ax.fill_between(offsets, runs.min(axis=1), runs.max(axis=1), color=PINK, alpha=0.25, linewidth=0)
    legend(
        ax,
        {
            "window of EL2N": {"color": PINK, "linestyle": "-"},
            "random": {"color": "0.45", "linestyle": (0, (2, 2))},
        },
    )


def picked_point(ax: Axes, x: Real, y: Real) -> None:
    """A ring around the value that the slider stands for.

    x, y: the point, in data units.
    """
    ax.plot(x, y, "o", markersize=15, markerfacecolor="none", markeredgecolor="0.1", markeredgewidth=2.5)


def winner_map(
    ax: Axes,
    winner: Int[ndarray, "x y"],
    clear: Bool[ndarray, "x y"],
    picked: tuple[int, int],
    x: Sequence[object],
    y: Sequence[object],
) -> None:
    """One cell per setting in the colour of the choice that wins; pale where the seeds do not agree.

    winner: place of the best choice in `CHOICES`.   clear: whether the seeds agree.
    picked: the cell with a ring.   x, y: names of the columns and rows of cells.
    """
    for i, look in enumerate(CHOICES.values()):
        for sure in (True, False):
            cells = (winner == i) & (clear == sure)
            left, low = (place - 0.5 for place in np.nonzero(cells))
            color = look["facecolor"] if sure else pale(look["facecolor"])
            rectangles(
                ax, left, left + 1, low, low + 1, {"facecolor": color, "edgecolor": "w", "linewidth": 1}
            )
    picked_point(ax, *picked)
    ax.set_xticks(range(len(x)), [str(name) for name in x])
    ax.set_yticks(range(len(y)), [str(name) for name in y])
    ax.set(xlim=(-0.5, len(x) - 0.5), ylim=(-0.5, len(y) - 0.5))
    ax.grid(False)
    legend(ax, CHOICES | {"pale: seeds differ": {"facecolor": pale(RED)}})


def pale(color: str) -> tuple[float, float, float]:
    """The colour mixed with three parts of white.

    color: any colour of matplotlib.
    """
    r, g, b = (0.25 * part + 0.75 for part in to_rgb(color))
    return r, g, b


def error_columns(ax: Axes, errors: Float[ndarray, "3 seeds"], top: Real) -> None:
    """One column per choice: its mean error as a number, and a dot for each seed.   top: of the axis.

    errors: fractions, for the choices in the order of `CHOICES`.
    """
    for i, look in enumerate(CHOICES.values()):
        mean = float(errors[i].mean())
        columns(ax, np.array([i]), np.array([mean]), look, width=0.7)
        ax.plot(np.linspace(i - 0.2, i + 0.2, errors.shape[1]), errors[i], "o", color="0.1", markersize=4)
        above = float(errors[i].max()) + 0.02 * top
        ax.text(i, above, percentage(mean, 1), ha="center", va="bottom", fontsize=14)
    ax.set_xticks(range(3), list(CHOICES))
    ax.set(xlabel="examples kept", ylabel="test error", xlim=(-0.6, 2.6), ylim=(0, top))
