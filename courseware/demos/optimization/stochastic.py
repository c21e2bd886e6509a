"""Demos of lecture 02: noisy gradients, and the functions on which a bound is reached.

Dots and lines are runs of `lsml_core.optimization`; dashed lines are theorems.
"""

import numpy as np
from matplotlib.figure import Figure

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization import looks
from courseware.demos.optimization.phrases import join
from courseware.demos.optimization.stochastic_runs import (
    BATCHES,
    BIASED,
    DESIGNED,
    DRAWS,
    EXAMPLES,
    FACTORS,
    GOAL_STEPS,
    HUBER,
    MEASURED,
    MINI,
    SHOWN,
    SLOPES,
    STEP_SIZES,
    TIMES,
    WITH,
    WITHOUT,
    Envelope,
    GradientNoise,
    WorstCase,
    averaged_runs,
    longest_step,
    measured_noise,
    run_envelope,
    run_gradient_noise,
    run_worst_case,
)
from courseware.plots import axes, lines
from courseware.plots import stochastic as plots
from courseware.plots.axes import headline, number, percentage, plural, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import (
    mini_batch_variance,
)

# --- the noise of a mini-batch gradient ------------------------------------------------------------


def draw_gradient_noise(record: GradientNoise, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.gradient_draws(left, record.draws, record.full, record.radius, window=(-9.0, 4.0, -3.2, 8.0))
    finely = np.geomspace(1, EXAMPLES, 200)
    lines.bound(right, finely, mini_batch_variance(finely, variance=1.0))
    lines.bound(right, finely, mini_batch_variance(finely, variance=1.0, n=EXAMPLES))
    lines.measured_points(right, record.batches, record.noise, now=record.at)
    axes.log_log(right, (0.8, 320), (1e-3, 5))
    right.set(xlabel="batch b", ylabel="noise E‖g − ∇f‖² / σ²")
    lines.line_legend(right, [f"{MEASURED:,} draws"], "1/b, (n−b)/(n−1)·1/b")
    headline(left, _mean_verdict(record))
    headline(right, _noise_text(record))
    return fig


def _mean_verdict(record: GradientNoise) -> str:
    if record.exact:
        return "Every draw is ∇f itself"
    if record.unbiased:
        return "Unbiased: the mean is ∇f, up to chance"
    return f"Biased: the mean is {record.miss:.0f} standard errors off"


def _noise_text(record: GradientNoise) -> str:
    noise = record.noise[record.at]
    if record.exact:
        return "No noise is left"
    return f"Noise is {noise:.2g} times one example's"


gradient_noise = Demo(
    compute=run_gradient_noise,
    draw=draw_gradient_noise,
    controls={
        "batch": BATCHES,
        "sampling": Choice("examples are drawn", (WITH, WITHOUT, BIASED), WITH),
        "again": Slider("draw again", 1, 20, 1, 1),
    },
    title="A mini-batch gradient is right on average, and its noise falls like 1/b",
    goal="find a way of drawing, and a batch, for which no noise is left.",
    reached=lambda record, **_: record.exact,
    notice="If every example is equally likely, the mean of the gradients is ∇f whatever b is. The "
    "noise, a mean square, falls like 1/b, the distance from ∇f only like 1/√b: half the distance costs "
    "four times the gradients. Without replacement there is less noise once b is a large part of n = "
    f"{EXAMPLES}.",
    alt=lambda record, batch, sampling, again: (
        f"{_mean_verdict(record)}. {_noise_text(record)}. Left: {DRAWS} mini-batch gradients of "
        f"{plural(batch, 'example')} "
        f"({sampling}, draw {again}) around the full gradient, with their mean and the circle that theory "
        "predicts. Right: mean squared distance from the full gradient against the batch, double "
        "logarithmic, with the lines 1/b and (n-b)/(n-1)/b."
    ),
    presets={
        "Half of the data": {"batch": EXAMPLES // 2, "sampling": WITHOUT},
        "Break it": {"batch": 64, "sampling": BIASED},
    },
    prepare=measured_noise,
)


# --- the worst case of gradient descent ------------------------------------------------------------


def draw_worst_case(record: WorstCase, **_: object) -> Figure:
    fig, axes_of = canvas(2)
    bar = record.bound, f"bound {number(record.bound)}"
    for ax, (name, height) in zip(axes_of, record.heights.items(), strict=True):
        look = looks.FULL if name == HUBER else looks.QUADRATIC
        near = 0.5 < record.shares[name] < 2
        words = f"gap {told_apart(height[-1], record.bound, '.2g')[0] if near else number(height[-1])}"
        plots.ball_under_bar(ax, record.curves[name], (record.paths[name], height), bar, words, look["color"])
        headline(ax, _place(name, record.shares[name]))
    return fig


def _place(name: str, share: float) -> str:
    """Where the run is with respect to the bound."""
    if abs(share - 1) < 1e-9:
        return f"{name} is exactly at the bound"
    if share < 1:
        return f"{name} is below the bound"
    if share > 1000:
        return f"On {name} the run diverges"
    times = told_apart(share, 1, ".2g")[0] if share < 10 else f"{share:.0f}"
    return f"{name} is at {times} times the bound"


worst_case = Demo(
    compute=run_worst_case,
    draw=draw_worst_case,
    controls={"k": Slider("steps k", 1, 60, 1, GOAL_STEPS), "designed": DESIGNED, "eta": STEP_SIZES},
    title="Gradient descent on two functions, and the bound LR²/(4k + 2) as a bar that falls with k",
    goal=f"with k = {GOAL_STEPS} and Huber's function for {GOAL_STEPS} steps, find the largest step "
    "size with which "
    "neither ball is above the bar.",
    reached=lambda _, k, designed, eta: k == designed == GOAL_STEPS and eta == longest_step(k),
    notice="At η = 1/L the ball on Huber's function touches the bar at one step only: the step for which the "
    "function was made. Each k has a worst function of its own. Steps below 1/L are too short for Huber's "
    "function, and steps near 2/L are too long for ½w².",
    alt=lambda record, k, designed, eta: (
        ". ".join(_place(name, share) for name, share in record.shares.items())
        + f". Two functions of one weight with the points of {plural(k, 'step')} of gradient descent at step "
        f"size {eta:g}/L, and the bound {number(record.bound)} as a horizontal bar. Huber's function is the "
        f"worst case for {plural(designed, 'step')}; the gaps are "
        + join([f"{number(height[-1])} on {name}" for name, height in record.heights.items()])
        + "."
    ),
    presets={"Too short": {"eta": 0.2}, "Break it": {"eta": 2.1}},
    live=("k", "eta"),
    positions={"k": (1, 5, 10, 20, 30, 40, 50, 60), "eta": (0.2, 0.5, 1.0, 1.8, 1.9, 2.0, 2.1)},
)


# --- the envelope ----------------------------------------------------------------------------------

GOAL_SHARE = 0.9


def draw_envelope(record: Envelope, theta: float, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    color = looks.SGD["color"]
    bar = float(record.bound[record.at]), f"bound {number(record.bound[record.at])}"
    plots.means_on_line(left, theta, record.means, bar, f"mean gap {number(record.gap)}", color)
    plots.fan(right, record.times, record.gaps)
    lines.bound(right, record.times, record.bound)
    right.plot(record.times, record.quadratic, markersize=7, **looks.QUADRATIC)
    right.plot(record.times, record.gaps[record.slope], markersize=7, **looks.SGD)
    lines.ring(right, int(record.times[record.at]), record.gap)
    axes.log_log(right, (40, 2000), (1e-4, 4))
    right.set(xlabel="steps k", ylabel="mean gap f(w̄) − f*")
    slopes = {"color": "0.8", "linestyle": "-"}
    key = {"θ": looks.SGD, "other θ": slopes, "½w²": looks.QUADRATIC}
    axes.legend(right, {**key, "1/√(bk)": lines.BOUND})
    headline(left, f"The mean gap is {percentage(record.share)} of the bound")
    headline(right, _envelope_verdict(record))
    return fig


def _envelope_verdict(record: Envelope) -> str:
    if record.holds:
        return "No slope is above the bound at any k"
    return f"One slope is at {(record.worst / record.bound).max():.2g} times the bound"


envelope = Demo(
    compute=run_envelope,
    draw=draw_envelope,
    controls={"k": TIMES, "theta": SLOPES, "batch": MINI, "factor": FACTORS},
    title="SGD on lines of every slope: each one is closest to the bound at its own number of steps",
    goal="at k = 400, b = 1 and η = √(b/k), find a slope whose mean gap is at least "
    f"{percentage(GOAL_SHARE)} of the bound.",
    reached=lambda record, k, batch, factor, **_: (
        (k, batch, factor) == (400, 1, 1.0) and record.share >= GOAL_SHARE
    ),
    notice="On a steep line SGD soon arrives at w = 1. On a flat line the gap is small everywhere. In "
    "between, the noise hides the slope for most of the steps; this slope shrinks like 1/√(bk). On ½w² the "
    "gap falls like 1/k. This does not contradict the bound, which describes the worst function.",
    alt=lambda record, k, theta, batch, factor: (
        f"The mean gap is {percentage(record.share)} of the bound: {number(record.gap)} after {k} steps on "
        f"the line of slope {theta:g}, batch {batch}, step size {factor:g} √(b/k). "
        f"{_envelope_verdict(record)}. Left: the line with the averages of {SHOWN} runs and the bound as a "
        f"bar. Right: the mean gap on lines of {len(SLOPES.values)} slopes and on a quadratic against k, "
        "double logarithmic, under the bound 1/√(bk)."
    ),
    presets={"Longer steps": {"factor": 3.16}, "Break it": {"factor": 0.1}},
    prepare=averaged_runs,
    live=("k", "theta"),
)
