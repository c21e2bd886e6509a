"""Demos of lecture 02: noisy gradients, and the functions on which a bound is reached.

Dots and lines are runs of `lsml_core.optimization`; dashed lines are theorems.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization import looks
from courseware.demos.optimization.phrases import join
from courseware.plots import axes, lines
from courseware.plots import stochastic as plots
from courseware.plots.axes import headline, number, percentage, plural, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import (
    gradient_descent_bound,
    mini_batch_bound,
    mini_batch_variance,
)
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.sampling import (
    Sampling,
    WithProbabilities,
    with_replacement,
    without_replacement,
)
from lsml_core.optimization.steps import GradientDescent, trajectory
from lsml_core.optimization.stochastic import gradient_table, gradient_variance, sample_gradients
from lsml_core.optimization.worst_case import Huber, averaged_sgd, quadratic_gap

# --- the noise of a mini-batch gradient ------------------------------------------------------------

EXAMPLES = 256
DRAWS, MEASURED = 300, 1000
BATCHES = Doubling("batch b", 1, EXAMPLES, 4)
WITH, WITHOUT, BIASED = "with replacement", "without replacement", "large gradients more often"
NO_NOISE = 1e-20  # rounding


class LineFit(NamedTuple):
    """Least squares at w = 0: ∇f, σ² = E‖∇fᵢ − ∇f‖², and how the examples may be drawn."""

    f: LeastSquares
    w: ndarray
    full: ndarray
    sigma2: float
    samplings: dict[str, Sampling]


class GradientNoise(NamedTuple):
    """Mini-batch gradients around ∇f.

    draws: (DRAWS, 2).       full: ∇f.       radius: root mean square distance from ∇f, by theory.
    miss: distance of the draws' mean from ∇f, in standard errors.
    batches, noise: every batch size, and E‖g − ∇f‖²/σ² measured over MEASURED other draws.
    at: the chosen batch, as a position in these.
    """

    draws: ndarray
    full: ndarray
    radius: float
    miss: float
    batches: ndarray
    noise: ndarray
    at: int

    @property
    def exact(self) -> bool:
        return bool(self.noise[self.at] < NO_NOISE)

    @property
    def unbiased(self) -> bool:
        """Whether the mean of the draws is within four standard errors of ∇f."""
        return self.exact or self.miss < 4


@cache
def line_fit() -> LineFit:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(EXAMPLES, 2))
    f, w = LeastSquares(x, x @ (1.0, -1.0) + rng.normal(size=EXAMPLES)), np.zeros(2)
    each, full = gradient_table(f, w)
    sizes = np.linalg.norm(each, axis=1)
    samplings = {
        WITH: with_replacement,
        WITHOUT: without_replacement,
        BIASED: WithProbabilities(sizes / sizes.sum()),
    }
    return LineFit(f, w, full, float(gradient_variance(each, full)), samplings)


def _draw_gradients(batch: int, sampling: str, count: int, seed: int) -> ndarray:
    fit, rng = line_fit(), np.random.default_rng(seed)
    return sample_gradients(fit.f, fit.w, batch, draws=count, rng=rng, sampling=fit.samplings[sampling])


@cache
def measured_noise() -> dict[str, ndarray]:
    """Sampling -> E‖g − ∇f‖²/σ² for every batch size."""
    fit = line_fit()
    return {
        name: np.array(
            [
                gradient_variance(_draw_gradients(b, name, MEASURED, 0), fit.full) / fit.sigma2
                for b in BATCHES.values
            ]
        )
        for name in fit.samplings
    }


def run_gradient_noise(batch: int, sampling: str, again: int) -> GradientNoise:
    fit, g = line_fit(), _draw_gradients(batch, sampling, DRAWS, again)
    radius = (
        mini_batch_variance(batch, variance=fit.sigma2, n=EXAMPLES if sampling == WITHOUT else None) ** 0.5
    )
    error = np.sqrt(gradient_variance(g) / DRAWS)
    miss = float(np.linalg.norm(g.mean(0) - fit.full) / max(error, 1e-12))
    at = BATCHES.values.index(batch)
    return GradientNoise(
        g, fit.full, float(radius), miss, np.array(BATCHES.values), measured_noise()[sampling], at
    )


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

QUADRATIC = Quadratic((1.0,))
STEP_SIZES = Slider("step size η, in units of 1/L", 0.1, 2.2, 0.05, 1.0)
GOAL_STEPS = 20
DESIGNED = Numbers("number of steps for which Huber's function is the worst", (5, 20, 60), GOAL_STEPS)
HUBER, SQUARE = "Huber's function", "½w²"


class WorstCase(NamedTuple):
    """Gradient descent on two functions, both with L = 1 and a start at distance R = 1.

    paths: name -> w₀ … w_k.       heights: name -> f(w) − f* there.       curves: name -> (w, f), to draw it.
    bound: LR²/(4k + 2) after k steps.
    """

    paths: dict[str, ndarray]
    heights: dict[str, ndarray]
    curves: dict[str, tuple[ndarray, ndarray]]
    bound: float

    @property
    def shares(self) -> dict[str, float]:
        """Name -> the gap after k steps, divided by the bound."""
        return {name: float(height[-1] / self.bound) for name, height in self.heights.items()}

    @property
    def holds(self) -> bool:
        return all(share <= 1 + 1e-9 for share in self.shares.values())


def run_worst_case(k: int, designed: int, eta: float) -> WorstCase:
    functions = {HUBER: Huber.worst_case(designed), SQUARE: QUADRATIC}
    w = np.linspace(-1.1, 1.1, 441)
    paths = {name: trajectory(GradientDescent(eta), f, (1.0,), k) for name, f in functions.items()}
    return WorstCase(
        paths={name: path[:, 0] for name, path in paths.items()},
        heights={name: np.asarray(f.value(paths[name])) for name, f in functions.items()},
        curves={name: (w, np.asarray(f.value(w[:, None]))) for name, f in functions.items()},
        bound=float(gradient_descent_bound(k, L=1, R=1)),
    )


@cache
def longest_step(k: int) -> float:
    """The largest step size on the slider with which both runs are below the bound after k steps."""
    return max(eta for eta in STEP_SIZES.values if run_worst_case(k, k, float(eta)).holds)


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
)


# --- the envelope ----------------------------------------------------------------------------------

TIMES = Doubling("steps k", 50, 1600, 400)
SLOPES = LogSlider("slope θ of f(w) = −θw", 0.01, 3.17, 8, 1.0)
MINI = Doubling("batch b", 1, 16, 1, factor=4)
FACTORS = LogSlider("step size η, in units of √(b/k)", 0.1, 3.17, 2, 1.0)
RUNS, SHOWN = 300, 80
GOAL_SHARE = 0.9


class Runs(NamedTuple):
    """SGD with one batch, number of steps and step size, on every slope at once.

    gaps, errors: mean gap E f(w̄) − f* and its standard error, (slopes,).       means: w̄ of the first SHOWN
    runs, (slopes, SHOWN).       quadratic: the gap on ½w².
    """

    gaps: ndarray
    errors: ndarray
    means: ndarray
    quadratic: float


class Envelope(NamedTuple):
    """The gap of averaged SGD on lines of every slope, after every number of steps.

    means: w̄ of some runs at the chosen slope and k.
    times: every k.       gaps, errors: (slopes, times).
    quadratic: the gap on ½w² at every k.       bound: 1/√(bk) at every k.
    slope, at: the chosen slope and k, as positions in these.
    """

    means: ndarray
    times: ndarray
    gaps: ndarray
    errors: ndarray
    quadratic: ndarray
    bound: ndarray
    slope: int
    at: int

    @property
    def gap(self) -> float:
        """The gap at the chosen slope after the chosen k steps."""
        return float(self.gaps[self.slope, self.at])

    @property
    def share(self) -> float:
        """That gap, divided by the bound."""
        return self.gap / float(self.bound[self.at])

    @property
    def worst(self) -> ndarray:
        """The largest gap over the slopes at every k."""
        return self.gaps.max(0)

    @property
    def holds(self) -> bool:
        """Whether no slope is above the bound at any k, up to three standard errors.

        The theorem promises it for the step size √(b/k) only.
        """
        return bool((self.gaps <= self.bound + 3 * self.errors).all())


@cache
def averaged_runs() -> dict[tuple[int, int, float], Runs]:
    """(b, k, factor) -> runs on the linear functions, and on the quadratic."""
    tasks = [*product(MINI.values, TIMES.values, FACTORS.values)]
    bar = tqdm(tasks, desc="running SGD on linear functions", unit="setting", leave=False)
    return {task: _averaged(*task) for task in bar}


def _averaged(b: int, k: int, factor: float) -> Runs:
    setting = {"batch": b, "steps": k, "eta": factor * (b / k) ** 0.5}
    rng, again = (np.random.default_rng((b, k)) for _ in range(2))
    theta = np.array(SLOPES.values)[:, None]
    w = averaged_sgd(lambda _: -theta, np.zeros(len(theta)), runs=RUNS, rng=rng, **setting)
    each = theta * (1 - w)
    quadratic = quadratic_gap(runs=5 * RUNS, rng=again, **setting).mean
    return Runs(each.mean(1), each.std(1) / RUNS**0.5, w[:, :SHOWN], float(quadratic))


def run_envelope(k: int, theta: float, batch: int, factor: float) -> Envelope:
    times, at, slope = np.array(TIMES.values), TIMES.values.index(k), SLOPES.values.index(theta)
    runs = [averaged_runs()[batch, t, factor] for t in TIMES.values]
    return Envelope(
        means=runs[at].means[slope],
        times=times,
        gaps=np.stack([run.gaps for run in runs], axis=1),
        errors=np.stack([run.errors for run in runs], axis=1),
        quadratic=np.array([run.quadratic for run in runs]),
        bound=mini_batch_bound(times, b=batch, L=0, R=1, sigma=1),
        slope=slope,
        at=at,
    )


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
)
