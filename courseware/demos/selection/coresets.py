"""Demos of lecture 08: coresets that follow the full gradient."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import coresets as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from lsml_core.selection.craig import craig, gradient_bound, gradient_error, represent

EACH, ETA = 40, 0.5  # examples per class, step size
AGES = (0, 1, 3, 10, 30, 100)


class Arrows(NamedTuple):
    """Gradients of n examples now, a coreset chosen when training began, and a random subset of its size.

    errors: relative to the length of the full gradient, for CRAIG and for the random subset; `bound` too.
    """

    gradients: Float[ndarray, "n 2"]
    y: Int[ndarray, " n"]
    chosen: Int[ndarray, " m"]
    weights: Float[ndarray, " m"]
    nearest: Int[ndarray, " n"]
    random: Int[ndarray, " m"]
    random_weights: Float[ndarray, " m"]
    errors: tuple[float, float]
    bound: float


@cache
def examples() -> tuple[Float[ndarray, "n 2"], Int[ndarray, " n"]]:
    """Two classes in the plane, each of two clusters of different size."""
    rng = np.random.default_rng(0)
    centers = np.array([[2.0, 1.0], [0.5, 2.2], [-1.5, 0.6], [0.4, -1.8]])
    cluster = np.repeat(np.arange(4), (EACH - 10, 10, EACH - 14, 14))
    return centers[cluster] + 0.45 * rng.normal(size=(2 * EACH, 2)), np.repeat([0, 1], EACH)


def gradients_at(w: Float[ndarray, " 2"]) -> Float[ndarray, "n 2"]:
    """Of logistic regression: (p − y)x for each example."""
    x, y = examples()
    return (1 / (1 + np.exp(-x @ w)) - y)[:, None] * x


@cache
def weights_after(steps: int) -> Float[ndarray, " 2"]:
    """w after so many steps of gradient descent on all examples."""
    w = np.array([0.3, -0.6])
    for _ in range(steps):
        w = w - ETA * gradients_at(w).mean(axis=0)
    return w


def compute_arrows(per_class: int, age: int, draw: int) -> Arrows:
    _, y = examples()
    before, now = gradients_at(weights_after(0)), gradients_at(weights_after(age))
    coreset = craig(before, y, per_class / EACH)
    rng = np.random.default_rng(draw)
    random = np.concatenate([rng.choice(np.flatnonzero(y == c), per_class, replace=False) for c in (0, 1)])
    others = np.full(2 * per_class, EACH / per_class)
    length = float(np.linalg.norm(now.sum(axis=0)))
    wrong = float(np.linalg.norm(now.sum(axis=0) - others @ now[random]))
    distances = np.linalg.norm(before[:, None] - before[coreset.indices], axis=-1)
    distances[y[:, None] != y[coreset.indices]] = np.inf
    return Arrows(
        now,
        y,
        coreset.indices,
        coreset.weights,
        distances.argmin(axis=1),
        random,
        others,
        (gradient_error(now, coreset) / length, wrong / length),
        gradient_bound(now, y, represent(now, y, coreset.indices)) / length,
    )


def draw_arrows(record: Arrows, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.exemplars(left, record.gradients, record.y, record.chosen, record.weights, record.nearest)
    headline(left, f"{len(record.chosen)} exemplars stand for {len(record.y)} examples")
    steps = {"CRAIG": (record.chosen, record.weights), "random": (record.random, record.random_weights)}
    subsets = {name: by_class(record, *subset) for name, subset in steps.items()}
    everyone = np.arange(len(record.y))
    plots.head_to_tail(right, by_class(record, everyone, np.ones(len(everyone))), subsets)
    craig_error, random_error = record.errors
    headline(right, f"CRAIG is {craig_error:.1%} off, random {random_error:.1%}")
    return fig


def by_class(
    record: Arrows, chosen: Int[ndarray, " m"], weights: Float[ndarray, " m"]
) -> Float[ndarray, "m 2"]:
    """Weighted gradients, those of class 0 first."""
    order = np.argsort(record.y[chosen], kind="stable")
    return (weights[:, None] * record.gradients[chosen])[order]


arrows = Demo(
    compute=compute_arrows,
    draw=draw_arrows,
    controls={
        "per_class": Slider("exemplars per class", 1, 12, 1, 4),
        "age": Numbers("training steps since they were chosen", AGES, 0),
        "draw": Slider("random subset number", 1, 8, 1, 1),
    },
    title="Gradients of a weighted subset, added head to tail",
    goal="find the smallest coreset that misses the full gradient by less than 2 % when it is fresh",
    reached=lambda record, age, **_: age == 0 and len(record.chosen) <= 14 and record.errors[0] < 0.02,
    notice="An exemplar counts as often as there are examples closest to it, so the weighted sum ends near "
    "the full gradient. As training goes on the gradients move, and an old coreset follows them less well.",
    alt=lambda record, **_: (
        f"Left: gradients of {len(record.y)} examples of two classes, each tied to one of "
        f"{len(record.chosen)} exemplars. Right: all gradients added head to tail, and the weighted ones of "
        f"CRAIG, which end "
        f"{record.errors[0]:.1%} of its length from the full gradient, and of random examples, "
        f"{record.errors[1]:.1%}."
    ),
    presets={
        "One per class": {"per_class": 1},
        "Break it": {"per_class": 4, "age": 100},
    },
)
