"""Demo of lecture 01: the running mean of squared gradients as an estimate of curvature.

The loss is the logistic one of `lsml_core.optimization.finite_sums` on images, without a penalty on the
weights: one weight per pixel. `r` is the state of `lsml_core.optimization.steps.RMSProp`.
"""

from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Doubling, Numbers
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization.looks import by_roster
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_log, number, percentage, plural
from courseware.plots.canvas import canvas
from lsml_core.losses import logistic_curvature
from lsml_core.optimization.finite_sums import Logistic
from lsml_core.optimization.sampling import with_replacement
from lsml_core.optimization.steps import RMSProp, optimizers, states
from lsml_core.optimization.stochastic import gradient_table

SIDE = 14
STEPS = 2000  # gradients seen by the running mean
HELD = 1e-12  # a step size so small that w stays where it is
PENALTY = 0.001  # makes the minimum unique
CLOSE, MOST = 1.3, 0.85
WINDOW = (0.003, 0.5)
PLACES = (-1.0, 0.0, 1.0, 2.0, 4.0)
BATCHES = Doubling("batch b", 1, 64, 1, factor=4)
BETAS = (0.9, 0.99, 0.999)


class Curvature(NamedTuple):
    """For every weight, √r and the root of the Hessian's diagonal entry, (SIDE², ) each."""

    root_r: ndarray
    root_h: ndarray

    @property
    def ratio(self) -> float:
        """√r/√H_ii of the median weight."""
        return float(np.median(self.root_r / self.root_h))

    @property
    def close(self) -> float:
        """The fraction of weights for which √r is within a factor CLOSE of √H_ii."""
        return float((np.abs(np.log(self.root_r / self.root_h)) < np.log(CLOSE)).mean())


@cache
def images(first: str = "pullover", second: str = "coat") -> Logistic:
    """Is it a coat or a pullover? The images of Fashion-MNIST of both classes, pixels centred."""
    from lsml_core.data import load  # lazy import: the data are read when a demo is shown

    data = load("fashion", side=SIDE)
    pair = [data.classes.index(name) for name in (first, second)]
    kept = np.isin(data.y, pair)
    x = data.x[kept].reshape(-1, SIDE**2).astype(float)
    return Logistic(x - x.mean(0), np.where(data.y[kept] == pair[1], 1, -1), l2=PENALTY)


def root_curvature(f: Logistic, w: ndarray) -> ndarray:
    """√H_ii of the mean logistic loss at w, (d,).

    f: the loss.   w: a point, (d,).
    """
    return np.sqrt((logistic_curvature(f.x @ w)[:, None] * f.x**2).mean(0))


def root_r(
    f: Logistic, w: ndarray, beta2: tuple[float, ...], batch: int, rng: np.random.Generator
) -> ndarray:
    """√r of RMSProp for each β₂ after STEPS mini-batch gradients at w, (β₂s, d).

    All β₂ see the same gradients. Division by 1 − β₂ᵗ removes the bias of the first steps.
    f: the loss.   w: a point, (d,).   beta2: several β₂.   batch: examples per gradient.
    rng: draws the batches.
    """
    each, mixing = gradient_table(f, w).grads - f.l2 * w, np.array(beta2)[:, None]
    batches = with_replacement(f.n, batch, rng=rng)
    start = np.tile(w, (len(beta2), 1))
    run = states(RMSProp(HELD, mixing), lambda _: each[next(batches)].mean(0), start)
    _, r = next(islice(run, STEPS, None))
    return np.sqrt(r / (1 - mixing**STEPS))


@cache
def _estimates(place: float, batch: int) -> ndarray:
    f = images()
    return root_r(f, place * f.minimiser, BETAS, batch, np.random.default_rng(0))


def prepare() -> None:
    """Run RMSProp at every place and with every batch."""
    for place in PLACES:
        for batch in BATCHES.values:
            _estimates(place, batch)


def run_curvature(place: float, beta2: float, batch: int) -> Curvature:
    f = images()
    return Curvature(_estimates(place, batch)[BETAS.index(beta2)], root_curvature(f, place * f.minimiser))


def draw_curvature(record: Curvature, **_: object) -> Figure:
    fig, (left, middle, right) = canvas(3, widths=(1, 1, 1.3))
    named = ((left, record.root_h, "√H: from the Hessian"), (middle, record.root_r, "√r: seen by RMSProp"))
    for ax, values, name in named:
        plots.pixel_map(ax, values.reshape(SIDE, SIDE), *WINDOW, name)
    log_log(right, WINDOW, WINDOW)
    look = by_roster(optimizers(0.1))["RMSProp"]
    plots.scatter_on_diagonal(right, record.root_h, record.root_r, WINDOW, look)
    right.set(xlabel="√H of a pixel's weight", ylabel="√r")
    headline(left, _verdict(record))
    headline(right, f"{percentage(record.close)} are near the line")
    return fig


def _verdict(record: Curvature) -> str:
    return f"At the median pixel √r is {number(record.ratio)} times √H"


hessian = Demo(
    compute=run_curvature,
    draw=draw_curvature,
    controls={
        "place": Numbers("where w is (0: start, 1: minimum)", PLACES, 1.0),
        "beta2": Numbers("β₂", BETAS, 0.9),
        "batch": BATCHES,
    },
    title="Near the minimum the running mean of squared gradients estimates the curvature",
    goal=f"bring √r within a factor of {CLOSE} of √H for {percentage(MOST)} of the pixels.",
    reached=lambda record, **_: record.close >= MOST,
    notice="At the minimum and with one image per step, √r is close to √H for most pixels. Pixels at the "
    "border are nearly always background: their curvature is low, so their steps η/√r are long. A small β₂ "
    "makes √r noisy, and a batch of b divides it by about √b. Where the loss is not near its minimum, √r "
    "also measures the gradient itself.",
    alt=lambda record, place, beta2, batch: (
        f"{_verdict(record)}; {percentage(record.close)} of the weights are within a factor of {CLOSE}. Left "
        f"and middle: two maps of the {SIDE} by {SIDE} pixels, the root of the Hessian's diagonal and the "
        f"root r of RMSProp with beta2 {beta2:g} after {STEPS} gradients of {plural(batch, 'image')}, at "
        f"{place:g} times the minimiser. Right: one against the other, a point per pixel, with the line "
        "where they are equal."
    ),
    presets={"At the start": {"place": 0.0}, "Break it": {"place": -1.0, "beta2": 0.999}},
    prepare=prepare,
)
