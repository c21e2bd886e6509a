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

from lsml_core.optimization.arrays import BatchIndices, Numbers, Points, Values
from lsml_core.optimization.finite_sums import FiniteSum
from lsml_core.optimization.sampling import Sampling, check_batch, with_replacement
from lsml_core.optimization.schedules import Schedule, as_schedule
from lsml_core.validation import Count, check_count, check_finite, check_rng

Iterates = Iterator[tuple[Points, int]]  # w after 0, 1, 2, … steps, and how many ∇fᵢ were evaluated so far


class SGDRun(NamedTuple):
    """`w[j]`, shape (…, d), is the point after `steps[j]` steps and `evaluations[j]` gradients ∇fᵢ."""

    w: Float[ndarray, "time *batch d"]
    steps: Int[ndarray, " time"]
    evaluations: Int[ndarray, " time"]


class Snapshot(NamedTuple):
    """SVRG's w̃: a point where the full gradient is known."""

    w: Points
    grad: Points


class GradientTable(NamedTuple):
    """SAGA's memory: every example's gradient at the point where it was last evaluated, and their mean."""

    grads: Float[ndarray, "... n d"]
    mean: Points


def mini_batch_gradient(f: FiniteSum, w: Points, i: BatchIndices) -> Points:
    """g = 1/b Σ_{i∈I} ∇fᵢ(w): unbiased, E g = ∇f(w), if every example is equally likely.

    f: the loss.   w: weights, (…, d).   i: I, indices of the examples, (…, b).
    """
    return f.batch_grad(w, i)


def svrg_gradient(f: FiniteSum, w: Points, i: BatchIndices, snapshot: Snapshot) -> Points:
    """g = 1/b Σ_{i∈I} (∇fᵢ(w) − ∇fᵢ(w̃)) + ∇f(w̃): unbiased, and without noise where w = w̃.

    f, w, i: as in `mini_batch_gradient`.   snapshot: w̃ and ∇f(w̃).
    """
    return f.batch_grad(w, i) - f.batch_grad(snapshot.w, i) + snapshot.grad


def saga_gradient(f: FiniteSum, w: Points, i: BatchIndices, table: GradientTable) -> Points:
    """g = 1/b Σ_{i∈I} (∇fᵢ(w) − vᵢ) + 1/n Σ vⱼ, where vᵢ is row i of the table.

    f, w, i: as in `mini_batch_gradient`.   table: every example's last gradient, and their mean.
    Unbiased, and without noise if w and all rows are at w*.
    """
    return f.batch_grad(w, i) - table.grads[_entries(table, i)].mean(-2) + table.mean


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
    inner = f.n if inner is None else check_count("inner", inner)
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
            table = _replace_row_(table, i, f.grads(w, i))
            w = w - eta_at(k) * g
            yield w, f.n + k + 1

    return _recorded(descent(w), steps, every)


def gradient_table(f: FiniteSum, w: Points) -> GradientTable:
    """Every example's gradient at w, and their mean ∇f(w).

    f: the loss.   w: weights, (…, d).
    """
    grads = f.grads(w, np.arange(f.n))
    return GradientTable(grads, grads.mean(-2))


def sample_gradients(
    f: FiniteSum,
    w: Float[ndarray, " d"],
    batch: Count,
    *,
    draws: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
) -> Float[ndarray, "draws d"]:
    """`draws` mini-batch gradients at one w: their mean is near ∇f(w), their variance is `gradient_variance`.

    f: the loss.   w: one point, (d,).   batch: b, from 1 to n.   sampling: how the batches are drawn.
    ValueError: batch outside 1 … n, draws < 1, or w that is not finite or not (d,).
    """
    batch, draws = check_batch(batch, f.n), check_count("draws", draws)
    check_finite(w=w)
    if w.shape != (f.d,):
        raise ValueError(f"w of shape {w.shape} must be ({f.d},), a single point")
    each = gradient_table(f, w).grads  # w is fixed, so each ∇fᵢ is computed once
    return np.stack([each[i].mean(0) for i in islice(sampling(f.n, batch, (), rng=rng), draws)])


def gradient_variance(g: Float[ndarray, "m ... d"], center: Points | None = None) -> Values:
    """E‖g − ∇f‖², estimated from m gradients g, the first axis of g.

    center: ∇f, if it is known: the result is the mean squared distance from it. Otherwise the mean of the g
    takes its place, and the sum is divided by m − 1. Both are unbiased; the second needs no full gradient.
    ValueError: no estimate, or only one without `center`.
    """
    if not len(g):
        raise ValueError("g has no gradients")
    if center is None and len(g) < 2:
        raise ValueError("g has one gradient; without center at least 2 are needed")
    spread = g - (g.mean(0) if center is None else center)
    return (spread**2).sum(-1).sum(0) / (len(g) - (center is None))


def _prepared(
    f: FiniteSum,
    start: Points,
    eta: Numbers | Schedule,
    batch: Count,
    sampling: Sampling,
    rng: np.random.Generator,
) -> tuple[Points, Schedule, Iterator[BatchIndices]]:
    """w₀ for every run and step size, η as a function of k, and the batches."""
    batch, eta_at = check_batch(batch, f.n), as_schedule(eta)
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


def _entries(table: GradientTable, i: BatchIndices) -> tuple[Int[ndarray, "..."], ...]:
    """The index of the rows i of every run in `table.grads`."""
    runs = np.indices(table.grads.shape[:-2], sparse=True)
    return (*(run[..., None] for run in runs), i)


def _replace_row_(table: GradientTable, i: BatchIndices, grads: Float[ndarray, "... 1 d"]) -> GradientTable:
    """Replace one row per run, in place, and update the mean."""
    at = _entries(table, i)
    mean = table.mean + (grads - table.grads[at])[..., 0, :] / table.grads.shape[-2]
    table.grads[at] = grads
    return GradientTable(table.grads, mean)
