"""Demos of lecture 01: oscillation, momentum and Nesterov's look-ahead. Every path is a run of
`lsml_core.optimization`.
"""

import numpy as np
from matplotlib.figure import Figure

from courseware.demos.engine.controls import Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.demos.optimization.landscapes import landscape
from courseware.demos.optimization.looks import by_roster, without_marks
from courseware.demos.optimization.momentum_runs import (
    ETAS,
    HORIZON,
    MAP,
    NARROW,
    RAVINE,
    STEPS,
    VALLEY,
    WITHOUT,
    LookAhead,
    MomentumRun,
    Oscillation,
    largest_stable,
    run_momentum,
    run_nesterov,
    run_oscillation,
    stability_zones,
)
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis, number, plural, power_of_ten
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Look
from lsml_core.optimization.steps import (
    optimizers,
)

_ROSTER = by_roster(optimizers(0.1))
LOOKS: dict[str, Look] = {
    "gradient descent": _ROSTER["GradientDescent"],
    "momentum": _ROSTER["Momentum"],
    "Nesterov": _ROSTER["Nesterov"],
}
LINES = {name: without_marks(look) for name, look in LOOKS.items()}


# --- oscillation -----------------------------------------------------------------------------------


def draw_oscillation(record: Oscillation, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.landscape(left, landscape(RAVINE, VALLEY))
    plots.paths(left, {"gradient descent": record.path}, LOOKS, dots=True)
    plots.update_bars(right, np.diff(record.path, axis=0))
    headline(left, _oscillation_verdict(record))
    headline(right, f"Each step multiplies w₂ by {record.factor:.2f}".replace("-", "−"))
    return fig


def _oscillation_verdict(record: Oscillation) -> str:
    if not record.stable:
        return "The path oscillates and does not converge"
    return (
        "The path oscillates and converges" if record.factor < 0 else "The path converges without oscillation"
    )


oscillation = Demo(
    compute=run_oscillation,
    draw=draw_oscillation,
    controls={"eta": ETAS, "steps": Slider("steps", 1, 60, 1, 20)},
    title="One step size for a valley with two curvatures",
    goal="find the largest η for which the bars along w₂ still shrink.",
    reached=lambda _, eta, **__: largest_stable(eta),
    notice=f"Above η = 1/L = {1 / RAVINE.L:g} the steep coordinate w₂ changes sign at every step, while "
    "the flat one moves slowly, always in the same direction. The steep direction sets the limit η < 2/L "
    f"= {2 / RAVINE.L:g}; the flat one is slow because of it.",
    alt=lambda record, eta, steps: (
        f"{_oscillation_verdict(record)}. Left: {plural(steps, 'step')} of gradient descent with step size "
        f"{eta:g} in a "
        f"valley {RAVINE.condition:g} times steeper across than along. Each step multiplies w2 by "
        f"{record.factor:.2f}, and the last point is ({record.path[-1, 0]:.2g}, {record.path[-1, 1]:.2g}). "
        "Right: the last ten updates as bars, plain along w1, hatched along w2."
    ),
    presets={"Too small": {"eta": 0.006}, "Break it": {"eta": 0.082, "steps": 40}},
)


# --- momentum --------------------------------------------------------------------------------------

GOAL = 1e-20


def draw_momentum(record: MomentumRun, eta: float, **_: object) -> Figure:
    fig, (left, middle, right) = canvas(3, widths=(1, 1, 1.15))
    fig.subplots_adjust(wspace=0.42)  # room for the names of the powers of ten
    plots.landscape(left, landscape(RAVINE, VALLEY))
    plots.paths(left, record.paths, LOOKS)
    steps = np.arange(STEPS + 1)
    plots.named_lines(middle, {name: (steps, y) for name, y in record.losses.items()}, LINES, key=left)
    log_axis(middle)
    middle.set(xlabel="step", ylabel="loss", xlim=(0, STEPS), ylim=(1e-36, 1e7))
    plots.stability_map(right, stability_zones(), MAP, record.dots)
    headline(left, _momentum_verdict(record))
    headline(right, "This η is stable" if eta < record.limit else "This η is too large")
    return fig


def _momentum_verdict(record: MomentumRun) -> str:
    momentum, plain = record.final
    if momentum > 1e3:
        return "Both runs diverge" if plain > 1e3 else "Momentum diverges, gradient descent does not"
    if plain > 1e3:
        return "Momentum converges, gradient descent diverges"
    if momentum == plain:
        return "With β = 0 both runs are gradient descent"
    lower, higher = sorted((momentum, plain))
    name = "Momentum" if momentum < plain else "Gradient descent"
    ratio = higher / max(lower, 1e-300)
    if ratio >= 1e30:
        times = "more than 10³⁰"
    else:
        times = f"{ratio:.2g}" if ratio < 100 else f"about {power_of_ten(ratio)}"
    return f"{name} ends {times} times lower"


momentum = Demo(
    compute=run_momentum,
    draw=draw_momentum,
    controls={
        "eta": Slider("step size η", 0.002, 0.18, 0.001, 0.05),
        "beta": Slider("momentum β", 0.0, 0.99, 0.01, 0.5),
    },
    title="Momentum in a valley: path, loss, and one dot per curvature on the stability map",
    goal=f"bring the loss below {power_of_ten(GOAL)} in {STEPS} steps. (With β = 0 the best is about "
    f"{power_of_ten(WITHOUT)}.)",
    reached=lambda record, **_: record.final[0] < GOAL,
    notice="Momentum widens the stable range from 2/L to 2(1+β)/L. In the yellow zone left of the "
    "dashed line "
    "the error in every direction shrinks by √β per step, whatever its curvature. The fastest run has the "
    "smallest β for which both dots are in that part of the zone.",
    alt=lambda record, eta, beta: (
        f"{_momentum_verdict(record)}. Left and middle: path and loss of {STEPS} steps of momentum "
        "(step size "
        f"{eta:g}, beta {beta:g}) and of gradient descent in a valley; the last losses are "
        f"{record.final[0]:.1e} and {record.final[1]:.1e}. Right: stability map with a dot for each of the "
        f"two curvatures; the limit of the step size is {record.limit:.3f}."
    ),
    presets={
        "No momentum": {"eta": 0.076, "beta": 0.0},
        "Too much momentum": {"eta": 0.03, "beta": 0.9},
        "Break it": {"eta": 0.155, "beta": 0.9},
    },
    live=("eta", "beta"),
    positions={
        "eta": (0.002, 0.03, 0.05, 0.076, 0.091, 0.155, 0.18),
        "beta": (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.9, 0.99),
    },
    handles=(
        Handle(
            "step size and momentum",
            2,
            lambda _, eta, beta: (min(eta * RAVINE.L, MAP[1]), beta),
            x="eta",
            y="beta",
        ),
    ),
)


# --- Nesterov --------------------------------------------------------------------------------------

ARROWS: dict[str, Look] = {  # a gradient has the colour of the rule that uses it
    "move βΔW": {"facecolor": "0.45", "edgecolor": "0.45"},
    "−η∇ at w": {"facecolor": "w", "edgecolor": LOOKS["momentum"]["color"]},
    "−η∇ ahead": {"facecolor": LOOKS["Nesterov"]["color"], "edgecolor": LOOKS["Nesterov"]["color"]},
}


def draw_nesterov(record: LookAhead, step: int, beta: float, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.landscape(left, landscape(NARROW, record.window))
    left.set_ylabel("w₂", labelpad=0)  # far from the start its tick labels are wide
    plots.paths(left, {name: path[: step + 1] for name, path in record.paths.items()}, LOOKS)
    origins = (record.w, record.w, record.w + record.move)
    vectors = (record.move, record.step_here, record.step_ahead)
    plots.arrows(left, dict(zip(ARROWS, zip(origins, vectors, strict=True), strict=True)), ARROWS)
    steps = np.arange(HORIZON + 1)
    distances = {name: (steps, np.maximum(np.abs(path[:, 1]), 1e-6)) for name, path in record.paths.items()}
    plots.named_lines(right, distances, LINES)
    log_axis(right)
    lines.mark_x(right, step)
    right.set(xlabel="step", ylabel="|w₂|: distance from the floor", xlim=(0, HORIZON), ylim=(1e-6, 1e2))
    headline(left, _gradient_verdict(record))
    headline(right, _swing_verdict(record, beta))
    return fig


def _gradient_verdict(record: LookAhead) -> str:
    if record.opposite:
        return "The gradient ahead already points back"
    return "Both gradients point the same way"


def _swing_verdict(record: LookAhead, beta: float) -> str:
    nesterov, momentum = record.swings.values()
    if beta == 0:
        return "At β = 0 the rules are equal"
    if not np.isfinite(nesterov) or nesterov > 100:
        return "Both rules diverge" if momentum > 100 else "Only Nesterov's rule diverges"
    if momentum > 100:
        return "Only momentum diverges"
    comparison = "less" if nesterov < momentum else "more"
    ratio = max(nesterov, momentum) / min(nesterov, momentum)
    return f"Nesterov swings {number(ratio)} times {comparison}"


nesterov = Demo(
    compute=run_nesterov,
    draw=draw_nesterov,
    controls={
        "step": Slider("step k", 1, 40, 1, 1),
        "beta": Slider("momentum β", 0.0, 0.98, 0.02, 0.9),
        "eta": Slider("step size η", 0.01, 0.2, 0.01, 0.05),
    },
    title="Nesterov's rule evaluates the gradient at the point ahead, w + βΔW",
    goal="find a step at which the two gradients point to opposite sides of the valley.",
    reached=lambda record, **_: record.opposite,
    notice="Where w + βΔW is already past the valley floor, the gradient there points back, while the "
    "one at w still points forward: Nesterov's rule slows down earlier. With a large β it swings less "
    "along w₂.",
    alt=lambda record, step, beta, eta: (
        f"{_gradient_verdict(record)}. {_swing_verdict(record, beta)}. Left: the paths of Nesterov and "
        "momentum "
        f"at step {step} in a valley, enlarged around Nesterov's point, with three arrows: the move "
        "beta times "
        "the last update, the gradient step at the current point and the one at the point ahead. Right: "
        f"distance from the valley floor over {HORIZON} steps (beta {beta:g}, step size {eta:g}), "
        "logarithmic."
    ),
    presets={"No momentum": {"beta": 0.0}, "Break it": {"eta": 0.18, "beta": 0.9, "step": 2}},
)
