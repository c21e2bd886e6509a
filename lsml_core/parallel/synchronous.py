"""Synchronous SGD: P workers share out each batch, add up their gradients, and step together.

    P     workers                        S_p   the examples of worker p in this step
    w     weights, the same everywhere   g_p   Σ_{i∈S_p} ∇fᵢ(w), what worker p sends
    B     batch, Σ_p |S_p|               eta   η, step size

The sum of the workers' gradients is the gradient of the large batch: workers change when a step is done
(`cluster`), never what it does. What a large batch does to learning is measured by `large_batch`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.data.datasets import Dataset
from lsml_core.optimization.arrays import BatchIndices, Numbers, Points, Values
from lsml_core.optimization.finite_sums import FiniteSum
from lsml_core.optimization.sampling import Sampling, with_replacement
from lsml_core.optimization.schedules import Schedule
from lsml_core.optimization.stochastic import SGDRun, sgd
from lsml_core.parallel.engines import Engine
from lsml_core.validation import Count, check_count, check_positive


def worker_gradient(f: FiniteSum, w: Points, mine: BatchIndices) -> Points:
    """g_p = Σ_{i∈S_p} ∇fᵢ(w). A sum, not a mean: shares of different size would spoil a mean of means."""
    return f.grads(w, mine).sum(-2)


@dataclass(frozen=True)
class Shared:
    """f, with the gradient of a batch computed by the workers of `engine`: 1/B Σ_p g_p."""

    f: FiniteSum
    engine: Engine

    @property
    def n(self) -> int:
        return self.f.n

    @property
    def d(self) -> int:
        return self.f.d

    def value(self, w: Points) -> Values:
        return self.f.value(w)

    def grad(self, w: Points) -> Points:
        return self.batch_grad(w, np.arange(self.n))

    def grads(self, w: Points, i: BatchIndices) -> Float[ndarray, "... b d"]:
        return self.f.grads(w, i)

    def batch_grad(self, w: Points, i: BatchIndices) -> Points:
        shares = np.array_split(i, self.engine.workers, axis=-1)
        return self.engine.total(lambda p: worker_gradient(self.f, w, shares[p])) / i.shape[-1]


def synchronous_sgd(
    f: FiniteSum,
    start: Points,
    *,
    engine: Engine,
    eta: Numbers | Schedule,
    batch: Count,
    steps: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> SGDRun:
    """`sgd` with every batch shared out among the engine's workers: the same run, up to rounding.

    With `shuffling.random_reshuffling` as `sampling` each worker gets a fresh random part of every epoch.
    ValueError as for `sgd`.
    """
    return sgd(
        Shared(f, engine), start, eta=eta, batch=batch, steps=steps, rng=rng, sampling=sampling, every=every
    )


# --- what a large batch does to learning -----------------------------------------------------------


class BatchTable(NamedTuple):
    """Accuracy in percent for each batch size."""

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
    """One column a batch size, one row a repeat; a run that diverged has a large loss, or nan."""

    batch: Int[ndarray, " m"]
    eta: Float[ndarray, " m"]
    steps: Int[ndarray, " m"]
    train_loss: Float[ndarray, "repeats m"]
    test_accuracy: Float[ndarray, "repeats m"]


@runtime_checkable
class StepForBatch(Protocol):
    def __call__(self, batch: int, /) -> float | int: ...


@dataclass(frozen=True)
class FixedStep:
    """The same η for every batch."""

    eta: float | int

    def __call__(self, batch: int) -> float | int:  # noqa: ARG002 - that is the point
        return self.eta


@dataclass(frozen=True)
class LinearScaling:
    """η = eta·B/base: a batch k times as large takes one step in place of k. Fails once η is
    too long for the curvature (2/L on a quadratic).

    Goyal et al. (2017), "Accurate, large minibatch SGD: training ImageNet in 1 hour".
    """

    eta: float | int
    base: Count

    def __post_init__(self) -> None:
        check_count("base", self.base)

    def __call__(self, batch: int) -> float | int:
        return self.eta * batch / int(self.base)


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
    """Train a network with one hidden layer by plain SGD for `epochs` epochs at every batch size.

    Every batch size sees equally many examples, so a large one makes few steps. A repeat starts all of
    them from the same weights. Without epochs they stay as they were.
    ValueError: a batch outside 1 … n, no batch or repeat, an eta that is not finite and above 0.
    """
    repeats, hidden = check_count("repeats", repeats), check_count("hidden", hidden)
    epochs, batches = check_count("epochs", epochs, 0), [check_count("batches", B, None) for B in batches]
    if not len(batches) or not 1 <= min(batches) <= max(batches) <= len(data):
        raise ValueError(f"batches={batches} must be one or more sizes in 1 … {len(data)}")
    for B in batches:
        check_positive(**{f"eta({B})": eta(B)})
    seeds = rng.integers(2**63, size=repeats)
    runs = [[_trained(data, test, B, eta(B), epochs, hidden, seed) for B in batches] for seed in seeds]
    loss, accuracy = np.moveaxis(np.array(runs), -1, 0)
    sizes = np.array(batches)
    return LargeBatch(
        sizes, np.array([float(eta(B)) for B in batches]), epochs * -(-len(data) // sizes), loss, accuracy
    )


def _trained(
    data: Dataset, test: Dataset, batch: int, eta: float | int, epochs: int, hidden: int, seed: np.int64
) -> tuple[float, float]:
    """Final training loss and test accuracy."""
    import torch  # takes seconds to import, so only where a network is trained

    from lsml_core.models import mlp
    from lsml_core.training import evaluate, fit

    stream = np.random.default_rng(seed)
    model = mlp((data.x[0].size, hidden, len(data.classes)), rng=stream)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    fit(model, data, optimizer=optimizer, epochs=epochs, batch=batch, rng=stream, progress=False)
    return evaluate(model, data)[0], evaluate(model, test)[1]
