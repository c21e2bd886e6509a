"""Demos of lecture 07, second half: which examples to keep. Stored runs: `courseware.studies.difficulty`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.plots.lines import line_legend, reference_level
from courseware.studies import stored

# --- two halves in turn -----------------------------------------------------------------------------

PHASE = 5  # epochs
SPLITS = {"at random": ("A", "B"), "by forgetting": ("forgotten", "unforgettable")}
MEAN, EACH = SHOWN = ("mean and range", "each")


class Halves(NamedTuple):
    """Accuracy on both halves after each epoch, and what each loses while the other is trained on."""

    accuracy: Float[ndarray, "epochs halves seeds"]
    lost: tuple[float, float]


def compute_halves(split: str, seeds: str) -> Halves:
    del seeds  # all are in the record
    accuracy = stored("difficulty")["halves_runs"][list(SPLITS).index(split)]
    return Halves(accuracy, (mean_loss(accuracy[:, 0], (4, 6)), mean_loss(accuracy[:, 1], (3, 5))))


def mean_loss(accuracy: Float[ndarray, "epochs seeds"], phases: tuple[int, int]) -> float:
    """Mean drop of the accuracy over these phases, counted from 1."""
    mean = accuracy.mean(axis=1)
    return float(np.mean([mean[(p - 1) * PHASE - 1] - mean[p * PHASE - 1] for p in phases]))


def draw_halves(record: Halves, split: str, seeds: str) -> Figure:
    names, count = SPLITS[split], len(record.accuracy)
    fig, (ax,) = canvas(1)
    plots.training_phases(ax, count, PHASE, names)
    for i in range(2):
        epochs = np.arange(1, count + 1)
        plots.mean_and_range(ax, epochs, record.accuracy[:, i], i, each=seeds == EACH)
    line_legend(ax, [f"accuracy on {half}" for half in names])
    ax.set(xlabel="epochs", ylabel="accuracy on the half", xlim=(0.5, count + 0.5), ylim=(0.35, 1.06))
    lost = " and ".join(f"{drop:.1%} of {name}" for drop, name in zip(record.lost, names, strict=True))
    headline(ax, f"Lost while the other half is trained on: {lost}")
    return fig


halves = Demo(
    compute=compute_halves,
    draw=draw_halves,
    controls={
        "split": Choice("halves", tuple(SPLITS), "at random"),
        "seeds": Choice("five seeds", SHOWN, MEAN),
    },
    title="Two halves of Fashion-MNIST take turns in training",
    goal="find a half that loses more than 3 % while the other one is trained on. Which half is redundant?",
    reached=lambda record, **_: max(record.lost) > 0.03,
    notice="Random halves lose about one percent: what is learned from one serves the other. Split by "
    "forgetting, the forgotten half loses more, while the network knows two thirds of the unforgettable half "
    "before it has trained on it.",
    alt=lambda record, split, seeds: (
        f"Accuracy on two halves of Fashion-MNIST, split {split}, over thirty epochs, taking turns of five; "
        f"{seeds} of five seeds. While the other half is trained on, {SPLITS[split][0]} loses "
        f"{record.lost[0]:.1%} and {SPLITS[split][1]} {record.lost[1]:.1%}."
    ),
    presets={
        "By forgetting": {"split": "by forgetting"},
        "Break it": {"split": "by forgetting", "seeds": EACH},
    },
)


# --- which window to keep ---------------------------------------------------------------------------

NOISES = (0, 10, 20)
OFFSETS = (0, 10, 20, 30, 40, 50, 60)
WINDOW = 0.4


class Windows(NamedTuple):
    """Test accuracy of windows and of random examples, and wrong labels by tenth of the ranking.

    offset: of the slider's window, as a fraction.   wrong: share in each tenth, mean over seeds.
    """

    offset: float
    wrong: Float[ndarray, " tenths"]
    windows: Float[ndarray, "offsets seeds"]
    random: Float[ndarray, " seeds"]

    @property
    def kept(self) -> Float[ndarray, " seeds"]:
        return self.windows[OFFSETS.index(round(100 * self.offset))]

    @property
    def wins(self) -> int:
        """Seeds on which the window beats random examples, which have the same labels and ranking."""
        return int((self.kept > self.random).sum())


def compute_windows(noise: int, offset: int) -> Windows:
    runs, i = stored("difficulty"), NOISES.index(noise)
    accuracy, wrong = runs["windows_runs"][i], runs["windows_wrong_runs"][i].mean(axis=1)
    return Windows(offset / 100, wrong, accuracy[1:], accuracy[0])


def draw_windows(record: Windows, noise: int, offset: int) -> Figure:
    fig, (left, right) = canvas(2)
    plots.wrong_by_rank(left, record.wrong, record.offset, record.offset + WINDOW)
    headline(left, f"{noise} % of the labels are wrong")
    plots.mean_and_range(right, np.array(OFFSETS), record.windows, 0)
    random = float(record.random.mean())
    reference_level(right, random, f"random 40 %: {random:.3f}", va="bottom")
    plots.kept_mark(right, offset, float(record.kept.mean()))
    right.set(xlabel="offset, percent excluded as too easy", ylabel="test accuracy", ylim=(0.2, 0.9))
    headline(right, f"Window beats random on {record.wins} of {len(record.random)} seeds")
    return fig


windows = Demo(
    compute=compute_windows,
    draw=draw_windows,
    controls={
        "noise": Numbers("wrong labels, percent", NOISES, 0),
        "offset": Slider("offset, percent", 0, 60, 10, 60),
    },
    title="Keep 40 % of Fashion-MNIST: which?",
    goal="beat the random 40 % on every seed. For which share of wrong labels can a window do that?",
    reached=lambda record, **_: record.wins == len(record.random),
    notice="Neither the easiest nor the hardest 40 % are best, even with right labels: the best window lies "
    "between, and the more labels are wrong, the earlier it has to end.",
    alt=lambda record, noise, offset: (
        f"Left: share of wrong labels by tenth of EL2N's ranking, {noise} percent in all; the kept window "
        f"begins at {offset} percent. Right: test accuracy against the offset, three seeds; this window has "
        f"{record.kept.mean():.3f}, random examples {record.random.mean():.3f}."
    ),
    presets={"Wrong labels": {"noise": 20, "offset": 0}, "Break it": {"noise": 20, "offset": 60}},
)


# --- little data, much data -------------------------------------------------------------------------

KEEPS = (20, 40, 80)
CHOICES = ("easiest", "hardest", "random")


class Amounts(NamedTuple):
    """Test errors by amount of data, choice (`CHOICES`) and seed, for a perceptron and for images."""

    alphas: Int[ndarray, " a"]
    perceptron: Float[ndarray, "a choices seeds"]
    sizes: Int[ndarray, " b"]
    images: Float[ndarray, "b choices seeds"]


def compute_amounts(keep: int) -> Amounts:
    runs, i = stored("difficulty"), KEEPS.index(keep)
    errors = runs["perceptrons_runs"][:, i], 1 - runs["amounts_runs"][:, i]
    return Amounts(runs["alphas"], errors[0], runs["amounts"], errors[1])


def draw_amounts(record: Amounts, keep: int) -> Figure:
    del keep
    fig, (left, right) = canvas(2)
    plots.errors_by_amount(left, record.alphas, record.perceptron, CHOICES)
    left.set(xlabel="examples per dimension, before pruning", ylim=(0, 0.5))
    headline(left, "Perceptron, 100 dimensions")
    plots.errors_by_amount(right, record.sizes, record.images, CHOICES)
    right.set(xlabel="images, before pruning", ylim=(0, 1.0))
    headline(right, "Fashion-MNIST, small network")
    return fig


def hardest_wins_from(record: Amounts) -> str:
    """From how many examples per dimension on the hardest beat the easiest, for the perceptron."""
    easiest, hardest, _ = record.perceptron.mean(axis=-1).T
    return next(
        (f"from {a} on" for a, h, e in zip(record.alphas, hardest, easiest, strict=True) if h < e), "never"
    )


amounts = Demo(
    compute=compute_amounts,
    draw=draw_amounts,
    controls={"keep": Numbers("keep, percent", KEEPS, 40)},
    title="Keep easy examples when data is scarce, hard ones when there is plenty",
    goal="find a setting where, for the perceptron, the easiest and the hardest examples never cross. Do "
    "they cross for the images? Where does random win?",
    reached=lambda record, **_: hardest_wins_from(record) == "never",
    notice="For the perceptron the easy examples are better when data is scarce and the hard ones when there "
    "is plenty; the more is pruned, the later the lines cross. On Fashion-MNIST a random choice is ahead "
    "nearly everywhere at our scale.",
    alt=lambda record, keep: (
        f"Test error against the amount of data before pruning to {keep} percent, for the easiest, the "
        "hardest and random examples; left a perceptron, for which the hardest beat the easiest "
        f"{hardest_wins_from(record)}, in examples per dimension; right Fashion-MNIST."
    ),
    presets={"Break it": {"keep": 20}},
)
