"""Demos of lecture 07: which examples to keep. Stored runs: `courseware.studies.data_pruning`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.plots import data_pruning as plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import stored

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

    @property
    def wrong_kept(self) -> float:
        """Share of wrong labels among the kept examples."""
        first = round(10 * self.offset)
        return float(self.wrong[first : first + round(10 * WINDOW)].mean())


def compute_windows(noise: int, offset: int) -> Windows:
    runs, i = stored("data_pruning"), NOISES.index(noise)
    accuracy, wrong = runs["windows_runs"][i], runs["windows_wrong_runs"][i].mean(axis=1)
    return Windows(offset / 100, wrong, accuracy[1:], accuracy[0])


def comparison(record: Windows) -> str:
    """On how many seeds the window beats random examples, in words."""
    return f"The window wins on {record.wins} of {len(record.random)} seeds"


def draw_windows(record: Windows, noise: int, offset: int) -> Figure:
    del noise
    fig, (left, right) = canvas(2)
    plots.labels_by_rank(left, record.wrong, record.offset, record.offset + WINDOW)
    headline(left, f"{percentage(record.wrong_kept)} of the kept labels are wrong")
    plots.accuracy_by_offset(right, np.array(OFFSETS), record.windows, record.random)
    plots.picked_point(right, offset, float(record.kept.mean()))
    right.set(xlabel="offset: percent left out as too easy", ylabel="test accuracy", ylim=(0.2, 0.9))
    headline(right, comparison(record))
    return fig


windows = Demo(
    compute=compute_windows,
    draw=draw_windows,
    controls={
        "noise": Numbers("wrong labels, percent", NOISES, 0),
        "offset": Slider("offset, percent", 0, 60, 10, 60),
    },
    title="Which 40 % of Fashion-MNIST should be kept?",
    goal="find a window that beats the random 40 % on every seed. For which share of wrong labels does "
    "one exist?",
    reached=lambda record, **_: record.wins == len(record.random),
    notice="With right labels, or a tenth of them wrong, no window clearly beats random examples. The more "
    "labels are wrong, the earlier the best window ends, because most wrong labels are among the hardest "
    "examples.",
    alt=lambda record, noise, offset: (
        f"{comparison(record)}: test accuracy {record.kept.mean():.3f} against {record.random.mean():.3f} of "
        f"random examples, with {noise} % wrong labels and an offset of {offset} %. Left: right and wrong "
        f"labels by tenth of EL2N's ranking: {percentage(record.wrong_kept)} of the kept labels and "
        f"{percentage(record.wrong[-1])} of the last tenth are wrong."
    ),
    presets={"Wrong labels": {"noise": 20, "offset": 0}, "Break it": {"noise": 20, "offset": 60}},
)


# --- little data, much data -------------------------------------------------------------------------


class Amounts(NamedTuple):
    """Test errors of the easiest, the hardest and random examples, by amount of data and fraction kept.

    picked: column and row of the sliders' setting.   agree: seeds on which a winner must win to be clear.
    """

    errors: Float[ndarray, "amounts fractions 3 seeds"]
    picked: tuple[int, int]
    agree: int

    @property
    def winner(self) -> Int[ndarray, "amounts fractions"]:
        """0, 1 or 2: the choice with the lowest mean error."""
        return self.errors.mean(axis=-1).argmin(axis=-1)

    @property
    def clear(self) -> Bool[ndarray, "amounts fractions"]:
        """Whether the winner has the lowest error on at least `agree` seeds."""
        best = self.errors.argmin(axis=2)
        return (best == self.winner[..., None]).sum(axis=-1) >= self.agree

    @property
    def here(self) -> Float[ndarray, "3 seeds"]:
        return self.errors[self.picked]

    def wins(self, choice: int) -> float:
        """Share of the settings in which this choice has the lowest mean error."""
        return float((self.winner == choice).mean())


NAMES = tuple(plots.CHOICES)
EASIEST, HARDEST, RANDOM = range(3)


def here_in_words(record: Amounts) -> str:
    """Which choice wins at the ring."""
    i = int(record.winner[record.picked])
    if record.clear[record.picked]:
        return "Random examples win here" if i == RANDOM else f"The {NAMES[i]} examples win here"
    return "Random leads, seeds differ" if i == RANDOM else f"The {NAMES[i]} lead, seeds differ"


def draw_amounts(record: Amounts, x: tuple[object, ...], y: tuple[object, ...], xlabel: str) -> Figure:
    fig, (left, right) = canvas(2, widths=(1.25, 1))
    plots.winner_map(left, record.winner, record.clear, record.picked, x, y)
    left.set(xlabel=xlabel, ylabel="percent kept")
    headline(left, f"The hardest win in {percentage(record.wins(HARDEST))} of these settings")
    plots.error_columns(right, record.here, 1.25 * float(record.here.max()))
    headline(right, here_in_words(record))
    return fig


ANGLES = (0.0, 0.2, 0.4, 0.6, 0.8)
ALPHAS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
PERCENT = (10, 20, 30, 40, 50, 60, 70, 80, 90)


def compute_perceptron(angle: float, alpha: int, keep: int) -> Amounts:
    errors = stored("data_pruning")["perceptrons_runs"][ANGLES.index(angle)]
    return Amounts(errors, (ALPHAS.index(alpha), PERCENT.index(keep)), errors.shape[-1] - 1)


def draw_perceptron(record: Amounts, angle: float, alpha: int, keep: int) -> Figure:
    del angle, alpha, keep
    return draw_amounts(record, ALPHAS, PERCENT, "examples per dimension, before pruning")


def half_of_random(record: Amounts) -> bool:
    """Whether the hardest examples have at most half the error of random ones, on every draw."""
    return bool((record.here[HARDEST] <= record.here[RANDOM] / 2).all())


amounts = Demo(
    compute=compute_perceptron,
    draw=draw_perceptron,
    controls={
        "angle": Numbers("angle between probe and teacher, radians", ANGLES, 0.0),
        "alpha": Numbers("examples per dimension", ALPHAS, 4),
        "keep": Numbers("keep, percent", PERCENT, 50),
    },
    title="A perceptron: which examples should be kept?",
    goal="find a setting in which the hardest examples have at most half the test error of random ones, on "
    "every draw. Then increase the angle: which region grows?",
    reached=lambda record, **_: half_of_random(record),
    notice="With a perfect probe the easiest examples win where few are left, the hardest win where data is "
    "plentiful, and random examples never win. The worse the probe, the more settings random examples win.",
    alt=lambda record, angle, alpha, keep: (
        f"{here_in_words(record)}, with {plural(alpha, 'example')} per dimension of which {keep} % are kept, "
        f"ranked by a probe at {angle} radians: test error easiest "
        f"{percentage(record.here[EASIEST].mean(), 1)}, hardest "
        f"{percentage(record.here[HARDEST].mean(), 1)}, random {percentage(record.here[RANDOM].mean(), 1)}. "
        f"On the map of all settings the easiest win in {percentage(record.wins(EASIEST))}, the hardest in "
        f"{percentage(record.wins(HARDEST))}, random in {percentage(record.wins(RANDOM))}; the easiest at "
        "the left, where data is scarce."
    ),
    presets={"Scarce data": {"alpha": 1}, "Break it": {"angle": 0.6, "alpha": 8, "keep": 40}},
    live=("alpha", "keep"),
    positions={"alpha": (1, 4, 8, 12, 24, 32)},
    handles=(
        Handle(
            "the setting",
            0,
            lambda _, alpha, keep, **__: (ALPHAS.index(alpha), PERCENT.index(keep)),
            x="alpha",
            y="keep",
        ),
    ),
)


# --- the same question for images -------------------------------------------------------------------

SIZES = (250, 500, 1000, 2000, 5000)
KEEPS = (20, 40, 80)


def compute_images(size: int, keep: int) -> Amounts:
    errors = 1 - stored("data_pruning")["amounts_runs"]
    return Amounts(errors, (SIZES.index(size), KEEPS.index(keep)), errors.shape[-1])


def draw_images(record: Amounts, size: int, keep: int) -> Figure:
    del size, keep
    return draw_amounts(record, SIZES, KEEPS, "images, before pruning")


images = Demo(
    compute=compute_images,
    draw=draw_images,
    controls={
        "size": Numbers("images", SIZES, 1000),
        "keep": Numbers("keep, percent", KEEPS, 40),
    },
    title="Fashion-MNIST: which examples should be kept?",
    goal="find a setting in which the hardest images have a lower test error than the easiest ones, on every "
    "seed. Are they also better than random ones?",
    reached=lambda record, **_: bool((record.here[HARDEST] < record.here[EASIEST]).all()),
    notice="If 80 % are kept, the hardest beat the easiest. If 40 % are kept, the easiest are ahead, and the "
    "gap closes as the data grows; if 20 % are kept, it does not close. Random images win in nearly all "
    "settings.",
    alt=lambda record, size, keep: (
        f"{here_in_words(record)}, with {keep} % of {size} images kept: test error easiest "
        f"{percentage(record.here[EASIEST].mean(), 1)}, hardest "
        f"{percentage(record.here[HARDEST].mean(), 1)}, random {percentage(record.here[RANDOM].mean(), 1)}. "
        f"Over all settings of the map the easiest win in {percentage(record.wins(EASIEST))}, the hardest in "
        f"{percentage(record.wins(HARDEST))}, random in {percentage(record.wins(RANDOM))}."
    ),
    presets={"Much data": {"size": 5000, "keep": 40}, "Break it": {"size": 250, "keep": 20}},
    live=("size", "keep"),
    handles=(
        Handle(
            "the setting", 0, lambda _, size, keep: (SIZES.index(size), KEEPS.index(keep)), x="size", y="keep"
        ),
    ),
)
