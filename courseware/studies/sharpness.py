"""Do large batches find sharper minima? A small network, trained to one training loss with several batches.

    B    batch size        λ    largest eigenvalue of the training loss's Hessian where training stopped

Each network is trained by SGD until its training loss is at most 0.05, so that no batch size is stopped
early; then sharpness and test accuracy are measured. `python -m courseware.studies.sharpness` trains 18
networks with one hidden layer on digits (three batches, two step sizes, three seeds; 2 minutes on one core)
and stores results/sharpness.npz. The question is that of Keskar, Mudigere, Nocedal, Smelyanskiy & Tang (ICLR
2017); their measure of sharpness is another one (the largest loss in a small box).
"""

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store, stored

if TYPE_CHECKING:
    from torch.nn import Module

    from lsml_core.data import Dataset

BATCHES = (32, 256, 1437)  # the last one is all of the training images
ETAS = (0.2, 0.8)
TARGET, MOST_EPOCHS, SEEDS, HIDDEN = 0.05, 4000, 3, 64


class Sharpness(NamedTuple):
    """Axes: batch, step size, seed; nan where the target was not reached.

    sharpness: largest eigenvalue of the Hessian.   accuracy: on the test set.   epochs: until the target.
    """

    sharpness: Float[ndarray, "batches etas seeds"]
    accuracy: Float[ndarray, "batches etas seeds"]
    epochs: Float[ndarray, "batches etas seeds"]


@cache
def measured() -> Sharpness:
    """The stored runs."""
    table = stored("sharpness")
    return Sharpness(*(table[name] for name in Sharpness._fields))


def table_line(batch: int) -> str:
    """Epochs, sharpness and test accuracy of one batch size, for each step size: medians of the seeds.

    batch: one of `BATCHES`.   ValueError for any other.
    """
    one, i = measured(), BATCHES.index(batch)
    rows = zip(
        *(np.median(values[i], axis=-1) for values in (one.epochs, one.sharpness, one.accuracy)), strict=True
    )
    return f"{batch:7d} " + " |".join(f"{e:9.0f} {s:11.2f} {a:10.3f}" for e, s, a in rows)


def run(batch: int, eta: float, *, seed: int) -> tuple[float, float, float]:
    """Sharpness, test accuracy and epochs of one network; nan if it does not reach the target.

    batch: from 1 to the number of training images.   eta: step size.
    """
    import torch  # lazy import: stored results need no torch

    from lsml_core.data import load
    from lsml_core.models import mlp
    from lsml_core.training import evaluate, fit

    torch.set_num_threads(1)
    data, test, rng = load("digits"), load("digits", split="test"), np.random.default_rng(seed)
    model = mlp((data.x[0].size, HIDDEN, len(data.classes)), rng=rng)
    optimizer, epochs, some = torch.optim.SGD(model.parameters(), lr=eta), 0, 1 + batch // 64
    loss = np.inf
    while epochs < MOST_EPOCHS:
        fit(model, data, optimizer=optimizer, epochs=some, batch=batch, rng=rng, progress=False)
        epochs += some
        loss = evaluate(model, data)[0]
        if not np.isfinite(loss) or loss <= TARGET:
            break
    if not loss <= TARGET:
        return np.nan, np.nan, np.nan
    return largest_eigenvalue(model, data), evaluate(model, test)[1], float(epochs)


def largest_eigenvalue(model: "Module", data: "Dataset", iterations: int = 60) -> float:
    """Largest eigenvalue of the Hessian of the mean cross-entropy, by power iteration.

    data: all its examples are one batch.   iterations: of the power iteration, at least 1.
    """
    import torch

    x, y = torch.tensor(data.x), torch.tensor(data.y)
    weights = [*model.parameters()]
    loss = torch.nn.functional.cross_entropy(model(x), y)
    slopes = torch.autograd.grad(loss, weights, create_graph=True)
    direction, value = [torch.ones_like(p) for p in weights], 0.0
    for _ in range(iterations):
        norm = torch.stack([(d**2).sum() for d in direction]).sum().sqrt()
        direction = [d / norm for d in direction]
        along = torch.stack([(s * d).sum() for s, d in zip(slopes, direction, strict=True)]).sum()
        image = torch.autograd.grad(along, weights, retain_graph=True)
        value = float(sum((i * d).sum() for i, d in zip(image, direction, strict=True)))
        direction = [i.detach() for i in image]
    return value


def main() -> None:
    """Train all networks, and store the results."""
    tasks = [*product(BATCHES, ETAS, range(SEEDS))]
    found = [run(B, eta, seed=s) for B, eta, s in tqdm(tasks, desc="sharpness", unit="network")]
    table = np.array(found).reshape(len(BATCHES), len(ETAS), SEEDS, 3)
    store("sharpness", {name: table[..., i] for i, name in enumerate(Sharpness._fields)})


if __name__ == "__main__":
    main()
