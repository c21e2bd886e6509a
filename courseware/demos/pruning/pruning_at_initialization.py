"""Demos of lecture 11: masks for networks that have seen no data yet, or one batch. Stored runs:
`demos.runs.pruning`; the others are computed here, on the digits.
"""

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray
from torch import Tensor
from torch.func import functional_call, grad_and_value, vmap

from courseware.demos.engine.controls import Choice
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import pruning as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from courseware.studies import stored
from courseware.studies.pruning_methods import batch
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.scores import Scores, grasp, prunable, saliency
from lsml_core.training import losses

# --- what one derivative foretells -----------------------------------------------------------------

OBJECTIVES = ("SNIP: loss", "GraSP: squared gradient norm")
TOGETHER = ("1", "10", "100", "1000", "6000")
FADES = ("0.01", "0.1", "1")
GROUPS = 24


@cache
def _untrained() -> tuple[Callable[[Tensor], tuple[Tensor, Tensor]], Tensor, ndarray]:
    """Of an untrained network and one batch of digits, in float64: θ ↦ (loss, ‖g‖²) for a stack of θ (k, N),
    θ (N,), and how fast both fall as one weight fades, (2, N).
    """
    net = mlp((64, 100, 50, 10), rng=np.random.default_rng(0)).double()
    x, y = batch(load("digits"), 100)
    weights = {name: w.detach().requires_grad_() for name, w in prunable(net).items()}
    sizes = [w.numel() for w in weights.values()]

    def loss(theta: Tensor) -> Tensor:
        parts = zip(weights.items(), theta.split(sizes), strict=True)
        inside = {name: part.view_as(w) for (name, w), part in parts}
        return losses(functional_call(net, inside, (x.double(),)), y).mean()

    def both(theta: Tensor) -> tuple[Tensor, Tensor]:
        g, value = grad_and_value(loss)(theta)
        return value, g @ g

    net.requires_grad_(False)
    first = saliency(losses(functional_call(net, weights, (x.double(),)), y).mean(), weights)
    slopes = torch.stack([_flat(first), 2 * _flat(grasp(net, x.double(), y, temperature=1))])
    return vmap(both), _flat(weights), slopes.numpy()


def _flat(scores: Scores) -> Tensor:
    return torch.cat([s.detach().flatten() for s in scores.values()])


@cache
def _changes(together: str, fade: str) -> tuple[ndarray, ndarray]:
    """Predicted and true change of both objectives, percent, (2, GROUPS + 2): for random groups of weights,
    then for the group that SNIP would choose, and GraSP's.
    """
    run, theta, slopes = _untrained()
    k, epsilon = int(together), float(fade)
    rng = np.random.default_rng(k)
    choices = [np.argsort(score)[:k] for score in (abs(slopes[0]), slopes[1])]
    groups = np.array([rng.choice(len(theta), k, replace=False) for _ in range(GROUPS)] + choices)
    faded = theta.repeat(len(groups), 1)
    faded[np.arange(len(groups))[:, None], groups] *= 1 - epsilon
    before, after = (torch.stack(run(each)).numpy() for each in (theta[None], faded))
    return -100 * epsilon * slopes[:, groups].sum(-1) / before, 100 * (after - before) / before


def _draw_prediction(objective: str, together: str, fade: str) -> Figure:
    which = OBJECTIVES.index(objective)
    shown = [*range(GROUPS), GROUPS + which]
    predicted, true = (change[which, shown] for change in _changes(together, fade))
    fig, (ax,) = canvas()
    fig.subplots_adjust(left=0.14)  # five figures and a sign
    what = ("loss", "squared gradient norm")[which]
    plots.prediction(ax, predicted, true, what)
    error = np.median(abs(true - predicted)[:-1]) / np.median(abs(true)[:-1])
    percent = told_apart(float(100 * error), 10, ".3g")[0]
    badge(ax, error < 0.1, f"random groups: typical error {percent} % of the change")
    return fig


prediction = picture_demo(
    draw=_draw_prediction,
    controls={
        "objective": Choice("objective", OBJECTIVES, OBJECTIVES[0]),
        "together": Choice("weights that fade together", TOGETHER, "1"),
        "fade": Choice("ε, the part of them that fades (1: removed)", FADES, "0.1"),
    },
    title="One derivative, and the removal of thousands",
    goal="stay near the diagonal, and remove as much as you can.",
    notice="For one weight and the loss, first order says nearly all. For thousands removed together it is "
    "off several times. SNIP's own choice keeps its promise all the same: weights that matter so little "
    "alone hardly matter together. GraSP's choice lengthens the gradient far more than foretold.",
    alt=lambda objective, together, fade: (
        f"Predicted against true change of the objective ({objective}) when {together} of the weights of "
        f"an untrained network fade by {fade}: {GROUPS} random groups as dots, the method's own choice as a "
        "diamond, and the diagonal."
    ),
    presets={
        "Remove one": {"fade": "1"},
        "GraSP": {"objective": OBJECTIVES[1], "together": "1000"},
        "Break it": {"together": "6000", "fade": "1"},
    },
    prepare=lambda: [_changes(*setting) for setting in product(TOGETHER, FADES)],
)


# --- tickets that travel ---------------------------------------------------------------------------

SHARES = ("40", "16", "6.4", "2.6")
CONTROLS = ("random", "shuffled", "re-initialised")


def _draw_transfer(over: str, percent: str) -> Figure:
    run, d = stored("pruning", "transfer"), SHARES.index(percent)
    sources, accuracy = run["sources"].tolist(), 100 * run["accuracy"][..., d]
    tickets = [name for name in sources if name not in CONTROLS]
    gain = accuracy[..., : len(tickets)] - accuracy[..., [sources.index(over)]]
    fig, (ax,) = canvas()
    fig.subplots_adjust(left=0.25)  # long names
    plots.gains(ax, tickets, run["targets"].tolist(), gain)
    headline(ax, f"{percent} % kept: points above {over}, mean (each seed)")
    return fig


transfer = picture_demo(
    draw=_draw_transfer,
    controls={
        "over": Choice("compare with", CONTROLS, "random"),
        "percent": Choice("percent of the weights kept", SHARES, "2.6"),
    },
    title="Tickets on other data, and under another optimizer",
    goal="which hurts a ticket more, other data or another optimizer? And what is it worth to have learned "
    "from a tenth of the images, or from labels that mean nothing?",
    notice="Against a random mask nearly every ticket wins, and most of all under SGD with few weights left. "
    "Another optimizer costs a ticket little, other data more; a tenth of the images makes a ticket almost "
    "as good, labels that mean nothing do not. Against the target's own mask with new weights, tickets of "
    "other data mostly win under SGD, and lose under Adam.",
    alt=lambda over, percent: (
        f"A table: tickets of six trainings with {percent} percent of the weights, in rows, trained on two "
        f"data sets by two optimizers, in columns; points of test accuracy above the target's {over} "
        "control, mean and both seeds."
    ),
    presets={"New weights": {"over": "re-initialised"}, "Break it": {"percent": "40"}},
)
