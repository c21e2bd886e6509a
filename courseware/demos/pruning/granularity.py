"""Demos of lecture 10: what is removed decides what is saved, in theory and measured."""

from collections.abc import Iterator, Mapping
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
from courseware.plots.axes import headline
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
QUIET_NOISE, ATTEMPTS = 1.25, 4
"""Largest timing error of a quiet machine; how often a busy one is measured again."""
STORED, LEFT_OUT, ROWS = WAYS


class MatrixProduct(NamedTuple):
    """mask: of the whole matrix, for this way of pruning.

    speedups: way -> dense time divided by its time, at each of PERCENT, measured on this machine.
    noise: longest divided by shortest time of products that do the same work, at least 1.
    """

    mask: ndarray
    speedups: dict[str, ndarray]
    noise: float

    def faster(self, way: str, percent: int) -> bool:
        """Whether this way is faster than dense by more than the timing error."""
        return bool(self.speedups[way][PERCENT.index(percent)] > max(1.1, self.noise))


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
def measured_speedups() -> tuple[dict[str, ndarray], float]:
    """Speed-ups, and the timing error; of several measurements the one with the smallest error."""
    return min(_measurements(), key=lambda found: found[1])


def _measurements() -> Iterator[tuple[dict[str, ndarray], float]]:
    """Until the machine is quiet enough, at most ATTEMPTS times."""
    for _ in range(ATTEMPTS):
        found = speedups_and_noise(_measure())
        yield found
        if found[1] <= QUIET_NOISE:
            return


def speedups_and_noise(times: Mapping[tuple[str, int], float]) -> tuple[dict[str, ndarray], float]:
    """From the seconds of each way at each percentage.

    With the zeros stored every product does the same work, the dense one's: the median of their times is the
    dense time, and what they differ by is the timing error.
    """
    same_work = np.array([times[STORED, percent] for percent in PERCENT])
    dense = np.median(same_work)
    speedups = {way: dense / np.array([times[way, percent] for percent in PERCENT]) for way in WAYS}
    return speedups, float(same_work.max() / same_work.min())


def _measure() -> dict[tuple[str, int], float]:
    (w,), x = (p.detach() for p in prunable(untrained_layer()).values()), torch.ones(SIZE, EXAMPLES)
    factors: dict[tuple[str, int], tuple] = {}
    for percent in PERCENT:
        weights, rows = (torch.from_numpy(mask) for mask in weight_and_row_masks(percent))
        factors[STORED, percent] = w * weights, x
        factors[LEFT_OUT, percent] = sp.csr_array((w * weights).numpy()), x.numpy()
        factors[ROWS, percent] = w[rows], x
    return seconds(matmul, factors, repeats=6)


def prune_matrix(way: str, percent: int) -> MatrixProduct:
    """The mask of a matrix, and measured times of its product.

    way: whole rows or single weights.   percent: weights kept, in percent.
    """
    weights, rows = weight_and_row_masks(percent)
    mask = np.repeat(rows[:, None], SIZE, axis=1) if way == ROWS else weights
    return MatrixProduct(mask, *measured_speedups())


def in_words(record: MatrixProduct, way: str, percent: int) -> str:
    """The comparison with the dense product; on a busy machine little is clear, so little is claimed.

    record: the measured products.   way: whole rows or single weights.   percent: weights kept, in percent.
    """
    speedup = record.speedups[way][PERCENT.index(percent)]
    if record.faster(way, percent):
        return f"{speedup:.2g} times as fast as dense"
    if speedup < 1 / max(1.1, record.noise):
        return f"{1 / speedup:.2g} times slower than dense"
    return "not clearly faster than dense"


def draw_matrix(record: MatrixProduct, way: str, percent: int) -> Figure:
    fig, (left, right) = canvas(2, widths=(1, 1.7))
    plots.mask_corner(left, record.mask[:CORNER, :CORNER])
    times = {WAYS[name]: speedup for name, speedup in record.speedups.items()}
    plots.speedups(right, PERCENT, times, PERCENT.index(percent), WAYS[way], record.noise)
    headline(left, f"{100 * record.mask.mean():.3g} % are kept (dark)")
    headline(right, f"{WAYS[way].capitalize()}: {in_words(record, way, percent)}")
    return fig


def describe_matrix(record: MatrixProduct, way: str, percent: int) -> str:
    """Without measured numbers, which differ from run to run."""
    speedup = record.speedups[way][PERCENT.index(percent)]
    much = max(1.5, record.noise)
    finding = "about as fast as"
    if speedup > much or speedup < 1 / much:
        finding = "much faster than" if speedup > 1 else "much slower than"
    return (
        f"With {percent} % of a {SIZE} × {SIZE} matrix kept ({way}), the product with {EXAMPLES} "
        f"examples is {finding} the dense one. Left: a corner of the mask. Right: how many times as fast "
        "as dense each of three ways is, measured on the machine that drew this, against the percentage "
        "kept; a grey band shows the timing error."
    )


weights_or_rows = Demo(
    compute=prune_matrix,
    draw=draw_matrix,
    controls={
        "way": Choice("what is removed", tuple(WAYS), STORED),
        "percent": Numbers("percent of the weights kept", PERCENT, 30),
    },
    title="Single weights or whole rows: which product is faster?",
    goal="remove single weights until the product is clearly faster than the dense one. Then do the same "
    "with whole rows. How many weights must go in each case?",
    reached=lambda record, way, percent: way != ROWS and record.faster(way, percent),
    notice="The usual matrix product multiplies by stored zeros as slowly as by other numbers. Leaving the "
    "zeros out makes the product slower, not faster, until few weights are left, because the position of "
    "each weight must be read too. Removing half of the rows already saves time.",
    alt=describe_matrix,
    presets={
        "Left out": {"way": LEFT_OUT},
        "Break it": {"way": LEFT_OUT, "percent": 50},
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
    """Weights that each layer of VGG-16 keeps.

    compression: all weights / kept weights.
    tilt: above 0 prunes more at the start of the network, below 0 more at its end.
    """
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
    headline(left, f"{record.compression:.1f} times fewer parameters …")
    headline(right, f"… and {record.speedup:.1f} times fewer operations")
    return fig


def describe_vgg(record: LayerSizes, tilt: float, **_: object) -> str:
    parameters, operations = record.weights, record.weights * record.uses
    late = [100 * each[8:13].sum() / each.sum() for each in (parameters, operations)]
    return (
        f"VGG-16 with {record.compression:.1f} times fewer parameters needs {record.speedup:.1f} times fewer "
        f"operations (tilt {tilt:g}). Two bar charts by layer: parameters left, operations right, kept and "
        f"pruned. The last five convolutions hold {late[0]:.0f} % of the parameters and {late[1]:.0f} % "
        "of the operations."
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
