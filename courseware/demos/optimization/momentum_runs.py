"""The runs that the demos of `momentum.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `momentum.py`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from courseware.demos.engine.controls import Slider
from courseware.plots import optimization as plots
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.rates import gradient_descent_optimum, regime
from lsml_core.optimization.steps import GradientDescent, Momentum, Nesterov, StepRule, trajectory

RAVINE = Quadratic.ravine(25)
START = (-4.0, 1.0)
VALLEY = (-4.6, 2.6, -1.5, 1.9)


# --- oscillation -----------------------------------------------------------------------------------

ETAS = Slider("step size η", 0.002, 0.09, 0.002, 0.07)


class Oscillation(NamedTuple):
    """The path, and the factor 1 − ηL by which each step multiplies w₂."""

    path: ndarray
    factor: float

    @property
    def stable(self) -> bool:
        return abs(self.factor) < 1 - 1e-9


def run_oscillation(eta: float, steps: int) -> Oscillation:
    return Oscillation(trajectory(GradientDescent(eta), RAVINE, START, steps), 1 - eta * RAVINE.L)


def largest_stable(eta: float) -> bool:
    """Whether η is the largest on the slider for which gradient descent converges.

    eta: step size, one of the slider's.
    """
    return eta == max(e for e in ETAS.values if Oscillation(np.empty(0), 1 - e * RAVINE.L).stable)


# --- momentum --------------------------------------------------------------------------------------

MAP = (0.0, 4.2, 0.0, 0.999)  # ηh and β
STEPS = 100
WITHOUT = float(
    gradient_descent_optimum(RAVINE.mu, RAVINE.L).rate ** (2 * STEPS) * RAVINE.value(np.array(START))
)
"""The loss of gradient descent after STEPS steps with its best step size."""


class MomentumRun(NamedTuple):
    """Momentum and gradient descent from the same start.

    paths, losses: name -> w₀ … w_STEPS, and the loss there.   dots: label -> (ηh, β) of a curvature h.
    limit: the largest stable η.
    """

    paths: dict[str, ndarray]
    losses: dict[str, ndarray]
    dots: dict[str, tuple[float, float]]
    limit: float

    @property
    def final(self) -> tuple[float, float]:
        """The last loss with momentum, and without; inf where a run has diverged."""
        with_momentum, without = (float(np.nan_to_num(y[-1], nan=np.inf)) for y in self.losses.values())
        return with_momentum, without


@cache
def stability_zones() -> ndarray:
    left, right, bottom, top = MAP
    return regime(*np.meshgrid(np.linspace(left, right, 300), np.linspace(bottom, top, 200)))


def run_momentum(eta: float, beta: float) -> MomentumRun:
    rules = {"momentum": Momentum(eta, beta), "gradient descent": Momentum(eta, 0.0)}
    paths = {name: trajectory(rule, RAVINE, START, STEPS) for name, rule in rules.items()}
    with np.errstate(all="ignore"):
        losses = {name: np.asarray(RAVINE.value(path)) for name, path in paths.items()}
    dots = {f"h = {h:g}" + (" →" if eta * h > MAP[1] else ""): (eta * h, beta) for h in RAVINE.curvatures}
    return MomentumRun(paths, losses, dots, 2 * (1 + beta) / RAVINE.L)


# --- Nesterov --------------------------------------------------------------------------------------

NARROW = Quadratic.ravine(8)  # less steep, so that arrows of one step can be told apart
HORIZON = 60
SETTLED = 5  # from this step on, swings are compared


class LookAhead(NamedTuple):
    """Both paths, and one step of Nesterov's in parts: w, the move β·ΔW, and −η∇ at w and at w + β·ΔW."""

    paths: dict[str, ndarray]
    w: ndarray
    move: ndarray
    step_here: ndarray
    step_ahead: ndarray
    window: plots.Window

    @property
    def opposite(self) -> bool:
        """Whether the two gradients point to opposite sides of the valley."""
        return bool(self.step_here[1] * self.step_ahead[1] < 0)

    @property
    def swings(self) -> dict[str, float]:
        """Name -> largest |w₂| from step SETTLED on."""
        return {name: float(np.abs(path[SETTLED:, 1]).max()) for name, path in self.paths.items()}


def run_nesterov(step: int, beta: float, eta: float) -> LookAhead:
    rules: dict[str, StepRule] = {"Nesterov": Nesterov(eta, beta), "momentum": Momentum(eta, beta)}
    paths = {name: trajectory(rule, NARROW, (-4.0, 1.5), HORIZON) for name, rule in rules.items()}
    w = paths["Nesterov"][step]
    move = beta * (w - paths["Nesterov"][step - 1])
    here, ahead = -eta * NARROW.grad(w), -eta * NARROW.grad(w + move)
    return LookAhead(paths, w, move, here, ahead, _zoom(w, move, here, ahead))


def _zoom(w: ndarray, move: ndarray, here: ndarray, ahead: ndarray) -> plots.Window:
    """A window around the arrows. Its size is a power of two, so that it rarely changes between steps."""
    corners = np.array([w, w + move, w + here, w + move + ahead])
    corners = np.nan_to_num(np.clip(corners, -100, 100))
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    half = float(2.0 ** np.ceil(np.log2(max(0.6 * (high - low).max(), 0.2, 0.1 * abs(y)))))
    return x - 1.2 * half, x + 1.2 * half, y - half, y + half
