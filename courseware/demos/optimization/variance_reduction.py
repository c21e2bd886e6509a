"""Demo of lecture 02: SVRG and SAGA take the noise out of SGD.

Lines are means over RUNS runs, each with examples of its own, all from seed 0; what is dashed is a theorem.
"""

from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import lines
from courseware.plots.axes import badge, headline, log_axis, power_of_ten
from courseware.plots.canvas import canvas
from lsml_core.optimization.bounds import saga_bound
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.stochastic import Run, full_table, gradient_variance, saga, sgd, svrg

RUNS, PASSES, EVERY = 5, 30, 50
WITHIN = 5  # points shown from one anchor to the next
ETAS = LogSlider("step size η, in units of 1/(3L_max)", 0.1, 10, 4, 1.0)
INNER = Doubling("SVRG's m: steps from anchor to anchor", 25, 400, 100)
NOISES = Choice("noise of the targets", ("0", "1"), "1")


@cache
def _sphere(noise: str) -> LeastSquares:
    """100 examples of length 1 in 5 dimensions. Without noise one w fits them all."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 5))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return LeastSquares(x, x @ rng.normal(size=5) + float(noise) * rng.normal(size=100))


@cache
def _runs() -> dict[tuple[str, str | int], Run]:
    """(noise, "SGD" or "SAGA" or SVRG's m) -> all step sizes at once, w of shape (times, ηs, runs, 5)."""
    found = {}
    for noise in tqdm(NOISES.values, desc="taking noise away", unit="data set", leave=False):
        f, start = _sphere(noise), np.zeros((RUNS, 5))
        eta, budget = np.array(ETAS.values)[:, None, None] / (3 * f.L_max), PASSES * f.n
        for name, method in (("SGD", sgd), ("SAGA", saga)):
            rng = np.random.default_rng(0)
            found[noise, name] = method(f, start, eta=eta, steps=budget, every=EVERY, rng=rng)
        for m in INNER.values:
            rng, steps = np.random.default_rng(0), budget * m // (f.n + 2 * m)  # as many gradients
            found[noise, m] = svrg(f, start, eta=eta, steps=steps, inner=m, every=m // WITHIN, rng=rng)
    return found


def _spread(each: ndarray) -> ndarray:
    """Variance over the examples, (times, runs, n, 5) -> (times,), mean over runs."""
    with np.errstate(all="ignore"):
        return gradient_variance(np.moveaxis(each, -2, 0), each.mean(-2)).mean(-1)


def _noise_of_svrg(f: LeastSquares, w: ndarray) -> ndarray:
    """E‖g − ∇f‖² at w[1:]; every WITHIN-th w, from the first, is an anchor for the next WITHIN."""
    anchors = np.repeat(w[:-1:WITHIN], WITHIN, axis=0)[: len(w) - 1]
    return _spread(full_table(f, w[1:]).grads - full_table(f, anchors).grads)


def _draw_race(eta: float, inner: int, noise: str) -> Figure:
    f, i = _sphere(noise), ETAS.values.index(eta)
    run = {"SGD": _runs()[noise, "SGD"], "SVRG": _runs()[noise, inner], "SAGA": _runs()[noise, "SAGA"]}
    passes = {name: r.evaluations / f.n for name, r in run.items()}
    w = {name: r.w[:, i] for name, r in run.items()}
    with np.errstate(all="ignore"):
        squares = {name: ((at - f.minimiser) ** 2).sum(-1).mean(-1) for name, at in w.items()}
    gap, R = float(f.value(np.zeros(5)) - f.value(f.minimiser)), float(squares["SGD"][0]) ** 0.5
    bound = saga_bound(run["SAGA"].steps[1:], n=f.n, mu=f.mu, L_max=f.L_max, R=R, gap=gap)
    spread = {"SGD": _spread(full_table(f, w["SGD"]).grads), "SVRG": _noise_of_svrg(f, w["SVRG"])}
    fig, axes = canvas(2)
    left, right = axes
    for ax, label in zip(axes, ("‖w − w*‖²", "noise E‖g − ∇f‖²"), strict=True):
        log_axis(ax)
        ax.set(xlabel="passes: gradients ∇fᵢ / n", xlim=(0, PASSES), ylim=(1e-18, 1e4))
        ax.set_ylabel(label, labelpad=0)  # the ticks are wide
    lines.separate_lines(left, [(passes[name], squares[name]) for name in run])
    lines.bound(left, passes["SAGA"][1:], bound)
    lines.line_legend(left, [*run], "SAGA's bound")
    badge(left, bool((squares["SAGA"][1:] <= bound).all()), _powers(squares))
    lines.separate_lines(right, [(passes["SGD"], spread["SGD"]), (passes["SVRG"][1:], spread["SVRG"])])
    lines.line_legend(right, [*spread])
    headline(right, f"noise: {_powers(spread)}")
    return fig


def _powers(series: dict[str, ndarray]) -> str:
    """Where each ends, to the nearest power of ten."""
    ends = {name: y[-1] for name, y in series.items()}
    return ", ".join(f"{n} {power_of_ten(max(y, 1e-30)) if y < 1e30 else '∞'}" for n, y in ends.items())


race = picture_demo(
    draw=_draw_race,
    controls={"eta": ETAS, "inner": INNER, "noise": NOISES},
    title="Take the noise away, and a constant step has no floor",
    goal="bring SVRG below 10⁻¹⁵ within these passes, at the step size shown.",
    notice="SGD's noise stays: at w* the examples still disagree. SVRG's noise falls with the distance to "
    "w*, so that a constant η takes it all the way; SAGA's does, too. Where one w fits all targets "
    "(noise 0), SGD has no floor and needs no help.",
    alt=lambda eta, inner, noise: (
        f"Left: squared distance to the minimum over 30 passes, logarithmic, for SGD, SVRG with {inner} "
        f"steps between anchors and SAGA at step size {eta:g}/(3L_max), target noise {noise}. Right: the "
        "noise in the gradients of SGD and SVRG along the same runs."
    ),
    presets={"Nothing to disagree about": {"noise": "0"}, "Break it": {"eta": 5.62}},
    prepare=_runs,
)
