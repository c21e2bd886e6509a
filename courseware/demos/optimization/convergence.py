"""Demos of lecture 02: how fast SGD converges, and what its noise prevents.

Lines are means over RUNS runs, each with its own examples, all from seed 0; dashed lines are theorems.
"""

import numpy as np
from matplotlib.figure import Figure

from courseware.demos.engine.controls import Choice
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization import looks
from courseware.demos.optimization.convergence_runs import (
    BATCHES,
    ETAS,
    FEW,
    KAPPAS,
    LAST,
    LENGTH,
    SCHEDULES,
    UNITS,
    MiniBatches,
    NoiseFloor,
    mini_batch_runs,
    noise_floor_runs,
    run_mini_batches,
    run_noise_floor,
)
from courseware.demos.optimization.convergence_runs import (
    garments as garments,  # lecture 02 takes its gradients from here, too
)
from courseware.plots import axes, lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis, told_apart
from courseware.plots.canvas import canvas

# --- mini-batches on images ------------------------------------------------------------------------

BATCH_LOOKS = {
    name: looks.without_marks(look)
    for name, look in (("b = 1", looks.SGD), ("chosen b", looks.BATCH), ("b = n, η = 1/L", looks.FULL))
}
GOAL_GAP = 1e-3


def draw_mini_batches(record: MiniBatches, batch: int, **_: object) -> Figure:
    unit, budget = record.unit, UNITS[record.unit]
    fig, (left, right) = canvas(2)
    runs = [(curve.over(unit), curve.gap) for curve in record.curves]
    plots.named_lines(left, dict(zip(BATCH_LOOKS, runs, strict=True)), BATCH_LOOKS)
    axes.log_log(left, (1, 3e4), (3e-5, 0.5))
    lines.reference_slope(left, (40, 400), 7e-4, -0.5, "slope −½")
    lines.reference_slope(left, (40, 400), 7e-4, -1, "slope −1")
    lines.mark_x(left, budget)
    left.set(xlabel="steps k" if unit == "steps" else "gradients ∇fᵢ", ylabel="f(w) − f*")
    lines.measured_points(right, record.batches, record.gaps, 1, now=record.at)
    axes.log_log(right, (0.7, 400), (3e-5, 0.5))
    right.set(xlabel="batch b", ylabel=f"f(w) − f* after {budget:,} {unit}")
    headline(left, _batch_verdict(record, batch))
    headline(right, f"At {budget:,} {unit} the gap is {told_apart(record.gap, GOAL_GAP, '.2g')[0]}")
    return fig


def _batch_verdict(record: MiniBatches, batch: int) -> str:
    if batch == 1:
        return "Batch 1 uses one gradient per step"
    closer = record.ratio >= 1
    times = record.ratio if closer else 1 / record.ratio
    size = f"{times:.0f}" if times >= 10 else f"{times:.2g}"
    return f"Batch {batch} is {size} times {'closer' if closer else 'farther'} than batch 1"


mini_batches = Demo(
    compute=run_mini_batches,
    draw=draw_mini_batches,
    controls={
        "batch": BATCHES,
        "schedule": Choice("step size η", tuple(SCHEDULES), "4/√k"),
        "unit": Choice("horizontal axis", tuple(UNITS), "steps"),
    },
    title="A larger batch is better per step; per gradient it is not",
    goal=f"set the axis to gradients, and bring the gap at the dotted mark below {GOAL_GAP}. Two settings "
    "do it.",
    reached=lambda record, **_: record.unit == "gradients" and record.gap < GOAL_GAP,
    notice="At η = 4/√k every larger batch is better per step, but by less each time: once the noise is "
    "small, a larger batch gains little. Per gradient, b = 1, 4 and 16 agree within a factor of about "
    "two, and 64 and 256 are worse. With a constant η the noise sets a floor, which falls with b.",
    alt=lambda record, batch, schedule, unit: (
        f"{_batch_verdict(record, batch)}. Left: gap of logistic regression on images against {unit}, double "
        f"logarithmic, for SGD with batch 1 and {batch} at step size {schedule}, and for gradient descent. "
        f"Right: the gap after {UNITS[unit]:,} {unit} against the batch; it is {record.gap:.2g} at batch "
        f"{batch}."
    ),
    presets={
        "A floor": {"batch": 16, "schedule": "constant 4"},
        "Break it": {"batch": 256, "unit": "gradients"},
    },
    prepare=mini_batch_runs,
    live=("batch", "schedule", "unit"),
)


# --- the linear rate and the floor -----------------------------------------------------------------

STEP_LOOKS = {
    name: looks.without_marks(look)
    for name, look in (("constant η", looks.SGD), ("η ~ 1/k", looks.SHRINKING), ("b = n", looks.FULL))
}
GOAL_FLOOR = 0.01


def draw_noise_floor(record: NoiseFloor, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    steps = np.arange(len(record.full_batch))
    runs = [(record.time, record.constant), (record.time, record.shrinking), (steps, record.full_batch)]
    more = {} if record.bound is None else {"bound": lines.BOUND}
    plots.named_lines(left, dict(zip(STEP_LOOKS, runs, strict=True)), STEP_LOOKS, more=more)
    if record.bound is not None:
        lines.bound(left, record.time[1:], record.bound)
    log_axis(left)
    left.set(xlabel="step k", ylabel="‖w − w*‖²", xlim=(0, LENGTH), ylim=(1e-4, 100))
    lines.measured_points(right, record.etas, record.ends, now=record.at)
    lines.bound(right, record.covered, record.end_bounds)
    axes.log_log(right, (0.007, 14), (1e-4, 100))
    right.set(xlabel="step size η · Lₘₐₓ", ylabel=f"‖w − w*‖², last {LAST} steps")
    lines.line_legend(right, ["constant η"], "bound")
    headline(left, _floor_verdict(record))
    headline(right, _end_text(record))
    return fig


def _end_text(record: NoiseFloor) -> str:
    if not record.end < record.constant[0]:
        return "The run with constant η diverges"
    return f"A constant η ends at {told_apart(record.end, GOAL_FLOOR, '.2g')[0]}"


def _floor_verdict(record: NoiseFloor) -> str:
    if record.holds is not None:
        return "The bound holds at every step" if record.holds else "The bound is broken"
    return "There is no bound for this η"


noise_floor = Demo(
    compute=run_noise_floor,
    draw=draw_noise_floor,
    controls={"eta": ETAS, "batch": FEW, "kappa": KAPPAS},
    title="A constant step size: fast at first, then a floor",
    goal=f"at κ = 10, bring the end of the run with constant η below {GOAL_FLOOR}. Can b = 1 do it?",
    reached=lambda record, kappa, **_: kappa == 10 and record.end < GOAL_FLOOR,
    notice="Gradient descent (b = n) shrinks the distance by the same factor (κ−1)/(κ+1) at every step. "
    "SGD with a constant η starts like that, with its own factor, and then stays at a floor that grows "
    "with η and falls like 1/b. Steps that shrink like 1/k have no floor, but forget the start more "
    "slowly.",
    alt=lambda record, eta, batch, kappa: (
        f"{_floor_verdict(record)}. {_end_text(record)}. Left: squared distance to the minimum over {LENGTH} "
        f"steps at condition number {kappa}, logarithmic, for SGD with batch {batch} and step size "
        f"{eta:g}/Lₘₐₓ, for steps that shrink like 1/k, and for gradient descent, whose distance shrinks by "
        f"{record.rate:.3f} per step. Right: where the constant step size ends, against the step size, with "
        "the bound."
    ),
    presets={"Break it": {"eta": 10.0}},
    prepare=noise_floor_runs,
)
