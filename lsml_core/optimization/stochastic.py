"""Stochastic gradient descent on f(w) = 1/n Σᵢ fᵢ(w), and two ways to take its noise away.

    w       weights, the slide's x, shape (…, d)     i     I_k, the examples of step k, shape (…, b)
    eta     η, the slide's t_k: a number, an array that broadcasts against w, or a `Schedule`
    k       step, from 1                             b     batch, examples a step
    anchor  w̃, where SVRG knows ∇f                   g     an estimate of ∇f(w), shape (…, d)

Every start point draws examples of its own, and all step sizes share them: start (R, d) with eta (E, 1, 1)
is E step sizes, each on the same R runs, in one call. A run that diverges ends in inf and nan, silently.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.optimization.finite_sums import FiniteSum, Points
from lsml_core.optimization.schedules import (
    Examples,
    Hyper,
    Sampling,
    Schedule,
    check_batch,
    checked_schedule,
    with_replacement,
)
from lsml_core.validation import Count, check_count, check_finite

Progress = Iterator[tuple[Points, int]]  # w after 0, 1, 2, … steps, and the ∇fᵢ evaluated up to there


class Run(NamedTuple):
    """`w[j]`, shape (…, d), stands after `steps[j]` steps, which took `evaluations[j]` gradients ∇fᵢ."""

    w: Float[ndarray, "time *batch d"]
    steps: Int[ndarray, " time"]
    evaluations: Int[ndarray, " time"]


class Anchor(NamedTuple):
    """A point where the full gradient is known."""

    w: Points
    grad: Points


class Table(NamedTuple):
    """The gradient of every example where it was last asked for, and the mean of these."""

    grads: Float[ndarray, "... n d"]
    mean: Points


def mini_batch_gradient(f: FiniteSum, w: Points, i: Examples) -> Points:
    """g = 1/b Σ_{i∈I} ∇fᵢ(w): unbiased, E g = ∇f(w), if every example is equally likely."""
    return f.batch_grad(w, i)


def svrg_gradient(f: FiniteSum, w: Points, i: Examples, anchor: Anchor) -> Points:
    """g = 1/b Σ_{i∈I} (∇fᵢ(w) − ∇fᵢ(w̃)) + ∇f(w̃): unbiased, and without noise where w = w̃."""
    return f.batch_grad(w, i) - f.batch_grad(anchor.w, i) + anchor.grad


def saga_gradient(f: FiniteSum, w: Points, i: Examples, table: Table) -> Points:
    """g = 1/b Σ_{i∈I} (∇fᵢ(w) − table[i]) + mean of the table: unbiased, without noise once all is at w*."""
    return f.batch_grad(w, i) - table.grads[_entries(table, i)].mean(-2) + table.mean


def sgd(
    f: FiniteSum,
    start: Points,
    *,
    eta: Hyper | Schedule,
    steps: Count,
    rng: np.random.Generator,
    batch: Count = 1,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> Run:
    """w ← w − η_k · 1/b Σ_{i∈I_k} ∇fᵢ(w), seen after every `every`-th step.

    b gradients a step. With batch = n and `without_replacement` this is gradient descent.
    With steps = 0 the run is its start.
    ValueError: batch outside 1 … n (also with replacement), steps < 0, every < 1, an η that is not finite and
    above 0 at one of the steps, a start that is not finite, or shapes of start and η that do not fit.
    Robbins & Monro (Ann. Math. Statist., 1951).
    """
    w, eta_at, examples = _prepared(f, start, eta, batch, sampling, rng)

    def descent(w: Points) -> Progress:
        evaluations = 0
        yield w, evaluations
        for k, i in enumerate(examples, start=1):
            evaluations += i.shape[-1]
            w = w - eta_at(k) * mini_batch_gradient(f, w, i)
            yield w, evaluations

    return _watched(descent(w), steps, every)


def svrg(
    f: FiniteSum,
    start: Points,
    *,
    eta: Hyper | Schedule,
    steps: Count,
    rng: np.random.Generator,
    batch: Count = 1,
    inner: Count | None = None,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> Run:
    """w ← w − η·`svrg_gradient`, with a new anchor at w before every `inner` steps (by default n).

    Linear convergence with a constant η, where SGD comes to a floor. A step takes 2b gradients, an anchor n.
    ValueError as for `sgd`, and for inner < 1.  Johnson & Zhang (NIPS 2013), option I.
    """
    inner = f.n if inner is None else check_count("inner", inner)
    w, eta_at, examples = _prepared(f, start, eta, batch, sampling, rng)

    def descent(w: Points) -> Progress:
        k, evaluations = 0, 0
        yield w, evaluations
        while True:
            anchor = Anchor(w, f.grad(w))
            evaluations += f.n
            for i in islice(examples, inner):
                k += 1
                evaluations += 2 * i.shape[-1]
                w = w - eta_at(k) * svrg_gradient(f, w, i, anchor)
                yield w, evaluations

    return _watched(descent(w), steps, every)


def saga(
    f: FiniteSum,
    start: Points,
    *,
    eta: Hyper | Schedule,
    steps: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
    every: Count = 1,
) -> Run:
    """w ← w − η·`saga_gradient` of one example, whose gradient at w then takes its place in the table.

    Linear like SVRG, with one gradient a step after the n that fill the table at `start`. The price is
    memory: n gradients a run (n numbers would do for a linear model; the table is kept whole to be read).
    ValueError as for `sgd`.  Defazio, Bach & Lacoste-Julien (NIPS 2014).
    """
    w, eta_at, examples = _prepared(f, start, eta, 1, sampling, rng)

    def descent(w: Points) -> Progress:
        table = full_table(f, w)
        yield w, f.n
        for k, i in enumerate(examples, start=1):
            g = saga_gradient(f, w, i, table)
            table = _renew_(table, i, f.grads(w, i))
            w = w - eta_at(k) * g
            yield w, f.n + k

    return _watched(descent(w), steps, every)


def full_table(f: FiniteSum, w: Points) -> Table:
    """Every example's gradient at w."""
    grads = f.grads(w, np.arange(f.n))
    return Table(grads, grads.mean(-2))


def gradient_cloud(
    f: FiniteSum,
    w: Float[ndarray, " d"],
    batch: Count,
    *,
    draws: Count,
    rng: np.random.Generator,
    sampling: Sampling = with_replacement,
) -> Float[ndarray, "draws d"]:
    """Mini-batch gradients at one w: a cloud about ∇f(w), of size `gradient_variance`.

    ValueError: batch outside 1 … n, or draws < 1.
    """
    batch, draws = check_batch(batch, f.n), check_count("draws", draws)
    each = full_table(f, w).grads  # w stands still, so each ∇fᵢ is computed once
    return np.stack([each[i].mean(0) for i in islice(sampling(f.n, batch, (), rng=rng), draws)])


def gradient_variance(g: Float[ndarray, "m ... d"], center: Points | None = None) -> Float[Any, "..."]:
    """E‖g − ∇f‖² as seen in m estimates, the first axis of g, for g of every example or of a cloud.

    With `center` = ∇f the mean squared distance from it; without, their own mean stands in and m − 1
    divides. Both are unbiased; the second needs no full gradient, so it can be had while training.
    ValueError: no estimate, or only one without `center`.
    """
    if not len(g):
        raise ValueError("g holds no estimate")
    if center is None and len(g) < 2:
        raise ValueError("g holds one estimate, and at least 2 are needed where center is not known")
    spread = g - (g.mean(0) if center is None else center)
    return (spread**2).sum(-1).sum(0) / (len(g) - (center is None))


def _prepared(
    f: FiniteSum,
    start: Points,
    eta: Hyper | Schedule,
    batch: Count,
    sampling: Sampling,
    rng: np.random.Generator,
) -> tuple[Points, Schedule, Iterator[Examples]]:
    """All points at the start, η as a function of k, and the examples to come."""
    batch, eta_at = check_batch(batch, f.n), checked_schedule(eta)
    first = np.asarray(eta_at(1))
    check_finite(start=start)
    try:
        w = np.broadcast_to(start, np.broadcast_shapes(start.shape, first.shape))
    except ValueError:
        w = None
    if w is None or start.shape[-1:] != w.shape[-1:] or w.shape[-1] != f.d:
        raise ValueError(
            f"start of shape {start.shape} must be (…, {f.d}), and eta of shape {first.shape} broadcast to it"
        )
    return w, eta_at, sampling(f.n, batch, start.shape[:-1], rng=rng)


def _watched(progress: Progress, steps: Count, every: Count) -> Run:
    steps, every = check_count("steps", steps, 0), check_count("every", every)
    with np.errstate(all="ignore"):
        w, evaluations = zip(*islice(progress, 0, steps + 1, every), strict=True)
    return Run(np.stack(w), every * np.arange(len(w)), np.array(evaluations))


def _entries(table: Table, i: Examples) -> tuple[Int[ndarray, "..."], ...]:
    """Where in `table.grads` the examples of every run stand."""
    runs = np.indices(table.grads.shape[:-2], sparse=True)
    return (*(run[..., None] for run in runs), i)


def _renew_(table: Table, i: Examples, grads: Float[ndarray, "... 1 d"]) -> Table:
    """Put the gradient of one example a run in its place; the array inside `table` changes."""
    at = _entries(table, i)
    mean = table.mean + (grads - table.grads[at])[..., 0, :] / table.grads.shape[-2]
    table.grads[at] = grads
    return Table(table.grads, mean)
