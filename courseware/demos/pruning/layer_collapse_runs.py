"""The runs that the demos of `layer_collapse.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `layer_collapse.py`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy import ndarray

from courseware.studies import stored
from lsml_core.initialization import torch_generator
from lsml_core.models import mlp
from lsml_core.pruning.connectivity import collapse_limits, reached_units
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.scores import magnitude, prunable, random

LAYERS: tuple[str, ...] = ("1", "2", "3", "4", "out")
WIDTHS = (64, 256, 128, 64, 32, 10)
TARGETS = (10, 30, 100, 300, 1000, 3000, 10000)


# --- accuracy, and the layers that are left --------------------------------------------------------

PAPERS = ("random", "magnitude", "SNIP", "GraSP", "SynFlow")
OTHERS = ("SynFlow at once", "SNIP in rounds", "GraSP in rounds")
COMPRESSIONS = (1, *TARGETS)
PARTS = {"Fashion-MNIST": "compression", "digits": "digits"}


class CollapseCurve(NamedTuple):
    """accuracy: method -> test accuracy in percent, (seeds, compressions), for the methods shown.

    kept: weights left in each layer by the chosen method, (seeds, compressions, layers).
    chosen: accuracy of the chosen method at the chosen compression, one per seed.
    """

    compression: ndarray
    accuracy: dict[str, ndarray]
    kept: ndarray
    chosen: ndarray


def read_collapse(images: str, method: str, compression: int) -> CollapseCurve:
    """Accuracy in percent, and the weights that each layer keeps, as the study stored them.

    images: name of the data set.   method: name of the score.   compression: all weights / kept weights.
    """
    run, c = stored("pruning", PARTS[images]), COMPRESSIONS.index(compression)
    names = run["methods"].tolist()
    base = method.partition(" ")[0]
    shown = PAPERS if method in PAPERS else (*dict.fromkeys(("SynFlow", base, method)),)
    accuracy = {name: 100 * run["accuracy"][:, names.index(name)] for name in shown}
    kept = run["kept"][:, names.index(method)]
    return CollapseCurve(run["compression"], accuracy, kept, accuracy[method][:, c])


# --- rounds, and what is conserved -----------------------------------------------------------------

ROUNDS = (1, 3, 10, 30, 100)
SCORES = ("SynFlow", "SNIP", "magnitude")


class PrunedInRounds(NamedTuple):
    """kept: weights left in each layer.   reached: units that a signal reaches, the inputs first.

    largest: score -> the largest compression tried before a layer is empty, for each number of rounds; 1 if
    a layer is empty at the smallest.
    """

    kept: ndarray
    reached: ndarray
    largest: dict[str, ndarray]


@cache
def largest_compressions() -> dict[str, ndarray]:
    run = stored("pruning", "rounds")
    alive = np.logical_and.accumulate((run["kept"] > 0).all(axis=-1), axis=-1)  # scores, rounds, compressions
    largest = np.array([1.0, *run["compression"]])[alive.sum(axis=-1)]
    return dict(zip(run["scores"].tolist(), largest, strict=True))


def read_rounds(score: str, rounds: int, compression: int) -> PrunedInRounds:
    """Weights kept in each layer, and units that a signal still reaches, as the study stored them.

    score: its name.   rounds: of pruning.   compression: all weights / kept weights.
    """
    run = stored("pruning", "rounds")
    place = SCORES.index(score), ROUNDS.index(rounds), TARGETS.index(compression)
    return PrunedInRounds(run["kept"][place], run["reached"][place], largest_compressions())


# --- which layer magnitude empties -----------------------------------------------------------------

INPUTS, OUTPUTS = np.array(WIDTHS[:-1]), np.array(WIDTHS[1:])
VARIANCES = {
    "2 / inputs (He)": 2 / INPUTS,
    "2 / outputs": 2 / OUTPUTS,
    "2 / (inputs + outputs) (Glorot)": 2 / (INPUTS + OUTPUTS),
    "the same in all layers": np.full(len(INPUTS), 0.01),
}
METHODS = ("magnitude", "random")


class PrunedAtOnce(NamedTuple):
    """kept: weights left, (compressions, layers).   reached: units reached, (compressions, layers + 1).

    limits: layer -> the largest compression at which it keeps a weight.
    """

    kept: ndarray
    reached: ndarray
    limits: dict[str, float]

    @property
    def first_empty(self) -> str:
        """The layer that is emptied at the smallest compression."""
        return min(self.limits, key=lambda layer: self.limits[layer])


@cache
def prune_at_once(variance: str, method: str, seed: int = 0) -> PrunedAtOnce:
    rng = np.random.default_rng(seed)
    net = mlp(WIDTHS, rng=rng)
    generator = torch_generator(rng)
    with torch.no_grad():
        for w, each in zip(prunable(net).values(), VARIANCES[variance].tolist(), strict=True):
            w.normal_(0, each**0.5, generator=generator)
    scores = magnitude(net) if method == "magnitude" else random(net, rng=rng)
    masks = [keep_top(scores, 1 / c) for c in TARGETS]
    kept = [[int(m.count_nonzero()) for m in mask.values()] for mask in masks]
    limits = dict(zip(LAYERS, collapse_limits(scores).values(), strict=True))
    return PrunedAtOnce(np.array(kept), np.array([reached_units(mask) for mask in masks]), limits)
