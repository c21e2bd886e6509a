"""Estimates of ∇f(w) from a few examples, for SGD, SVRG and SAGA, and how much they vary.

The loops that call them, and when SVRG renews its snapshot, stand in `stochastic.py`.

f       f(w) = 1/n Σᵢ fᵢ(w), a `FiniteSum`     i    I, the examples of the batch, shape (…, b)
w       weights, shape (…, d)                  g    an estimate of ∇f(w), shape (…, d)
w̃       SVRG's snapshot, where ∇f is known     vᵢ   SAGA's last gradient of example i
"""

from itertools import islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.optimization.arrays import BatchIndices, Points, Values
from lsml_core.optimization.finite_sums import FiniteSum, check_finite_sum
from lsml_core.optimization.sampling import Sampling, check_batch, with_replacement
from lsml_core.validation import Count, check_count, check_finite, check_function


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


def gradient_table(f: FiniteSum, w: Points) -> GradientTable:
    """Every example's gradient at w, and their mean ∇f(w).

    f: the loss.   w: weights, (…, d).
    """
    grads = check_finite_sum(f).grads(w, np.arange(f.n))
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
    batch, draws = check_batch(batch, check_finite_sum(f).n), check_count("draws", draws)
    check_finite(w=w)
    check_function("sampling", sampling, "a function, such as with_replacement")
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


def _entries(table: GradientTable, i: BatchIndices) -> tuple[Int[ndarray, "..."], ...]:
    """The index of the rows i of every run in `table.grads`."""
    runs = np.indices(table.grads.shape[:-2], sparse=True)
    return (*(run[..., None] for run in runs), i)


def replace_row_(table: GradientTable, i: BatchIndices, grads: Float[ndarray, "... 1 d"]) -> GradientTable:
    """Replace one row per run, in place, and return the table with its new mean.

    table: its `grads` change.   i: the row, (…, 1).   grads: the new gradients, (…, 1, d).
    """
    at = _entries(table, i)
    mean = table.mean + (grads - table.grads[at])[..., 0, :] / table.grads.shape[-2]
    table.grads[at] = grads
    return GradientTable(table.grads, mean)
