"""Demos of lecture 11: what first-order scores predict, and tickets that are trained by another task."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers
from courseware.demos.engine.demo import Demo
from courseware.plots import pruning as plots
from courseware.plots import retraining
from courseware.plots.axes import headline, plural, told_apart
from courseware.plots.canvas import canvas
from courseware.studies import stored
from courseware.studies.pruning_methods import batch
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
    method, what = objective.split(": ")
    plots.prediction(ax, record.predicted, record.true, what, method)
    percent = told_apart(100 * record.error, 100 * SMALL_ERROR, ".3g")[0]
    verdict = "The prediction holds" if record.error < SMALL_ERROR else "The prediction fails"
    headline(ax, f"{verdict}: for random groups it is off by {percent} %")
    return fig


def describe_prediction(record: Prediction, objective: str, together: int, fade: float | int) -> str:
    predicted, true = record.predicted[-1] + 0.0, record.true[-1] + 0.0  # no "-0"
    return (
        f"For {plural(together, 'weight')} of an untrained network, reduced by {100 * fade:g} "
        "%, the first-order prediction of the change is typically off by "
        f"{100 * record.error:.3g} % of the true change ({objective}). Predicted against true change: "
        f"{GROUPS} random groups as dots; the group that the method would remove as a diamond, predicted "
        f"{_two_digits(predicted)} and true {_two_digits(true)} %; the diagonal."
    )


def _two_digits(value: float) -> str:
    """30,000 and not 3e+04."""
    return f"{float(f'{value:.2g}'):,g}"


prediction = Demo(
    compute=predict_fading,
    draw=draw_prediction,
    controls={
        "objective": Choice("objective", OBJECTIVES, OBJECTIVES[0]),
        "together": Numbers("weights that fade together", TOGETHER, 1),
        "fade": Numbers("ε, how much of each weight fades (1: removed)", FADES, 0.1),
    },
    title="First-order prediction: one weight, or thousands together",
    goal="let a thousand weights or more fade together and keep the typical error below 10 %.",
    reached=lambda record, together, **_: together >= 1000 and record.error < SMALL_ERROR,
    notice="For one weight and the loss, the first-order prediction is nearly exact. For thousands of "
    "weights removed together, the error is several times the change itself. The loss changes by less than "
    "2 % when half of all weights are removed by SNIP, which is small, though 70 times the prediction. "
    "Removing the weights that GraSP selects makes the gradient norm grow far more than predicted.",
    alt=describe_prediction,
    presets={
        "Remove one": {"fade": 1},
        "GraSP": {"objective": OBJECTIVES[1], "together": 100},
        "Break it": {"together": 6000, "fade": 1},
    },
    prepare=untrained_network,
)


# --- tickets that are trained by another task ------------------------------------------------------

PERCENT = (2.6, 6.4, 16, 40)
DATA = {"Fashion-MNIST": ("Fashion", "MNIST"), "MNIST": ("MNIST", "Fashion")}  # the other data second
OPTIMIZERS = ("SGD", "Adam")
STATIONS = ("on the same task", "by the other optimizer", "on other data")
LARGE_GAIN = 10
"""Percentage points above the control that count as a large gain."""


class TransferCurve(NamedTuple):
    """Test accuracy in percent on one data set, by the optimizer that trains the ticket.

    accuracy: of the task's own ticket, the other optimizer's, and the other data's, (seeds, 3).
    control: of the own mask on new initial weights, (seeds,).
    """

    accuracy: dict[str, ndarray]
    control: dict[str, ndarray]

    def loss(self, station: int) -> float:
        """Percentage points below the own ticket, mean of the optimizers and seeds."""
        return float(np.mean([a[:, 0] - a[:, station] for a in self.accuracy.values()]))

    def gain(self, optimizer: str) -> float:
        """Percentage points of the other data's ticket above the control, mean of the seeds."""
        return float((self.accuracy[optimizer][:, 2] - self.control[optimizer]).mean())


def read_transfer(data: str, percent: float | int) -> TransferCurve:
    """Accuracy of tickets in percent, on their own data, with another optimizer, and from other data.

    data: name of the images.   percent: weights kept, in percent.
    """
    run = stored("pruning", "transfer")
    targets, sources = run["targets"].tolist(), run["sources"].tolist()
    found = 100 * run["accuracy"][..., len(PERCENT) - 1 - PERCENT.index(percent)]
    own, other = DATA[data]
    accuracy, control = {}, {}
    for optimizer, another in zip(OPTIMIZERS, OPTIMIZERS[::-1], strict=True):
        of_target = found[:, targets.index(f"{own}, {optimizer}")]
        names = (f"{own}, {optimizer}", f"{own}, {another}", f"{other}, {optimizer}")
        accuracy[optimizer] = of_target[:, [sources.index(name) for name in names]]
        control[optimizer] = of_target[:, sources.index("re-initialised")]
    return TransferCurve(accuracy, control)


def in_points(loss: float) -> str:
    """A loss in whole percentage points: "1 point"."""
    return plural(round(loss), "point")


def draw_transfer(record: TransferCurve, data: str, **_: object) -> Figure:
    fig, (ax,) = canvas()
    levels = {name: float(control.mean()) for name, control in record.control.items()}
    lowest = min(a.min() for a in (*record.accuracy.values(), *record.control.values()))
    retraining.slopes(ax, STATIONS, record.accuracy, levels, min(50, 10 * (lowest // 10)))
    other, optimizer = (in_points(record.loss(station)) for station in (2, 1))
    headline(ax, f"On {data} other data cost {other}, the other optimizer {optimizer}")
    return fig


def describe_transfer(record: TransferCurve, data: str, percent: float | int) -> str:
    means = "; ".join(
        f"trained by {name}: own {a.mean(0)[0]:.0f}, other optimizer's {a.mean(0)[1]:.0f}, other data's "
        f"{a.mean(0)[2]:.0f}, own mask with new weights {record.control[name].mean():.0f}"
        for name, a in record.accuracy.items()
    )
    return (
        f"Tickets with {percent:g} % of the weights on {data} lose {in_points(record.loss(2))} if they "
        f"were found on other data and {in_points(record.loss(1))} if found by the other optimizer. A slope "
        f"chart of accuracy in percent, one line per optimizer: {means}."
    )


transfer = Demo(
    compute=read_transfer,
    draw=draw_transfer,
    controls={
        "data": Choice("trained and tested on", tuple(DATA), "Fashion-MNIST"),
        "percent": Numbers("percent of the weights kept", PERCENT, 40),
    },
    title="Tickets on other data, and under another optimizer",
    goal="find a setting in which the ticket of other data is at least "
    f"{LARGE_GAIN} points better than new weights when SGD trains it, and worse than new weights "
    "when Adam does.",
    reached=lambda record, **_: record.gain("SGD") >= LARGE_GAIN and record.gain("Adam") < 0,
    notice="Another optimizer costs a ticket little, other data cost it more, and both cost more when fewer "
    "weights are left. Under SGD the ticket of other data is better than the own mask with new weights; "
    "under Adam it is worse once few weights are left.",
    alt=describe_transfer,
    presets={"Few weights": {"percent": 6.4}, "Break it": {"percent": 2.6}},
)
