"""S2L, small to large: examples whose loss falls alike in a small model teach a large model alike.

    trajectory   losses of one example at the checkpoints of the small model, a column of (checkpoints, n)
    cluster      examples whose trajectories are close to each other, by k-means
    budget       how many examples are kept

The subset takes equally many examples from every cluster, smallest clusters first: a cluster that is smaller
than its share is taken whole, and what it leaves over goes to the larger ones. So rare topics are kept, and
common ones are thinned out.

Why it works: near a point where curvature is small, examples with similar losses along the way have similar
gradients, so that the examples of a cluster can stand for each other. Yang, Mishra, Chiang & Mirzasoleiman
(NeurIPS 2024).
"""

from typing import SupportsIndex

import numpy as np
from jaxtyping import Int, Integer, Real
from numpy import ndarray

from lsml_core.validation import array_of, check_count, check_counts, check_rng

MANY = 20_000
"""Examples from which on k-means sees mini-batches."""
LARGEST, LARGEST_FLOAT32 = 1e150, 1e15
"""k-means adds up squares of losses, which must not exceed the largest number of their type."""

Trajectories = Real[ndarray, "checkpoints n"]


def s2l(
    trajectories: Trajectories, budget: SupportsIndex, clusters: SupportsIndex, *, rng: np.random.Generator
) -> Int[ndarray, " budget"]:
    """`budget` examples, equally many from each of `clusters` clusters of trajectories, smallest first.

    trajectories: losses, (checkpoints, n), finite, at most 1e150; `History.records["loss"]` of `fit` is one.
    budget: from 0 to n.   clusters: from 1 to n; as many as there are topics, or more.
    rng: starts k-means, and chooses within a cluster.
    Returns indices, all different, cluster by cluster.
    Cost: O(n · clusters · checkpoints) per pass of k-means.
    """
    losses = _checked(trajectories)
    n = losses.shape[1]
    budget, clusters = check_count("budget", budget, 0), check_count("clusters", clusters, 1)
    if budget > n or clusters > n:
        raise ValueError(f"budget={budget} and clusters={clusters} must be at most n={n}")
    return from_clusters(cluster_trajectories(losses, clusters, rng=rng), budget, rng=rng)


def cluster_trajectories(
    trajectories: Trajectories, clusters: int, *, rng: np.random.Generator
) -> Int[ndarray, " n"]:
    """The cluster of every example, by k-means; in mini-batches where there are many examples.

    trajectories: (checkpoints, n), finite.   clusters: how many.   rng: where k-means begins.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans  # lazy import: scikit-learn takes seconds

    points, clusters = np.ascontiguousarray(_checked(trajectories).T), check_count("clusters", clusters)
    seed = int(check_rng(rng).integers(2**31))
    if len(points) < MANY:
        means = KMeans(clusters, n_init=1, random_state=seed)  # pyright: ignore[reportArgumentType]
    else:  # of many examples 1024 at a time take most of the time to set a step up
        batch = max(1024, len(points) // 100)
        means = MiniBatchKMeans(clusters, n_init=1, batch_size=batch, random_state=seed)  # pyright: ignore[reportArgumentType]
    return means.fit_predict(points)


def from_clusters(
    cluster: Integer[ndarray, " n"], budget: int, *, rng: np.random.Generator
) -> Int[ndarray, " budget"]:
    """`budget` examples, as many from each cluster as `quotas` says, at random within it.

    cluster: of every example, (n,).   budget: from 0 to n.   rng: chooses within a cluster.
    """
    check_rng(rng)
    cluster = array_of("cluster", cluster)
    if cluster.ndim != 1 or not len(cluster):
        raise ValueError(f"cluster of shape {cluster.shape} must be the cluster of each of n ≥ 1 examples")
    names, sizes = np.unique(cluster, return_counts=True)
    order = np.argsort(sizes, kind="stable")
    chosen = [
        rng.choice(np.flatnonzero(cluster == names[c]), quota, replace=False)
        for c, quota in zip(order, quotas(sizes, budget)[order], strict=True)
    ]
    return np.concatenate(chosen)


def quotas(sizes: Integer[ndarray, " clusters"], budget: int) -> Int[ndarray, " clusters"]:
    """How many to take from each cluster: smallest first, an equal share of what is left, or all there is.

    sizes: of the clusters.   budget: at most their sum, which the quotas add up to.
    This is max-min fair: nobody can get more without taking from a cluster that has no more than it.
    """
    budget, sizes = check_count("budget", budget, 0), np.array(check_counts("sizes", sizes, 0), dtype=int)
    if budget > sizes.sum():
        raise ValueError(f"budget={budget} must be between 0 and the number of examples, {sizes.sum()}")
    shares = np.zeros(len(sizes), dtype=int)
    for done, c in enumerate(np.argsort(sizes, kind="stable")):
        shares[c] = min(sizes[c], (budget - shares.sum()) // (len(sizes) - done))
    return shares


def _checked(trajectories: Trajectories) -> Real[ndarray, "checkpoints n"]:
    losses = array_of("trajectories", trajectories)
    if losses.ndim != 2 or 0 in losses.shape or losses.dtype.kind not in "biuf":
        raise ValueError(
            f"trajectories is {losses.dtype}, {losses.shape}; it must be numbers, (checkpoints, n)"
        )
    if not np.isfinite(losses).all():
        example = int(np.argwhere(~np.isfinite(losses))[0][1])
        raise ValueError(f"trajectories must be finite; example {example} has a loss that is not")
    if (largest := max(float(losses.max()), -float(losses.min()))) > LARGEST:
        raise ValueError(f"trajectories holds {largest:.2g}; losses must be at most {LARGEST:g}")
    return losses.astype(float) if largest > LARGEST_FLOAT32 else losses
