"""Demo of lecture 07: two halves of a data set take turns. Stored runs: `courseware.studies.difficulty`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline, legend
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Look
from courseware.studies import stored

RANDOM, FORGOTTEN_FIRST, UNFORGETTABLE_FIRST = SPLITS = (
    "at random",
    "by forgetting, forgotten first",
    "by forgetting, unforgettable first",
)
NAMES = {
    RANDOM: ("A", "B"),
    FORGOTTEN_FIRST: ("forgotten", "unforgettable"),
    UNFORGETTABLE_FIRST: ("unforgettable", "forgotten"),
}
LOOKS: dict[str, Look] = {
    "A": plots.RANDOM_LINES[0],
    "B": plots.RANDOM_LINES[1],
    "forgotten": plots.HARD_LINE,
    "unforgettable": plots.EASY_LINE,
}
LENGTHS = (2, 5, 10)
PHASES = 6


class Halves(NamedTuple):
    """Accuracy on both halves after each epoch; the half of index 0 is trained on first.

    length: epochs per turn.
    """

    accuracy: Float[ndarray, "epochs 2 seeds"]
    length: int

    def after(self, turn: int, half: int) -> Float[ndarray, " seeds"]:
        """Accuracy on a half at the end of a turn; turns are counted from 1."""
        return self.accuracy[turn * self.length - 1, half]

    @property
    def known(self) -> Float[ndarray, " seeds"]:
        """Accuracy on the second half before the network was trained on it."""
        return self.after(1, 1)

    @property
    def first_change(self) -> Float[ndarray, " seeds"]:
        """Change of the accuracy on the first half during the first turn of the second."""
        return self.after(2, 0) - self.after(1, 0)

    @property
    def lost(self) -> Float[ndarray, "2 seeds"]:
        """Mean loss of each half in the last two turns of the other one."""
        first = [self.after(t - 1, 0) - self.after(t, 0) for t in (4, 6)]
        second = [self.after(t - 1, 1) - self.after(t, 1) for t in (3, 5)]
        return np.array([np.mean(first, axis=0), np.mean(second, axis=0)])


def compute_halves(split: str, length: int) -> Halves:
    return Halves(stored("difficulty")[f"halves{length}_runs"][SPLITS.index(split)], length)


def support_in_words(record: Halves, split: str) -> str:
    """What the first turn teaches about the other half.

    record: what a network knows of the other half.   split: name of the way to halve the data.
    """
    first, second = NAMES[split]
    on, other = ("half A", "half B") if split == RANDOM else (f"the {first} half", f"the {second} one")
    return f"Trained on {on}, a network knows {100 * record.known.mean():.0f} % of {other}"


def draw_halves(record: Halves, split: str, length: int) -> Figure:
    names, count = NAMES[split], len(record.accuracy)
    fig, (ax,) = canvas(1)
    plots.training_phases(ax, count, length, names)
    for i, name in enumerate(names):
        plots.mean_and_range(ax, np.arange(1, count + 1), record.accuracy[:, i], LOOKS[name])
    ax.plot(
        length,
        record.known.mean(),
        "o",
        markersize=15,
        color="none",
        markeredgecolor="0.1",
        markeredgewidth=2,
    )
    legend(ax, {f"accuracy on {name}": LOOKS[name] for name in names})
    ax.set(xlabel="epochs", ylabel="accuracy on the half", xlim=(0.5, count + 0.5), ylim=(0.2, 1.06))
    headline(ax, support_in_words(record, split))
    return fig


halves = Demo(
    compute=compute_halves,
    draw=draw_halves,
    controls={
        "split": Choice("halves", SPLITS, RANDOM),
        "length": Numbers("epochs per turn", LENGTHS, 5),
    },
    title="Two halves of Fashion-MNIST take turns in training",
    goal="find a division and a length of the turns for which the network knows less than 42 % of the second "
    "half before it is trained on it. Which half teaches the other one more?",
    reached=lambda record, **_: bool(record.known.mean() < 0.42),
    notice="Training on the forgotten half alone teaches most of the unforgettable half. Which half loses "
    "more in later turns depends on the length of the turns.",
    alt=lambda record, split, length: (
        f"{support_in_words(record, split)}, with turns of {length} epochs. In the next turn the accuracy on "
        f"{NAMES[split][0]} changes by {100 * record.first_change.mean():+.1f} points; in later turns of "
        "the other "
        f"half it changes by {-100 * record.lost[0].mean():+.1f} points on {NAMES[split][0]} and by "
        f"{-100 * record.lost[1].mean():+.1f} on {NAMES[split][1]}."
    ),
    presets={
        "By forgetting": {"split": FORGOTTEN_FIRST},
        "Break it": {"split": FORGOTTEN_FIRST, "length": 2},
    },
)
