"""Demos of lecture 08: CREST. Stored runs: `courseware.studies.coresets`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import coresets
from courseware.plots import crest as plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import stored

THRESHOLDS, PARTS = (0.05, 0.1, 0.2, 0.4), 4


class Regions(NamedTuple):
    """One run of CREST: losses, the steps of its refreshes, its checks, and refreshes by quarter of training.

    checks: step, error ρ, predicted and measured loss.
    """

    loss: Float[ndarray, " steps"]
    refreshes: Int[ndarray, " r"]
    checks: Float[ndarray, "checks 4"]
    quarters: Int[ndarray, " parts"]
    accuracy: float


def compute_regions(threshold: float, seed: int) -> Regions:
    run = stored("coresets", f"regions.{threshold}.{seed - 1}")
    steps, loss = run["refreshes"][:, 0], run["loss"]
    quarters = np.histogram(steps, PARTS, (0, len(loss)))[0]
    return Regions(loss, steps, run["checks"], quarters, float(run["accuracy"][-1]))


def draw_regions(record: Regions, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(2.2, 1))
    plots.regions(left, record.loss, record.refreshes, record.checks)
    accuracy = percentage(record.accuracy, 1)
    headline(left, f"CREST chose {plural(len(record.refreshes), 'coreset')}; test accuracy {accuracy}")
    plots.refreshes_per_part(right, record.quarters, "quarter of training")
    headline(right, f"{record.quarters[:2].sum()} of {record.quarters.sum()} in the first half")
    return fig


regions = Demo(
    compute=compute_regions,
    draw=draw_regions,
    controls={
        "threshold": Numbers("threshold τ of the relative error", THRESHOLDS, 0.05),
        "seed": Slider("seed", 1, 3, 1, 1),
    },
    title="CREST on the digits: a quadratic model per region of the loss",
    goal="halve the choices of τ = 0.05 and stay within one point of its accuracy.",
    reached=lambda record, seed, **_: (
        len(record.refreshes) <= 0.5 * len(compute_regions(0.05, seed).refreshes)
        and record.accuracy > compute_regions(0.05, seed).accuracy - 0.01
    ),
    notice="Coresets are kept as long as the quadratic model predicts the loss to within the threshold. "
    "Most choices fall into the first half of training, and a larger threshold needs fewer.",
    alt=lambda record, threshold, **_: (
        f"CREST chose {plural(len(record.refreshes), 'coreset')} with threshold {threshold}, "
        f"{record.quarters[:2].sum()} of them in the first half of training; test accuracy "
        f"{percentage(record.accuracy, 1)}. Left: loss against steps, measured and as predicted by a "
        "quadratic model per region. Right: choices by quarter of training: "
        f"{', '.join(map(str, record.quarters))}."
    ),
    presets={"Medium": {"threshold": 0.1}, "Break it": {"threshold": 0.4}},
)


# --- what is chosen ---------------------------------------------------------------------------------

GROUPS = ("0", "1–2", "3–5", "6–8", "9+")
KEEP, LEAVE = MODES = ("keep all", "leave out learned")


class Choices(NamedTuple):
    """What CREST chose in each epoch, mean over seeds.

    ratio: share of each group of forgetting events among the choices, relative to its share of the data.
    difficulty: mean forgetting events of the choices.   all_data: of all images.
    refreshes: per epoch.   accuracy: at the end, of CREST and of random mini-batches.
    """

    ratio: Float[ndarray, "groups epochs"]
    difficulty: Float[ndarray, "seeds epochs"]
    all_data: float
    refreshes: Float[ndarray, "seeds epochs"]


def compute_choices(learned: str, eta: float) -> Choices:
    found = stored("coresets", "crest")
    at = 1 + MODES.index(learned), found["etas"].tolist().index(eta)
    ratio = found["picks"][at].mean(axis=0).T / found["share"][:, None]
    return Choices(ratio, found["difficulty"][at], float(found["mean_events"]), found["refreshes"][at])


def draw_choices(record: Choices, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(1.5, 1))
    plots.chosen_difficulty(left, record.ratio, GROUPS)
    first, last = record.difficulty[:, 0].mean(), record.difficulty[:, -1].mean()
    headline(left, f"The most forgotten end at {record.ratio[-1, -1]:.1f} times their share")
    epochs = np.arange(record.difficulty.shape[1]) + 1
    coresets.runs(right, epochs, {"chosen by CREST": record.difficulty})
    right.axhline(record.all_data, color="0.5", linewidth=1.5, linestyle=(0, (2, 2)))
    right.text(len(epochs), record.all_data, "all images ", ha="right", va="bottom", fontsize=12)
    right.set(xlabel="epoch", ylabel="mean forgetting events")
    right.set_ylim(0, 1.15 * float(record.difficulty.max()))
    headline(right, f"Choices get harder: {first:.1f} to {last:.1f}")
    return fig


choices = Demo(
    compute=compute_choices,
    draw=draw_choices,
    controls={
        "learned": Choice("learned examples", MODES, KEEP),
        "eta": Numbers("first step size", (0.1, 0.2), 0.1),
    },
    title="Which images CREST trains on, by how often lecture 07 saw them forgotten",
    goal="find a setting in which the chosen images end up more than 2.3 times as hard as the average.",
    reached=lambda record, **_: record.difficulty[:, -1].mean() > 2.3 * record.all_data,
    notice="At first CREST chooses never-forgotten images about as often as they occur, and the most "
    "forgotten ones less often. Later it chooses forgotten images more often, and never-forgotten ones about "
    "half as often as they occur.",
    alt=lambda record, learned, eta: (
        f"The most forgotten images end at {record.ratio[-1, -1]:.1f} times their share of the data "
        f"(learned examples: {learned}; step size {eta}). "
        f"Left: how often images are chosen by their number of forgetting events, relative to their share, "
        f"by epoch. Images never forgotten: "
        f"{record.ratio[0, 0]:.1f} in the first epoch, {record.ratio[0, -1]:.1f} in the last. Right: mean "
        f"forgetting events of the chosen images rise from {record.difficulty[:, 0].mean():.1f} to "
        f"{record.difficulty[:, -1].mean():.1f}; all images have {record.all_data:.1f}."
    ),
    presets={"Leave out": {"learned": LEAVE}, "Break it": {"learned": KEEP, "eta": 0.2}},
)
