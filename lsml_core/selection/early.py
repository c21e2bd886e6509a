"""What young networks say: several initialisations, asked before training and after each early epoch.

    make   a new network from `rng=`     probabilities  p(w, x), (runs, 1 + epochs, n, classes)

The input of `el2n`: `el2n(early(…)[:, 5], y)` is the score at epoch 5, the mean over all runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.submodular.arguments import whole_number

if TYPE_CHECKING:
    from torch import nn

    from lsml_core.training import Examples


def early(
    make: Callable[..., "nn.Module"],
    data: "Examples",
    *,
    runs: int,
    epochs: int,
    eta: float,
    batch: int,
    rng: np.random.Generator,
) -> Float[ndarray, "runs ages n classes"]:
    """Train `runs` networks by plain SGD, each with a stream of its own: `early(mlps(sizes), …)`.

    ValueError: runs < 1.
    """
    runs = whole_number(runs, "runs", 1)
    return np.stack([_one(make(rng=r), data, epochs, eta, batch, r) for r in rng.spawn(runs)])


def _one(
    model: "nn.Module", data: "Examples", epochs: int, eta: float, batch: int, rng: np.random.Generator
) -> Float[ndarray, "ages n classes"]:
    from torch.optim import SGD

    from lsml_core.training import fit, per_example

    optimizer, said = SGD(model.parameters(), lr=eta), [per_example(model, data)["probabilities"]]
    for _ in range(epochs):
        fit(model, data, optimizer=optimizer, epochs=1, batch=batch, rng=rng, progress=False)
        said.append(per_example(model, data)["probabilities"])
    return np.stack(said)
