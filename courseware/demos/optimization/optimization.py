"""Demos of lecture 01: momentum and adaptive steps. Every path is a run of `lsml_core.optimization`."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.objectives import Beale, Himmelblau, Objective, Quadratic, Rosenbrock, Saddle
from lsml_core.optimization.rates import regime
from lsml_core.optimization.steps import (
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Rule,
    trajectory,
)

RAVINE = Quadratic.ravine(25)
GORGE = Quadratic.ravine(8)  # less steep, so that arrows of one step can be told apart
START = (-4.0, 1.0)
VALLEY = (-4.6, 2.6, -1.5, 1.9)


@cache
def _landscape(objective: Objective, window: plots.Window) -> plots.Landscape:
    left, right, bottom, top = window
    x, y = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    height = np.asarray(objective.value(np.stack([x, y], axis=-1)))
    return plots.Landscape(plots.level_lines((x, y, height)), objective.minimisers, window)


def _scientific(value: float) -> str:
    return f"{value:.1e}" if np.isfinite(value) else "∞"


# --- oscillation -----------------------------------------------------------------------------------


def _draw_oscillation(eta: float, steps: int) -> Figure:
    path = trajectory(GradientDescent(eta), RAVINE, START, steps)
    fig, (left, right) = canvas(2)
    plots.landscape(left, _landscape(RAVINE, VALLEY))
    plots.paths(left, {"gradient descent": path})
    plots.update_bars(right, np.diff(path, axis=0))
    factor = abs(1 - eta * RAVINE.L)
    badge(left, factor < 1, f"each step multiplies |w₂| by {told_apart(factor, 1, '.2f')[0]}")
    return fig


oscillation = picture_demo(
    draw=_draw_oscillation,
    controls={
        "eta": Slider("step size η", 0.002, 0.09, 0.002, 0.07),
        "steps": Slider("steps", 1, 60, 1, 20),
    },
    title="One step size for a valley with two curvatures",
    goal="find the largest η for which the bars along w₂ still shrink.",
    notice="Above η = 1/L = 0.04 the steep axis changes sign at every step, while the flat one moves "
    "slowly, always in the same direction. The steep axis sets the limit η < 2/L = 0.08; the flat "
    "one is slow because of it.",
    alt=lambda eta, steps: (
        f"Left: {steps} steps of gradient descent with step size {eta:g} in a valley 25 times steeper "
        "across than along. Right: the last ten updates as bars, plain along w1, hatched along w2."
    ),
    presets={"Too small": {"eta": 0.006}, "Break it": {"eta": 0.082, "steps": 40}},
)


# --- momentum --------------------------------------------------------------------------------------

PHASES = (0.0, 4.2, 0.0, 0.999)


@cache
def _zones() -> ndarray:
    left, right, bottom, top = PHASES
    return regime(*np.meshgrid(np.linspace(left, right, 300), np.linspace(bottom, top, 200)))


def _draw_momentum(eta: float, beta: float) -> Figure:
    runs = {
        "momentum": trajectory(Momentum(eta, beta), RAVINE, START, 100),
        "β = 0": trajectory(Momentum(eta, 0.0), RAVINE, START, 100),
    }
    loss = float(RAVINE.value(runs["momentum"][-1]))
    fig, (left, right) = canvas(2)
    plots.landscape(left, _landscape(RAVINE, VALLEY))
    plots.paths(left, runs)
    lines.line_legend(left, [*runs])
    dots = {f"h = {h:g}" + (" →" if eta * h > PHASES[1] else ""): (eta * h, beta) for h in RAVINE.curvatures}
    plots.phase_map(right, _zones(), PHASES, dots)
    badge(left, loss < 1e-20, f"loss after 100 steps: {_scientific(loss)}")
    stable = eta < 2 * (1 + beta) / RAVINE.L
    badge(right, stable, f"η {'<' if stable else '≥'} 2(1+β)/L = {2 * (1 + beta) / RAVINE.L:.3f}")
    return fig


momentum = picture_demo(
    draw=_draw_momentum,
    controls={
        "eta": Slider("step size η", 0.002, 0.18, 0.001, 0.03),
        "beta": Slider("momentum β", 0.0, 0.99, 0.01, 0.9),
    },
    title="Momentum: one dot for each curvature, and the map that says how it moves",
    goal="bring the loss below 1e-20 in 100 steps. (With β = 0 the best is 1e-6: try.)",
    notice="Momentum widens the stable range from 2/L to 2(1+β)/L. Between the blue zone and the dashed "
    "line every curvature shrinks by √β a step. The fastest run is the smallest β that still has "
    "both dots between them.",
    alt=lambda eta, beta: (
        f"Left: 100 steps of momentum (step size {eta:g}, beta {beta:g}) and of plain gradient "
        "descent in a ravine. Right: map of monotone, ringing and divergent zones with a dot for each "
        "of the two curvatures."
    ),
    presets={
        "Plain gradient descent": {"eta": 0.076, "beta": 0.0},
        "Break it": {"eta": 0.155, "beta": 0.9},
    },
)


# --- Nesterov --------------------------------------------------------------------------------------


def _draw_nesterov(beta: float, step: int, eta: float) -> Figure:
    horizon = 60
    rules: dict[str, Rule] = {"momentum": Momentum(eta, beta), "Nesterov": Nesterov(eta, beta)}
    runs = {name: trajectory(rule, GORGE, (-4.0, 1.5), horizon) for name, rule in rules.items()}
    w = runs["Nesterov"][step]
    coast = beta * (w - runs["Nesterov"][step - 1])
    fig, (left, right) = canvas(2)
    plots.landscape(left, _landscape(GORGE, (-4.6, 1.4, -1.6, 1.9)))
    plots.paths(left, {"Nesterov's path": runs["Nesterov"][: step + 1]}, markers=False)
    plots.arrows(
        left,
        {
            "coast βΔW": (w, coast),
            "−η∇ here": (w, -eta * GORGE.grad(w)),
            "−η∇ ahead": (w + coast, -eta * GORGE.grad(w + coast)),
        },
    )
    heights = {name: np.abs(run[:, 1]) for name, run in runs.items()}
    lines.curves(right, np.arange(horizon + 1), heights, floor=1e-6)
    lines.mark_x(right, step)
    right.set(xlabel="step", ylabel="|w₂|: distance from the floor", xlim=(0, horizon), ylim=(1e-6, 1e2))
    lines.line_legend(right, [*heights])
    swing = {name: float(height[5:].max()) for name, height in heights.items()}
    if beta == 0:
        headline(left, "β = 0: twice the same run")
    else:
        sizes = told_apart(swing["Nesterov"], swing["momentum"], ".2g")
        text = f"Nesterov {sizes[0]}, momentum {sizes[1]}"
        badge(left, swing["Nesterov"] < swing["momentum"], f"largest |w₂| after step 5: {text}")
    return fig


nesterov = picture_demo(
    draw=_draw_nesterov,
    controls={
        "step": Slider("step k", 1, 40, 1, 1),
        "beta": Slider("momentum β", 0.0, 0.98, 0.02, 0.9),
        "eta": Slider("step size η", 0.01, 0.2, 0.01, 0.05),
    },
    title="Nesterov reads the gradient where momentum is about to carry it",
    goal="step to the moment when the two gradients point to opposite walls of the valley.",
    notice="Where the coasting point is already past the valley floor, the gradient read there points "
    "back, while the one read here still pushes on: Nesterov brakes one step earlier. With a large "
    "β it swings less along w₂.",
    alt=lambda beta, step, eta: (
        f"Left: Nesterov's path at step {step} in a ravine with three arrows: the coasting move, "
        "the gradient step read at the current point and the one read ahead. Right: distance from the valley "
        f"floor over 60 steps for momentum and Nesterov (beta {beta:g}, step size {eta:g}), logarithmic."
    ),
    presets={"No momentum": {"beta": 0.0}, "Break it": {"eta": 0.18, "beta": 0.9, "step": 2}},
)


# --- the race --------------------------------------------------------------------------------------

WINDOW = (-4.5, 4.5, -4.5, 4.5)
SURFACES: dict[str, Objective] = {
    "ravine, κ = 25": RAVINE,
    "Rosenbrock": Rosenbrock(),
    "Beale": Beale(),
    "Himmelblau": Himmelblau(),
    "saddle": Saddle(),
}


def rules_at(eta: float, beta: float = 0.9) -> dict[str, Rule]:
    """The six rules of the lecture with one η, and β where it is a momentum."""
    rules = (GradientDescent(eta), Momentum(eta, beta), Nesterov(eta, beta), Adagrad(eta), RMSProp(eta, 0.9))
    return {type(r).__name__: r for r in (*rules, Adam(eta, beta, 0.999, bias_correction=True))}


def _verdict(final: dict[str, np.floating]) -> str:
    """Who is lowest (all within rounding of it), and who has left."""
    there = {name: loss for name, loss in final.items() if np.isfinite(loss) and abs(loss) < 1e6}
    gone = [name for name in final if name not in there]
    lowest = [name for name, loss in there.items() if loss <= min(there.values()) + 1e-10]
    text = f"lowest: {', '.join(lowest)}" if there else ""
    return text + (f"   left the picture: {', '.join(gone)}" if gone else "")


def _draw_race(surface: str, eta: float, beta: float, w1: float, w2: float) -> Figure:
    objective = SURFACES[surface]
    steps = 200
    rules = rules_at(eta, beta)
    runs = {name: trajectory(rule, objective, (w1, w2), steps) for name, rule in rules.items()}
    fig, (left, right) = canvas(2)
    plots.landscape(left, _landscape(objective, WINDOW))
    plots.paths(left, runs, markers=False)
    with np.errstate(all="ignore"):
        losses = {name: np.asarray(objective.value(run)) for name, run in runs.items()}
    has_floor = len(objective.minimisers) > 0
    lowest = float(objective.value(objective.minimisers[0])) if has_floor else 0.0
    lines.curves(right, np.arange(steps + 1), {n: y - lowest for n, y in losses.items()}, log=has_floor)
    right.set(xlabel="step (one gradient each)", ylabel="Err − Err*" if has_floor else "Err", xlim=(0, steps))
    right.set_ylim((1e-12, 1e6) if has_floor else (-12, 12))
    lines.line_legend(left, [*runs])
    stuck = not has_floor and all((run[:, 1] == 0).all() for run in runs.values())
    verdict = _verdict({name: loss[-1] for name, loss in losses.items()})
    headline(left, "all six head for the saddle and stay there" if stuck else verdict)
    return fig


race = picture_demo(
    draw=_draw_race,
    controls={
        "surface": Choice("surface", tuple(SURFACES), "ravine, κ = 25"),
        "eta": LogSlider("step size η, for all six", 0.0001, 1, 6, 0.0464),
        "beta": Slider("β (and Adam's β₁)", 0.0, 0.98, 0.02, 0.9),
        "w1": Slider("start w₁", -4.0, 4.0, 0.5, -4.0),
        "w2": Slider("start w₂", -4.0, 4.0, 0.5, 2.0),
    },
    title="Six optimizers, one surface, one step size",
    goal="Adagrad comes last here. Find an η at which it comes first.",
    notice="No rule wins everywhere. RMSProp and Adam move about η a step whatever the slope, Adagrad less"
    " and less; the others move in proportion to the slope, so one η is too small on one surface "
    "and too large on the next.",
    alt=lambda surface, eta, beta, w1, w2: (
        f"Left: 200 steps of six optimizers on the surface '{surface}' from "
        f"({w1:g}, {w2:g}) with step size {eta:g} and beta {beta:g}. "
        "Right: their loss above the minimum over the steps."
    ),
    presets={
        "Rosenbrock's valley": {"surface": "Rosenbrock", "eta": 0.001, "w1": -1.5, "w2": 2.0},
        "Four minima": {"surface": "Himmelblau", "eta": 0.01, "w1": 0.0, "w2": 0.0},
        "On the ridge": {"surface": "saddle", "eta": 0.1, "w1": -4.0, "w2": 0.0},
        "Break it": {"surface": "Beale", "eta": 0.01, "w1": 4.0, "w2": 4.0},
    },
)
