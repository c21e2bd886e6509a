"""Demo of lecture 07: EL2N is the distance from the probabilities to the label."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from lsml_core.selection.difficulty import auc, el2n
from lsml_core.selection.keep import ranked

GARMENTS, EACH, EL2N_EPOCHS = (0, 2, 3), 150, 15
CORRECT, FIFTH_WRONG = LABELS = ("correct", "a fifth wrong")


class Life(NamedTuple):
    """What one network predicts before training and after each epoch.   y: labels it was trained on."""

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
    plots.simplex(triangle, record.probabilities, life.y, life.classes, example)
    headline(triangle, f"‖p − y‖ = {record.score[example]:.2f}")
    plots.example_image(image, life.x[example])
    headline(image, "wrong label" if life.wrong[example] else "right label")
    kinds = {"right": record.score[~life.wrong], "wrong": record.score[life.wrong]}
    edges, top = np.linspace(0, np.sqrt(2), 15), 150 if life.wrong.any() else 300
    plots.score_histogram(scores, kinds, edges, float(record.score[example]), top)
    headline(scores, f"labelled “{life.classes[life.y[example]]}”")
    return fig


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
    goal="with a fifth of the labels wrong, find an epoch at which the orange bars stand apart (AUC 0.97). "
    "Then look at the hardest examples with right labels: what do they look like?",
    reached=lambda record, **_: separation(record) >= 0.97,
    notice="After some epochs the score is near 0 in the label's own corner, about 0.8 in the middle, and up "
    "to √2 in another class's corner, where the wrong labels are: a high score means close to a boundary, or "
    "a wrong label.",
    alt=lambda record, labels, epoch, place: (
        f"Left: triangle of probabilities for three garments after {epoch} epochs, labels {labels}, with an "
        f"arrow from a label's corner to the example at {place} percent of the ranking, EL2N "
        f"{record.score[record.example]:.2f}. Middle: its image. Right: histogram of EL2N"
        + (f"; AUC of wrong labels {separation(record):.2f}." if record.life.wrong.any() else ".")
    ),
    presets={"Wrong labels": {"labels": FIFTH_WRONG, "place": 96}, "Break it": {"epoch": 0}},
    prepare=lives,
)
