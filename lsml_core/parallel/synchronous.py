"""Synchronous SGD: P workers share each batch, add up their gradients, and step together.

    P     workers                        S_p   the examples of worker p in this step
    w     weights, the same everywhere   g_p   Σ_{i∈S_p} ∇fᵢ(w), what worker p sends
    B     batch, Σ_p |S_p|               eta   η, step size

The sum of the workers' gradients is the gradient of the whole batch: the number of workers changes how long a
step takes (`cluster`), never what it does.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.optimization.arrays import BatchIndices, Numbers, Points, Values
from lsml_core.optimization.finite_sums import FiniteSum, check_finite_sum
from lsml_core.optimization.sampling import Sampling, with_replacement
from lsml_core.optimization.schedules import Schedule
from lsml_core.optimization.stochastic import SGDRun, sgd
from lsml_core.parallel.engines import AllReduceEngine
from lsml_core.validation import Count, check_kind


def worker_gradient(f: FiniteSum, w: Points, own: BatchIndices) -> Points:
    """g_p = Σ_{i∈S_p} ∇fᵢ(w).

    f: the mean of losses.   w: weights, (…, d).   own: S_p, this worker's examples, (…, b_p).
    A sum, not a mean: a mean of means would be wrong where workers have different numbers of examples.
    """
    return f.grads(w, own).sum(-2)


@dataclass(frozen=True)
class ParallelFiniteSum:
    """f, with the gradient of a batch computed by the workers of `engine`: 1/B Σ_p g_p.

    It is a `FiniteSum` itself, so SVRG and other methods run on workers too.
    """

    f: FiniteSum
    engine: AllReduceEngine

    def __post_init__(self) -> None:
        check_finite_sum(self.f)
        check_kind("engine", self.engine, AllReduceEngine, "an engine, such as SerialAllReduce(4)")

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
        parts = np.array_split(i, self.engine.workers, axis=-1)
        return self.engine.sum_of_parts(lambda p: worker_gradient(self.f, w, parts[p])) / i.shape[-1]


def synchronous_sgd(
    f: FiniteSum,
    start: Points,
    *,
    engine: AllReduceEngine,
    eta: Numbers | Schedule,
    batch: Count,
    steps: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> SGDRun:
    """`sgd` with every batch shared among the engine's workers: the same run, up to rounding.

    f: the mean of losses.   start: start points, (…, d).   engine: who adds up the workers' gradients.
    eta: step size, or a schedule of the *step* k = 0, 1, ….   batch: B, examples per step of all workers.
    steps: number of steps.   sampling: which examples each step uses; with `shuffling.random_reshuffling`
    each worker gets a new random part of every epoch.   every: keep the weights of every that many steps.
    ValueError as for `sgd`.
    """
    parallel = ParallelFiniteSum(f, engine)
    return sgd(parallel, start, eta=eta, batch=batch, steps=steps, rng=rng, sampling=sampling, every=every)
