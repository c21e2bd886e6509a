"""Demo of lecture 02: SVRG and SAGA reduce the variance of SGD.

Lines are means over RUNS runs, each with its own examples, all from seed 0; dashed lines are theorems.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Doubling, LogSlider, Numbers
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization import looks
from courseware.demos.optimization.phrases import join
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis, power_of_ten
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import saga_bound
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.stochastic import SGDRun, gradient_table, gradient_variance, saga, sgd, svrg

RUNS, PASSES, EVERY = 5, 30, 50
WITHIN = 5  # points shown from one snapshot to the next
ETAS = LogSlider("step size η, in units of 1/(3Lₘₐₓ)", 0.1, 5.63, 4, 1.0)
INNER = Doubling("SVRG's m: steps between snapshots", 25, 400, 100)
NOISES = Numbers("standard deviation of the targets' noise", (0, 1), 1)
GOAL = 1e-15
FARTHER = 100  # a run that ends this many times farther away diverges
LOOKS = {
    name: looks.without_marks(look)
    for name, look in (("SGD", looks.SGD), ("SVRG", looks.SVRG), ("SAGA", looks.SAGA))
}
COVERED = 1.0  # the step size of SAGA's theorem, in units of 1/(3L_max)


class Comparison(NamedTuple):
    """Method -> passes over the data, ‖w − w*‖², and noise E‖g − ∇f‖² (not for SAGA), means over runs."""

    passes: dict[str, ndarray]
    distances: dict[str, ndarray]
    noise: dict[str, ndarray]
    bound: ndarray
    eta: float

    @property
    def ends(self) -> dict[str, float]:
        """Method -> the last ‖w − w*‖²; inf if the run has diverged."""
        return {name: float(np.nan_to_num(y[-1], nan=np.inf)) for name, y in self.distances.items()}

    @property
    def holds(self) -> bool:
        """Whether SAGA is below the bound at every point shown."""
        return bool((self.distances["SAGA"][1:] <= self.bound).all())


@cache
def unit_sphere(noise: float | int) -> LeastSquares:
    """100 examples of length 1 in 5 dimensions. Without noise one w fits them all."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 5))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return LeastSquares(x, x @ rng.normal(size=5) + noise * rng.normal(size=100))


@cache
def variance_reduction_runs() -> dict[tuple[float | int, str | int], SGDRun]:
    """(noise, "SGD" or "SAGA" or SVRG's m) -> all step sizes at once, w of shape (times, ηs, runs, 5)."""
    bar = tqdm(NOISES.values, desc="reducing variance", unit="data set", leave=False)
    return {(noise, key): run for noise in bar for key, run in _runs(noise).items()}


def _runs(noise: float | int) -> dict[str | int, SGDRun]:
    f, start = unit_sphere(noise), np.zeros((RUNS, 5))
    eta, budget = np.array(ETAS.values)[:, None, None] / (3 * f.L_max), PASSES * f.n
    found: dict[str | int, SGDRun] = {
        name: method(f, start, eta=eta, steps=budget, every=EVERY, rng=np.random.default_rng(0))
        for name, method in (("SGD", sgd), ("SAGA", saga))
    }
    for m in INNER.values:
        rng, steps = np.random.default_rng(0), budget * m // (f.n + 2 * m)  # as many gradients
        found[m] = svrg(f, start, eta=eta, steps=steps, inner=m, every=m // WITHIN, rng=rng)
    return found


def _variance(each: ndarray) -> ndarray:
    """Variance over the examples, (times, runs, n, 5) -> (times,), mean over runs."""
    with np.errstate(all="ignore"):
        return gradient_variance(np.moveaxis(each, -2, 0), each.mean(-2)).mean(-1)


def _svrg_noise(f: LeastSquares, w: ndarray) -> ndarray:
    """E‖g − ∇f‖² at w[1:]; every WITHIN-th w, from the first, is a snapshot for the next WITHIN."""
    snapshots = np.repeat(w[:-1:WITHIN], WITHIN, axis=0)[: len(w) - 1]
    return _variance(gradient_table(f, w[1:]).grads - gradient_table(f, snapshots).grads)


def run_comparison(eta: float, inner: int, noise: float | int) -> Comparison:
    f, i, found = unit_sphere(noise), ETAS.values.index(eta), variance_reduction_runs()
    runs = {"SGD": found[noise, "SGD"], "SVRG": found[noise, inner], "SAGA": found[noise, "SAGA"]}
    w = {name: run.w[:, i] for name, run in runs.items()}
    with np.errstate(all="ignore"):
        distances = {name: ((at - f.minimiser) ** 2).sum(-1).mean(-1) for name, at in w.items()}
    gap, R = float(f.value(np.zeros(5)) - f.value(f.minimiser)), float(distances["SGD"][0]) ** 0.5
    return Comparison(
        passes={name: run.evaluations / f.n for name, run in runs.items()},
        distances=distances,
        noise={"SGD": _variance(gradient_table(f, w["SGD"]).grads), "SVRG": _svrg_noise(f, w["SVRG"])},
        bound=saga_bound(runs["SAGA"].steps[1:], n=f.n, mu=f.mu, L_max=f.L_max, R=R, gap=gap),
        eta=eta,
    )


def draw_comparison(record: Comparison, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    for ax, label in ((left, "‖w − w*‖²"), (right, "noise E‖g − ∇f‖²")):
        log_axis(ax)
        ax.set(xlabel="passes: gradients ∇fᵢ / n", xlim=(0, PASSES), ylim=(1e-18, 1e4))
        ax.set_ylabel(label, labelpad=0)  # the tick labels are wide
    distances = {name: (record.passes[name], y) for name, y in record.distances.items()}
    plots.named_lines(left, distances, LOOKS, more={"SAGA's bound": lines.BOUND})
    lines.bound(left, record.passes["SAGA"][1:], record.bound)
    later = {"SGD": record.passes["SGD"], "SVRG": record.passes["SVRG"][1:]}
    plots.named_lines(right, {name: (later[name], y) for name, y in record.noise.items()}, LOOKS)
    headline(left, _verdict(record))
    headline(right, _noise_verdict(record))
    return fig


def _verdict(record: Comparison) -> str:
    if record.eta == COVERED:
        verdict = "holds" if record.holds else "is broken"
        return f"SAGA's bound {verdict}; SVRG ends at {_power(record.ends['SVRG'])}"
    away = [name for name, end in record.ends.items() if not end < record.distances[name][0] * FARTHER]
    if away:
        return f"{join(away)} {'diverges' if len(away) == 1 else 'diverge'}"
    return f"SVRG ends at {_power(record.ends['SVRG'])}, SGD at {_power(record.ends['SGD'])}"


def _noise_verdict(record: Comparison) -> str:
    first, last = ({name: float(y[i]) for name, y in record.noise.items()} for i in (1, -1))
    if not last["SVRG"] < FARTHER * first["SVRG"]:
        return "SVRG's noise grows"
    names = "The noise of both" if last["SGD"] < 1e-5 * first["SGD"] else "Only SVRG's noise"
    return f"{names} falls to {_power(last['SVRG'])}"


def _power(value: float) -> str:
    """To the nearest power of ten."""
    return power_of_ten(max(value, 1e-30)) if value < 1e30 else "∞"


def _powers(ends: dict[str, float]) -> str:
    return ", ".join(f"{name} {_power(value)}" for name, value in ends.items())


svrg_and_saga = Demo(
    compute=run_comparison,
    draw=draw_comparison,
    controls={"eta": ETAS, "inner": INNER, "noise": NOISES},
    title="With reduced variance, a constant step size has no floor",
    goal="bring SVRG's distance below 10⁻¹⁵ within these passes, at the step size 1/(3Lₘₐₓ).",
    reached=lambda record, eta, **_: eta == 1 and record.ends["SVRG"] < GOAL,
    notice="SGD's noise stays: at w* the gradients of the examples still differ. The noise of SVRG and SAGA "
    "falls with the distance to w*, so that they converge with a constant η. Where one w fits all targets "
    "(noise 0), SGD has no floor either.",
    alt=lambda record, eta, inner, noise: (
        f"{_verdict(record)}. {_noise_verdict(record)}. Left: squared distance to the minimum over {PASSES} "
        f"passes, logarithmic, for SGD, SVRG with {inner} steps between snapshots and SAGA at step size "
        f"{eta:g}/(3Lₘₐₓ), target noise {noise}. It ends at {_powers(record.ends)}. Right: the noise in the "
        "gradients of SGD and SVRG along the same runs."
    ),
    presets={"One w fits all": {"noise": 0}, "Break it": {"eta": 5.62}},
    prepare=variance_reduction_runs,
)
