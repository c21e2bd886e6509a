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


class Thresholds(NamedTuple):
    """Of three hidden layers: scores as histograms, the threshold, and what lies above it.

    edges: of the bins, log₁₀ of the score.       counts: layer -> scores per bin; the first bin also holds
        all smaller ones.
    threshold: layer -> smallest score that is kept, or a number above all scores.
    density: layer -> fraction of its weights that is kept.
    """

    edges: ndarray
    counts: dict[str, ndarray]
    threshold: dict[str, float]
    density: dict[str, float]


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
        {label: float(mask[name].float().mean()) for name, label in SHOWN.items()},
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
    kept = ", ".join(f"{layer} keeps {100 * share:.3g} percent" for layer, share in record.density.items())
    return (
        f"Histograms of log10 of the {criterion} of the weights in three hidden layers of a trained network, "
        f"with the threshold that keeps {100 * density:.3g} percent of {scope}: {kept}."
    )


criteria = Demo(
    compute=compute_thresholds,
    draw=draw_thresholds,
    controls={
        "criterion": Choice("score", CRITERIA, "magnitude"),
        "scope": Choice("compare the weights of", tuple(SCOPES), "the whole network"),
        "density": LogSlider("fraction of the weights kept", 0.001, 1, 4, 0.1),
    },
    title="One threshold for the network, or one for each layer",
    goal="keep a tenth of the weights: which layer loses most under one threshold? Then find a fraction at "
    "which one threshold leaves a layer without weights.",
    reached=lambda record, **_: min(record.density.values()) == 0,
    notice="A threshold for each layer keeps the same fraction of all layers. One threshold for the "
    "network keeps least of layer 2, which has most inputs and therefore the smallest weights. At a small "
    "fraction it leaves that layer nothing while others still have weights, and no signal passes; the "
    "gradient magnitude spares it.",
    alt=describe_thresholds,
    presets={
        "Each layer": {"scope": "each layer"},
        "Gradients": {"criterion": "gradient magnitude"},
        "Break it": {"density": 0.00316},
    },
    prepare=trained_scores,
)
