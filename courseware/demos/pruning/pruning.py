"""Demos of lecture 10: what is cut, and what is restored afterwards. Stored runs: `demos.runs.pruning`."""

from functools import cache

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, LogSlider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import axes
from courseware.plots import pruning as plots
from courseware.plots.axes import badge, headline
from courseware.plots.canvas import canvas
from courseware.studies import stored
from courseware.studies.pruning_methods import batch
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.masks import Scope, keep_top
from lsml_core.pruning.scores import Scores, gradient_magnitude, magnitude
from lsml_core.training import fit

# --- local or global, magnitude or gradient --------------------------------------------------------

CRITERIA = {"magnitude": "|w|", "gradient magnitude": "|w · gradient|"}
SCOPES: dict[str, Scope] = {"the whole network": "global", "each layer": "layer"}
SHOWN = {"hidden1.weight": "layer 1", "hidden2.weight": "layer 2", "hidden3.weight": "layer 3"}


@cache
def _scores() -> dict[str, Scores]:
    """Of a network that has learned the digits."""
    rng, digits = np.random.default_rng(0), load("digits")
    net = mlp((64, 256, 64, 32, 10), rng=rng)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    fit(net, digits, optimizer=sgd, epochs=5, batch=64, rng=rng, progress=False)
    found = magnitude(net), gradient_magnitude(net, *batch(digits, 400))
    return dict(zip(CRITERIA, found, strict=True))


@cache
def _histograms(criterion: str) -> tuple[ndarray, dict[str, ndarray]]:
    scores = _scores()[criterion]
    logs = {name: np.log10(np.maximum(scores[name].numpy().ravel(), 1e-9)) for name in SHOWN}
    top = max(float(log.max()) for log in logs.values())
    edges = np.linspace(top - 4, top, 41)
    return edges, {n: np.histogram(np.maximum(log, edges[0]), edges)[0] for n, log in logs.items()}


def _draw_criteria(criterion: str, scope: str, density: float) -> Figure:
    scores, (edges, counts) = _scores()[criterion], _histograms(criterion)
    mask = keep_top(scores, density, scope=SCOPES[scope])
    border = min((float(s[mask[n]].min()) for n, s in scores.items() if mask[n].any()), default=np.inf)
    fig, axes = canvas(3)
    for ax, (name, label) in zip(axes, SHOWN.items(), strict=True):
        kept, own = mask[name], scores[name]
        local = float(own[kept].min()) if kept.any() else float(own.max()) * 1.001
        cut = border if SCOPES[scope] == "global" else local
        plots.score_histogram(ax, edges, counts[name], np.log10(max(cut, 10 ** edges[0])), not kept.any())
        share = 100 * float(kept.float().mean())
        badge(ax, bool(kept.any()), f"{label}: {share:.3g} % kept")
        ax.set(ylabel="percent of the layer" if ax is axes[0] else " ")
    return fig


criteria = picture_demo(
    draw=_draw_criteria,
    controls={
        "criterion": Choice("score", tuple(CRITERIA), "magnitude"),
        "scope": Choice("compare the weights of", tuple(SCOPES), "the whole network"),
        "density": LogSlider("share of the weights kept", 0.001, 1, 4, 0.1),
    },
    title="One cut for the network, or one for each layer",
    goal="keep a tenth of the weights: which layer loses most under one cut? Then find the share at which "
    "one cut leaves a layer without weights.",
    notice="A cut for each layer keeps the same share of all. One cut for the network keeps least of layer "
    "2, which has most inputs and so the smallest weights. Pushed far, it leaves that layer nothing while "
    "others still have some, and no signal passes; the gradient magnitude spares it.",
    alt=lambda criterion, scope, density: (
        f"Histograms of log10 of the {criterion} of the weights in three hidden layers of a trained network, "
        f"with the cut that keeps {density:.3g} of the weights of {scope}. Weights left of it are removed."
    ),
    presets={
        "Each layer": {"scope": "each layer"},
        "Gradients": {"criterion": "gradient magnitude"},
        "Break it": {"density": 0.00316},
    },
    prepare=_scores,
)


# --- lottery tickets -------------------------------------------------------------------------------


PERCENT = ("100", "50", "25", "12.5", "6.2", "3.1", "1.6")
STEPS = ("25", "50", "100", "400")


def _draw_tickets(density: str, steps: str) -> Figure:
    run = stored("pruning", "tickets")
    accuracy, names = 100 * run["accuracy"], ("ticket", "re-init", "shuffled", "random")
    r, s = PERCENT.index(density), STEPS.index(steps)
    fig, (left, right) = canvas(2)
    by_density = dict(zip(names, accuracy[..., s].swapaxes(0, 1), strict=True))
    by_step = dict(zip(names, accuracy[:, :, r].swapaxes(0, 1), strict=True))
    plots.accuracy_lines(left, run["density"], by_density, r, names[:2])
    axes.named_ticks(left, run["density"].tolist(), PERCENT)
    left.set(xlabel="percent of the weights kept", ylabel="test accuracy, percent", xlim=(1.1, 0.0142))
    plots.accuracy_lines(right, run["at"], by_step, s, names[2:])
    axes.named_ticks(right, run["at"].tolist(), STEPS)
    right.set(xlabel="steps of training", ylabel="test accuracy, percent")
    ticket, again = accuracy.mean(0)[:2, r, s]
    headline(left, f"after {steps} steps")
    headline(right, f"{density} %: ticket {ticket:.0f}, re-init {again:.0f} %")
    return fig


tickets = picture_demo(
    draw=_draw_tickets,
    controls={
        "density": Choice("percent of the weights kept", PERCENT, "6.2"),
        "steps": Choice("steps of training", STEPS, "50"),
    },
    title="Lottery tickets: the mask, the weights, or both?",
    goal="after 50 steps, how small is the smallest ticket that is as good as the dense network (100 %)? And "
    "the smallest of its controls?",
    notice="A ticket needs its mask and its own initial weights together. The same mask on other weights "
    "learns later and less; below a tenth the same weights under another mask are worse still.",
    alt=lambda density, steps: (
        f"Left: accuracy after {steps} steps against the share of weights kept, for tickets found by "
        "iterative magnitude pruning, the same masks re-initialised, masks shuffled within layers, and "
        f"random masks. Right: accuracy against steps at {density} percent of the weights."
    ),
    presets={"At the end": {"steps": "400"}, "Break it": {"density": "1.6", "steps": "400"}},
)


# --- what is restored ------------------------------------------------------------------------------

T = 400
DROPS = (200, 300)
KS = ("0", "50", "100", "200")
CUTS = ("10 %", "5 %", "2.5 %")


def _draw_rewinding(k: str, density: str) -> Figure:
    run, step = stored("pruning", "rewinding"), int(k)
    sources = ((T, T), (step, step), (T, step), (step, T))
    names = [str(name) for name in run["ways"]]
    tracks = [plots.Track(name, *source) for name, source in zip(names, sources, strict=True)]
    fig, (left, right) = canvas(2, widths=(1.5, 1))
    plots.timeline(left, tracks, DROPS, T, step)
    found = 100 * run["accuracy"][:, :, KS.index(k), CUTS.index(density)]
    plots.accuracy_bars(right, dict(zip(names, found.T, strict=True)), 100 * run["dense"].mean())
    headline(left, f"rewind to k = {k} of T = {T}")
    headline(right, f"{density} of the weights")
    return fig


rewinding = picture_demo(
    draw=_draw_rewinding,
    controls={
        "k": Choice("rewind to step k", KS, "100"),
        "density": Choice("weights kept", CUTS, "5 %"),
    },
    title="After the cut: which weights, and which step sizes?",
    goal="find out what makes the difference, the weights or the schedule.",
    notice="Whatever weights one starts from, going through the large steps again is what brings the "
    "accuracy back; the small last step size alone does not. Rewound to a k where the large steps are over, "
    "both ways lose.",
    alt=lambda k, density: (
        f"Left: for four ways to retrain, the step that the weights come from and the steps of the schedule "
        f"that are run again, k = {k}. Right: test accuracy of each with {density} of the weights, both "
        "seeds, beside the dense network."
    ),
    presets={"Early": {"k": "0"}, "Break it": {"k": "200", "density": "2.5 %"}},
)
