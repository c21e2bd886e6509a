"""The runs that the demos of `coresets.py` show: gradients in the plane, convex training, and deep networks.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `coresets.py`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from courseware.studies import stored
from courseware.studies.coreset_readings import Reached, passes_to, tuned
from lsml_core.selection.craig import craig, gradient_bound, gradient_error, represent

EACH, ETA = 40, 0.5  # examples per class, step size
AGES = (0, 1, 3, 10, 30, 100)
LEVELS = {"digits": (0.5, 0.25, 0.15), "fashion": (1.0, 0.7, 0.55)}
"""Chosen after the curves had been seen."""
HIGH, MIDDLE, LOW = HEIGHTS = ("high", "middle", "low")
SHOWN = ("full", "random, anew", "CRAIG, once", "CRAIG, anew")


class Arrows(NamedTuple):
    """Gradients of n examples now, a coreset chosen when training began, and a random subset of its size.

    gradients: now, (n, 2).   y: classes.   chosen, weights: the coreset.
    nearest: for each example the chosen one that stands for it.   random, random_weights: the random subset.
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
    """Of logistic regression: (p − y)x for each example.

    w: weights, (2,).
    """
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


class Convex(NamedTuple):
    """Loss of softmax regression over all examples, by method, with the step size that is best for `level`.

    reached: passes over n gradients until the loss is at the level.
    """

    passes: Float[ndarray, " times"]
    loss: dict[str, Float[ndarray, "seeds times"]]
    level: float
    reached: dict[str, Reached]

    def ratio(self, method: str) -> float:
        """Gradient evaluations relative to training on all examples; inf if some seed never arrives."""
        return float(self.reached[method].passes.mean() / self.reached["full"].passes.mean())


def compute_convex(data: str, level: str) -> Convex:
    found, height = stored("coresets", "convex"), LEVELS[data][HEIGHTS.index(level)]
    etas, methods = found[f"{data}.etas"], found["methods"].tolist()
    loss = dict(zip(methods, found[f"{data}.loss"], strict=True))
    reached = {name: passes_to(runs, found["passes"], etas, height) for name, runs in loss.items()}
    chosen = {name: runs[etas.tolist().index(reached[name].eta)] for name, runs in loss.items()}
    return Convex(found["passes"], chosen, height, reached)


class Refreshed(NamedTuple):
    """What a network reaches on subsets chosen once or anew; the step size is the best one at the stop.

    error: of the subset's gradient at the logits, relative to the sum of the gradients' lengths.
    """

    at: Int[ndarray, " times"]
    accuracy: dict[str, Float[ndarray, "seeds times"]]
    error: dict[str, Float[ndarray, "seeds times"]]
    stop: int

    def final(self, method: str) -> float:
        """Mean accuracy at the stop."""
        return float(self.accuracy[method][:, self.stop].mean())


def compute_refreshed(show: str, passes: int) -> Refreshed:
    del show  # both are in the record
    found = stored("coresets", "deep")
    stop, place = found["at"].tolist().index(passes), {n: m for m, n in enumerate(found["methods"].tolist())}
    best = {name: int(found["accuracy"][place[name], :, :, stop].mean(axis=1).argmax()) for name in SHOWN}
    return Refreshed(
        found["at"],
        {name: tuned(found["accuracy"][place[name]], stop) for name in SHOWN},
        {name: found["error"][place[name], best[name]] for name in SHOWN[1:]},
        stop,
    )
