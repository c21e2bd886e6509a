"""The runs that the demos of `optimizers.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `optimizers.py`.
"""

from typing import NamedTuple

import numpy as np
from numpy import ndarray

from courseware.demos.optimization.momentum_runs import RAVINE, START
from courseware.demos.optimization.phrases import spell, spoken
from courseware.studies.optimizer_comparison import BATCHES_PER_EPOCH, BLOCK, EPOCHS, measured
from courseware.studies.optimizer_comparison import ETAS as TRIED
from lsml_core.optimization.objectives import Beale, Himmelblau, Objective, Rosenbrock, Saddle
from lsml_core.optimization.steps import StepRule, optimizers, trajectory

FAR = 1e6  # a loss above this has left the picture


def roster(eta: float, beta: float = 0.9) -> dict[str, StepRule]:
    """All optimizers of the course by the names that pictures show.

    eta: step size.   beta: weight of the last update, where a rule has one.
    """
    return {spoken(name): rule for name, rule in optimizers(eta, beta).items()}


NAMES = tuple(roster(0.1))
COUNT = spell(len(NAMES))
ALL = f"all {COUNT}"
FIRST = NAMES[0]


def chosen(shown: str, eta: float, beta: float) -> dict[str, StepRule]:
    """The optimizers that are shown: gradient descent and another one, or all.

    shown: name of the other one, or of all.   eta: step size.   beta: weight of the last update.
    """
    rules = roster(eta, beta)
    return rules if shown == ALL else {name: rules[name] for name in (FIRST, shown)}


# --- two optimizers in one valley ------------------------------------------------------------------

LENGTH = 60
BETA = 0.5


class Start(NamedTuple):
    """Paths and losses of the optimizers shown, for LENGTH steps, and how many steps are drawn."""

    paths: dict[str, ndarray]
    losses: dict[str, ndarray]
    steps: int

    @property
    def diverging(self) -> list[str]:
        """The optimizers whose loss is larger after LENGTH steps than at the start."""
        return [name for name, y in self.losses.items() if not y[-1] < y[0]]


def run_start(eta: float, shown: str, steps: int) -> Start:
    rules = chosen(shown, eta, BETA)
    paths = {name: trajectory(rule, RAVINE, START, LENGTH) for name, rule in rules.items()}
    with np.errstate(all="ignore"):
        losses = {name: np.asarray(RAVINE.value(path)) for name, path in paths.items()}
    return Start(paths, losses, steps)


# --- on one surface --------------------------------------------------------------------------------

STEPS = 200
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


def run_comparison(surface: str, shown: str, eta: float, beta: float, w1: float, w2: float) -> Comparison:
    objective, rules = SURFACES[surface], chosen(shown, eta, beta)
    paths = {name: trajectory(rule, objective, (w1, w2), STEPS) for name, rule in rules.items()}
    has_minimum = len(objective.minimisers) > 0
    lowest = float(objective.value(objective.minimisers[0])) if has_minimum else 0.0
    with np.errstate(all="ignore"):
        losses = {name: np.asarray(objective.value(path)) - lowest for name, path in paths.items()}
    return Comparison(paths, losses, has_minimum)


# --- the same rules train a network ----------------------------------------------------------------

CLOSE = 0.01  # accuracies this close to the best count as the best


class Training(NamedTuple):
    """At one η, mean training loss over the seeds, and its range; for every η up to it, test accuracy.

    losses, low, high: name -> (blocks,).       accuracy, spread: name -> mean over the seeds, and half of
    their range, (etas,).
    """

    losses: dict[str, ndarray]
    low: dict[str, ndarray]
    high: dict[str, ndarray]
    etas: ndarray
    accuracy: dict[str, ndarray]
    spread: dict[str, ndarray]
    epochs: int

    @property
    def best(self) -> list[str]:
        """The optimizers whose mean accuracy at this η is within CLOSE of the best."""
        top = max(values[-1] for values in self.accuracy.values())
        return [name for name, values in self.accuracy.items() if values[-1] > top - CLOSE]


def run_training(eta: float, epochs: int) -> Training:
    runs, at, stop = measured(), TRIED.index(eta), EPOCHS.index(epochs)
    upto = slice(0, at + 1)  # the reader finds the others
    blocks = epochs * BATCHES_PER_EPOCH // BLOCK
    loss = {
        name: runs.loss[i, at, :, :blocks].astype(float) for i, name in enumerate(map(spoken, runs.names))
    }
    accuracy = {
        name: runs.accuracy[i, upto, :, stop].astype(float) for i, name in enumerate(map(spoken, runs.names))
    }
    return Training(
        losses={name: y.mean(0) for name, y in loss.items()},
        low={name: y.min(0) for name, y in loss.items()},
        high={name: y.max(0) for name, y in loss.items()},
        etas=np.array(TRIED[upto]),
        accuracy={name: y.mean(-1) for name, y in accuracy.items()},
        spread={name: np.ptp(y, axis=-1) / 2 for name, y in accuracy.items()},
        epochs=epochs,
    )
