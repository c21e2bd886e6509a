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

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import axes, lines
from courseware.plots import stochastic as plots
from courseware.plots.axes import headline, number, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import (
    gradient_descent_bound,
    log_slope,
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
from lsml_core.optimization.worst_case import Gaps, Huber, linear_function_gaps, quadratic_gap

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
    return f"{'Unbiased' if record.unbiased else 'Biased'}: mean {record.miss:.1f} standard errors off"


def _noise_text(record: GradientNoise) -> str:
    noise = record.noise[record.at]
    return "No noise is left" if record.exact else f"Noise: {noise:.2g} of one example's"


gradient_noise = Demo(
    compute=run_gradient_noise,
    draw=draw_gradient_noise,
    controls={
        "batch": BATCHES,
        "sampling": Choice("examples are drawn", (WITH, WITHOUT, BIASED), WITH),
        "again": Slider("draw again", 1, 20, 1, 1),
    },
    title="A mini-batch gradient is right on average, and its noise falls like 1/b",
    goal="let the noise vanish altogether. Which way of drawing can do that, and at which batch?",
    reached=lambda record, **_: record.exact,
    notice="If every example is equally likely, the mean of the gradients is ∇f whatever b is. The "
    "noise, a mean square, falls like 1/b, the distance from ∇f only like 1/√b: half the distance costs "
    "four times the gradients. Without replacement there is less noise once b is a large part of n = "
    f"{EXAMPLES}.",
    alt=lambda record, batch, sampling, again: (
        f"Left: {DRAWS} mini-batch gradients of {batch} examples ({sampling}, draw {again}) around the "
        f"full gradient, with their mean and the circle that theory predicts. {_mean_verdict(record)}. "
        "Right: mean squared distance from the full gradient against the batch, double logarithmic, with "
        f"the lines 1/b and (n-b)/(n-1)/b. {_noise_text(record)}."
    ),
    presets={
        "Half of the data": {"batch": EXAMPLES // 2, "sampling": WITHOUT},
        "Break it": {"batch": 64, "sampling": BIASED},
    },
    prepare=measured_noise,
)


# --- the worst case of gradient descent ------------------------------------------------------------

HORIZON = 1000
QUADRATIC = Quadratic((1.0, 0.1))
CORNER = (0.5**0.5, 0.5**0.5)  # at distance 1 from the minimum, like Huber's start
STEP_SIZES = Slider("step size η, in units of 1/L", 0.1, 2.2, 0.05, 1.0)
GOAL_STEPS = 20


class WorstCase(NamedTuple):
    """Gradient descent on Huber's function and on a quadratic, both with L = R = 1.

    path: w on Huber's function.       gaps: name -> f(w_k) − f* for k = 0 … HORIZON.
    curve: w and Huber's function, to draw it.       bound: for k = 1 … HORIZON.       k: the chosen step.
    """

    path: ndarray
    gaps: dict[str, ndarray]
    curve: tuple[ndarray, ndarray]
    bound: ndarray
    k: int

    @property
    def shares(self) -> dict[str, float]:
        """Name -> the gap after k steps, divided by the bound; inf if the run has diverged."""
        gaps = {name: np.nan_to_num(gap[self.k], nan=np.inf) for name, gap in self.gaps.items()}
        return {name: float(gap / self.bound[self.k - 1]) for name, gap in gaps.items()}

    @property
    def holds(self) -> bool:
        return all(share <= 1 + 1e-9 for share in self.shares.values())


def run_worst_case(k: int, eta: float) -> WorstCase:
    huber = Huber.worst_case(k)
    path = trajectory(GradientDescent(eta), huber, (1.0,), HORIZON)
    on_quadratic = trajectory(GradientDescent(eta), QUADRATIC, CORNER, HORIZON)
    w = np.linspace(-1.1, 1.1, 441)
    with np.errstate(all="ignore"):
        gaps = {
            "Huber": np.asarray(huber.value(path)),
            "quadratic": np.asarray(QUADRATIC.value(on_quadratic)),
        }
    bound = gradient_descent_bound(np.arange(1, HORIZON + 1), L=1, R=1)
    return WorstCase(path[:, 0], gaps, (w, huber.value(w[:, None])), bound, k)


@cache
def longest_step(k: int) -> float:
    """The largest step size on the slider with which both runs are below the bound after k steps."""
    return max(eta for eta in STEP_SIZES.values if run_worst_case(k, float(eta)).holds)


def draw_worst_case(record: WorstCase, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    k, (w, height), gap = record.k, record.curve, record.gaps["Huber"]
    plots.points_on_curve(left, (w, height / gap[0]), (record.path[: k + 1], gap[: k + 1] / gap[0]))
    left.set(xlabel="w", ylabel="f(w) / f(1)", xlim=(-1.1, 1.1), ylim=(-0.05, 1.15))
    time = np.arange(1, HORIZON + 1)
    lines.separate_lines(right, [(time, y[1:]) for y in record.gaps.values()])
    lines.bound(right, time, record.bound)
    lines.mark_x(right, k)
    axes.log_log(right, (1, HORIZON), (1e-6, 1e2))
    right.set(xlabel="step k", ylabel="f(w) − f*")
    lines.line_legend(right, [*record.gaps], "LR²/(4k+2)")
    headline(left, f"Huber's function: w goes from 1 to {number(record.path[k])}")
    headline(right, _bound_verdict(record))
    return fig


def _bound_verdict(record: WorstCase) -> str:
    name, share = max(record.shares.items(), key=lambda item: item[1])
    if record.holds:
        return "Bound holds after k steps"
    if share > 1e4:
        return f"Bound broken: {name} diverges"
    text = told_apart(share, 1, ".2g")[0] if share < 2 else f"{share:.0f}"
    return f"Bound broken: {name}, {text} times"


worst_case = Demo(
    compute=run_worst_case,
    draw=draw_worst_case,
    controls={"k": Doubling("steps k", 5, 320, GOAL_STEPS), "eta": STEP_SIZES},
    title="The worst-case function for k steps of gradient descent",
    goal=f"at k = {GOAL_STEPS}, find the largest step size with which both runs end below the bound.",
    reached=lambda _, k, eta: k == GOAL_STEPS and eta == longest_step(k),
    notice="At η = 1/L the run on Huber's function reaches the bound at step k, and at no other step: "
    "every k has a worst-case function of its own, and the bound is their envelope. A function that is "
    "curved everywhere, like the quadratic, is soon far below it.",
    alt=lambda record, k, eta: (
        f"Left: Huber's function that is the worst case for {k} steps, with the points of gradient descent "
        f"at step size {eta:g}/L. Right: the gap on this function and on a quadratic over {HORIZON} steps, "
        f"double logarithmic, with the bound LR²/(4k+2). {_bound_verdict(record)}."
    ),
    presets={"Too short": {"eta": 0.2}, "Break it": {"eta": 2.1}},
)


# --- the envelope ----------------------------------------------------------------------------------

TIMES = Doubling("steps k", 50, 1600, 400)
MINI = Doubling("batch b", 1, 16, 1, factor=4)
FACTORS = LogSlider("step size η, in units of √(b/k)", 0.1, 3.17, 2, 1.0)
SLOPES = np.geomspace(0.3, 60, 16)  # θ√(bk): the worst case is at about 3
RUNS = 300
GOAL_GAP = 0.02


class Envelope(NamedTuple):
    """The gap E f(w̄) − f* of averaged SGD.

    theta, gaps: slopes of the linear functions, and their gaps after the chosen k steps.
    times, worst, errors: every k, the largest gap then, and its standard error.
    quadratic: the gap on ½w² at every k.       bound: 1/√(bk) at every k.
    at: the chosen k, as a position in these.
    """

    theta: ndarray
    gaps: ndarray
    times: ndarray
    worst: ndarray
    errors: ndarray
    quadratic: ndarray
    bound: ndarray
    at: int

    @property
    def worst_slope(self) -> float:
        return float(self.theta[self.gaps.argmax()])

    @property
    def gap(self) -> float:
        """The largest gap after the chosen k steps."""
        return float(self.worst[self.at])

    @property
    def holds(self) -> bool:
        """Whether the largest gap is below the bound at every k, up to three standard errors.

        The theorem promises it for the step size √(b/k) only.
        """
        return bool((self.worst <= self.bound + 3 * self.errors).all())


@cache
def averaged_runs() -> dict[tuple[int, int, float], tuple[Gaps, float]]:
    """(b, k, factor) -> gaps on the linear functions, and on the quadratic."""
    tasks = [*product(MINI.values, TIMES.values, FACTORS.values)]
    bar = tqdm(tasks, desc="running SGD on linear functions", unit="setting", leave=False)
    return {task: _averaged(*task) for task in bar}


def _averaged(b: int, k: int, factor: float) -> tuple[Gaps, float]:
    setting = {"batch": b, "steps": k, "eta": factor * (b / k) ** 0.5}
    rng, again = (np.random.default_rng((b, k)) for _ in range(2))
    linear = linear_function_gaps(SLOPES / (b * k) ** 0.5, runs=RUNS, rng=rng, **setting)
    return linear, float(quadratic_gap(runs=5 * RUNS, rng=again, **setting).mean)


def run_envelope(k: int, batch: int, factor: float) -> Envelope:
    times, at = np.array(TIMES.values), TIMES.values.index(k)
    linear, quadratic = zip(*(averaged_runs()[batch, t, factor] for t in TIMES.values), strict=True)
    worst = [int(gaps.mean.argmax()) for gaps in linear]
    return Envelope(
        theta=SLOPES / (batch * k) ** 0.5,
        gaps=linear[at].mean,
        times=times,
        worst=np.array([gaps.mean[i] for gaps, i in zip(linear, worst, strict=True)]),
        errors=np.array([gaps.error[i] for gaps, i in zip(linear, worst, strict=True)]),
        quadratic=np.array(quadratic),
        bound=mini_batch_bound(times, b=batch, L=0, R=1, sigma=1),
        at=at,
    )


def draw_envelope(record: Envelope, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    lines.bound(left, np.array([5e-4, 20]), record.bound[[record.at, record.at]])
    lines.measured_points(left, record.theta, record.gaps, now=int(record.gaps.argmax()))
    axes.log_log(left, (5e-4, 20), (1e-4, 2))
    left.set(xlabel="slope θ of f(w) = −θw", ylabel="E f(w̄) − f* after k steps")
    lines.line_legend(left, [f"linear functions, mean of {RUNS} runs"], "1/√(bk)")
    lines.bound(right, record.times, record.bound)
    lines.measured_points(right, record.times, record.worst, 0, now=record.at)
    lines.measured_points(right, record.times, record.quadratic, 1)
    axes.log_log(right, (40, 2000), (1e-6, 2))
    right.set(xlabel="steps k", ylabel="E f(w̄) − f*")
    lines.line_legend(right, ["worst linear", "quadratic"], "1/√(bk)")
    headline(
        left,
        f"Largest gap: {told_apart(record.gap, GOAL_GAP, '.2g')[0]}, at θ = {number(record.worst_slope)}",
    )
    headline(right, _envelope_verdict(record))
    return fig


def _envelope_verdict(record: Envelope) -> str:
    return f"{'Bound holds' if record.holds else 'Above bound'}: slopes {_slopes(record)}"


def _slopes(record: Envelope) -> str:
    return ", ".join(number(log_slope(record.times, y)) for y in (record.worst, record.quadratic))


envelope = Demo(
    compute=run_envelope,
    draw=draw_envelope,
    controls={"k": TIMES, "batch": MINI, "factor": FACTORS},
    title="O(1/√(bk)) is an envelope: every k has its own worst-case function",
    goal=f"bring the largest gap at k = 400 below {GOAL_GAP}. Is there a step size that does it with b = 1?",
    reached=lambda record, k, **_: k == 400 and record.gap < GOAL_GAP,
    notice="The worst-case slope θ shrinks like 1/√(bk). At η = √(b/k) the largest gap is 0.8 to 1 times "
    "the bound, and at any other step size here it is larger. On the quadratic the gap falls like 1/k: "
    "one function that beats a rate says nothing against the rate.",
    alt=lambda record, k, batch, factor: (
        f"Left: gap of SGD (batch {batch}, step size {factor:g} √(b/k)) after {k} steps on linear "
        f"functions of slope theta; the largest, {record.gap:.3g} at slope {record.worst_slope:.2g}, is "
        "ringed. Right: the largest gap and the gap on a quadratic against k, double logarithmic, with "
        f"the bound 1/√(bk). {_envelope_verdict(record)}."
    ),
    presets={"Longer steps": {"factor": 3.16}, "Break it": {"factor": 0.1}},
    prepare=averaged_runs,
)
