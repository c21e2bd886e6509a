"""Demos of lecture 07, first half: which examples are hard. Runs: `demos.runs.difficulty`."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import difficulty as plots
from courseware.plots import lines
from courseware.plots.axes import badge, headline, legend, told_apart
from courseware.plots.canvas import canvas
from courseware.plots.shapes import columns
from courseware.plots.style import line_look
from courseware.studies import stored
from lsml_core.selection.difficulty import auc, el2n, forgetting_events, unforgettable
from lsml_core.selection.keep import ranked


def percent(share: float) -> str:
    return f"{100 * share:g} %"


def _bits(name: str, rows: int) -> ndarray:
    """Bool (presentations, n, seeds)."""
    return np.unpackbits(stored("difficulty")[name], axis=0)[:rows].astype(bool)


def _by_events(events: ndarray, most: int) -> ndarray:
    """Share of the examples with 0, 1, … most − 1, most or more events; last, never learned."""
    bins = np.where(np.isinf(events), most + 1, np.minimum(events, most)).astype(int)
    return np.bincount(bins, minlength=most + 2) / len(events)


# --- forgetting, example by example -----------------------------------------------------------------

SETS = {"MNIST": "mnist", "MNIST, pixels permuted": "permuted", "Fashion-MNIST": "fashion"}
PRESENTATIONS = int(stored("difficulty")["epochs"][0])
ROWS, MOST_EVENTS = 60, 7


@cache
def _presentations(name: str) -> ndarray:
    return _bits(f"{SETS[name]}_runs", PRESENTATIONS)


@cache
def _rows(name: str) -> ndarray:
    """Examples for the barcode: evenly spaced in the ranking of the whole run."""
    order = ranked(forgetting_events(_presentations(name)[..., 0]))
    return order[np.linspace(0, len(order) - 1, ROWS).round().astype(int)]


def _draw_forgetting(name: str, epochs: int) -> Figure:
    runs = _presentations(name)[:epochs]
    events = forgetting_events(runs[..., 0])
    safe = [unforgettable(runs[..., s]).mean() for s in range(runs.shape[-1])]
    bars = {"share of images": _by_events(events, MOST_EVENTS)}
    fig, (rows, whole, zoomed) = canvas(3)
    plots.barcode(rows, runs[:, _rows(name), 0], PRESENTATIONS)
    plots.histogram(whole, bars, [plots.RIGHT], 1.0, "share of the images")
    headline(whole, f"unforgettable {100 * min(safe):.0f}–{100 * max(safe):.0f} %")
    plots.histogram(zoomed, bars, [plots.RIGHT], 0.1, "share of the images")
    most = events[np.isfinite(events)].max()
    headline(zoomed, f"zoom; most events: {most:.0f}")
    return fig


forgetting = picture_demo(
    draw=_draw_forgetting,
    controls={
        "name": Choice("images", tuple(SETS), "MNIST"),
        "epochs": Slider("epochs", 2, PRESENTATIONS, 1, PRESENTATIONS),
    },
    title="What a network forgets: one presentation of each image an epoch",
    goal="find the images of which a third has been learned and forgotten. Then go through the epochs of "
    "MNIST: the share of the unforgettable rises first and falls later. Why both?",
    notice="Most rows stay dark once they are dark: learned once, never forgotten. A tail flickers to the "
    "end. The share of the unforgettable says how redundant images are: nearly nine in ten for MNIST, six in "
    "ten for Fashion-MNIST. Permuted pixels make no difference to a net that knows no neighbours.",
    alt=lambda name, epochs: (
        f"Left: sixty images of {name}, a row each, {epochs} epochs, dark where classified correctly; most "
        "rows stay dark once they are. Middle: histogram of forgetting events, most at 0. Right: zoomed."
    ),
    presets={"Fashion-MNIST": {"name": "Fashion-MNIST"}, "Break it": {"epochs": 2}},
)


# --- wrong labels -----------------------------------------------------------------------------------

NOISES = {percent(share): share for share in stored("difficulty")["noises"]}
NOISY_EPOCHS = int(stored("difficulty")["epochs"][1])
AS_INF, AS_ZERO = "for ever forgotten (∞)", "0, no event"
MOST_NOISY, EVERY = 12, 5


class _Noisy(NamedTuple):
    correct: ndarray  # (presentations, n, seeds)
    wrong: ndarray  # (n, seeds)
    el2n: ndarray  # (1 + epochs, n, seeds)


@cache
def _noisy(noise: str) -> _Noisy:
    runs, name = stored("difficulty"), f"noise{NOISES[noise]:g}"
    return _Noisy(
        _bits(f"{name}_correct_runs", NOISY_EPOCHS),
        runs[f"{name}_wrong_runs"],
        runs[f"{name}_el2n_runs"].astype(float),
    )


def _events(correct: ndarray, never: str) -> ndarray:
    events = forgetting_events(correct)
    return events if never == AS_INF else np.where(np.isinf(events), 0, events)


@cache
def _auc_by_epoch(noise: str, never: str) -> tuple[ndarray, ndarray]:
    """Epochs, and AUC of forgetting, (epochs, seeds)."""
    runs, epochs = _noisy(noise), np.arange(EVERY, NOISY_EPOCHS + 1, EVERY)
    seeds = range(runs.wrong.shape[1])
    found = [[auc(_events(runs.correct[:e, :, s], never), runs.wrong[:, s]) for s in seeds] for e in epochs]
    return epochs, np.array(found)


@cache
def _auc_of_el2n(noise: str) -> ndarray:
    """(1 + epochs, seeds)."""
    runs = _noisy(noise)
    return np.array(
        [[auc(score[:, s], runs.wrong[:, s]) for s in range(score.shape[1])] for score in runs.el2n]
    )


def _draw_noise(noise: str, never: str, epochs: int) -> Figure:
    runs = _noisy(noise)
    events, wrong = _events(runs.correct[:epochs, :, 0], never), runs.wrong[:, 0]
    at, forgetting_auc = _auc_by_epoch(noise, never)
    young = _auc_of_el2n(noise)
    fig, (left, right) = canvas(2)
    bars = {"right labels": events[~wrong], "wrong labels": events[wrong]}
    shares = {name: _by_events(e, MOST_NOISY) for name, e in bars.items()}
    plots.histogram(left, shares, [plots.RIGHT, plots.WRONG], 1.0, "share of its kind")
    never_learned = np.isinf(forgetting_events(runs.correct[:epochs, wrong, 0])).mean()
    headline(left, f"never learned: {never_learned:.0%} of wrong labels")
    lines.curves(right, at, {"forgetting": forgetting_auc.mean(1)}, log=False)
    lines.band(right, at, forgetting_auc.min(1), forgetting_auc.max(1), 0)
    right.plot(np.arange(len(young)), young.mean(1), **line_look(1))
    lines.band(right, np.arange(len(young)), young.min(1), young.max(1), 1)
    plots.coin(right, NOISY_EPOCHS)
    right.axvline(epochs, color="0.3", linewidth=1.2)
    lines.line_legend(right, ("forgetting", "EL2N, 10 nets"))
    right.set(xlabel="epochs", ylabel="AUC", xlim=(0, NOISY_EPOCHS), ylim=(0, 1.02))
    reached = forgetting_auc[list(at).index(epochs)]
    lowest = told_apart(reached.min(), 0.95, ".2f")[0]
    badge(right, reached.min() >= 0.95, f"AUC of forgetting {lowest} … {reached.max():.2f}")
    return fig


noise = picture_demo(
    draw=_draw_noise,
    controls={
        "noise": Choice("wrong labels", tuple(NOISES), "20 %"),
        "never": Choice("what is never learned counts as", (AS_ZERO, AS_INF), AS_ZERO),
        "epochs": Slider("epochs", EVERY, NOISY_EPOCHS, EVERY, 20),
    },
    title="Are wrong labels forgotten more?",
    goal="let forgetting tell wrong labels from right ones with an AUC of 0.95 on every seed. There are two "
    "ways.",
    notice="A young network has learned hardly any wrong label, so there is nothing to forget: counted as 0 "
    "they look as easy as the rest. Counted as ∞ they stand out from the first epochs on. After 80 epochs "
    "nearly all have been learned by heart, and forgotten on the way: then both counts agree. EL2N works "
    "after one epoch.",
    alt=lambda noise, never, epochs: (
        f"Left: forgetting events after {epochs} epochs for right labels and for {noise} wrong ones, never "
        f"learned counting as {never}. Right: how well forgetting and EL2N tell them apart, by epoch."
    ),
    presets={
        "Trained long": {"epochs": NOISY_EPOCHS},
        "Break it": {"noise": "40 %", "never": AS_ZERO, "epochs": 10},
    },
)


# --- EL2N as a length -------------------------------------------------------------------------------

GARMENTS, EACH, SIMPLEX_EPOCHS = (0, 2, 3), 150, 15
LABELS = ("right", "a fifth wrong")


class _Life(NamedTuple):
    x: ndarray  # (n, side, side)
    y: ndarray  # as trained on
    true: ndarray
    p: ndarray  # (1 + epochs, n, 3)
    classes: tuple[str, ...]


@cache
def _lives() -> dict[str, _Life]:
    """One small net on three garments, with right labels and with some wrong ones."""
    return {labels: _life(labels) for labels in LABELS}


def _life(labels: str) -> _Life:
    from lsml_core.data import Dataset, label_noise, load  # here, because torch comes with them
    from lsml_core.models import mlps
    from lsml_core.selection.early import early

    images, rng = load("fashion", side=14), np.random.default_rng(0)
    some = np.concatenate([np.flatnonzero(images.y == c)[:EACH] for c in GARMENTS])
    true = np.repeat(np.arange(3), EACH)
    y = label_noise(true, 0.2, 3, rng=rng).y if labels == LABELS[1] else true
    classes = tuple(images.classes[c] for c in GARMENTS)
    data = Dataset(images.x[some], y, classes, "three garments")
    (p,) = early(mlps((196, 100, 3)), data, runs=1, epochs=SIMPLEX_EPOCHS, eta=0.05, batch=16, rng=rng)
    return _Life(data.x, y, true, p, classes)


def _draw_simplex(labels: str, epoch: int, place: int) -> Figure:
    life = _lives()[labels]
    p = life.p[epoch].astype(float)
    score = el2n(p / p.sum(axis=1, keepdims=True), life.y)
    example = int(ranked(score)[round(place / 100 * (len(score) - 1))])
    fig, (triangle, image, scores) = canvas(3, widths=(1.3, 0.6, 1))
    plots.simplex(triangle, p, life.y, life.classes, example)
    headline(triangle, f"‖p − y‖ = {score[example]:.2f}")
    plots.picture(image, life.x[example])
    wrong = life.y != life.true
    headline(image, "wrong label" if wrong[example] else "right label")
    edges = np.linspace(0, np.sqrt(2), 15)
    for kind, look in ((~wrong, plots.RIGHT), (wrong, plots.WRONG)):
        columns(scores, edges[:-1] + 0.045, np.histogram(score[kind], edges)[0], look, width=0.09)
    scores.axvline(score[example], color="k", linewidth=2)
    scores.set(xlabel="EL2N", ylabel="examples", xlim=(0, np.sqrt(2)), ylim=(0, 150 if wrong.any() else 300))
    legend(scores, {"right": plots.RIGHT, "wrong": plots.WRONG})
    headline(scores, f"labelled “{life.classes[life.y[example]]}”")
    return fig


simplex = picture_demo(
    draw=_draw_simplex,
    controls={
        "labels": Choice("labels", LABELS, LABELS[0]),
        "epoch": Slider("epoch", 0, SIMPLEX_EPOCHS, 1, 8),
        "place": Slider("place in the ranking, percent (100 is the hardest)", 0, 100, 2, 90),
    },
    title="EL2N: how far the probabilities are from the label",
    goal="with a fifth of the labels wrong, find an epoch at which the orange bars stand apart. Then look at "
    "the hardest examples with right labels: what do they look like?",
    notice="At first all points lie about the middle, and the score says little. After some epochs it is "
    "small in the own corner, about 0.8 in the middle, up to √2 in a wrong corner, where wrong labels are. "
    "High scores are two things: close to a boundary, and wrong.",
    alt=lambda labels, epoch, place: (
        f"Left: triangle of probabilities for three garments after {epoch} epochs, labels {labels}, with an "
        f"arrow from a label's corner to the example at {place} percent of the ranking. Middle: its picture. "
        "Right: histogram of EL2N."
    ),
    presets={"Wrong labels": {"labels": LABELS[1], "place": 96}, "Break it": {"epoch": 0}},
    prepare=_lives,
)
