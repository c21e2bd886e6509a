"""The runs that the demos of `stochastic.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `stochastic.py`.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Doubling, LogSlider, Numbers, Slider
from lsml_core.optimization.bounds import gradient_descent_bound, mini_batch_bound, mini_batch_variance
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.sampling import Sampling, WithProbabilities, with_replacement, without_replacement
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


# --- the envelope ----------------------------------------------------------------------------------

TIMES = Doubling("steps k", 50, 1600, 400)
SLOPES = LogSlider("slope θ of f(w) = −θw", 0.01, 3.17, 8, 1.0)
MINI = Doubling("batch b", 1, 16, 1, factor=4)
FACTORS = LogSlider("step size η, in units of √(b/k)", 0.1, 3.17, 2, 1.0)
RUNS, SHOWN = 300, 80


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
