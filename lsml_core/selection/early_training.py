"""Probabilities of several networks before training and after each early epoch.

    make   a new network from `rng=`     probabilities  p(w, x), (runs, 1 + epochs, n, classes)

The input of `el2n`: `el2n(early_probabilities(…)[:, 5], y)` is the score at epoch 5, the mean over all runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.validation import Count, check_count, check_function, check_positive, check_rng

if TYPE_CHECKING:
    from torch import nn

    from lsml_core.training import Examples


def early_probabilities(
    make: Callable[..., "nn.Module"],
    data: "Examples",
    *,
    runs: Count,
    epochs: Count,
    eta: float | int,
    batch: Count,
    rng: np.random.Generator,
) -> Float[ndarray, "runs ages n classes"]:
    """Train `runs` networks by plain SGD: `early_probabilities(mlps(sizes), …)`.

    make: (rng=…) -> a new network.   data: examples, used for training and evaluation.   runs: at least 1.
    epochs: after each of them all networks are evaluated.   eta: step size.   batch: mini-batch size.
    rng: spawns one stream per network.
    ValueError: a count or a step size out of range.
    """
    check_function("make", make, "a function (rng=…) -> a new network, such as mlps((784, 100, 10))")
    runs, epochs = check_count("runs", runs), check_count("epochs", epochs, 0)
    check_positive(eta=eta)
    return np.stack(
        [_one_network(make(rng=r), data, epochs, eta, batch, r) for r in check_rng(rng).spawn(runs)]
    )


def _one_network(
    model: "nn.Module",
    data: "Examples",
    epochs: int,
    eta: float | int,
    batch: Count,
    rng: np.random.Generator,
) -> Float[ndarray, "ages n classes"]:
    from torch.optim import SGD

    from lsml_core.training import fit, per_example

    optimizer, probabilities = SGD(model.parameters(), lr=eta), [per_example(model, data)["probabilities"]]
    for _ in range(epochs):
        fit(model, data, optimizer=optimizer, epochs=1, batch=batch, rng=rng, progress=False)
        probabilities.append(per_example(model, data)["probabilities"])
    return np.stack(probabilities)
