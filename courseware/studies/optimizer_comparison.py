"""Every optimizer of the course on one small network: nine step sizes, three seeds, four stopping times.

    etas      step sizes, the same for every optimizer
    epochs    stopping times: passes over the 5,000 training images
    loss      mean training loss of BLOCK mini-batches in a row, (optimizers, etas, seeds, blocks)
    accuracy  test accuracy, (optimizers, etas, seeds, stopping times)

The network has one hidden layer of 32 units and sees Fashion-MNIST at 14 × 14 pixels in batches of 50. A run
of eight epochs is tested after one, two, four and eight. `python -m courseware.studies.optimizer_comparison`
trains 162 networks in three minutes of CPU on one core and stores results/optimizer_comparison.npz.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from courseware.studies import store, stored

ETAS = tuple(float(f"{10 ** (i / 2 - 4):.3g}") for i in range(9))
SEEDS = (0, 1, 2)
EPOCHS = (1, 2, 4, 8)
BATCH, BLOCK, HIDDEN, SIDE = 50, 10, 32, 14
BATCHES_PER_EPOCH = 100  # 5,000 images


class OptimizerComparison(NamedTuple):
    """The stored runs; a loss that is not finite is stored as inf."""

    names: tuple[str, ...]
    loss: Float[ndarray, "optimizers etas seeds blocks"]
    accuracy: Float[ndarray, "optimizers etas seeds times"]


@cache
def measured() -> OptimizerComparison:
    """What `main` has stored."""
    table = stored("optimizer_comparison")
    return OptimizerComparison(tuple(table["names"].tolist()), table["loss"], table["accuracy"])


class Best(NamedTuple):
    """An optimizer at its best step size.

    name: of the optimizer.   eta: that step size.
    mean, half_range: of the test accuracy over the seeds, in percent.
    """

    name: str
    eta: float
    mean: float
    half_range: float

    def __str__(self) -> str:
        return f"{self.name:<16} η = {self.eta:<8g} {self.mean:.1f} ± {self.half_range:.1f}"


class Table(tuple[Best, ...]):
    """One line per optimizer."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def best_of_each(epochs: int) -> Table:
    """Every optimizer at the step size with the best mean test accuracy after `epochs`, one of EPOCHS."""
    runs, stop = measured(), EPOCHS.index(epochs)
    rows = []
    for name, accuracy in zip(runs.names, 100 * runs.accuracy[..., stop].astype(float), strict=True):
        best = int(accuracy.mean(-1).argmax())
        rows.append(Best(name, ETAS[best], float(accuracy[best].mean()), float(np.ptp(accuracy[best]) / 2)))
    return Table(rows)


def train(name: str, eta: float, seed: int) -> tuple[Float[ndarray, " blocks"], Float[ndarray, " times"]]:
    """Block means of the training loss, and the test accuracy at every stopping time.

    name: of an optimizer, as `steps.optimizers` lists them.   eta: step size.
    """
    from lsml_core.data import load  # lazy import: stored results need no torch
    from lsml_core.models import mlp
    from lsml_core.optimization.steps import optimizers, torch_optimizer
    from lsml_core.training import fit

    data, test = load("fashion", side=SIDE), load("fashion", split="test", side=SIDE)
    rng = np.random.default_rng(seed)
    model = mlp((SIDE**2, HIDDEN, len(data.classes)), rng=rng)
    rule = torch_optimizer(model.parameters(), optimizers(eta)[name])
    options = {"epochs": EPOCHS[-1], "batch": BATCH, "rng": rng, "test": test, "progress": False}
    run = fit(model, data, optimizer=rule, **options)
    blocks = run.loss.reshape(-1, BLOCK).mean(1)
    return np.nan_to_num(blocks, nan=np.inf), run.test_accuracy[np.array(EPOCHS) - 1]


def main() -> None:
    """Train all networks, and store the results."""
    from lsml_core.optimization.steps import optimizers

    names = tuple(optimizers(0.1))
    runs = [[[train(name, eta, seed) for seed in SEEDS] for eta in ETAS] for name in names]
    loss = np.array([[[run[0] for run in seeds] for seeds in etas] for etas in runs])
    accuracy = np.array([[[run[1] for run in seeds] for seeds in etas] for etas in runs])
    table = {"names": np.array(names), "loss": loss.astype("float32"), "accuracy": accuracy.astype("float32")}
    store("optimizer_comparison", table)


if __name__ == "__main__":
    main()
