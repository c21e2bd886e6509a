"""Demos of lecture 11: masks for networks that have seen no data yet, or one batch. Stored runs:
`demos.runs.pruning`; the others are computed here, on the digits.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray
from torch import Tensor
from torch.func import functional_call, grad_and_value, vmap

from lsml_core.data import load
from lsml_core.demos.demo import Choice, Demo
from lsml_core.demos.runs import stored
from lsml_core.models import mlp, torch_generator
from lsml_core.plots import pruning as plots
from lsml_core.plots.style import badge, canvas, headline
from lsml_core.pruning.experiments import batch
from lsml_core.pruning.masks import exponential, keep_top, prune
from lsml_core.pruning.scores import Scores, grasp, magnitude, prunable, random, saliency, snip, synflow
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
    badge(ax, error < 0.1, f"random groups: typical error {100 * error:.3g} % of the change")
    return fig


prediction = Demo(
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
        f"Predicted against true change of the objective ({objective}) when {together} weights of an "
        f"untrained network fade by {fade}: {GROUPS} random groups as dots, the method's own choice as a "
        "diamond, and the diagonal."
    ),
    presets={
        "Remove one": {"fade": "1"},
        "GraSP": {"objective": OBJECTIVES[1], "together": "1000"},
        "Break it": {"together": "6000", "fade": "1"},
    },
    prepare=lambda: [_changes(*setting) for setting in product(TOGETHER, FADES)],
)


# --- accuracy, and the layers that are left --------------------------------------------------------

PAPERS = ("random", "magnitude", "SNIP", "GraSP", "SynFlow")
OTHERS = ("SynFlow", "SynFlow at once", "SNIP in rounds", "GraSP in rounds")
SHORT = {"SynFlow at once": "at once", "SNIP in rounds": "SNIP, rounds", "GraSP in rounds": "GraSP, rounds"}
POWERS = ("1", "10", "32", "100", "320", "1000", "3200", "10000")
LAYERS = ("1", "2", "3", "4", "out")


def _empty(kept: ndarray) -> str:
    layers = [layer for layer, k in zip(LAYERS, kept, strict=True) if k == 0]
    return f"empty: {', '.join(layers)}" if layers else "no layer empty"


def _draw_collapse(method: str, compression: str) -> Figure:
    run = {name.split(".")[1]: a for name, a in stored("pruning").items() if name.startswith("compression")}
    names, c = run["methods"].tolist(), POWERS.index(compression)
    shown = PAPERS if method in PAPERS else OTHERS
    fig, (left, right) = canvas(2, widths=(1.7, 1))
    curves = {SHORT.get(name, name): 100 * run["accuracy"][:, names.index(name)] for name in shown}
    plots.accuracy_lines(left, run["compression"], curves, c, [*curves])
    plots.picked(left, run["compression"][c], curves[SHORT.get(method, method)].mean(0)[c])
    plots.ticks(left, run["compression"].tolist(), ("1", "10", "", "100", "", "1000", "", "10⁴"))
    left.set(xlabel="compression", ylabel="test accuracy, percent")
    kept = run["kept"][0, names.index(method)]
    plots.layer_counts(right, LAYERS, kept[0], kept[c])
    headline(left, f"{method}, then trained")
    badge(right, kept[c].all(), _empty(kept[c]))
    return fig


collapse = Demo(
    draw=_draw_collapse,
    controls={
        "method": Choice("method", (*PAPERS, *OTHERS[1:]), "magnitude"),
        "compression": Choice("compression", POWERS, "1000"),
    },
    title="Layer collapse",
    goal="find for each method the layer that it empties first. Then see whether accuracy is gone before "
    "that, or with it.",
    notice="With one layer gone, what the others kept is worth nothing, and accuracy is chance. Here "
    "accuracy is often lost before that, with some weights left in every layer. Of the five methods SynFlow "
    "alone empties no layer, and it keeps accuracy longest.",
    alt=lambda method, compression: (
        "Left: test accuracy after training against the compression before it, by method, mean and range of "
        f"two seeds. Right: weights that {method} leaves in each layer at compression {compression} (first "
        "seed); empty layers are hatched."
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


@cache
def _kept() -> ndarray:
    """Weights left in each layer of an untrained network, (score, rounds, compression, layer)."""
    net = mlp(WIDTHS, rng=np.random.default_rng(0))
    x, y = batch(load("digits"), 100)
    scores = (partial(synflow, shape=(64,)), partial(snip, x=x, y=y), magnitude)
    return np.array([[[_count(net, s, int(n), int(c)) for c in TARGETS] for n in ROUNDS] for s in scores])


def _count(net: torch.nn.Module, score: Callable, rounds: int, compression: int) -> list[int]:
    mask = prune(net, score, exponential(1 / compression, rounds))
    return [int(m.count_nonzero()) for m in mask.values()]


def _draw_rounds(score: str, rounds: str, compression: str) -> Figure:
    kept, s, n, c = _kept(), SCORES.index(score), ROUNDS.index(rounds), TARGETS.index(compression)
    fig, (left, right) = canvas(2)
    plots.layer_counts(left, LAYERS, DENSE, kept[s, n, c])
    whole = (kept > 0).all(axis=-1)
    reached = np.where(whole.all(-1), len(TARGETS), whole.argmin(-1)) - 1  # before the first empty layer
    largest = np.array([1, *map(int, TARGETS)], float)[reached + 1]
    lines: dict[str, ndarray] = {name: largest[i] for i, name in enumerate(SCORES)}
    plots.reached(right, [*map(int, ROUNDS)], lines, n)
    badge(left, kept[s, n, c].all(), f"{score}: {_empty(kept[s, n, c])}")
    headline(right, f"rounds: {rounds}")
    return fig


rounds = Demo(
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
    "first of all. SNIP in rounds survives too, here even sooner. To magnitude a hundred rounds are one.",
    alt=lambda score, rounds, compression: (
        f"Left: weights left in each of five layers by {score} in {rounds} rounds at compression "
        f"{compression}, empty layers hatched. Right: the largest compression without an empty layer "
        "against the number of rounds, for SynFlow, SNIP and magnitude."
    ),
    presets={
        "A hundred": {"rounds": "100", "compression": "3000"},
        "Break it": {"rounds": "1", "compression": "30"},
    },
    prepare=_kept,
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
def _survivors(init: str, cutter: str) -> ndarray:
    """Weights left in each layer, (compression, layer)."""
    rng = np.random.default_rng(0)
    net = mlp(WIDTHS, rng=rng)
    generator = torch_generator(rng)
    with torch.no_grad():
        for w, variance in zip(prunable(net).values(), INITS[init].tolist(), strict=True):
            w.normal_(0, variance**0.5, generator=generator)
    scores = magnitude(net) if cutter == "magnitude" else random(net, rng=rng)
    masks = [keep_top(scores, 1 / int(c)) for c in TARGETS]
    return np.array([[int(m.count_nonzero()) for m in mask.values()] for mask in masks])


def _draw_victims(init: str, cutter: str, compression: str) -> Figure:
    kept, c = _survivors(init, cutter), TARGETS.index(compression)
    fig, (left, right) = canvas(2)
    plots.layer_counts(left, LAYERS, DENSE, kept[c])
    shares = {layer: 100 * kept[:, i] / DENSE[i] for i, layer in enumerate(LAYERS)}
    plots.shares_left(right, [*map(int, TARGETS)], shares, c)
    badge(left, kept[c].all(), f"{cutter}: {_empty(kept[c])}")
    headline(right, "percent left, by layer")
    return fig


victims = Demo(
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
