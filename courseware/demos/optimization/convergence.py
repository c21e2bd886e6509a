"""Demos of lecture 02: how fast SGD gets where it goes, and what its noise leaves of that.

Lines are means over RUNS runs, each with examples of its own, all from seed 0; what is dashed is a theorem.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import axes, lines
from courseware.plots.axes import badge, headline, log_axis
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import sgd_bound
from lsml_core.optimization.finite_sums import FiniteSum, LeastSquares, Logistic
from lsml_core.optimization.rates import gradient_descent_optimum
from lsml_core.optimization.schedules import InverseRoot, InverseTime, Schedule, without_replacement
from lsml_core.optimization.stochastic import Run, full_table, gradient_variance, sgd

RUNS = 10


# --- mini-batches on images ------------------------------------------------------------------------

STEPS, GRADIENTS = 256, 8192  # the two budgets
AXES = ("steps", "gradients")  # ∇fᵢ of one example each
BATCHES = Doubling("batch b", 1, 256, 64, factor=4)
SCHEDULES: dict[str, Schedule] = {
    "1/√k": InverseRoot(1),
    "4/√k": InverseRoot(4),
    "4 all along": lambda _: 4,
}


@cache
def garments() -> Logistic:
    """Is it a coat or a pullover? Logistic loss on the 1,000 such images of Fashion-MNIST, of 14 × 14.

    Pixels are centred, a constant is added, and every example has length 1, so that L_max = ¼ + l2.
    """
    from lsml_core.data import load

    images = load("fashion", side=14)
    pair = np.isin(images.y, [images.classes.index(name) for name in ("pullover", "coat")])
    x = images.x[pair].reshape(-1, 196).astype(float)
    x = np.column_stack([x - x.mean(0), np.ones(len(x))])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return Logistic(x, np.where(images.y[pair] == images.classes.index("coat"), 1, -1), l2=0.01)


def _gradient_descent(f: FiniteSum, start: ndarray, eta: float, steps: int) -> Run:
    rng = np.random.default_rng(0)  # nothing is left to chance when all n examples are drawn
    return sgd(f, start, eta=eta, steps=steps, batch=f.n, sampling=without_replacement, rng=rng)


class Curve(NamedTuple):
    """f(w) − f*, mean over runs, after so many steps and gradients of an example."""

    steps: ndarray
    gradients: ndarray
    gap: ndarray


@cache
def _descent() -> Curve:
    """All n examples in every step, η = 1/L."""
    f = garments()
    run = _gradient_descent(f, np.zeros(f.d), 1 / f.L, steps=20)
    return Curve(run.steps[1:], run.evaluations[1:], f.value(run.w[1:]) - f.value(f.minimiser))


@cache
def _rates() -> dict[tuple[str, int], Curve]:
    """(schedule, b) -> SGD up to both budgets."""
    found = {}
    for b in tqdm(BATCHES.values, desc="SGD on images", unit="batch", leave=False):
        found |= {(schedule, b): curve for schedule, curve in zip(SCHEDULES, _curves(b), strict=True)}
    return found


def _curves(b: int) -> Iterator[Curve]:
    """One for each schedule; all of them see the same examples."""
    f = garments()
    run = sgd(
        f,
        np.zeros((RUNS, f.d)),
        eta=lambda k: np.array([schedule(k) for schedule in SCHEDULES.values()])[:, None, None],
        steps=max(STEPS, GRADIENTS // b),
        batch=b,
        rng=np.random.default_rng(0),
        every=max(1, 8 // b),
    )
    evenly = np.geomspace(1, len(run.steps) - 1, 40).round().astype(int)
    budgets = np.flatnonzero((run.steps == STEPS) | (run.evaluations == GRADIENTS))
    shown = np.union1d(evenly, budgets)
    for w in np.moveaxis(run.w[shown], 1, 0):
        gap = f.value(w) - f.value(f.minimiser)
        yield Curve(run.steps[shown], run.evaluations[shown], gap.mean(-1))


def _draw_rates(batch: int, schedule: str, axis: str) -> Figure:
    found, i, now = _rates(), AXES.index(axis), BATCHES.values.index(batch)
    budget = (STEPS, GRADIENTS)[i]
    shown = [found[schedule, 1], found[schedule, batch], _descent()]
    ends = [curve.gap[curve[i] == budget][0] for curve in (found[schedule, b] for b in BATCHES.values)]
    fig, (left, right) = canvas(2)
    lines.separate_lines(left, [(curve[i], curve.gap) for curve in shown])
    axes.log_log(left, (1, 3e4), (3e-5, 0.5))
    lines.reference_slope(left, (40, 400), 7e-4, -0.5, "slope −½")
    lines.reference_slope(left, (40, 400), 7e-4, -1, "slope −1")
    lines.mark_x(left, budget)
    left.set(xlabel=("steps k", "gradients ∇fᵢ")[i], ylabel="f(w) − f*")
    lines.line_legend(left, ["b = 1", "chosen b", "b = n, η = 1/L"])
    headline(left, f"b = {batch}, η = {schedule}")
    lines.measured_points(right, np.array(BATCHES.values), np.array(ends), 1, now=now)
    axes.log_log(right, (0.7, 400), (3e-5, 0.5))
    right.set(xlabel="batch b", ylabel=f"f(w) − f* after {budget:,} {axis}")
    headline(right, f"{axes.number(ends[now])}: {axes.number(ends[now] / ends[0])} × that of b = 1")
    return fig


rates = picture_demo(
    draw=_draw_rates,
    controls={
        "batch": BATCHES,
        "schedule": Choice("step size η", tuple(SCHEDULES), "4/√k"),
        "axis": Choice("horizontal axis", AXES, AXES[0]),
    },
    title="A larger batch is better by the step; by the gradient it is not",
    goal="count gradients, and bring the gap at the dotted mark below 0.001. There are two ways.",
    notice="At η = 4/√k every larger batch is better by the step, and less so each time: once the noise is "
    "small, more examples buy nothing. By the gradient, b = 1, 4 and 16 agree within a factor of two, and "
    "64 and 256 lose. With a constant η the noise sets a floor, which falls with b.",
    alt=lambda batch, schedule, axis: (
        f"Left: gap of logistic regression on images against {axis}, double logarithmic, for SGD with batch "
        f"1 and {batch} at step size {schedule}, and for gradient descent. Right: the gap at the budget "
        "against the batch."
    ),
    presets={
        "A floor": {"batch": 16, "schedule": "4 all along"},
        "Break it": {"batch": 256, "axis": AXES[1]},
    },
    prepare=_rates,
)


# --- the linear rate and the floor -----------------------------------------------------------------

LENGTH, EVERY, LAST = 1600, 8, 400
AWAY = 2.0  # from w* to the start, along both axes
ETAS = LogSlider("step size η, in units of 1/L_max", 0.01, 10, 3, 0.464)
FEW = Doubling("batch b", 1, 64, 1, factor=4)
KAPPAS = Choice("condition number κ = L/μ", ("3", "10", "30"), "10")


class Valley(NamedTuple):
    """A loss with curvatures μ = 1/κ and L = 1, ‖start − w*‖, and σ at w*."""

    f: LeastSquares
    R: float
    sigma: float


@cache
def _valley(kappa: str) -> Valley:
    """100 examples without any signal: all of y is noise."""
    rng = np.random.default_rng(0)
    x = np.linalg.qr(rng.normal(size=(100, 2)))[0] * np.sqrt([100 / float(kappa), 100])
    f = LeastSquares(x, rng.normal(size=100))
    noise = gradient_variance(full_table(f, f.minimiser).grads, np.zeros(2))
    return Valley(f, AWAY * 2**0.5, float(noise) ** 0.5)


@cache
def _floors() -> dict[tuple[str, int], tuple[ndarray, ndarray]]:
    """(κ, b) -> mean of ‖w − w*‖², each (step sizes, times), with constant steps and with η_k ~ 1/k."""
    tasks = [*product(KAPPAS.values, FEW.values)]
    return {task: _squares(*task) for task in tqdm(tasks, desc="SGD in valleys", unit="batch", leave=False)}


def _squares(kappa: str, b: int) -> tuple[ndarray, ndarray]:
    f = _valley(kappa).f
    start, eta = np.tile(f.minimiser + AWAY, (RUNS, 1)), np.array(ETAS.values)[:, None, None] / f.L_max
    dying = InverseTime(eta, 2 / (f.mu * eta))
    both = sgd(
        f,
        start,
        eta=lambda k: np.stack([eta, dying(k)]),
        steps=LENGTH,
        batch=b,
        rng=np.random.default_rng(0),
        every=EVERY,
    )
    with np.errstate(all="ignore"):
        constant, shrinking = np.moveaxis(((both.w - f.minimiser) ** 2).sum(-1).mean(-1), 0, -1)
    return constant, shrinking


def _draw_floor(eta: float, batch: int, kappa: str) -> Figure:
    f, R, sigma = _valley(kappa)
    constant, dying = _floors()[kappa, batch]
    time, etas, now = np.arange(0, LENGTH + 1, EVERY), np.array(ETAS.values), ETAS.values.index(eta)
    best, law = gradient_descent_optimum(f.mu, f.L), {"b": batch, "mu": f.mu, "R": R, "sigma": sigma}
    path = _gradient_descent(f, f.minimiser + AWAY, best.eta, steps=200).w
    descent, ends = ((path - f.minimiser) ** 2).sum(-1), constant[:, -LAST // EVERY :].mean(-1)
    fig, (left, right) = canvas(2)
    lines.separate_lines(
        left, [(time, constant[now]), (time, dying[now]), (np.arange(len(descent)), descent)]
    )
    log_axis(left)
    left.set(xlabel="step k", ylabel="‖w − w*‖²", xlim=(0, LENGTH), ylim=(1e-4, 100))
    lines.line_legend(left, ["constant η", "η → 0", "b = n"], "bound")
    factor = (descent[1] / descent[0]) ** 0.5
    headline(left, f"b = n: {factor:.3f} a step, (κ−1)/(κ+1) = {best.rate:.3f}")
    short = etas[etas <= 0.5]  # for these there is a theorem
    lines.measured_points(right, etas, ends, now=now)
    lines.bound(right, short, sgd_bound(LENGTH, eta=short / f.L_max, **law))
    axes.log_log(right, (0.007, 14), (1e-4, 100))
    right.set(xlabel="step size η · L_max", ylabel=f"‖w − w*‖², last {LAST} steps")
    lines.line_legend(right, ["constant η"], "bound")
    if eta > 0.5:
        badge(right, bool(ends[now] < R**2), f"end {axes.number(ends[now])}, and no bound")
        return fig
    bound = sgd_bound(time[1:], eta=eta / f.L_max, **law)
    lines.bound(left, time[1:], bound)
    text = f"end {axes.number(ends[now])}, bound {axes.number(bound[-1])}"
    badge(right, bool((constant[now][1:] <= bound).all()), text)
    return fig


floor = picture_demo(
    draw=_draw_floor,
    controls={"eta": ETAS, "batch": FEW, "kappa": KAPPAS},
    title="A constant step: fast at first, then a floor",
    goal="at κ = 10, bring the end of the run with constant η below 0.01. Can b = 1 do it?",
    notice="Gradient descent (b = n) shrinks the distance by the same factor at every step. SGD with a "
    "constant η begins like that, with its own factor, and comes to a floor that grows with η and falls like "
    "1/b. Steps that shrink like 1/k have no floor, but forget the start more slowly.",
    alt=lambda eta, batch, kappa: (
        f"Left: squared distance to the minimum over {LENGTH} steps at condition number {kappa}, "
        f"logarithmic, for SGD with batch {batch} and step size {eta:g}/L_max, for one whose steps shrink, "
        "and for gradient descent. Right: where the constant step ends, against the step size; the bound."
    ),
    presets={"Break it": {"eta": 10.0}},
    prepare=_floors,
)
