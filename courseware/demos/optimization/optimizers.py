"""Demos of lecture 01: all optimizers of the course on one surface, and on a small network.

`lsml_core.optimization.steps.optimizers` decides which optimizers there are; names, keys and counts here
follow from it.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, LogSlider, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization.landscapes import landscape
from courseware.demos.optimization.momentum import RAVINE
from courseware.demos.optimization.phrases import join, spell
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis
from courseware.plots.canvas import canvas
from lsml_core.optimization.objectives import Beale, Himmelblau, Objective, Rosenbrock, Saddle
from lsml_core.optimization.steps import optimizers, torch_optimizer, trajectory

NAMES = tuple(optimizers(0.1))
COUNT = spell(len(NAMES))


# --- on one surface --------------------------------------------------------------------------------

WINDOW = (-4.5, 4.5, -4.5, 4.5)
STEPS = 200
FAR = 1e6  # a loss above this has left the picture
SURFACES: dict[str, Objective] = {
    f"ravine, κ = {RAVINE.condition:g}": RAVINE,
    "Rosenbrock": Rosenbrock(),
    "Beale": Beale(),
    "Himmelblau": Himmelblau(),
    "saddle": Saddle(),
}


class Comparison(NamedTuple):
    """Path and loss of every optimizer; losses are above the minimum where the surface has one."""

    paths: dict[str, ndarray]
    losses: dict[str, ndarray]
    has_minimum: bool

    @property
    def left(self) -> list[str]:
        """The optimizers whose loss is too large to draw, or not a number."""
        return [name for name, y in self.losses.items() if not abs(y[-1]) < FAR]

    @property
    def lowest(self) -> list[str]:
        """The optimizers with the lowest last loss, up to rounding; none if all stay at the saddle."""
        last = {name: y[-1] for name, y in self.losses.items() if name not in self.left}
        return [] if self.stuck else [name for name, y in last.items() if y <= min(last.values()) + 1e-10]

    @property
    def stuck(self) -> bool:
        return not self.has_minimum and all((path[:, 1] == 0).all() for path in self.paths.values())


def run_comparison(surface: str, eta: float, beta: float, w1: float, w2: float) -> Comparison:
    objective = SURFACES[surface]
    paths = {
        name: trajectory(rule, objective, (w1, w2), STEPS) for name, rule in optimizers(eta, beta).items()
    }
    has_minimum = len(objective.minimisers) > 0
    lowest = float(objective.value(objective.minimisers[0])) if has_minimum else 0.0
    with np.errstate(all="ignore"):
        losses = {name: np.asarray(objective.value(path)) - lowest for name, path in paths.items()}
    return Comparison(paths, losses, has_minimum)


def draw_comparison(record: Comparison, surface: str, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.landscape(left, landscape(SURFACES[surface], WINDOW))
    plots.paths(left, record.paths, markers=False)
    lines.curves(right, np.arange(STEPS + 1), record.losses, log=record.has_minimum)
    right.set(xlabel="step (one gradient each)", xlim=(0, STEPS))
    right.set_ylabel("loss above the minimum" if record.has_minimum else "loss")
    right.set_ylim((1e-12, FAR) if record.has_minimum else (-12, 12))
    lines.line_legend(left, [*record.paths])
    headline(left, _comparison_verdict(record))
    return fig


def _comparison_verdict(record: Comparison) -> str:
    if record.stuck:
        return f"All {spell(len(record.paths))} optimizers are stuck on the ridge"
    if not record.lowest:
        return f"All {spell(len(record.paths))} optimizers diverge"
    ends = f"{join(record.lowest)} {'end' if len(record.lowest) > 1 else 'ends'} lowest"
    return ends + (f"; {spell(len(record.left))} left the picture" if record.left else "")


comparison = Demo(
    compute=run_comparison,
    draw=draw_comparison,
    controls={
        "surface": Choice("surface", tuple(SURFACES), next(iter(SURFACES))),
        "eta": LogSlider(f"step size η, for all {COUNT}", 0.0001, 1, 6, 0.0464),
        "beta": Slider("β (and Adam's β₁)", 0.0, 0.98, 0.02, 0.9),
        "w1": Slider("start w₁", -4.0, 4.0, 0.5, -4.0),
        "w2": Slider("start w₂", -4.0, 4.0, 0.5, 2.0),
    },
    title=f"{COUNT.capitalize()} optimizers, one surface, one step size",
    goal="Adagrad comes last here. Find an η at which it comes first.",
    reached=lambda record, **_: "Adagrad" in record.lowest,
    notice="No optimizer wins everywhere. RMSProp and Adam move by about η per step whatever the slope, "
    "Adagrad by less and less; the others move in proportion to the slope, so one η is too small on one "
    "surface and too large on the next.",
    alt=lambda record, surface, eta, beta, w1, w2: (
        f"Left: {STEPS} steps of {spell(len(record.paths))} optimizers on the surface '{surface}' from "
        f"({w1:g}, {w2:g}) with step size {eta:g} and beta {beta:g}. Right: their loss over the steps. "
        f"{_comparison_verdict(record)}. "
        + ", ".join(f"{name} ends at {y[-1]:.1e}" for name, y in record.losses.items())
        + "."
    ),
    presets={
        "Rosenbrock's valley": {"surface": "Rosenbrock", "eta": 0.001, "w1": -1.5, "w2": 2.0},
        "Four minima": {"surface": "Himmelblau", "eta": 0.01, "w1": 0.0, "w2": 0.0},
        "On the ridge": {"surface": "saddle", "eta": 0.1, "w1": -4.0, "w2": 0.0},
        "Break it": {"surface": "Beale", "eta": 0.01, "w1": 4.0, "w2": 4.0},
    },
)


# --- the same rules train a network ----------------------------------------------------------------

ETAS = LogSlider(f"step size η, for all {COUNT}", 0.0001, 1, 1, 0.001)
SEEDS = (0, 1)
EPOCHS, BATCH = 2, 50
SMOOTH = 10  # batches per point of the loss curve
NETWORKS = len(NAMES) * len(ETAS.values) * len(SEEDS)
CLOSE = 0.01  # accuracies this close to the best count as the best


class Training(NamedTuple):
    """At one η, smoothed training loss (seeds, points); for every η up to it, mean test accuracy."""

    losses: dict[str, ndarray]
    etas: ndarray
    accuracy: dict[str, ndarray]

    @property
    def best(self) -> list[str]:
        """The optimizers whose accuracy at this η is within CLOSE of the best."""
        top = max(values[-1] for values in self.accuracy.values())
        return [name for name, values in self.accuracy.items() if values[-1] > top - CLOSE]


@cache
def trained() -> dict[tuple[str, float], tuple[ndarray, ndarray]]:
    """(optimizer, η) -> training loss per gradient (seeds, gradients), test accuracy (seeds,)."""
    tasks = [(name, eta) for eta in ETAS.values for name in NAMES]
    bar = tqdm(tasks, desc=f"training {NETWORKS} small networks", unit="setting", leave=False)
    return {task: _train(*task) for task in bar}


def _train(name: str, eta: float) -> tuple[ndarray, ndarray]:
    from lsml_core.data import load  # lazy import: torch takes seconds
    from lsml_core.models import mlp
    from lsml_core.training import fit

    data, test = load("fashion", side=14), load("fashion", split="test", side=14)
    runs = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        model = mlp((196, 32, 10), rng=rng)
        rule = torch_optimizer(model.parameters(), optimizers(eta)[name])
        options = {"epochs": EPOCHS, "batch": BATCH, "rng": rng, "test": test, "progress": False}
        runs.append(fit(model, data, optimizer=rule, **options))
    return np.stack([run.loss for run in runs]), np.array([run.test_accuracy[-1] for run in runs])


def run_training(eta: float) -> Training:
    runs, tried = trained(), np.array([e for e in ETAS.values if e <= eta])  # the reader finds the others
    kernel = np.ones(SMOOTH) / SMOOTH
    losses = {name: np.stack([np.convolve(y, kernel, "valid") for y in runs[name, eta][0]]) for name in NAMES}
    accuracy = {name: np.array([runs[name, float(e)][1].mean() for e in tried]) for name in NAMES}
    return Training(losses, tried, accuracy)


def draw_training(record: Training, eta: float) -> Figure:
    fig, (left, right) = canvas(2)
    gradients = np.arange(SMOOTH, SMOOTH + record.losses[NAMES[0]].shape[1])
    lines.curves(left, gradients, {name: loss.mean(0) for name, loss in record.losses.items()})
    for i, loss in enumerate(record.losses.values()):
        lines.band(left, gradients, loss.min(0), loss.max(0), i)
    left.set(
        xlabel=f"gradients (batches of {BATCH})", ylabel=f"training loss, mean of {SMOOTH}", ylim=(0.3, 30)
    )
    lines.line_legend(left, [*record.losses])
    for i, accuracy in enumerate(record.accuracy.values()):
        lines.measured_points(right, record.etas, accuracy, i)
    log_axis(right, "x")
    lines.mark_x(right, eta)
    right.set(xlabel="step size η", ylabel="test accuracy at the end", ylim=(0, 0.9))
    right.set_xlim(ETAS.low / 1.5, ETAS.high * 1.5)
    headline(left, _training_verdict(record))
    return fig


def _training_verdict(record: Training) -> str:
    verb = "is" if len(record.best) == 1 else "are"
    return f"At η = {record.etas[-1]:g} {join(record.best)} {verb} best"


training = Demo(
    compute=run_training,
    draw=draw_training,
    controls={"eta": ETAS},
    title=f"The same {COUNT} optimizers train a small network on Fashion-MNIST",
    goal="find the best η of each optimizer. Then go to the η where both momentum rules are ahead of "
    "RMSProp and Adam.",
    reached=lambda record, **_: _momentum_rules_lead(record),
    notice="Which optimizer is best depends on η. RMSProp and Adam have their best accuracy at a smaller "
    "η than the others, because they move by about η per step whatever the gradient. At their own best η "
    "all but gradient descent do nearly as well.",
    alt=lambda record, eta: (
        f"Left: training loss of {spell(len(NAMES))} optimizers over "
        f"{record.losses[NAMES[0]].shape[1] + SMOOTH - 1} gradients at step size {eta:g}, with the range "
        f"of {spell(len(SEEDS))} seeds. Right: their test accuracy against the step size. "
        f"{_training_verdict(record)}. "
        + ", ".join(f"{name} reaches {values[-1]:.3f}" for name, values in record.accuracy.items())
        + "."
    ),
    presets={"Too small": {"eta": 0.0001}, "Break it": {"eta": 1.0}},
    prepare=trained,
)


def _momentum_rules_lead(record: Training) -> bool:
    """Whether both momentum rules are ahead of RMSProp and Adam here, by more than CLOSE."""
    last = {name: values[-1] for name, values in record.accuracy.items()}
    return bool(min(last["Momentum"], last["Nesterov"]) > max(last["RMSProp"], last["Adam"]) + CLOSE)
