"""Demos of lecture 07, second half: which examples to keep. Runs: `demos.runs.difficulty`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.demos.selection.difficulty import percent
from courseware.plots import difficulty as plots
from courseware.plots import lines
from courseware.plots.axes import badge, doubling_axis, headline
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Look
from courseware.plots.style import line_look
from courseware.studies import stored

# --- two halves in turn -----------------------------------------------------------------------------

PHASE = int(stored("difficulty")["epochs"][2])
SPLITS = {"at random": ("A", "B"), "by forgetting": ("forgotten", "unforgettable")}


def _draw_halves(split: str, seeds: str) -> Figure:
    runs = stored("difficulty")["halves_runs"][list(SPLITS).index(split)]  # epoch, half, seed
    names, epochs = SPLITS[split], np.arange(1, len(runs) + 1)
    fig, (ax,) = canvas(1)
    plots.turns(ax, len(runs), PHASE, names)
    for i in range(2):
        if seeds == "each":
            look: Look = {**line_look(i), "linewidth": 1.2}
            ax.plot(epochs, runs[:, i], **look)
        else:
            ax.plot(epochs, runs[:, i].mean(1), **line_look(i))
            lines.band(ax, epochs, runs[:, i].min(1), runs[:, i].max(1), i)
    lines.line_legend(ax, [f"accuracy on {half}" for half in names])
    ax.set(xlabel="epochs", ylabel="accuracy on the half", xlim=(0.5, len(runs) + 0.5), ylim=(0.35, 1.06))
    lost = _lost(runs, 0, (4, 6)), _lost(runs, 1, (3, 5))
    headline(
        ax, f"lost while the other is trained on: {lost[0]:.1%} of {names[0]}, {lost[1]:.1%} of {names[1]}"
    )
    return fig


def _lost(runs: ndarray, half: int, phases: tuple[int, int]) -> float:
    """Mean drop of a half's accuracy over these phases, counted from 1."""
    accuracy = runs[:, half].mean(-1)
    return float(np.mean([accuracy[(p - 1) * PHASE - 1] - accuracy[p * PHASE - 1] for p in phases]))


halves = picture_demo(
    draw=_draw_halves,
    controls={
        "split": Choice("halves", tuple(SPLITS), "at random"),
        "seeds": Choice("five seeds", ("mean and range", "each"), "mean and range"),
    },
    title="Two halves of Fashion-MNIST take turns",
    goal="find the half that loses more while the other one is trained on. Which could you do without?",
    notice="Random halves lose about one percent: what is learned from one serves the other. Split by "
    "forgetting, the forgotten half loses more in the other's turn, and never gets far. The unforgettable "
    "half is at two thirds after five epochs on the other alone, before it was trained on at all.",
    alt=lambda split, seeds: (
        f"Accuracy on two halves of Fashion-MNIST, split {split}, over thirty epochs, taking turns "
        f"of five; {seeds} of five seeds."
    ),
    presets={
        "By forgetting": {"split": "by forgetting"},
        "Break it": {"split": "by forgetting", "seeds": "each"},
    },
)


# --- which window to keep ---------------------------------------------------------------------------

WINDOW_NOISES = {percent(share): i for i, share in enumerate(stored("difficulty")["window_noises"])}
OFFSETS = stored("difficulty")["offsets"]
WINDOW = 0.4


def _draw_window(noise: str, offset: int) -> Figure:
    runs, i = stored("difficulty"), WINDOW_NOISES[noise]
    accuracy, tenths = runs["windows_runs"][i], runs["windows_wrong_runs"][i]
    j = int(np.argmin(abs(OFFSETS - offset / 100)))
    random, windows = accuracy[0], accuracy[1:]
    fig, (left, right) = canvas(2)
    plots.ranking(left, tenths.mean(1), OFFSETS[j], OFFSETS[j] + WINDOW)
    headline(left, f"labels: {noise} wrong")
    x = 100 * OFFSETS
    lines.curves(right, x, {"window": windows.mean(1)}, log=False)
    lines.band(right, x, windows.min(1), windows.max(1), 0)
    lines.reference_level(right, random.mean(), "random 40 %", va="bottom")
    plots.kept_window(right, x, j, windows[j].mean())
    right.set(xlabel="offset, percent put aside as too easy", ylabel="test accuracy", ylim=(0.2, 0.9))
    wins = windows[j] > random  # a seed's random choice has the same labels and the same ranking
    means = f"{windows[j].mean():.3f}, random {random.mean():.3f}"
    badge(right, wins.all(), f"{means}, wins {wins.sum()} of {len(wins)}")
    return fig


windows = picture_demo(
    draw=_draw_window,
    controls={
        "noise": Choice("wrong labels", tuple(WINDOW_NOISES), "0 %"),
        "offset": Slider("offset, percent", 0, 60, 10, 60),
    },
    title="Keep 40 % of Fashion-MNIST: which?",
    goal="beat the random 40 % on every seed. For which share of wrong labels can a window do that?",
    notice="The easiest 40 % teach too little, the hardest 40 % mislead, even with right labels: the best "
    "window lies between. The more labels are wrong, the earlier it has to end. With right labels it only "
    "equals random examples here.",
    alt=lambda noise, offset: (
        f"Left: share of wrong labels by tenth of EL2N's ranking, {noise} in all; the kept window begins at "
        f"{offset} percent. Right: test accuracy against the offset, three seeds, beside random examples."
    ),
    presets={"Wrong labels": {"noise": "20 %", "offset": 0}, "Break it": {"noise": "20 %", "offset": 60}},
)


# --- little data, much data -------------------------------------------------------------------------

KEEPS = {percent(share): i for i, share in enumerate(stored("difficulty")["keeps"])}
CHOICES = ("easiest", "hardest", "random")


def _draw_amounts(keep: str) -> Figure:
    runs, i = stored("difficulty"), KEEPS[keep]
    fig, axes = canvas(2)
    perceptrons, images = runs["perceptrons_runs"][:, i], 1 - runs["amounts_runs"][:, i]
    _by_amount(axes[0], runs["alphas"], perceptrons, "examples per dimension, before pruning", 0.5)
    headline(axes[0], "perceptron, 100 dimensions")
    _by_amount(axes[1], runs["amounts"], images, "images, before pruning", 1.0)
    headline(axes[1], "Fashion-MNIST, small net")
    return fig


def _by_amount(ax: Axes, x: ndarray, error: ndarray, label: str, top: float) -> None:
    """(amounts, choices, seeds)."""
    lines.curves(ax, x, dict(zip(CHOICES, error.mean(-1).T, strict=True)), log=False)
    for i in range(3):
        lines.band(ax, x, error[:, i].min(-1), error[:, i].max(-1), i)
    lines.line_legend(ax, CHOICES)
    doubling_axis(ax, "x", x.tolist())
    ax.set(xlabel=label, ylabel="test error", ylim=(0, top))


amounts = picture_demo(
    draw=_draw_amounts,
    controls={"keep": Choice("keep", tuple(KEEPS), "40 %")},
    title="Keep the easy ones when data is scarce, the hard ones when there is plenty",
    goal="find where easiest and hardest cross for the perceptron. Do they for the images? Where does random "
    "win?",
    notice="The perceptron keeps the easy ones when data is scarce and the hard ones when there is plenty; "
    "the more is pruned, the later the lines cross. A random choice beats both where much is pruned from "
    "much. On Fashion-MNIST random is ahead nearly everywhere at our scale. The gap between easiest and "
    "hardest closes with the data, as the theory has it, if 40 % are kept; if 20 % are, it does not.",
    alt=lambda keep: (
        f"Test error against the amount of data before pruning to {keep}, for the easiest, the hardest and "
        "random examples; left a perceptron, right Fashion-MNIST."
    ),
    presets={"Break it": {"keep": "20 %"}},
)
