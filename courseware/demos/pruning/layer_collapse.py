"""Demos of lecture 11: layer collapse. Accuracy comes from `demos.runs.pruning`; all else is made here, from
untrained networks.
"""

from functools import cache, partial
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import axes, lines
from courseware.plots import collapse as plots
from courseware.plots.axes import badge, headline
from courseware.plots.canvas import canvas
from courseware.plots.pruning import accuracy_lines
from courseware.studies import stored
from courseware.studies.pruning_methods import batch
from lsml_core.data import load
from lsml_core.models import mlp, torch_generator
from lsml_core.pruning.masks import exponential, keep_top, prune
from lsml_core.pruning.scores import magnitude, prunable, random, snip, synflow
from lsml_core.training import Mask

# --- accuracy, and the layers that are left --------------------------------------------------------

PAPERS = ("random", "magnitude", "SNIP", "GraSP", "SynFlow")
OTHERS = ("SynFlow", "SynFlow at once", "SNIP in rounds", "GraSP in rounds")
SHORT = {"SynFlow at once": "at once", "SNIP in rounds": "SNIP, rounds", "GraSP in rounds": "GraSP, rounds"}
POWERS = ("1", "10", "32", "100", "320", "1000", "3200", "10000")
LAYERS = ("1", "2", "3", "4", "out")


PARTS = {"Fashion-MNIST": "compression", "digits": "digits"}


def _empty(kept: ndarray) -> str:
    layers = [layer for layer, k in zip(LAYERS, kept, strict=True) if k == 0]
    return f"empty: {', '.join(layers)}" if layers else "no layer empty"


def _draw_collapse(images: str, method: str, compression: str) -> Figure:
    run = stored("pruning", PARTS[images])
    names, c = run["methods"].tolist(), POWERS.index(compression)
    shown = PAPERS if method in PAPERS else OTHERS
    fig, (left, right) = canvas(2, widths=(1.7, 1))
    curves = {SHORT.get(name, name): 100 * run["accuracy"][:, names.index(name)] for name in shown}
    accuracy_lines(left, run["compression"], curves, c, [*curves])
    lines.ring(left, run["compression"][c], curves[SHORT.get(method, method)].mean(0)[c])
    axes.named_ticks(left, run["compression"].tolist(), ("1", "10", "", "100", "", "1000", "", "10⁴"))
    left.set(xlabel="compression", ylabel="test accuracy, percent")
    kept = run["kept"][0, names.index(method)]
    plots.layer_counts(right, LAYERS, kept[0], kept[c])
    headline(left, f"{method}, then trained")
    badge(right, kept[c].all(), _empty(kept[c]))
    return fig


collapse = picture_demo(
    draw=_draw_collapse,
    controls={
        "images": Choice("images", tuple(PARTS), "Fashion-MNIST"),
        "method": Choice("method", (*PAPERS, *OTHERS[1:]), "magnitude"),
        "compression": Choice("compression", POWERS, "1000"),
    },
    title="Layer collapse",
    goal="find for each method the layer that it empties first. Then see whether accuracy is gone before "
    "that, or with it.",
    notice="With one layer gone, what the others kept is worth nothing, and accuracy is chance. Here "
    "accuracy is often lost before that, with some weights left in every layer. Of the five methods SynFlow "
    "alone empties no layer, and it keeps accuracy longest.",
    alt=lambda images, method, compression: (
        f"Left: test accuracy on {images} after training against the compression before it, by method, mean "
        f"and range of two seeds. Right: weights that {method} leaves in each layer at compression "
        f"{compression} (first seed); empty layers are hatched."
    ),
    presets={
        "All at once": {"method": "SynFlow at once", "compression": "32"},
        "Break it": {"method": "SNIP", "compression": "320"},
    },
)


# --- rounds, and what is conserved -----------------------------------------------------------------

WIDTHS = (64, 256, 128, 64, 32, 10)
INPUTS, OUTPUTS = np.array(WIDTHS[:-1]), np.array(WIDTHS[1:])
DENSE = INPUTS * OUTPUTS
ROUNDS = ("1", "3", "10", "30", "100")
TARGETS = ("10", "30", "100", "300", "1000", "3000", "10000")
SCORES = ("SynFlow", "SNIP", "magnitude")


class Left(NamedTuple):
    """Of a mask, or an array of masks: weights left in each layer, and units that a signal still reaches."""

    kept: ndarray
    reached: ndarray


def _left(masks: list[Mask]) -> Left:
    kept = [[int(m.count_nonzero()) for m in mask.values()] for mask in masks]
    return Left(np.array(kept), np.array([_reached(mask) for mask in masks]))


def _reached(mask: Mask) -> list[int]:
    """Column by column: a unit is reached if one of its weights is kept and comes from one that is."""
    arrives, units = torch.ones(WIDTHS[0], dtype=torch.bool), [WIDTHS[0]]
    for kept in mask.values():
        arrives = (kept & arrives).any(dim=1)
        units.append(int(arrives.count_nonzero()))
    return units


def _passage(kept: ndarray, reached: ndarray) -> str:
    """Weights in every layer are not yet a path from an input to an output."""
    return "no layer empty, no path" if kept.all() and not reached[-1] else _empty(kept)


@cache
def _pruned() -> Left:
    """Of an untrained network: axes are score, rounds, compression, and layer or column of units."""
    net = mlp(WIDTHS, rng=np.random.default_rng(0))
    x, y = batch(load("digits"), 100)
    scores = (partial(synflow, shape=(64,)), partial(snip, x=x, y=y), magnitude)
    settings = product(scores, map(int, ROUNDS), map(int, TARGETS))
    left = _left([prune(net, score, exponential(1 / c, n)) for score, n, c in settings])
    shape = len(SCORES), len(ROUNDS), len(TARGETS), -1
    return Left(left.kept.reshape(shape), left.reached.reshape(shape))


def _draw_rounds(score: str, rounds: str, compression: str) -> Figure:
    (kept, arrives), s = _pruned(), SCORES.index(score)
    n, c = ROUNDS.index(rounds), TARGETS.index(compression)
    fig, (left, right) = canvas(2, widths=(1.4, 1))
    plots.flow(left, LAYERS, WIDTHS, kept[s, n, c], arrives[s, n, c])
    whole = (kept > 0).all(axis=-1)
    reached = np.where(whole.all(-1), len(TARGETS), whole.argmin(-1)) - 1  # before the first empty layer
    largest = np.array([1, *map(int, TARGETS)], float)[reached + 1]
    lines: dict[str, ndarray] = {name: largest[i] for i, name in enumerate(SCORES)}
    plots.reached(right, [*map(int, ROUNDS)], lines, n)
    badge(left, arrives[s, n, c, -1] > 0, f"{score}: {_passage(kept[s, n, c], arrives[s, n, c])}")
    headline(right, f"rounds: {rounds}")
    return fig


rounds = picture_demo(
    draw=_draw_rounds,
    controls={
        "score": Choice("score", SCORES, "SynFlow"),
        "rounds": Choice("rounds", ROUNDS, "3"),
        "compression": Choice("compression", TARGETS, "300"),
    },
    title="Score, cut a little, score again",
    goal="keep every layer alive at compression 3000. Which scores can, and with how many rounds?",
    notice="It takes rounds, and a score that reacts to what was cut. SynFlow's layers have equal sums, so "
    "the weights of a layer that has lost many score higher in the next round; in one round SynFlow dies "
    "first of all. SNIP in rounds survives too, here even sooner. To magnitude a hundred rounds are one. "
    "10⁴ is the largest compression tried.",
    alt=lambda score, rounds, compression: (
        f"Left: the network after {score} in {rounds} rounds at compression {compression}, bands as wide as "
        "the units that a signal still reaches, empty layers hatched. Right: the largest compression without "
        "one against the number of rounds, for SynFlow, SNIP and magnitude."
    ),
    presets={
        "A hundred": {"rounds": "100", "compression": "3000"},
        "Break it": {"rounds": "1", "compression": "30"},
    },
    prepare=_pruned,
)


# --- whom magnitude kills --------------------------------------------------------------------------

INITS = {
    "2 / inputs (He)": 2 / INPUTS,
    "2 / outputs": 2 / OUTPUTS,
    "2 / (inputs + outputs) (Glorot)": 2 / (INPUTS + OUTPUTS),
    "the same in all layers": np.full(len(INPUTS), 0.01),
}
CUTTERS = ("magnitude", "random")


@cache
def _survivors(init: str, cutter: str) -> Left:
    """Axes are compression, and layer or column of units."""
    rng = np.random.default_rng(0)
    net = mlp(WIDTHS, rng=rng)
    generator = torch_generator(rng)
    with torch.no_grad():
        for w, variance in zip(prunable(net).values(), INITS[init].tolist(), strict=True):
            w.normal_(0, variance**0.5, generator=generator)
    scores = magnitude(net) if cutter == "magnitude" else random(net, rng=rng)
    return _left([keep_top(scores, 1 / int(c)) for c in TARGETS])


def _draw_victims(init: str, cutter: str, compression: str) -> Figure:
    (kept, arrives), c = _survivors(init, cutter), TARGETS.index(compression)
    fig, (left, right) = canvas(2, widths=(1.4, 1))
    plots.flow(left, LAYERS, WIDTHS, kept[c], arrives[c])
    shares = {layer: 100 * kept[:, i] / DENSE[i] for i, layer in enumerate(LAYERS)}
    plots.shares_left(right, [*map(int, TARGETS)], shares, c)
    badge(left, arrives[c, -1] > 0, f"{cutter}: {_passage(kept[c], arrives[c])}")
    headline(right, "percent left, by layer")
    return fig


victims = picture_demo(
    draw=_draw_victims,
    controls={
        "init": Choice("variance of the weights", tuple(INITS), "2 / inputs (He)"),
        "cutter": Choice("cut by", CUTTERS, "magnitude"),
        "compression": Choice("compression", TARGETS, "300"),
    },
    title="Which layer dies is decided by the initialisation",
    goal="make magnitude kill layer 1, then the output layer.",
    notice="Magnitude empties the layer whose weights start smallest. With variance 2/inputs that is the one "
    "with most inputs; with another rule another one; and with the same variance everywhere magnitude is a "
    "random choice, and the smallest layer dies.",
    alt=lambda init, cutter, compression: (
        f"Weights left in each of five layers at compression {compression}, cut by {cutter}, initial "
        f"variance {init}; and the share left of each layer against compression."
    ),
    presets={
        "Random": {"cutter": "random"},
        "Break it": {"init": "the same in all layers", "compression": "3000"},
    },
)
