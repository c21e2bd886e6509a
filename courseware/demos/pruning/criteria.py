"""A demo of lecture 10: which weights are removed, by two scores and two ways to compare them."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, LogSlider
from courseware.demos.engine.demo import Demo
from courseware.plots import pruning as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.studies.pruning_methods import batch
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.masks import Scope, keep_top
from lsml_core.pruning.scores import Scores, gradient_magnitude, magnitude
from lsml_core.training import fit

CRITERIA = ("magnitude", "gradient magnitude")
SCOPES: dict[str, Scope] = {"the whole network": "global", "each layer": "layer"}
SHOWN = {"hidden1.weight": "layer 1", "hidden2.weight": "layer 2", "hidden3.weight": "layer 3"}
DECADES, SMALLEST = 4, 1e-9
DENSITIES = LogSlider("fraction of the weights kept", 0.001, 1, 4, 0.1)


class Thresholds(NamedTuple):
    """Of three hidden layers: scores as histograms, the threshold, and what lies above it.

    edges: of the bins, log₁₀ of the score.       counts: layer -> scores per bin; the first bin also holds
        all smaller ones.
    threshold: layer -> smallest score that is kept, or a number above all scores.
    density: layer -> fraction of its weights that is kept.
    smallest: the smallest fraction of the control that leaves each of the three layers a weight.
    """

    edges: ndarray
    counts: dict[str, ndarray]
    threshold: dict[str, float]
    density: dict[str, float]
    smallest: float


@cache
def trained_scores() -> dict[str, Scores]:
    """Both scores of a network that has learned the digits."""
    rng, digits = np.random.default_rng(0), load("digits")
    net = mlp((64, 256, 64, 32, 10), rng=rng)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    fit(net, digits, optimizer=sgd, epochs=5, batch=64, rng=rng, progress=False)
    return dict(zip(CRITERIA, (magnitude(net), gradient_magnitude(net, *batch(digits, 400))), strict=True))


@cache
def histograms(criterion: str) -> tuple[ndarray, dict[str, ndarray]]:
    scores = trained_scores()[criterion]
    logs = {SHOWN[n]: np.log10(np.maximum(scores[n].numpy().ravel(), SMALLEST)) for n in SHOWN}
    top = max(float(log.max()) for log in logs.values())
    edges = np.linspace(top - DECADES, top, 41)
    return edges, {n: np.histogram(np.maximum(log, edges[0]), edges)[0] for n, log in logs.items()}


def layer_densities(criterion: str, scope: str, density: float) -> dict[str, float]:
    """Fraction of its weights that each of the three layers keeps.

    criterion: name of the score.   scope: scores compared in the whole network or in each layer.
    density: fraction of all weights that is kept, from 0 to 1.
    """
    mask = keep_top(trained_scores()[criterion], density, scope=SCOPES[scope])
    return {label: float(mask[name].float().mean()) for name, label in SHOWN.items()}


@cache
def smallest_density(criterion: str, scope: str) -> float:
    return next(d for d in DENSITIES.values if min(layer_densities(criterion, scope, d).values()) > 0)


def compute_thresholds(criterion: str, scope: str, density: float) -> Thresholds:
    scores = trained_scores()[criterion]
    mask = keep_top(scores, density, scope=SCOPES[scope])
    kept = {name: scores[name][m] for name, m in mask.items()}
    smallest = {n: float(s.min()) if len(s) else 1.001 * float(scores[n].max()) for n, s in kept.items()}
    if SCOPES[scope] == "global":
        common = min(smallest[n] for n, s in kept.items() if len(s))
        smallest = dict.fromkeys(smallest, common)
    return Thresholds(
        *histograms(criterion),
        {label: smallest[name] for name, label in SHOWN.items()},
        layer_densities(criterion, scope, density),
        smallest_density(criterion, scope),
    )


def draw_thresholds(record: Thresholds, **_: object) -> Figure:
    fig, axes = canvas(3)
    for ax, (layer, counts) in zip(axes, record.counts.items(), strict=True):
        threshold = np.log10(max(record.threshold[layer], 10 ** record.edges[0]))
        plots.score_histogram(ax, record.edges, counts, threshold, record.density[layer] == 0)
        share = f"keeps {100 * record.density[layer]:.3g} %" if record.density[layer] else "is empty"
        headline(ax, f"{layer.capitalize()} {share}")
        ax.set(ylabel="percent of the layer" if ax is axes[0] else " ")
    return fig


def describe_thresholds(record: Thresholds, criterion: str, scope: str, density: float) -> str:
    kept = ", ".join(f"{layer} keeps {100 * share:.3g} %" for layer, share in record.density.items())
    return (
        f"When {100 * density:.3g} % of {scope} are kept by {criterion}, {kept}. Three histograms of "
        "log10 of the score, one for each hidden layer of a trained network, with the threshold."
    )


criteria = Demo(
    compute=compute_thresholds,
    draw=draw_thresholds,
    controls={
        "criterion": Choice("score", CRITERIA, "magnitude"),
        "scope": Choice("compare the weights of", tuple(SCOPES), "the whole network"),
        "density": DENSITIES,
    },
    title="One threshold for the network, or one for each layer",
    goal="with one threshold for the network and the score magnitude, find the smallest fraction at which "
    "all three layers still have weights.",
    reached=lambda record, criterion, scope, density: (
        (criterion, SCOPES[scope]) == ("magnitude", "global") and density == record.smallest
    ),
    notice="A threshold for each layer keeps the same fraction of all layers. One threshold for the "
    "network keeps the smallest fraction of layer 2, which has the most inputs and therefore the smallest "
    "weights. At a small fraction layer 2 is empty while the others still have weights, and no signal "
    "passes. The gradient magnitude leaves layer 2 some weights there.",
    alt=describe_thresholds,
    presets={
        "Each layer": {"scope": "each layer"},
        "Gradients": {"criterion": "gradient magnitude"},
        "Break it": {"density": 0.00316},
    },
    prepare=trained_scores,
    live=("criterion", "scope", "density"),
)
