"""Demos of lecture 09, third part: spurious features. Stored runs: `courseware.studies.robust_selection`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import robust_selection as plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from courseware.plots.lines import mark_x, reference_level
from courseware.studies import stored
from lsml_core.selection.spurious import early_groups, group_recovery

MAGNITUDES, WIDTHS, AGES = (0.25, 0.5, 1.0, 2.0), (8, 64, 512), (1, 2, 5, 10, 30)
TRAININGS = ("ERM", "SPARE", "group DRO", "balanced")
CURVES = (
    "training, own class's patch (majority)",
    "training, other class's patch (minority)",
    "test, without a patch",
)
COATS = ("with the coats' patch (majority)", "with the pullovers' patch (minority)")


class Curves(NamedTuple):
    """Accuracy by seed and epoch: on the training set's majority and minority, and on test images without
    patches, where only the garment helps."""

    majority: Float[ndarray, "seeds epochs"]
    minority: Float[ndarray, "seeds epochs"]
    plain: Float[ndarray, "seeds epochs"]


def compute_curves(magnitude: float, width: int) -> Curves:
    runs = stored("robust_selection", "cues")["accuracy"]
    here = runs[:, MAGNITUDES.index(magnitude), WIDTHS.index(width)]
    return Curves(*np.moveaxis(here, -1, 0))


def draw_curves(record: Curves, **_: object) -> Figure:
    fig, (ax,) = canvas(1)
    plots.group_curves(ax, dict(zip(CURVES, record, strict=True)), minority=CURVES[1])
    reference_level(ax, 0.5, "random guessing", va="bottom")
    first, last = (percentage(share) for share in record.minority.mean(axis=0)[[0, -1]])
    headline(ax, f"{first} of the minority is right after one epoch, {last} after twenty")
    return fig


curves = Demo(
    compute=compute_curves,
    draw=draw_curves,
    controls={
        "magnitude": Numbers("magnitude of the patch (1 is white)", MAGNITUDES, 1.0),
        "width": Numbers("width of the hidden layer", WIDTHS, 64),
    },
    title="Pullover or coat: 95 % of the training images wear their class's patch",
    goal="find a patch so faint that more than 80 % of the test images without a patch are right at the end.",
    reached=lambda record, **_: record.plain.mean(axis=0)[-1] > 0.8,
    notice="A bright patch is learned in the first epoch: the majority is right, the minority wrong. Then "
    "the majority has a low loss, and the brighter the patch, the less the network learns "
    "about the garment.",
    alt=lambda record, magnitude, width: (
        f"The majority ends at {percentage(record.majority[:, -1].mean())}, the minority at "
        f"{percentage(record.minority[:, -1].mean())}, test images without a patch at "
        f"{percentage(record.plain[:, -1].mean())}. Accuracy over twenty epochs, mean of "
        f"{len(record.plain)} seeds, patch of magnitude {magnitude}, width {width}."
    ),
    presets={"Wide network": {"width": 512}, "Break it": {"magnitude": 0.5}},
)


# --- early clusters ---------------------------------------------------------------------------------


class Early(NamedTuple):
    """Outputs of one class and its minority; recall and precision of the smaller clusters, by seed."""

    outputs: Float[ndarray, " n"]
    rare: Bool[ndarray, " n"]
    recall: Float[ndarray, " seeds"]
    precision: Float[ndarray, " seeds"]


def compute_early(age: int, seed: int) -> Early:
    run, i = stored("robust_selection", "early"), AGES.index(age)
    y, rare, p = run["y"][seed - 1], run["rare"][seed - 1], run["outputs"][seed - 1, i].astype(float)
    coats = y == 1
    groups = early_groups(np.stack([1 - p, p], axis=1), y, 2, rng=np.random.default_rng(0))
    recall, precision = group_recovery(groups, rare, y)
    return Early(p[coats], rare[coats], np.array([recall]), np.array([precision]))


def draw_early(record: Early, **_: object) -> Figure:
    fig, (ax,) = canvas(1)
    plots.output_histogram(ax, record.outputs, record.rare, COATS)
    minority, found = percentage(record.precision.mean()), percentage(record.recall.mean())
    headline(ax, f"The small clusters hold {found} of the minority, which is {minority} of them")
    return fig


early = Demo(
    compute=compute_early,
    draw=draw_early,
    controls={
        "age": Numbers("epochs of training", AGES, 30),
        "seed": Slider("run number", 1, 3, 1, 1),
    },
    title="Outputs for the coats: majority with their patch, minority with the other one",
    goal="find the age at which two clusters per class are exactly majority and minority.",
    reached=lambda record, **_: min(record.recall.mean(), record.precision.mean()) > 0.99,
    notice="After one or two epochs the output follows the patch, so that the two groups are apart. Later "
    "the network memorises minority examples, and their outputs become like those of the majority.",
    alt=lambda record, age, seed: (
        f"Two clusters per class find {percentage(record.recall.mean())} of the minority with a precision of "
        f"{percentage(record.precision.mean())}. Histogram of the outputs of coats after "
        f"{plural(age, 'epoch')}, run {seed}."
    ),
    presets={"Break it": {"age": 10}},
)


# --- training for the worst group -------------------------------------------------------------------


class Worst(NamedTuple):
    """Test accuracy by seed, training (`TRAININGS`), epoch and group."""

    accuracy: Float[ndarray, "seeds trainings epochs groups"]

    @property
    def worst(self) -> Float[ndarray, "seeds trainings epochs"]:
        return self.accuracy.min(axis=-1)

    def of(self, what: str) -> Float[ndarray, "seeds trainings epochs"]:
        """what: "worst group" or "mean of the groups"."""
        return self.worst if what == "worst group" else self.accuracy.mean(axis=-1)


def compute_worst(epoch: int, what: str) -> Worst:
    del epoch, what  # all are in the record
    return Worst(stored("robust_selection", "groups")["accuracy"])


def draw_worst(record: Worst, epoch: int, what: str) -> Figure:
    values = record.of(what)
    fig, (left, right) = canvas(2, widths=(1.45, 1))
    now = values[:, :, epoch - 1]
    low, high = now.min(axis=0), now.max(axis=0)
    colors = plots.line_colors(len(TRAININGS))
    plots.rates(left, now.mean(axis=0), low, high, TRAININGS, "training", colors=colors)
    left.set(ylabel=f"test accuracy, {what}")
    gain = now[:, 1].mean() - now[:, 0].mean()
    headline(left, f"SPARE leads ERM by {100 * gain:.0f} points")
    plots.group_curves(right, {name: values[:, i] for i, name in enumerate(TRAININGS[:3])})
    mark_x(right, epoch)
    ahead = int((now[:, 1] > now[:, 0]).sum())
    headline(right, f"SPARE leads on {ahead} of {len(now)} seeds")
    return fig


worst = Demo(
    compute=compute_worst,
    draw=draw_worst,
    controls={
        "epoch": Slider("epochs of training", 2, 32, 2, 2),
        "what": Choice("accuracy of", ("worst group", "mean of the groups"), "mean of the groups"),
    },
    title="Four trainings; only SPARE and ERM are not told the groups",
    goal="show that SPARE has more than 60 % in its worst group on every seed.",
    reached=lambda record, epoch, what: what == "worst group" and record.worst[:, 1, epoch - 1].min() > 0.6,
    notice="SPARE reaches what balanced sampling reaches with true groups, because its clusters are "
    "the true groups. ERM gets hardly any of its worst group right, at every stopping time.",
    alt=lambda record, epoch, what: (
        f"Test accuracy, {what}, after {epoch} epochs, mean of {len(record.worst)} seeds: "
        + ", ".join(
            f"{name} {percentage(record.of(what)[:, i, epoch - 1].mean())}"
            for i, name in enumerate(TRAININGS)
        )
        + f". Left: a column for each training. Right: the same by epoch for {', '.join(TRAININGS[:3])}."
    ),
    presets={"Break it": {"epoch": 2, "what": "worst group"}},
)
