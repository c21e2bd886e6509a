"""How the stored runs of lecture 08 are read: step sizes tuned for each method and each question.

loss, accuracy   of a method, (step sizes, seeds, times)       passes   gradient evaluations / n, (times,)
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray


class Reached(NamedTuple):
    """Passes over n gradients until the loss is at the level, by seed (inf: never); the step size."""

    passes: Float[ndarray, " seeds"]
    eta: float


def passes_to(
    loss: Float[ndarray, "etas seeds times"],
    passes: Float[ndarray, " times"],
    etas: Float[ndarray, " etas"],
    level: float | int,
) -> Reached:
    """When each seed's loss first reaches `level`, with the step size whose mean over the seeds is smallest.

    loss: of one method.   passes: gradient evaluations / n at each time.   etas: the step sizes.
    level: the loss to be reached.
    Between two readings the loss is taken as linear.
    """
    found = np.full(loss.shape[:2], np.inf)
    for e, s in np.ndindex(found.shape):
        below = np.flatnonzero(loss[e, s] <= level)
        if len(below):
            t = int(below[0])
            found[e, s] = passes[t]
            if t and loss[e, s, t] < level:
                drop = float(loss[e, s, t - 1] - loss[e, s, t])
                found[e, s] -= (passes[t] - passes[t - 1]) * (level - float(loss[e, s, t])) / drop
    best = int(found.mean(axis=1).argmin())
    return Reached(found[best], float(etas[best]))


def tuned(values: Float[ndarray, "etas seeds times"], time: int) -> Float[ndarray, "seeds times"]:
    """The runs of the step size with the largest mean over the seeds at `time`: for accuracies.

    values: of one method.   time: an index.
    """
    return values[int(values[:, :, time].mean(axis=1).argmax())]
