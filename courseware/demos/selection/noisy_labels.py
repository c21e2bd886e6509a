"""Demos of lecture 09, first part: wrong labels. Stored runs: `courseware.studies.robust_selection`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import robust_selection as plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import stored
from lsml_core.selection.crust import central, clean_share, crust, exemplars, singular_values

CHOOSE = {"most central": central, "exemplars": exemplars}
AGES = (1, 3, 5, 10, 30)
METHODS = ("all data", "central 30 %", "central 50 %", "central 70 %", "exemplars 30 %", "random 30 %")


class Core(NamedTuple):
    """Gradients of one class, in the plane; which labels are wrong; what was chosen.

    clean, base: share of right labels among the chosen, and in the class.
    chosen_spectrum, random_spectrum: singular values of the chosen rows, and of as many random ones.
    """

    points: Float[ndarray, "n 2"]
    wrong: Bool[ndarray, " n"]
    chosen: Int[ndarray, " m"]
    clean: float
    base: float
    chosen_spectrum: Float[ndarray, " l"]
    random_spectrum: Float[ndarray, " l"]


def compute_core(age: int, percent: int, choose: str) -> Core:
    run = stored("robust_selection", "core")
    gradients, wrong = run["gradients"][AGES.index(age)].astype(float), run["wrong"]
    chosen = crust(gradients, np.zeros(len(wrong), int), percent / 100, choose=CHOOSE[choose]).indices
    centred = gradients - gradients.mean(axis=0)
    plane = np.linalg.svd(centred, full_matrices=False)[2][:2]
    random = np.random.default_rng(0).choice(len(wrong), len(chosen), replace=False)
    return Core(
        centred @ plane.T,
        wrong,
        chosen,
        clean_share(chosen, np.flatnonzero(wrong)),
        float(1 - wrong.mean()),
        singular_values(gradients[chosen]),
        singular_values(gradients[random]),
    )


def draw_core(record: Core, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(1.3, 1))
    plots.gradient_scatter(
        left, record.points, record.wrong, record.chosen, ("right label", "wrong label", "chosen")
    )
    chosen, base = percentage(record.clean), percentage(record.base)
    headline(left, f"{chosen} of the chosen labels are right (all: {base})")
    plots.spectra(right, {"chosen": record.chosen_spectrum, "random": record.random_spectrum})
    second = record.chosen_spectrum[1] / record.chosen_spectrum[0]
    headline(right, f"The second is {percentage(second)} of the first")
    return fig


core = Demo(
    compute=compute_core,
    draw=draw_core,
    controls={
        "age": Numbers("epochs of training", AGES, 1),
        "percent": Slider("chosen, percent of the class", 5, 70, 5, 50),
        "choose": Choice("choose", tuple(CHOOSE), "exemplars"),
    },
    title="Images labelled 'trouser', half of the labels wrong: their gradients",
    goal="choose at least 40 % of the class with more than 95 % right labels.",
    reached=lambda record, percent, **_: percent >= 40 and record.clean > 0.95,
    notice="Gradients of right labels lie close together, those of wrong labels are spread out. The "
    "most central examples are therefore mostly clean. Exemplars are not: an isolated gradient needs an "
    "exemplar of its own.",
    alt=lambda record, age, percent, choose: (
        f"{percentage(record.clean)} of the chosen labels are right, of the whole class "
        f"{percentage(record.base)}. Left: gradients of one class after {plural(age, 'epoch')}; chosen are "
        f"{percent} %, {choose}. Right: singular values of the chosen gradients, the second is "
        f"{percentage(record.chosen_spectrum[1] / record.chosen_spectrum[0])} of the first; of random ones "
        f"{percentage(record.random_spectrum[1] / record.random_spectrum[0])}."
    ),
    presets={
        "Central": {"choose": "most central", "age": 3, "percent": 70},
        "Break it": {"choose": "exemplars", "age": 5, "percent": 30},
    },
    live=("age", "percent", "choose"),
    positions={"percent": (5, 15, 30, 40, 50, 70)},
)


# --- through training -------------------------------------------------------------------------------


class Shares(NamedTuple):
    """By seed, method (`METHODS`) and epoch: share of right labels in what is trained on; test accuracy."""

    clean: Float[ndarray, "seeds methods epochs"]
    accuracy: Float[ndarray, "seeds methods epochs"]


def compute_shares(method: str) -> Shares:
    del method  # all are in the record
    run = stored("robust_selection", "labels")
    return Shares(run["clean"], run["accuracy"])


def draw_shares(record: Shares, method: str) -> Figure:
    i = METHODS.index(method)
    fig, (left, right) = canvas(2)
    plots.against_all_data(left, record.clean[:, 0], record.clean[:, i], method)
    left.set(ylabel="share of right labels", ylim=(0.2, 1.02))
    headline(left, f"{percentage(record.clean[:, i, -1].mean())} of the labels are right")
    plots.against_all_data(right, record.accuracy[:, 0], record.accuracy[:, i], method)
    right.set(ylabel="test accuracy", ylim=(0.35, 0.85))
    gain = 100 * (record.accuracy[:, i, -1] - record.accuracy[:, 0, -1]).mean()
    points = f"{plural(round(abs(gain)), 'point')} {'above' if gain > 0 else 'below'}"
    ends = f"It ends {points if abs(gain) >= 0.5 else 'as good as'} all data"
    headline(right, ends if i else "Accuracy falls after its peak")
    return fig


shares = Demo(
    compute=compute_shares,
    draw=draw_shares,
    controls={"method": Choice("train on", METHODS, "all data")},
    title="Fashion-MNIST with half of the labels wrong, 30 epochs",
    goal="find the subset with the best test accuracy at the end. Is the cleanest one the best?",
    reached=lambda record, method: METHODS.index(method) == record.accuracy[:, :, -1].mean(axis=0).argmax(),
    notice="Trained on all data the network fits the wrong labels, and its test accuracy falls again. On the "
    "central subsets it ends higher. Exemplars are worse than all data: most of them have wrong labels.",
    alt=lambda record, method: (
        f"Training on {method} ends at a test accuracy of "
        f"{percentage(record.accuracy[:, METHODS.index(method), -1].mean(), 1)}, with "
        f"{percentage(record.clean[:, METHODS.index(method), -1].mean())} right labels. All data reach "
        f"{percentage(record.accuracy[:, 0].mean(0).max(), 1)} and end at "
        f"{percentage(record.accuracy[:, 0, -1].mean(), 1)}. Both by epoch, mean of "
        f"{len(record.accuracy)} seeds."
    ),
    presets={"Break it": {"method": "exemplars 30 %"}},
)
