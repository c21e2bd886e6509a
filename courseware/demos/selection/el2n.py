"""Demos of lecture 07: EL2N is the distance from the probabilities to the label; EL2N against forgetting."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline, legend, percentage
from courseware.plots.canvas import canvas
from courseware.studies import stored
from lsml_core.selection.difficulty import auc, el2n, forgetting_events
from lsml_core.selection.keep import ranked

GARMENTS, EACH, EL2N_EPOCHS = (0, 2, 3), 150, 15
CORRECT, FIFTH_WRONG = LABELS = ("correct", "a fifth wrong")


class Life(NamedTuple):
    """What one network predicts before training and after each epoch.

    x: images.   y: labels it was trained on.   wrong: whether a label was changed.
    probabilities: of the classes, (epochs, n, 3).   classes: their names.
    """

    x: Float[ndarray, "n side side"]
    y: Int[ndarray, " n"]
    wrong: Bool[ndarray, " n"]
    probabilities: Float[ndarray, "epochs n 3"]
    classes: tuple[str, ...]


class ScoredExamples(NamedTuple):
    """Probabilities and scores at one epoch, and the example at one position in the ranking."""

    life: Life
    probabilities: Float[ndarray, "n 3"]
    score: Float[ndarray, " n"]
    example: int


@cache
def lives() -> dict[str, Life]:
    """One small network on three garments, with correct labels and with some wrong ones."""
    return {labels: _life(labels) for labels in LABELS}


def _life(labels: str) -> Life:
    from lsml_core.data import Dataset, load  # lazy import: torch comes with these
    from lsml_core.data import label_noise as corrupted
    from lsml_core.models import mlps
    from lsml_core.selection.early_training import early_probabilities

    images, rng = load("fashion", side=14), np.random.default_rng(0)
    some = np.concatenate([np.flatnonzero(images.y == c)[:EACH] for c in GARMENTS])
    true = np.repeat(np.arange(3), EACH)
    y = corrupted(true, 0.2, 3, rng=rng).y if labels == FIFTH_WRONG else true
    classes = tuple(images.classes[c] for c in GARMENTS)
    data = Dataset(images.x[some], y, classes, "three garments")
    settings = {"runs": 1, "epochs": EL2N_EPOCHS, "eta": 0.05, "batch": 16}
    (p,) = early_probabilities(mlps((196, 100, 3)), data, **settings, rng=rng)
    return Life(data.x, y, y != true, p, classes)


def compute_el2n(labels: str, epoch: int, place: int) -> ScoredExamples:
    life = lives()[labels]
    p = life.probabilities[epoch].astype(float)
    score = el2n(p / p.sum(axis=1, keepdims=True), life.y)
    return ScoredExamples(life, p, score, int(ranked(score)[round(place / 100 * (len(score) - 1))]))


def draw_el2n(record: ScoredExamples, labels: str, epoch: int, place: int) -> Figure:
    del labels, epoch, place
    life, example = record.life, record.example
    fig, (triangle, image, scores) = canvas(3, widths=(1.3, 0.6, 1))
    plots.simplex(triangle, record.probabilities, life.y, life.wrong, life.classes, example)
    headline(triangle, f"{opinion(record)}: EL2N {record.score[example]:.2f}")
    plots.example_image(image, life.x[example], life.classes[life.y[example]])
    headline(image, f"Its label is {'wrong' if life.wrong[example] else 'right'}")
    kinds = {"right": record.score[~life.wrong], "wrong": record.score[life.wrong]}
    edges, top = np.linspace(0, np.sqrt(2), 15), 150 if life.wrong.any() else 300
    plots.score_histogram(scores, kinds, edges, float(record.score[example]), top)
    headline(scores, wrong_labels_in_words(record))
    return fig


def opinion(record: ScoredExamples) -> str:
    """Whether the network's most probable class is the label of the example, and clearly so."""
    if record.probabilities[record.example].argmax() != record.life.y[record.example]:
        return "The network disagrees"
    return "The network agrees" if record.score[record.example] < 0.5 else "The network is unsure"


def wrong_labels_in_words(record: ScoredExamples) -> str:
    """How well the score finds the wrong labels, or how many examples have a low score."""
    if record.life.wrong.any():
        return f"Wrong labels: AUC {separation(record):.2f}"
    return f"{percentage((record.score < 0.5).mean())} are below 0.5"


def separation(record: ScoredExamples) -> float:
    """AUC of wrong labels; 1/2 if there are none."""
    return auc(record.score, record.life.wrong) if record.life.wrong.any() else 0.5


probability_triangle = Demo(
    compute=compute_el2n,
    draw=draw_el2n,
    controls={
        "labels": Choice("labels", LABELS, CORRECT),
        "epoch": Slider("epoch", 0, EL2N_EPOCHS, 1, 8),
        "place": Slider("position in the ranking, percent (100 is the hardest)", 0, 100, 2, 90),
    },
    title="EL2N: how far the probabilities are from the label",
    goal="with a fifth of the labels wrong, find an epoch at which the wrong labels stand apart (AUC 0.97). "
    "Then look at the hardest examples with right labels: what do they look like?",
    reached=lambda record, **_: separation(record) >= 0.97,
    notice="After some epochs the score is near 0 in the corner of the label, about 0.8 in the middle, and "
    "up to √2 in the corner of another class, where the wrong labels are. A high score means close to a "
    "boundary, "
    "or a wrong label.",
    alt=lambda record, labels, epoch, place: (
        f"{opinion(record)}: after {epoch} epochs (labels: {labels}) the example at {place} % "
        f"of the ranking, labelled {record.life.classes[record.life.y[record.example]]}, has EL2N "
        f"{record.score[record.example]:.2f}: the length of the arrow from the corner of its label to its "
        f"probabilities, in a triangle of three garments. {wrong_labels_in_words(record)}. Right: its image, "
        "and a histogram of all scores."
    ),
    presets={"Wrong labels": {"labels": FIFTH_WRONG, "place": 96}, "Break it": {"epoch": 0}},
    prepare=lives,
)


# --- at equal cost ----------------------------------------------------------------------------------

NOISES, NETS = (10, 20, 40), 10
COSTS = (10, 20, 30, 40, 60, 80)


class EqualCost(NamedTuple):
    """AUC with which both scores find wrong labels, by the epochs of training that all networks took.

    cost: epochs in all.   forgetting: of one network of this age.   el2n: of ten networks, a tenth as old.
    now: index of the slider's cost.
    """

    cost: Int[ndarray, " times"]
    forgetting: Float[ndarray, "times seeds"]
    el2n: Float[ndarray, "times seeds"]
    now: int

    @property
    def wins(self) -> int:
        """Seeds on which EL2N has the larger AUC at the slider's cost."""
        return int((self.el2n[self.now] > self.forgetting[self.now]).sum())


@cache
def auc_by_cost(noise: int) -> tuple[Float[ndarray, "times seeds"], Float[ndarray, "times seeds"]]:
    """Of forgetting events and of EL2N, at `COSTS`."""
    runs, prefix = stored("difficulty"), f"noise{noise / 100:g}"
    correct = np.unpackbits(runs[f"{prefix}_correct_runs"], axis=0).astype(bool)
    norms, wrong = runs[f"{prefix}_el2n_runs"].astype(float), runs[f"{prefix}_wrong_runs"]
    seeds = range(wrong.shape[1])
    events = [[auc(forgetting_events(correct[:c, :, s]), wrong[:, s]) for s in seeds] for c in COSTS]
    return np.array(events), np.array(
        [[auc(norms[c // NETS, :, s], wrong[:, s]) for s in seeds] for c in COSTS]
    )


def compute_equal_cost(noise: int, cost: int) -> EqualCost:
    return EqualCost(np.array(COSTS), *auc_by_cost(noise), COSTS.index(cost))


def comparison(record: EqualCost) -> str:
    """Which score is ahead at the slider's cost."""
    norms, events = (f"{runs[record.now].mean():.3f}" for runs in (record.el2n, record.forgetting))
    seeds = record.el2n.shape[1]
    if record.wins == seeds:
        return f"EL2N is ahead on every seed: AUC {norms} against {events}"
    if record.wins == 0:
        return f"Forgetting is ahead on every seed: AUC {events} against {norms}"
    return f"The seeds differ: AUC of EL2N {norms}, of forgetting {events}"


def draw_equal_cost(record: EqualCost, noise: int, cost: int) -> Figure:
    del noise
    fig, (ax,) = canvas(1)
    lines = {
        "EL2N: ten networks, a tenth of the epochs each": (record.el2n, plots.EL2N_LINE),
        "forgetting events: one network": (record.forgetting, plots.FORGETTING_LINE),
    }
    for runs, look in lines.values():
        plots.mean_and_range(ax, record.cost, runs, look)
    legend(ax, {name: look for name, (_, look) in lines.items()})
    plots.epoch_mark(ax, cost)
    ax.set(xlabel="epochs of training in all", ylabel="AUC of wrong labels")
    ax.set(xlim=(5, max(COSTS) + 2), ylim=(0.8, 1.005))
    headline(ax, comparison(record))
    return fig


equal_cost = Demo(
    compute=compute_equal_cost,
    draw=draw_equal_cost,
    controls={
        "noise": Numbers("wrong labels, percent", NOISES, 20),
        "cost": Numbers("epochs of training in all", COSTS, 20),
    },
    title="EL2N and forgetting events at equal cost",
    goal="find a share of wrong labels and a budget for which EL2N is not ahead on every seed.",
    reached=lambda record, **_: record.wins < record.el2n.shape[1],
    notice="With ten epochs in all the scores are about equal; from twenty on EL2N is ahead. Forgetting "
    "becomes worse while wrong labels are being learned: they are no longer never-learned, and not yet "
    "forgotten often.",
    alt=lambda record, noise, cost: (
        f"{comparison(record)}, after {cost} epochs of training in all, with {noise} % wrong "
        "labels. EL2N is the mean over ten networks that are trained for a tenth of these epochs each, "
        f"forgetting is counted in one network; mean and range of {record.el2n.shape[1]} seeds."
    ),
    presets={"Many wrong labels": {"noise": 40}, "Break it": {"noise": 40, "cost": 40}},
)
