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

from courseware.plots.axes import legend, percentage
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, GREEN, MARKERS, ORANGE, PINK, QUIET, RED, SKY

RIGHT: Look = {"facecolor": BLUE}
WRONG: Look = {"facecolor": ORANGE, "hatch": "//", "edgecolor": "w", "linewidth": 0}
IMAGES: Look = {"facecolor": "#00224e"}  # as the dark cells of a learning record
EASY_LINE: Look = {"color": SKY, "linestyle": "-"}
HARD_LINE: Look = {"color": RED, "linestyle": (0, (5, 1.5))}
RANDOM_LINES: tuple[Look, Look] = (
    {"color": "0.25", "linestyle": "-"},
    {"color": "0.6", "linestyle": (0, (5, 1.5))},
)
FORGETTING_LINE: Look = {"color": GREEN, "linestyle": "-"}
NAIVE_LINE: Look = {"color": GREEN, "linestyle": (0, (2, 1.5))}
EL2N_LINE: Look = {"color": PINK, "linestyle": (0, (5, 1.5))}
"""One meaning per colour: blue and orange for right and wrong labels, sky and red for easy and hard examples,
grey for random ones, green and pink for the scores forgetting and EL2N."""
NEVER = "never"
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def learning_record(ax: Axes, correct: Bool[ndarray, "presentations rows"], epochs: int) -> None:
    """One row per example, one column per presentation: dark where it was classified correctly.

    epochs: columns of the picture; those that `correct` does not have stay empty.
    """
    shown = np.full((correct.shape[1], epochs), np.nan)
    shown[:, : len(correct)] = correct.T
    extent = (0.5, epochs + 0.5, correct.shape[1], 0)
    ax.imshow(shown, cmap="cividis_r", vmin=0, vmax=1, extent=extent, aspect="auto", interpolation="nearest")
    ax.set(xlabel="epoch", ylabel="examples, least forgotten first", yticks=[])
    ax.grid(False)
    dark, light = "#00224e", "#fee838"
    legend(ax, {"correct": {"facecolor": dark}, "misclassified": {"facecolor": light}})


def event_histogram(
    ax: Axes, shares: Mapping[str, Float[ndarray, " bars"]], looks: Sequence[Look], what: str
) -> None:
    """Shares by number of events, side by side; last, "or more" and never learned.

    The columns of a single kind have their percentages above them, from 1 % on; never learned always has it.
    shares: kind of examples -> its share with 0, 1, 2, … events, with more, and never learned.
    looks: one for each kind.   what: the share in words, beside the y axis.
    """
    bars = len(next(iter(shares.values())))
    width, places = 0.8 / len(shares), np.append(np.arange(bars - 1.0), bars + 0.2)
    for i, (values, look) in enumerate(zip(shares.values(), looks, strict=True)):
        columns(ax, places - 0.4 + (i + 0.5) * width, values, look, width=width)
    step = 1 if bars < 12 else 2
    ticks = [*range(0, bars - 1, step)]
    names = [*map(str, ticks[:-1]), f"{bars - 2}+" if ticks[-1] == bars - 2 else str(ticks[-1])]
    ax.set_xticks([*ticks, bars + 0.2], [*names, NEVER])
    ax.set(xlabel="forgetting events", ylabel=what, xlim=(-0.6, bars + 1.0), ylim=(0, 1.05))
    if len(shares) > 1:
        legend(ax, dict(zip(shares, looks, strict=True)))
    else:
        (values,) = shares.values()
        numbered = [(x, s) for x, s in zip(places, values, strict=True) if s >= 0.01 or x == places[-1]]
        for x, share in numbered:  # numbers of neighbours that are hardly visible would overlap
            text = percentage(share) if share == 0 or share >= 0.01 else "<1 %"
            ax.text(x, share + 0.015, text, ha="center", va="bottom", fontsize=12)


def simplex(
    ax: Axes,
    p: Float[ndarray, "n 3"],
    y: Int[ndarray, " n"],
    wrong: Bool[ndarray, " n"],
    classes: Sequence[str],
    example: int,
) -> None:
    """Probabilities as points, one marker per label, and an arrow from one example's label to its p.

    The arrow's length is the example's EL2N: the plane of probabilities is drawn to scale, corners √2 apart.
    y: label of each example: 0, 1 or 2.   wrong: whether that label is wrong.   classes: the three names.
    example: index of the one with the arrow.
    """
    ax.plot(*CORNERS[[0, 1, 2, 0]].T, color="0.6", linewidth=1.2)
    places = ((-0.03, -0.04, "left", "top"), (1.03, -0.04, "right", "top"), (0.5, 0.9, "center", "bottom"))
    for (x, height, ha, va), name in zip(places, classes, strict=True):
        ax.text(x, height, name, ha=ha, va=va, fontsize=13)
    at = p @ CORNERS
    for c in range(3):
        for mistaken, color in ((False, BLUE), (True, ORANGE)):
            look: Look = {"color": color, "marker": MARKERS[c], "markersize": 6, "alpha": 0.55}
            ax.plot(*at[(y == c) & (wrong == mistaken)].T, linestyle="", markeredgewidth=0, **look)
    looks = ({"color": "0.3", "marker": MARKERS[c], "linestyle": "none", "markersize": 9} for c in range(3))
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


def example_image(ax: Axes, image: Float[ndarray, "side side"], label: str) -> None:
    """One image, dark on white, with its label below.   image: grey values from 0 to 1."""
    side = len(image)
    extent = (0, side, side, 0)
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", aspect="auto", extent=extent)
    ax.set(
        xlim=(-2, side + 2),
        ylim=(2 * side, -side),
        xticks=[],
        yticks=[],
        xlabel=f"labelled “{label}”",
        ylabel="the example",
    )
    ax.grid(False)


def training_phases(ax: Axes, epochs: int, phase: int, halves: Sequence[str]) -> None:
    """A background that shows which half is being trained on.

    epochs: in all.   phase: epochs per turn.   halves: the names of both.
    """
    for begin in range(0, epochs, phase):
        i = begin // phase % 2
        ax.axvspan(begin + 0.5, begin + phase + 0.5, color=("0.9", "0.97")[i], zorder=0.6)
        across = ax.get_xaxis_transform()
        ax.text(
            begin + 0.5 + phase / 2, 0.985, halves[i], ha="center", va="top", fontsize=11, transform=across
        )


def random_guessing(ax: Axes, last: Real) -> None:
    """The AUC of random guessing, named at x = `last`."""
    ax.axhline(0.5, color=QUIET, linewidth=1.5, linestyle=(0, (2, 2)))
    ax.text(last, 0.48, "random guessing ", ha="right", va="top", color="0.3", fontsize=12)


def score_histogram(
    ax: Axes,
    scores: Mapping[str, Float[ndarray, " _"]],
    edges: Float[ndarray, " edges"],
    example: Real,
    top: Real,
) -> None:
    """EL2N of right and of wrong labels, by bin; a vertical line at the score of one example.

    scores: of the groups "right" and "wrong".   edges: of the bins, equally spaced.
    example: the score of that example.   top: of the count axis.
    """
    width = float(edges[1] - edges[0])
    for kind, look in (("right", RIGHT), ("wrong", WRONG)):
        counts = np.histogram(scores[kind], edges)[0]
        columns(ax, edges[:-1] + 0.45 * width, counts, look, width=0.9 * width)
    ax.axvline(example, color="k", linewidth=2)
    ax.set(xlabel="EL2N", ylabel="examples", xlim=(0, float(edges[-1])), ylim=(0, top))
    legend(ax, {"right": RIGHT, "wrong": WRONG})


def mean_and_range(ax: Axes, x: Int[ndarray, " e"], runs: Float[ndarray, "e seeds"], look: Look) -> None:
    """The mean over the seeds as a line, and their range as a band of the same colour.

    runs: one row for each x.   look: keywords of Line2D, among them "color".
    """
    ax.plot(x, runs.mean(axis=1), **look)
    ax.fill_between(x, runs.min(axis=1), runs.max(axis=1), color=look["color"], alpha=0.18, linewidth=0)


def epoch_mark(ax: Axes, epoch: Real) -> None:
    """A vertical line at the epoch of the slider."""
    ax.axvline(epoch, color="0.3", linewidth=1.2)
