"""Pictures of example difficulty: predictions during training, scores, and the examples they keep.

correct      bool (presentations, examples)          events   forgetting events, inf = never learned
p            probabilities, (n, 3), on a triangle whose corners are the classes
shares       of the examples, one number per bar
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.axes import doubling_axis, legend
from courseware.plots.lines import band, line_legend
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, COLORS, MARKERS, ORANGE, QUIET, RED, line_look

RIGHT: Look = {"facecolor": BLUE}
WRONG: Look = {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w", "linewidth": 0}
NEVER = "never"
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def learning_record(ax: Axes, correct: Bool[ndarray, "presentations rows"], epochs: int) -> None:
    """One row per example, one column per presentation: dark where it was classified correctly."""
    shown = np.full((correct.shape[1], epochs), np.nan)
    shown[:, : len(correct)] = correct.T
    extent = (0.5, epochs + 0.5, correct.shape[1], 0)
    ax.imshow(shown, cmap="cividis_r", vmin=0, vmax=1, extent=extent, aspect="auto", interpolation="nearest")
    ax.set(xlabel="epoch", ylabel="examples, least forgotten first", yticks=[])
    ax.grid(False)
    dark, light = "#00224e", "#fee838"
    legend(ax, {"correct": {"facecolor": dark}, "misclassified": {"facecolor": light}})


def event_histogram(
    ax: Axes, shares: Mapping[str, Float[ndarray, " bars"]], looks: Sequence[Look], top: Real, what: str
) -> None:
    """Shares by number of events, side by side; last, "or more" and never learned. Cut at `top`."""
    bars = len(next(iter(shares.values())))
    width = 0.8 / len(shares)
    for i, (values, look) in enumerate(zip(shares.values(), looks, strict=True)):
        columns(ax, np.arange(bars) - 0.4 + (i + 0.5) * width, np.minimum(values, top), look, width=width)
    ticks = [*range(0, bars - 2, 2), bars - 1]
    ax.set(
        xlabel=f"forgetting events ({bars - 2} = or more)",
        ylabel=what,
        xlim=(-0.6, bars - 0.4),
        ylim=(0, top),
    )
    ax.set_xticks(ticks, [*map(str, ticks[:-1]), NEVER])
    if len(shares) > 1:
        legend(ax, dict(zip(shares, looks, strict=True)))


def simplex(
    ax: Axes,
    p: Float[ndarray, "n 3"],
    y: Int[ndarray, " n"],
    classes: Sequence[str],
    example: int,
) -> None:
    """Probabilities as points, one marker per label, and an arrow from one example's label to its p.

    The arrow's length is the example's EL2N: the plane of probabilities is drawn to scale, corners √2 apart.
    """
    ax.plot(*CORNERS[[0, 1, 2, 0]].T, color="0.6", linewidth=1.2)
    places = ((-0.03, -0.04, "left", "top"), (1.03, -0.04, "right", "top"), (0.5, 0.9, "center", "bottom"))
    for (x, height, ha, va), name in zip(places, classes, strict=True):
        ax.text(x, height, name, ha=ha, va=va, fontsize=13)
    at = p @ CORNERS
    for c in range(3):
        look: Look = {"color": COLORS[c], "marker": MARKERS[c], "markersize": 6, "alpha": 0.55}
        ax.plot(*at[y == c].T, linestyle="", markeredgewidth=0, **look)
    looks = (
        {"color": COLORS[c], "marker": MARKERS[c], "linestyle": "none", "markersize": 9} for c in range(3)
    )
    legend(ax, dict(zip(classes, looks, strict=True)))
    corner = CORNERS[y[example]]
    ax.annotate(
        "",
        tuple(at[example]),
        tuple(corner),
        arrowprops={"arrowstyle": "-|>", "color": "k", "linewidth": 2.5},
    )
    ax.set(xlim=(-0.1, 1.1), ylim=(-0.12, 1.0), xticks=[], yticks=[])
    ax.set(xlabel="probabilities of three classes", ylabel="one point per example")
    ax.grid(False)


def example_image(ax: Axes, image: Float[ndarray, "side side"]) -> None:
    """One image, dark on white."""
    side = len(image)
    extent = (0, side, side, 0)
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", aspect="auto", extent=extent)
    ax.set(
        xlim=(-2, side + 2),
        ylim=(2 * side, -side),
        xticks=[],
        yticks=[],
        xlabel="image",
        ylabel="the example",
    )
    ax.grid(False)


def training_phases(ax: Axes, epochs: int, phase: int, halves: Sequence[str]) -> None:
    """A background that shows which half is being trained on.   phase: epochs per turn."""
    for begin in range(0, epochs, phase):
        i = begin // phase % 2
        ax.axvspan(begin + 0.5, begin + phase + 0.5, color=("#dcebf5", "#fbeeda")[i], zorder=0.6)
        middle = begin + 0.5 + phase / 2
        across = ax.get_xaxis_transform()
        ax.text(middle, 0.985, halves[i], ha="center", va="top", fontsize=12, transform=across)


def random_guessing(ax: Axes, last: Real) -> None:
    """The AUC of random guessing, named at x = `last`."""
    ax.axhline(0.5, color=QUIET, linewidth=1.5, linestyle=(0, (2, 2)))
    ax.text(last, 0.48, "random guessing ", ha="right", va="top", color="0.3", fontsize=12)


def wrong_by_rank(ax: Axes, wrong: Float[ndarray, " tenths"], begin: Real, end: Real) -> None:
    """Share of wrong labels by position in the ranking; examples from `begin` to `end` are kept."""
    n = len(wrong)
    columns(ax, (np.arange(n) + 0.45) / n, wrong, WRONG, width=0.9 / n)
    ax.axvspan(begin, end, facecolor="#dcebf5", edgecolor=BLUE, linewidth=2.5, zorder=0.6)
    ax.text((begin + end) / 2, 0.97, "kept", ha="center", va="top", color=BLUE, fontsize=14)
    ax.set(xlabel="position in the ranking, easiest first", ylabel="share of wrong labels")
    ax.set(xlim=(-0.01, 1.01), ylim=(0, 1))


def kept_mark(ax: Axes, offset: Real, value: Real) -> None:
    """A dot at the window that the slider stands for."""
    ax.plot(offset, value, "o", color=RED, markersize=11, markeredgecolor="w", zorder=5, clip_on=False)


def score_histogram(
    ax: Axes,
    scores: Mapping[str, Float[ndarray, " _"]],
    edges: Float[ndarray, " edges"],
    example: Real,
    top: Real,
) -> None:
    """EL2N of right and of wrong labels, by bin; a vertical line at the score of one example."""
    width = float(edges[1] - edges[0])
    for kind, look in (("right", RIGHT), ("wrong", WRONG)):
        counts = np.histogram(scores[kind], edges)[0]
        columns(ax, edges[:-1] + 0.45 * width, counts, look, width=0.9 * width)
    ax.axvline(example, color="k", linewidth=2)
    ax.set(xlabel="EL2N", ylabel="examples", xlim=(0, float(edges[-1])), ylim=(0, top))
    legend(ax, {"right": RIGHT, "wrong": WRONG})


def mean_and_range(
    ax: Axes, x: Int[ndarray, " e"], runs: Float[ndarray, "e seeds"], i: int, *, each: bool = False
) -> None:
    """Line `i`: the mean over the seeds with their range, or every seed."""
    if each:
        look: Look = {**line_look(i), "linewidth": 1.2}
        ax.plot(x, runs, **look)
    else:
        ax.plot(x, runs.mean(axis=1), **line_look(i))
        band(ax, x, runs.min(axis=1), runs.max(axis=1), i)


def epoch_mark(ax: Axes, epoch: Real) -> None:
    """A vertical line at the epoch of the slider."""
    ax.axvline(epoch, color="0.3", linewidth=1.2)


def errors_by_amount(
    ax: Axes, amounts: Int[ndarray, " a"], errors: Float[ndarray, "a choices seeds"], names: Sequence[str]
) -> None:
    """Test error against the number of examples, one line per choice: mean and range over seeds."""
    for i in range(len(names)):
        mean_and_range(ax, amounts, errors[:, i], i)
    line_legend(ax, names)
    doubling_axis(ax, "x", amounts.tolist())
    ax.set_ylabel("test error")
