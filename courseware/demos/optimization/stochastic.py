"""Demos of lecture 02: noisy gradients, and the functions on which a promise is kept to the letter.

Dots and lines are runs of `lsml_core.optimization`; what is dashed is a theorem.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import axes, lines
from courseware.plots import stochastic as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import gradient_descent_bound, log_slope, mini_batch_variance
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.objectives import Objective, Quadratic
from lsml_core.optimization.schedules import Examples, Sampling, with_replacement, without_replacement
from lsml_core.optimization.steps import GradientDescent, trajectory
from lsml_core.optimization.stochastic import full_table, gradient_cloud, gradient_variance
from lsml_core.optimization.worst_case import Huber, averaged_sgd

# --- the cloud -------------------------------------------------------------------------------------

EXAMPLES = 256
DRAWS, MEASURED = 300, 1000
BATCHES = Doubling("batch b", 1, EXAMPLES, 4)


class Cloud(NamedTuple):
    """A line fit at w = 0: ∇f, σ² = E‖∇fᵢ − ∇f‖², and the size of every ∇fᵢ."""

    f: LeastSquares
    w: ndarray
    full: ndarray
    sigma2: float
    sizes: ndarray


@cache
def _line_fit() -> Cloud:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(EXAMPLES, 2))
    f, w = LeastSquares(x, x @ (1.0, -1.0) + rng.normal(size=EXAMPLES)), np.zeros(2)
    each, full = full_table(f, w)
    return Cloud(f, w, full, float(gradient_variance(each, full)), np.linalg.norm(each, axis=1))


def _large_ones_more_often(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[Examples]:
    """An example's chance grows with its gradient, and nothing makes up for it: not unbiased."""
    chance = _line_fit().sizes / _line_fit().sizes.sum()
    while True:
        yield rng.choice(n, size=(*runs, batch), p=chance)


SAMPLINGS: dict[str, Sampling] = {
    "with replacement": with_replacement,
    "without replacement": without_replacement,
    "large gradients more often": _large_ones_more_often,
}


def _draws(batch: int, sampling: str, count: int, seed: int) -> ndarray:
    at, rng = _line_fit(), np.random.default_rng(seed)
    return gradient_cloud(at.f, at.w, batch, draws=count, rng=rng, sampling=SAMPLINGS[sampling])


@cache
def _noise() -> dict[str, ndarray]:
    """Sampling -> E‖g − ∇f‖²/σ² for every batch."""
    at = _line_fit()
    return {
        name: np.array(
            [gradient_variance(_draws(b, name, MEASURED, 0), at.full) / at.sigma2 for b in BATCHES.values]
        )
        for name in SAMPLINGS
    }


def _draw_cloud(batch: int, sampling: str, again: int) -> Figure:
    at, g = _line_fit(), _draws(batch, sampling, DRAWS, again)
    b, noise, now = np.array(BATCHES.values), _noise()[sampling], BATCHES.values.index(batch)
    finely, subset = np.geomspace(1, EXAMPLES, 200), EXAMPLES if sampling == "without replacement" else None
    fig, (left, right) = canvas(2)
    radius = mini_batch_variance(batch, variance=at.sigma2, n=subset) ** 0.5
    plots.cloud(left, g, at.full, radius, window=(-9.0, 4.0, -3.2, 8.0))
    miss, error = np.linalg.norm(g.mean(0) - at.full), np.sqrt(gradient_variance(g) / DRAWS)
    if noise[now] < 1e-20:
        badge(left, True, "every draw is ∇f itself")
    else:
        badge(left, bool(miss < 4 * error), f"the mean is {miss / error:.1f} standard errors off")
    lines.bound(right, finely, mini_batch_variance(finely, variance=1.0))
    lines.bound(right, finely, mini_batch_variance(finely, variance=1.0, n=EXAMPLES))
    lines.measured_points(right, b, noise, now=now)
    axes.log_log(right, (0.8, 320), (1e-3, 5))
    right.set(xlabel="batch b", ylabel="noise E‖g − ∇f‖² / σ²")
    lines.line_legend(right, [f"{MEASURED:,} draws"], "1/b, (n−b)/(n−1)·1/b")
    headline(right, f"b = {batch}: " + ("no noise" if noise[now] < 1e-20 else f"noise {noise[now]:.2g} σ²"))
    return fig


cloud = picture_demo(
    draw=_draw_cloud,
    controls={
        "batch": BATCHES,
        "sampling": Choice("examples are drawn", tuple(SAMPLINGS), "with replacement"),
        "again": Slider("draw again", 1, 20, 1, 1),
    },
    title="A mini-batch gradient is right on average, and its noise falls like 1/b",
    goal="let the noise vanish altogether. Which way of drawing can do that, and at which batch?",
    notice="Drawn with equal chances, the gradients have ∇f as their mean whatever b is. The noise, a mean "
    "square, falls like 1/b, the width of the cloud only like 1/√b: half the width costs four times the "
    "gradients. Without replacement there is less noise once b is a good part of n = 256.",
    alt=lambda batch, sampling, again: (
        f"Left: 300 mini-batch gradients of {batch} examples ({sampling}, draw {again}) about the full "
        "gradient, with their mean and the circle that theory predicts. Right: mean squared distance from "
        "the full gradient against the batch, double logarithmic, with the lines 1/b and (n-b)/(n-1)/b."
    ),
    presets={
        "All of them": {"batch": EXAMPLES, "sampling": "without replacement"},
        "Break it": {"batch": 64, "sampling": "large gradients more often"},
    },
    prepare=_noise,
)


# --- gradient descent ------------------------------------------------------------------------------

HORIZON = 1000
BOWL = Quadratic((1.0, 0.1))
CORNER = (0.5**0.5, 0.5**0.5)  # at distance 1, like Huber's start


def _gaps(objective: Objective, start: tuple[float, ...], eta: float) -> tuple[ndarray, ndarray]:
    path = trajectory(GradientDescent(eta), objective, start, HORIZON)
    with np.errstate(all="ignore"):
        return path, np.asarray(objective.value(path))


def _draw_descent(k: int, eta: float) -> Figure:
    huber, time = Huber.slowest(k), np.arange(1, HORIZON + 1)
    path, slowest = _gaps(huber, (1.0,), eta)
    _, bowl = _gaps(BOWL, CORNER, eta)
    bound = gradient_descent_bound(time, L=1, R=1)
    fig, (left, right) = canvas(2)
    w, top = np.linspace(-1.1, 1.1, 441), slowest[0]
    plots.walk(left, (w, huber.value(w[:, None]) / top), (path[: k + 1, 0], slowest[: k + 1] / top))
    left.set(xlabel="w", ylabel="f(w) / f(1)", xlim=(-1.1, 1.1), ylim=(-0.05, 1.15))
    headline(left, f"Huber's function, {k} steps: 1 → {axes.number(path[k, 0])}")
    lines.separate_lines(right, [(time, slowest[1:]), (time, bowl[1:])])
    lines.bound(right, time, bound)
    lines.mark_x(right, k)
    axes.log_log(right, (1, HORIZON), (1e-6, 1))
    right.set(xlabel="step k", ylabel="f(w) − f*")
    lines.line_legend(right, ["Huber", "bowl, κ = 10"], "LR²/(4k+2)")
    share = max(slowest[k], bowl[k]) / bound[k - 1]
    text = told_apart(share, 1, ".2g")[0] if share < 2 else axes.number(share)
    badge(right, bool(share <= 1 + 1e-9), f"after k steps: {text} × the bound")
    return fig


descent = picture_demo(
    draw=_draw_descent,
    controls={
        "k": Doubling("steps k", 5, 320, 20),
        "eta": Slider("step size η, in units of 1/L", 0.1, 2.2, 0.05, 1.0),
    },
    title="The slowest function for k steps of gradient descent",
    goal="at k = 20, find the longest step with which both runs end below the bound.",
    notice="At η = 1/L the run on Huber's function comes up to the bound at step k, and at no other step: "
    "every k has a slowest function of its own, and the bound is the envelope of them all. A function that "
    "curves everywhere, like the bowl, is soon far below it.",
    alt=lambda k, eta: (
        f"Left: Huber's function that is slowest for {k} steps, with the points of gradient descent at step "
        f"size {eta:g}/L. Right: the gap on this function and on a bowl over 1000 steps, double logarithmic, "
        "with the bound LR²/(4k+2)."
    ),
    presets={"Too short": {"eta": 0.2}, "Break it": {"eta": 2.1}},
)


# --- the envelope ----------------------------------------------------------------------------------

TIMES = Doubling("steps k", 50, 1600, 400)
MINI = Doubling("batch b", 1, 16, 1, factor=4)
FACTORS = LogSlider("step size η, in units of √(b/k)", 0.1, 3.17, 2, 1.0)
STEEPNESS = np.geomspace(0.3, 60, 16)  # θ√(bk): the slowest line has about 3
RUNS = 300


class Slow(NamedTuple):
    """E f(w̄) − f* on each line of slope θ, with its standard error, and on the bowl ½w² from w = 1."""

    theta: ndarray
    gaps: ndarray
    errors: ndarray
    bowl: float

    @property
    def worst(self) -> int:
        return int(self.gaps.argmax())


@cache
def _slow_functions() -> dict[tuple[int, int, float], Slow]:
    """(b, k, factor) -> what SGD with that batch, that many steps of that size leaves."""
    tasks = [*product(MINI.values, TIMES.values, FACTORS.values)]
    bar = tqdm(tasks, desc="running SGD on lines", unit="setting", leave=False)
    return {task: _slow(*task) for task in bar}


def _slow(b: int, k: int, factor: float) -> Slow:
    theta, eta, seed = STEEPNESS / (b * k) ** 0.5, factor * (b / k) ** 0.5, (b, k)
    run = {"batch": b, "steps": k, "runs": RUNS, "eta": eta}
    line = averaged_sgd(
        lambda _: -theta[:, None], np.zeros(len(theta)), rng=np.random.default_rng(seed), **run
    )
    bowl = averaged_sgd(lambda w: w, 1.0, rng=np.random.default_rng(seed), **run | {"runs": 5 * RUNS})
    gaps = theta[:, None] * (1 - line)
    return Slow(theta, gaps.mean(-1), gaps.std(-1) / RUNS**0.5, float((bowl**2 / 2).mean()))


def _draw_envelope(k: int, batch: int, factor: float) -> Figure:
    k_all, now = np.array(TIMES.values), TIMES.values.index(k)
    found = [_slow_functions()[batch, t, factor] for t in TIMES.values]
    slowest, error = np.array([(s.gaps[s.worst], s.errors[s.worst]) for s in found]).T
    bowl, bound = np.array([s.bowl for s in found]), 1 / np.sqrt(batch * k_all)
    here = found[now]
    fig, (left, right) = canvas(2)
    lines.bound(left, np.array([5e-4, 20]), bound[[now, now]])
    lines.measured_points(left, here.theta, here.gaps, now=here.worst)
    axes.log_log(left, (5e-4, 20), (1e-4, 2))
    left.set(xlabel="slope θ of the line f(w) = −θw", ylabel="E f(w̄) − f* after k steps")
    lines.line_legend(left, [f"lines, mean of {RUNS} runs"], "1/√(bk)")
    share = axes.number(slowest[now] / bound[now])
    headline(left, f"slowest: θ = {axes.number(here.theta[here.worst])}, {share} × the bound")
    lines.bound(right, k_all, bound)
    lines.measured_points(right, k_all, slowest, 0, now=now)
    lines.measured_points(right, k_all, bowl, 1)
    axes.log_log(right, (40, 2000), (1e-6, 2))
    right.set(xlabel="steps k", ylabel="E f(w̄) − f*")
    lines.line_legend(right, ["slowest line", "bowl ½w²"], "1/√(bk)")
    slopes = [axes.number(log_slope(k_all, y)) for y in (slowest, bowl)]
    badge(right, bool((slowest <= bound + 3 * error).all()), f"slopes {slopes[0]} and {slopes[1]}")
    return fig


envelope = picture_demo(
    draw=_draw_envelope,
    controls={"k": TIMES, "batch": MINI, "factor": FACTORS},
    title="O(1/√(bk)) is an envelope: another line is the slowest for every k",
    goal="bring the slowest line at k = 400 below 0.02. Is there a step size that does it with b = 1?",
    notice="The slowest line moves: its slope θ shrinks like 1/√(bk). At η = √(b/k) it has 0.8 to 1 times "
    "the bound, and at any other step here more. The bowl is faster, its gap falls like 1/k: one function "
    "that beats a rate says nothing against the rate.",
    alt=lambda k, batch, factor: (
        f"Left: gap of SGD (batch {batch}, step size {factor:g} √(b/k)) after {k} steps on lines of slope "
        "theta; the largest gap is ringed. Right: this largest gap and the gap on a bowl against k, double "
        "logarithmic, with the bound 1/√(bk)."
    ),
    presets={"Longer steps": {"factor": 3.16}, "Break it": {"factor": 0.1}},
    prepare=_slow_functions,
)
