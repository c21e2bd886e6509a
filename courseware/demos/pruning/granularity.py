"""Demos of lecture 10: what is cut decides what is saved, on paper and by the clock."""

from functools import cache
from operator import matmul

import numpy as np
import scipy.sparse as sp
import torch
from matplotlib.figure import Figure
from numpy import ndarray
from scipy.optimize import brentq

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import pruning as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from courseware.studies.timing import seconds
from lsml_core.models import linear, vgg16
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.metrics import uses
from lsml_core.pruning.scores import magnitude, prunable
from lsml_core.pruning.structured import per_filter

# --- single weights, or rows -----------------------------------------------------------------------

SIZE, EXAMPLES, CORNER = 1024, 64, 48
KEPT = ("100", "50", "30", "20", "10", "5", "2")  # percent
WAYS = {
    "single weights, zeros stored": "zeros stored",
    "single weights, zeros left out": "zeros left out",
    "whole rows": "whole rows",
}


@cache
def _masks(percent: str) -> tuple[ndarray, ndarray]:
    """Of an untrained matrix: the weights of largest magnitude, and the rows of largest mean magnitude."""
    scores, density = magnitude(_layer()), float(percent) / 100
    single, rows = keep_top(scores, density), keep_top(per_filter(scores), density)
    (one,), (whole,) = single.values(), rows.values()
    return one.numpy(), whole.numpy()


@cache
def _layer() -> torch.nn.Module:
    return linear(SIZE, SIZE, rng=np.random.default_rng(0))


@cache
def _speedups() -> dict[str, ndarray]:
    """Way -> dense time over its time at every density, measured here and now."""
    (w,), x = (p.detach() for p in prunable(_layer()).values()), torch.ones(SIZE, EXAMPLES)
    products: dict[tuple[str, str], tuple] = {}
    stored, left_out, rows = WAYS
    for percent in KEPT:
        one, whole = (torch.from_numpy(mask) for mask in _masks(percent))
        products[stored, percent] = w * one, x
        products[left_out, percent] = sp.csr_array((w * one).numpy()), x.numpy()
        products[rows, percent] = w[whole], x
    found = seconds(matmul, products, turns=7)
    return {way: found[stored, "100"] / np.array([found[way, p] for p in KEPT]) for way in WAYS}


def _draw_granularity(way: str, percent: str) -> Figure:
    one, whole = _masks(percent)
    mask = np.repeat(whole[:, None], SIZE, axis=1) if way == "whole rows" else one
    fig, (left, right) = canvas(2, widths=(1, 1.4))
    plots.mask_corner(left, mask[:CORNER, :CORNER])
    speedups, now = _speedups(), KEPT.index(percent)
    plots.speedups(right, [float(p) for p in KEPT], {WAYS[name]: s for name, s in speedups.items()}, now)
    headline(left, f"dark: kept, {100 * mask.mean():.3g} % of all")
    times = told_apart(speedups[way][now], 1.1, ".2g")[0]
    badge(right, speedups[way][now] > 1.1, f"{WAYS[way]}: {times}× as fast")
    return fig


granularity = picture_demo(
    draw=_draw_granularity,
    controls={
        "way": Choice("what is cut", tuple(WAYS), "single weights, zeros stored"),
        "percent": Choice("percent of the weights kept", KEPT, "30"),
    },
    title="Zeros are not faster",
    goal="cut single weights until it pays. How many must go? And how many rows?",
    notice="A dense kernel multiplies by zeros as slowly as by anything else. Storing only the others makes "
    "a product slower, not faster, until few are left: each now needs its place read too. Rows that are "
    "gone save time from the first one.",
    alt=lambda way, percent: (
        f"Left: a corner of the mask of a {SIZE} × {SIZE} matrix when {percent} percent are kept, cutting "
        f"{way}. Right: how much faster a product with {EXAMPLES} examples is, measured on the machine that "
        "drew this, against the share kept, for zeros stored, zeros left out and whole rows."
    ),
    presets={
        "Left out": {"way": "single weights, zeros left out"},
        "Break it": {"way": "single weights, zeros left out", "percent": "50"},
    },
    prepare=_speedups,
)


# --- where the parameters are, and where the operations --------------------------------------------

LAYERS = (*map(str, range(1, 14)), "out")
TILT = 0.4
"""log₂ of how much denser the next layer is, for a slider moved by 1."""


@cache
def _sizes() -> tuple[ndarray, ndarray]:
    """Weights of each layer of VGG-16, and multiplications that each of them takes part in."""
    net = vgg16(10, rng=np.random.default_rng(0))
    weights = np.array([w.numel() for w in prunable(net).values()])
    return weights, np.array([*uses(net, torch.zeros(1, 3, 32, 32)).values()])


@cache
def _kept(compression: float, tilt: float) -> ndarray:
    """Weights left in each layer: densities proportional to 2^(TILT · tilt · layer), but at most 1."""
    weights, _ = _sizes()
    slope = 2.0 ** (TILT * tilt * np.arange(len(weights)))

    def excess(log_a: float) -> float:
        return float(np.minimum(np.exp(log_a) * slope, 1) @ weights - weights.sum() / compression)

    root = brentq(excess, -40, 40, full_output=False)
    densities = np.minimum(np.exp(float(root)) * slope, 1)  # pyright: ignore[reportArgumentType]
    return np.maximum(np.round(densities * weights), 1)


def _draw_where(compression: str, tilt: float) -> Figure:
    (weights, each), kept = _sizes(), _kept(float(compression), tilt)
    fig, (left, right) = canvas(2)
    plots.layer_shares(left, LAYERS, 100 * weights / weights.sum(), 100 * kept / weights.sum(), "parameters")
    macs = weights @ each
    plots.layer_shares(right, LAYERS, 100 * weights * each / macs, 100 * kept * each / macs, "operations")
    headline(left, f"compression {weights.sum() / kept.sum():.1f}×")
    headline(right, f"theoretical speed-up {macs / (kept @ each):.1f}×")
    return fig


where = picture_demo(
    draw=_draw_where,
    controls={
        "compression": Choice("compression", ("1.5", "2", "4", "8", "16", "32"), "4"),
        "tilt": Slider("prune more from the end (−) or from the start (+)", -2.0, 2.0, 0.5, 0.0),
    },
    title="Where the parameters are is not where the operations are",
    goal="at compression 4 make the speed-up as small, then as large as you can. For a speed-up of 4, "
    "which end can lose more parameters?",
    notice="Weights of an early convolution are few and used at every pixel; weights of a late one are many "
    "and used at few. So one compression goes with very different speed-ups: report both. Pruning from the "
    "end shrinks the file, pruning from the start saves operations.",
    alt=lambda compression, tilt: (
        "Two bar charts by layer of VGG-16, the share of parameters left and of operations right, kept and "
        f"cut, at compression {compression} with tilt {tilt:g}. The last five convolutions hold eight tenths "
        "of the parameters and a third of the operations."
    ),
    presets={
        "From the end": {"tilt": -2.0},
        "From the start": {"tilt": 2.0},
        "Break it": {"compression": "32", "tilt": -2.0},
    },
)
