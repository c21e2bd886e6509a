"""Demos of lecture 10: what is removed decides what is saved, in theory and measured."""

from functools import cache
from operator import matmul
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import pruning as plots
from courseware.plots.axes import headline, told_apart
from courseware.plots.canvas import canvas
from courseware.studies.timing import seconds
from lsml_core.models import linear, vgg16
from lsml_core.pruning.densities import geometric_densities
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.metrics import uses
from lsml_core.pruning.scores import magnitude, prunable
from lsml_core.pruning.structured import per_filter

# --- single weights, or rows -----------------------------------------------------------------------

SIZE, EXAMPLES, CORNER = 1024, 64, 48
PERCENT = (2, 5, 10, 20, 30, 50, 100)
WAYS = {
    "single weights, zeros stored": "zeros stored",
    "single weights, zeros left out": "zeros left out",
    "whole rows": "whole rows",
}
FASTER, CLEARLY_FASTER = 1.1, 1.5
"""Speed-ups that are more than the noise of a measurement, on an idle and on a busy machine."""


class MatrixProduct(NamedTuple):
    """mask: of the whole matrix, for this way of pruning.

    speedups: way -> dense time divided by its time, at each of PERCENT, measured on this machine.
    """

    mask: ndarray
    speedups: dict[str, ndarray]


@cache
def untrained_layer() -> torch.nn.Module:
    return linear(SIZE, SIZE, rng=np.random.default_rng(0))


@cache
def weight_and_row_masks(percent: int) -> tuple[ndarray, ndarray]:
    """The weights of largest magnitude, (SIZE, SIZE), and the rows of largest mean magnitude, (SIZE,)."""
    scores, density = magnitude(untrained_layer()), percent / 100
    (weights,), (rows,) = keep_top(scores, density).values(), keep_top(per_filter(scores), density).values()
    return weights.numpy(), rows.numpy()


@cache
def measured_speedups() -> dict[str, ndarray]:
    (w,), x = (p.detach() for p in prunable(untrained_layer()).values()), torch.ones(SIZE, EXAMPLES)
    factors: dict[tuple[str, int], tuple] = {}
    stored, left_out, whole = WAYS
    for percent in PERCENT:
        weights, rows = (torch.from_numpy(mask) for mask in weight_and_row_masks(percent))
        factors[stored, percent] = w * weights, x
        factors[left_out, percent] = sp.csr_array((w * weights).numpy()), x.numpy()
        factors[whole, percent] = w[rows], x
    times = seconds(matmul, factors, repeats=4)
    return {way: times[stored, 100] / np.array([times[way, p] for p in PERCENT]) for way in WAYS}


def prune_matrix(way: str, percent: int) -> MatrixProduct:
    weights, rows = weight_and_row_masks(percent)
    mask = np.repeat(rows[:, None], SIZE, axis=1) if way == "whole rows" else weights
    return MatrixProduct(mask, measured_speedups())


def draw_matrix(record: MatrixProduct, way: str, percent: int) -> Figure:
    fig, (left, right) = canvas(2, widths=(1, 1.4))
    plots.mask_corner(left, record.mask[:CORNER, :CORNER])
    times = {WAYS[name]: speedup for name, speedup in record.speedups.items()}
    plots.speedups(right, PERCENT, times, PERCENT.index(percent))
    headline(left, f"{100 * record.mask.mean():.3g} % of the weights kept (dark)")
    factor = told_apart(record.speedups[way][PERCENT.index(percent)], FASTER, ".2g")[0]
    headline(right, f"{WAYS[way].capitalize()}: {factor} times as fast as dense")
    return fig


def describe_matrix(record: MatrixProduct, way: str, percent: int) -> str:
    """Without measured numbers, which differ from run to run."""
    speedup = record.speedups[way][PERCENT.index(percent)]
    slower = "much slower than" if speedup < 1 / CLEARLY_FASTER else "about as fast as"
    return (
        f"Left: a corner of the mask of a {SIZE} × {SIZE} matrix with {percent} percent kept, removing "
        f"{way}. Right: how much faster than dense a product with {EXAMPLES} examples is, measured on the "
        "machine that drew this, against the percentage kept, for zeros stored, zeros left out and whole "
        "rows. At the chosen percentage the product is "
        f"{'much faster than' if speedup > CLEARLY_FASTER else slower} the dense one."
    )


weights_or_rows = Demo(
    compute=prune_matrix,
    draw=draw_matrix,
    controls={
        "way": Choice("what is removed", tuple(WAYS), "single weights, zeros stored"),
        "percent": Numbers("percent of the weights kept", PERCENT, 30),
    },
    title="Zeros are not faster",
    goal="remove single weights until the product is faster than the dense one. How many must go? "
    "And how many rows?",
    reached=lambda record, way, percent: (
        way != "whole rows" and record.speedups[way][PERCENT.index(percent)] > FASTER
    ),
    notice="A dense kernel multiplies by zeros as slowly as by other numbers. Leaving the zeros out makes "
    "the product slower, not faster, until few weights are left, because the position of each weight must "
    "be read too. Removed rows save time from the first one.",
    alt=describe_matrix,
    presets={
        "Left out": {"way": "single weights, zeros left out"},
        "Break it": {"way": "single weights, zeros left out", "percent": 50},
    },
    prepare=measured_speedups,
)


# --- where the parameters are, and where the operations --------------------------------------------

LAYERS = (*map(str, range(1, 14)), "out")
LOG_RATIO = 0.4
"""log₂ of the ratio of the densities of two neighbouring layers, for a tilt of 1."""


class LayerSizes(NamedTuple):
    """weights: of each layer of VGG-16.   uses: multiplications per weight.   kept: weights left."""

    weights: ndarray
    uses: ndarray
    kept: ndarray

    @property
    def compression(self) -> float:
        return float(self.weights.sum() / self.kept.sum())

    @property
    def speedup(self) -> float:
        return float(self.weights @ self.uses / (self.kept @ self.uses))


@cache
def vgg_sizes() -> tuple[ndarray, ndarray]:
    """Weights of each layer of VGG-16, and multiplications that each of them takes part in."""
    net = vgg16(10, rng=np.random.default_rng(0))
    weights = np.array([w.numel() for w in prunable(net).values()])
    return weights, np.array([*uses(net, torch.zeros(1, 3, 32, 32)).values()])


def prune_vgg(compression: float | int, tilt: float) -> LayerSizes:
    weights, each = vgg_sizes()
    densities = geometric_densities(weights, 1 / compression, 2 ** (LOG_RATIO * tilt))
    return LayerSizes(weights, each, np.maximum(np.round(densities * weights), 1))


def draw_vgg(record: LayerSizes, **_: object) -> Figure:
    parameters, operations = record.weights, record.weights * record.uses
    fig, (left, right) = canvas(2)
    for ax, dense, kept, what in (
        (left, parameters, record.kept, "parameters"),
        (right, operations, record.kept * record.uses, "operations"),
    ):
        plots.layer_percentages(ax, LAYERS, 100 * dense / dense.sum(), 100 * kept / dense.sum(), what)
    headline(left, f"{record.compression:.1f} times fewer parameters")
    headline(right, f"{record.speedup:.1f} times fewer operations")
    return fig


def describe_vgg(record: LayerSizes, tilt: float, **_: object) -> str:
    return (
        "Two bar charts by layer of VGG-16: parameters left, operations right, kept and pruned. Compression "
        f"{record.compression:.1f} gives a theoretical speed-up of {record.speedup:.1f} (tilt {tilt:g}). The "
        "last five convolutions hold eight tenths of the parameters and a third of the operations."
    )


parameters_and_operations = Demo(
    compute=prune_vgg,
    draw=draw_vgg,
    controls={
        "compression": Numbers("compression", (1.5, 2, 4, 8, 16, 32), 4),
        "tilt": Slider("prune more from the end (−) or from the start (+)", -2.0, 2.0, 0.5, 0.0),
    },
    title="Most parameters are at the end, most operations are not",
    goal="reach a theoretical speed-up of at least 4 with a compression of 2. Then find the largest "
    "compression with a speed-up of only about 4.",
    reached=lambda record, compression, **_: compression == 2 and record.speedup >= 4,
    notice="An early convolution has few weights, each used at every pixel; a late one has many, used at few "
    "pixels. One compression therefore allows very different speed-ups: report both. Pruning from the end "
    "makes the file smaller, pruning from the start saves operations.",
    alt=describe_vgg,
    presets={
        "From the end": {"tilt": -2.0},
        "From the start": {"tilt": 2.0},
        "Break it": {"compression": 32, "tilt": -2.0},
    },
)
