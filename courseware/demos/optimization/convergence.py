"""Demos of lecture 02: how fast SGD converges, and what its noise prevents.

Lines are means over RUNS runs, each with its own examples, all from seed 0; dashed lines are theorems.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Numbers
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization import looks
from courseware.plots import axes, lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import sgd_bound
from lsml_core.optimization.finite_sums import FiniteSum, LeastSquares, Logistic
from lsml_core.optimization.rates import gradient_descent_optimum
from lsml_core.optimization.sampling import without_replacement
from lsml_core.optimization.schedules import InverseRoot, InverseTime, Schedule
from lsml_core.optimization.stochastic import SGDRun, gradient_table, gradient_variance, sgd

RUNS = 10


# --- mini-batches on images ------------------------------------------------------------------------

STEPS, GRADIENTS = 256, 8192  # the two budgets
UNITS = {"steps": STEPS, "gradients": GRADIENTS}  # a gradient is one ∇fᵢ
BATCHES = Doubling("batch b", 1, 256, 64, factor=4)
BATCH_LOOKS = {
    name: looks.without_marks(look)
    for name, look in (("b = 1", looks.SGD), ("chosen b", looks.BATCH), ("b = n, η = 1/L", looks.FULL))
}
SCHEDULES: dict[str, Schedule] = {
    "1/√k": InverseRoot(1),
    "4/√k": InverseRoot(4),
    "constant 4": lambda _: 4,
}
GOAL_GAP = 1e-3


class Curve(NamedTuple):
    """f(w) − f*, mean over runs, after so many steps and gradients ∇fᵢ."""

    steps: ndarray
    gradients: ndarray
    gap: ndarray

    def over(self, unit: str) -> ndarray:
        """How many steps, or gradients, each gap took."""
        return self.steps if unit == "steps" else self.gradients

    def at(self, unit: str) -> float:
        """The gap when the budget of `unit` is spent."""
        return float(self.gap[self.over(unit) == UNITS[unit]][0])


class MiniBatches(NamedTuple):
    """Curves of batch 1, the chosen batch and gradient descent; the gap of every batch at the budget."""

    curves: tuple[Curve, Curve, Curve]
    unit: str
    batches: ndarray
    gaps: ndarray
    at: int

    @property
    def gap(self) -> float:
        return float(self.gaps[self.at])

    @property
    def ratio(self) -> float:
        """The gap of batch 1 at the budget, divided by that of the chosen batch."""
        return float(self.gaps[0] / self.gap)


@cache
def garments() -> Logistic:
    """Is it a coat or a pullover? Logistic loss on the 1,000 such images of Fashion-MNIST, 14 × 14 pixels.

    Pixels are centred, a constant is added, and every example has length 1, so that L_max = ¼ + l2.
    """
    from lsml_core.data import load  # lazy import: the data are read when a demo is shown

    images = load("fashion", side=14)
    pair = np.isin(images.y, [images.classes.index(name) for name in ("pullover", "coat")])
    x = images.x[pair].reshape(-1, 196).astype(float)
    x = np.column_stack([x - x.mean(0), np.ones(len(x))])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return Logistic(x, np.where(images.y[pair] == images.classes.index("coat"), 1, -1), l2=0.01)


def _gradient_descent(f: FiniteSum, start: ndarray, eta: float, steps: int) -> SGDRun:
    rng = np.random.default_rng(0)  # nothing is random when all n examples are drawn
    return sgd(f, start, eta=eta, steps=steps, batch=f.n, sampling=without_replacement, rng=rng)


@cache
def _full_batch() -> Curve:
    """All n examples in every step, η = 1/L."""
    f = garments()
    run = _gradient_descent(f, np.zeros(f.d), 1 / f.L, steps=20)
    return Curve(run.steps[1:], run.evaluations[1:], f.value(run.w[1:]) - f.value(f.minimiser))


@cache
def mini_batch_runs() -> dict[tuple[str, int], Curve]:
    """(schedule, b) -> SGD up to both budgets."""
    bar = tqdm(BATCHES.values, desc="SGD on images", unit="batch", leave=False)
    return {(name, b): curve for b in bar for name, curve in zip(SCHEDULES, _curves(b), strict=True)}


def _curves(b: int) -> list[Curve]:
    """One for each schedule; all of them have the same examples."""
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
    gaps = (f.value(w).mean(-1) - f.value(f.minimiser) for w in np.moveaxis(run.w[shown], 1, 0))
    return [Curve(run.steps[shown], run.evaluations[shown], gap) for gap in gaps]


def run_mini_batches(batch: int, schedule: str, unit: str) -> MiniBatches:
    found = {b: mini_batch_runs()[schedule, b] for b in BATCHES.values}
    return MiniBatches(
        curves=(found[1], found[batch], _full_batch()),
        unit=unit,
        batches=np.array(BATCHES.values),
        gaps=np.array([curve.at(unit) for curve in found.values()]),
        at=BATCHES.values.index(batch),
    )


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
)


# --- the linear rate and the floor -----------------------------------------------------------------

LENGTH, EVERY, LAST = 1600, 8, 400
STEP_LOOKS = {
    name: looks.without_marks(look)
    for name, look in (("constant η", looks.SGD), ("η ~ 1/k", looks.SHRINKING), ("b = n", looks.FULL))
}
AWAY = 2.0  # from w* to the start, along both axes
ETAS = LogSlider("step size η, in units of 1/Lₘₐₓ", 0.01, 10, 3, 0.464)
COVERED = 0.5  # in these units: the theorem holds up to here
FEW = Doubling("batch b", 1, 64, 1, factor=4)
KAPPAS = Numbers("condition number κ = L/μ", (3, 10, 30), 10)
GOAL_FLOOR = 0.01


class Valley(NamedTuple):
    """Least squares with curvatures μ = 1/κ and L = 1, ‖start − w*‖, and σ at w*."""

    f: LeastSquares
    R: float
    sigma: float


class NoiseFloor(NamedTuple):
    """‖w − w*‖², mean over runs.

    time: steps.       constant, shrinking, full_batch: the three runs; full_batch at every step.
    rate: (κ − 1)/(κ + 1).       bound: at time[1:], None where there is no theorem.
    etas, ends: every step size, and the mean over the last steps.
    covered, end_bounds: those with a bound, and the bound.
    at: the chosen step size, as a position.
    """

    time: ndarray
    constant: ndarray
    shrinking: ndarray
    full_batch: ndarray
    rate: float
    bound: ndarray | None
    etas: ndarray
    ends: ndarray
    covered: ndarray
    end_bounds: ndarray
    at: int

    @property
    def end(self) -> float:
        return float(self.ends[self.at])

    @property
    def holds(self) -> bool | None:
        """Whether the run with constant steps is below the bound throughout; None where there is none."""
        return None if self.bound is None else bool((self.constant[1:] <= self.bound).all())


@cache
def valley(kappa: float | int) -> Valley:
    """100 examples without any signal: all of y is noise."""
    rng = np.random.default_rng(0)
    x = np.linalg.qr(rng.normal(size=(100, 2)))[0] * np.sqrt([100 / kappa, 100])
    f = LeastSquares(x, rng.normal(size=100))
    noise = gradient_variance(gradient_table(f, f.minimiser).grads, np.zeros(2))
    return Valley(f, AWAY * 2**0.5, float(noise) ** 0.5)


@cache
def noise_floor_runs() -> dict[tuple[float | int, int], tuple[ndarray, ndarray]]:
    """(κ, b) -> mean of ‖w − w*‖², (step sizes, times), with constant steps and with η_k ~ 1/k."""
    tasks = [*product(KAPPAS.values, FEW.values)]
    bar = tqdm(tasks, desc="SGD on least squares", unit="batch", leave=False)
    return {task: _squared_distances(*task) for task in bar}


def _squared_distances(kappa: float | int, b: int) -> tuple[ndarray, ndarray]:
    f = valley(kappa).f
    start, eta = np.tile(f.minimiser + AWAY, (RUNS, 1)), np.array(ETAS.values)[:, None, None] / f.L_max
    shrinking = InverseTime(eta, 2 / (f.mu * eta))
    both = sgd(
        f,
        start,
        eta=lambda k: np.stack([eta, shrinking(k)]),
        steps=LENGTH,
        batch=b,
        rng=np.random.default_rng(0),
        every=EVERY,
    )
    with np.errstate(all="ignore"):
        distances = np.moveaxis(((both.w - f.minimiser) ** 2).sum(-1).mean(-1), 0, -1)
    return distances[0], distances[1]


def run_noise_floor(eta: float, batch: int, kappa: float | int) -> NoiseFloor:
    f, R, sigma = valley(kappa)
    constant, shrinking = noise_floor_runs()[kappa, batch]
    time, etas, at = np.arange(0, LENGTH + 1, EVERY), np.array(ETAS.values), ETAS.values.index(eta)
    best, law = gradient_descent_optimum(f.mu, f.L), {"b": batch, "mu": f.mu, "R": R, "sigma": sigma}
    path = _gradient_descent(f, f.minimiser + AWAY, best.eta, steps=200).w
    covered = etas[etas <= COVERED]
    return NoiseFloor(
        time=time,
        constant=constant[at],
        shrinking=shrinking[at],
        full_batch=((path - f.minimiser) ** 2).sum(-1),
        rate=best.rate,
        bound=sgd_bound(time[1:], eta=eta / f.L_max, **law) if eta <= COVERED else None,
        etas=etas,
        ends=constant[:, -LAST // EVERY :].mean(-1),
        covered=covered,
        end_bounds=sgd_bound(LENGTH, eta=covered / f.L_max, **law),
        at=at,
    )


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
