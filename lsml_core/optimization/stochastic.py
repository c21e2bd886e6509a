"""Stochastic gradient descent on f(w) = 1/n Σᵢ fᵢ(w), and two methods that reduce its variance.

    w       weights, the slide's x, shape (…, d)     i     I_k, the examples of step k, shape (…, b)
    eta     η, the slide's t_k: a number, an array that broadcasts against w, or a `Schedule` of steps
    k       step, from 0                             b     batch, examples per step
    w̃       SVRG's snapshot, where ∇f is known       g     an estimate of ∇f(w), shape (…, d)

Every start point draws its own examples, and all step sizes share them: start (R, d) with eta (E, 1, 1)
is E step sizes, each on the same R runs, in one call. A run that diverges ends in inf and nan, without a
warning.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.optimization.arrays import BatchIndices, Numbers, Points
from lsml_core.optimization.finite_sums import FiniteSum, check_finite_sum
from lsml_core.optimization.gradient_estimates import (
    GradientTable,
    Snapshot,
    gradient_table,
    gradient_variance,
    mini_batch_gradient,
    replace_row_,
    saga_gradient,
    sample_gradients,
    svrg_gradient,
)
from lsml_core.optimization.sampling import Sampling, check_batch, with_replacement
from lsml_core.optimization.schedules import Schedule, as_schedule
from lsml_core.validation import Count, check_count, check_finite, check_function, check_rng

__all__ = [
    "GradientTable",
    "SGDRun",
    "Snapshot",
    "gradient_table",
    "gradient_variance",
    "mini_batch_gradient",
    "saga",
    "saga_gradient",
    "sample_gradients",
    "sgd",
    "svrg",
    "svrg_gradient",
]

Iterates = Iterator[tuple[Points, int]]  # w after 0, 1, 2, … steps, and how many ∇fᵢ were evaluated so far


class SGDRun(NamedTuple):
    """`w[j]`, shape (…, d), is the point after `steps[j]` steps and `evaluations[j]` gradients ∇fᵢ."""

    w: Float[ndarray, "time *batch d"]
    steps: Int[ndarray, " time"]
    evaluations: Int[ndarray, " time"]


def sgd(
    f: FiniteSum,
    start: Points,
    *,
    eta: Numbers | Schedule,
    steps: Count,
    rng: np.random.Generator,
    batch: Count = 1,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> SGDRun:
    """w ← w − η_k · 1/b Σ_{i∈I_k} ∇fᵢ(w).  Cost: b gradients ∇fᵢ per step.

    f: the loss.       start: w₀, (…, d).       eta: a number, an array that broadcasts, or a schedule.
    steps: updates; with 0 the run is its start.       batch: b.       sampling: how the batches are drawn.
    every: record w after every `every`-th step only.
    With batch = n and `without_replacement` this is gradient descent.
    ValueError: batch outside 1 … n (also with replacement), steps < 0, every < 1, an η that is not finite and
    above 0 at one of the steps, a start that is not finite, or shapes of start and η that do not fit.
    Robbins & Monro (Ann. Math. Statist., 1951).
    """
    w, eta_at, examples = _prepared(f, start, eta, batch, sampling, rng)

    def descent(w: Points) -> Iterates:
        evaluations = 0
        yield w, evaluations
        for k, i in enumerate(examples):
            evaluations += i.shape[-1]
            w = w - eta_at(k) * mini_batch_gradient(f, w, i)
            yield w, evaluations

    return _recorded(descent(w), steps, every)


def svrg(
    f: FiniteSum,
    start: Points,
    *,
    eta: Numbers | Schedule,
    steps: Count,
    rng: np.random.Generator,
    batch: Count = 1,
    inner: Count | None = None,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> SGDRun:
    """w ← w − η_k·`svrg_gradient`, with a new snapshot at w before every `inner` steps.

    f, start, eta, steps, batch, sampling, every: as for `sgd`.
    inner: steps between snapshots, by default n.
    Linear convergence with a constant η, where SGD has a floor.  Cost: 2b gradients per step, n per snapshot.
    ValueError as for `sgd`, and for inner < 1.  Johnson & Zhang (NIPS 2013), option I.
    """
    inner = check_finite_sum(f).n if inner is None else check_count("inner", inner)
    w, eta_at, examples = _prepared(f, start, eta, batch, sampling, rng)

    def descent(w: Points) -> Iterates:
        evaluations = 0
        yield w, evaluations
        for first in count(step=inner):
            snapshot = Snapshot(w, f.grad(w))
            evaluations += f.n
            for k, i in enumerate(islice(examples, inner), start=first):
                evaluations += 2 * i.shape[-1]
                w = w - eta_at(k) * svrg_gradient(f, w, i, snapshot)
                yield w, evaluations

    return _recorded(descent(w), steps, every)


def saga(
    f: FiniteSum,
    start: Points,
    *,
    eta: Numbers | Schedule,
    steps: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> SGDRun:
    """w ← w − η_k·`saga_gradient` of one example, whose gradient at w then replaces its row of the table.

    f, start, eta, steps, sampling, every: as for `sgd`; the batch is 1.
    Linear convergence with a constant η, like SVRG.
    Cost: n gradients fill the table at `start`, then one per step. Memory: n gradients per run. (For a linear
    model n numbers would be enough; the whole table is kept because it is easier to read.)
    ValueError as for `sgd`.  Defazio, Bach & Lacoste-Julien (NIPS 2014).
    """
    w, eta_at, examples = _prepared(f, start, eta, 1, sampling, rng)

    def descent(w: Points) -> Iterates:
        table = gradient_table(f, w)
        yield w, f.n
        for k, i in enumerate(examples):
            g = saga_gradient(f, w, i, table)
            table = replace_row_(table, i, f.grads(w, i))
            w = w - eta_at(k) * g
            yield w, f.n + k + 1

    return _recorded(descent(w), steps, every)


def _prepared(
    f: FiniteSum,
    start: Points,
    eta: Numbers | Schedule,
    batch: Count,
    sampling: Sampling,
    rng: np.random.Generator,
) -> tuple[Points, Schedule, Iterator[BatchIndices]]:
    """w₀ for every run and step size, η as a function of k, and the batches."""
    batch, eta_at = check_batch(batch, check_finite_sum(f).n), as_schedule(eta)
    check_function("sampling", sampling, "a function, such as with_replacement")
    first = np.asarray(eta_at(0))
    check_finite(start=start)
    try:
        w = np.broadcast_to(start, np.broadcast_shapes(start.shape, first.shape))
    except ValueError:
        w = None
    if w is None or start.shape[-1:] != w.shape[-1:] or w.shape[-1] != f.d:
        raise ValueError(
            f"start of shape {start.shape} must be (…, {f.d}), and eta of shape {first.shape} broadcast to it"
        )
    return w, eta_at, sampling(f.n, batch, start.shape[:-1], rng=check_rng(rng))


def _recorded(iterates: Iterates, steps: Count, every: Count) -> SGDRun:
    steps, every = check_count("steps", steps, 0), check_count("every", every)
    with np.errstate(all="ignore"):
        w, evaluations = zip(*islice(iterates, 0, steps + 1, every), strict=True)
    return SGDRun(np.stack(w), every * np.arange(len(w)), np.array(evaluations))
