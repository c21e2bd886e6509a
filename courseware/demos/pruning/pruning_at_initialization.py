"""Demos of lecture 11: what first-order scores predict, and tickets that are trained by another task."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers
from courseware.demos.engine.demo import Demo
from courseware.plots import pruning as plots
from courseware.plots.axes import headline, told_apart
from courseware.plots.canvas import canvas
from courseware.studies import stored
from courseware.studies.pruning_methods import CONTROLS, batch
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.first_order import FirstOrder

# --- what one derivative predicts ------------------------------------------------------------------

OBJECTIVES = ("SNIP: loss", "GraSP: squared gradient norm")
TOGETHER = (1, 10, 100, 1000, 6000)
FADES = (0.01, 0.1, 1)
GROUPS = 24
SMALL_ERROR = 0.1


class Prediction(NamedTuple):
    """Changes in percent of the objective: for GROUPS random groups, then for the method's own choice."""

    predicted: ndarray
    true: ndarray

    @property
    def error(self) -> float:
        """Of the random groups: the median error divided by the median change."""
        predicted, true = self.predicted[:-1], self.true[:-1]
        return float(np.median(abs(true - predicted)) / np.median(abs(true)))


@cache
def untrained_network() -> FirstOrder:
    return FirstOrder(mlp((64, 100, 50, 10), rng=np.random.default_rng(0)), *batch(load("digits"), 100))


@cache
def predict_fading(objective: str, together: int, fade: float | int) -> Prediction:
    """SNIP would remove the smallest |slopes| of the loss, GraSP the smallest slopes of ‖g‖²."""
    network, row = untrained_network(), OBJECTIVES.index(objective)
    rng = np.random.default_rng(together)
    groups = [rng.choice(len(network.theta), together, replace=False) for _ in range(GROUPS)]
    scores = (abs(network.slopes[0]), network.slopes[1])[row]
    changes = network.changes(np.array([*groups, np.argsort(scores)[:together]]), fade)
    return Prediction(changes.predicted[row], changes.true[row])


def draw_prediction(record: Prediction, objective: str, **_: object) -> Figure:
    fig, (ax,) = canvas()
    fig.subplots_adjust(left=0.14)  # five figures and a sign
    plots.prediction(ax, record.predicted, record.true, objective.partition(": ")[2])
    percent = told_apart(100 * record.error, 100 * SMALL_ERROR, ".3g")[0]
    verdict = "The prediction holds" if record.error < SMALL_ERROR else "The prediction fails"
    headline(ax, f"{verdict}: random groups are off by {percent} % of the change")
    return fig


def describe_prediction(record: Prediction, objective: str, together: int, fade: float | int) -> str:
    return (
        f"Predicted against true change of the objective ({objective}) when {together} of the weights of "
        f"an untrained network fade by {fade}: {GROUPS} random groups as dots, typically off by "
        f"{100 * record.error:.3g} percent of the change; the method's own choice as a diamond; the diagonal."
    )


prediction = Demo(
    compute=predict_fading,
    draw=draw_prediction,
    controls={
        "objective": Choice("objective", OBJECTIVES, OBJECTIVES[0]),
        "together": Numbers("weights that fade together", TOGETHER, 1),
        "fade": Numbers("ε, how much of each weight fades (1: removed)", FADES, 0.1),
    },
    title="One derivative, and the removal of thousands",
    goal="let a thousand weights fade together and stay near the diagonal: typical error below 10 %.",
    reached=lambda record, together, **_: together >= 1000 and record.error < SMALL_ERROR,
    notice="For one weight and the loss, the first-order prediction is nearly exact. For thousands removed "
    "together it is wrong by a multiple of the change. For SNIP's own choice the loss still hardly changes: "
    "weights that matter so little alone matter little together. GraSP's choice lengthens the gradient far "
    "more than predicted.",
    alt=describe_prediction,
    presets={
        "Remove one": {"fade": 1},
        "GraSP": {"objective": OBJECTIVES[1], "together": 1000},
        "Break it": {"together": 6000, "fade": 1},
    },
    prepare=untrained_network,
)


# --- tickets that are trained by another task ------------------------------------------------------

PERCENT = (2.6, 6.4, 16, 40)
CONTROL_NAMES = {
    "random": "a random mask",
    "shuffled": "its shuffled mask",
    "re-initialised": "new weights",
}
WORTH = 5
"""Percentage points above the control that count."""


class TransferGains(NamedTuple):
    """gain: accuracy above the control in percentage points, (seeds, targets, tickets)."""

    tickets: list[str]
    targets: list[str]
    gain: ndarray

    @property
    def largest(self) -> float:
        """The largest gain, mean of the seeds."""
        return float(self.gain.mean(0).max())


def read_transfer(over: str, percent: float | int) -> TransferGains:
    run, d = stored("pruning", "transfer"), len(PERCENT) - 1 - PERCENT.index(percent)
    sources, accuracy = run["sources"].tolist(), 100 * run["accuracy"][..., d]
    tickets = [name for name in sources if name not in CONTROLS]
    gain = accuracy[..., : len(tickets)] - accuracy[..., [sources.index(over)]]
    return TransferGains(tickets, run["targets"].tolist(), gain)


def draw_transfer(record: TransferGains, over: str, percent: float | int) -> Figure:
    fig, (ax,) = canvas()
    fig.subplots_adjust(left=0.25)  # long names
    plots.gains(ax, record.tickets, record.targets, record.gain)
    headline(ax, f"{percent:g} % kept: best ticket {record.largest:.0f} points above {CONTROL_NAMES[over]}")
    return fig


def describe_transfer(record: TransferGains, over: str, percent: float | int) -> str:
    return (
        f"A table: tickets of six trainings with {percent:g} percent of the weights, in rows, trained on two "
        f"data sets by two optimizers, in columns; points of test accuracy above the target's {over} "
        f"control, mean and both seeds. The largest mean is {record.largest:.0f}."
    )


transfer = Demo(
    compute=read_transfer,
    draw=draw_transfer,
    controls={
        "over": Choice("compare with", CONTROLS[::-1], "random"),
        "percent": Numbers("percent of the weights kept", PERCENT, 2.6),
    },
    title="Tickets on other data, and under another optimizer",
    goal="which costs a ticket more, other data or another optimizer? Then find a fraction at which no "
    f"ticket is more than {WORTH} points better than a random mask.",
    reached=lambda record, over, **_: over == "random" and record.largest < WORTH,
    notice="Compared with a random mask nearly every ticket wins, most of all under SGD with few weights "
    "left. Another optimizer costs a ticket little, other data more. A tenth of the images makes a ticket "
    "almost as good; random labels do not. Compared with the target's own mask with new weights, tickets "
    "of other data mostly win under SGD and lose under Adam.",
    alt=describe_transfer,
    presets={"New weights": {"over": "re-initialised"}, "Break it": {"percent": 40}},
)
