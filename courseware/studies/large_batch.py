"""What a large batch does to learning: a small network trained at equal epochs with several batch sizes.

    B      batch size                          top1, top5   accuracy in percent, of the slide's table
    eta    step size, a function of B          repeats      seeds

Every batch size sees equally many examples, so a large batch makes few steps. `python -m
courseware.studies.large_batch` trains 90 networks on the digits (two rules for η, three numbers of epochs,
five batch sizes, three seeds; half a minute on one core) and stores results/large_batch.npz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from courseware.studies import store, stored
from lsml_core.data.datasets import Dataset
from lsml_core.validation import Count, check_count, check_positive


class BatchTable(NamedTuple):
    """A published table.   batch: batch sizes.   top1, top5: accuracy at each of them, in percent."""

    batch: tuple[int, ...]
    top1: tuple[float, ...]
    top5: tuple[float, ...]


ALEXNET = BatchTable(
    batch=(256, 512, 1024, 2048, 4096, 8192),
    top1=(58.42, 59.19, 59.00, 58.88, 57.97, 55.90),
    top5=(81.51, 81.84, 81.94, 81.73, 81.00, 79.40),
)
"""AlexNet on ImageNet, as printed on the slide."""


class LargeBatch(NamedTuple):
    """One column per batch size, one row per repeat; a run that diverged has a large loss, or nan.

    batch: size.   eta: step size.   steps: number of steps.   train_loss: mean over the training examples.
    test_accuracy: fraction in [0, 1].
    """

    batch: Int[ndarray, " m"]
    eta: Float[ndarray, " m"]
    steps: Int[ndarray, " m"]
    train_loss: Float[ndarray, "repeats m"]
    test_accuracy: Float[ndarray, "repeats m"]


class StepForBatch:
    """η as a function of the batch size."""

    def __call__(self, batch: int) -> float | int:
        raise NotImplementedError


@dataclass(frozen=True)
class FixedStep(StepForBatch):
    """The same η for every batch size."""

    eta: float | int

    def __call__(self, batch: int) -> float | int:  # noqa: ARG002 - that is the point
        return self.eta


@dataclass(frozen=True)
class LinearScaling(StepForBatch):
    """η = eta·B/base: a batch k times as large takes one step instead of k.

    eta: step size of a batch of `base` examples. It fails once η is too long for the curvature (2/L on a
    quadratic).  Goyal et al. (2017), "Accurate, large minibatch SGD: training ImageNet in 1 hour".
    """

    eta: float | int
    base: Count

    def __post_init__(self) -> None:
        check_count("base", self.base)

    def __call__(self, batch: int) -> float | int:
        return self.eta * batch / int(self.base)


RULES: dict[str, StepForBatch] = {
    "the same for every B": FixedStep(0.1),
    "proportional to B": LinearScaling(0.1, 64),
}
BATCHES = (64, 128, 256, 512, 1437)  # the last one is all of the training images
EPOCHS = (3, 9, 27)
REPEATS = 3


@cache
def measured(rule: str, epochs: int) -> LargeBatch:
    """The stored runs of one of the `RULES` and one of the `EPOCHS`.

    rule: a key of `RULES`.   epochs: one of `EPOCHS`.   ValueError or KeyError for any other.
    """
    table = stored("large_batch", f"{[*RULES].index(rule)}_{epochs}")
    return LargeBatch(**{name: table[name] for name in LargeBatch._fields})


def large_batch(
    data: Dataset,
    test: Dataset,
    batches: Sequence[Count],
    *,
    eta: StepForBatch,
    epochs: Count,
    repeats: Count,
    rng: np.random.Generator,
    hidden: Count = 64,
) -> LargeBatch:
    """Train a network with one hidden layer by plain SGD for `epochs` epochs with every batch size.

    data, test: training and test examples.   batches: batch sizes.   eta: step size for each batch size.
    repeats: number of seeds; all batch sizes of a repeat start from the same weights.   hidden: layer width.
    Without epochs the networks stay untrained.
    ValueError: a batch outside 1 … n, no batch or repeat, an eta that is not finite and above 0.
    """
    repeats, hidden = check_count("repeats", repeats), check_count("hidden", hidden)
    epochs, batches = check_count("epochs", epochs, 0), [check_count("batches", B, None) for B in batches]
    if not len(batches) or not 1 <= min(batches) <= max(batches) <= len(data):
        raise ValueError(f"batches={batches} must be one or more sizes between 1 and {len(data)}")
    for B in batches:
        check_positive(**{f"eta({B})": eta(B)})
    seeds = rng.integers(2**63, size=repeats)
    runs = [[_trained(data, test, B, eta(B), epochs, hidden, seed) for B in batches] for seed in seeds]
    loss, accuracy = np.moveaxis(np.array(runs), -1, 0)
    sizes = np.array(batches)
    etas = np.array([float(eta(B)) for B in batches])
    return LargeBatch(sizes, etas, epochs * -(-len(data) // sizes), loss, accuracy)


def _trained(
    data: Dataset, test: Dataset, batch: int, eta: float | int, epochs: int, hidden: int, seed: np.int64
) -> tuple[float, float]:
    """Final training loss and test accuracy."""
    import torch  # lazy import: stored results need no torch

    from lsml_core.models import mlp
    from lsml_core.training import evaluate, fit

    stream = np.random.default_rng(seed)
    model = mlp((data.x[0].size, hidden, len(data.classes)), rng=stream)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    fit(model, data, optimizer=optimizer, epochs=epochs, batch=batch, rng=stream, progress=False)
    return evaluate(model, data)[0], evaluate(model, test)[1]


def main() -> None:
    """Train all networks, and store the results."""
    from lsml_core.data import load

    data, test, arrays = load("digits"), load("digits", split="test"), {}
    for i, rule in enumerate(RULES.values()):
        for epochs in EPOCHS:
            rng = np.random.default_rng(0)
            run = large_batch(data, test, BATCHES, eta=rule, epochs=epochs, repeats=REPEATS, rng=rng)
            arrays |= {f"{i}_{epochs}.{name}": array for name, array in run._asdict().items()}
    store("large_batch", arrays)


if __name__ == "__main__":
    main()
