"""Spurious correlations: groups that an early network gives away, and how to train for the smallest.

    group     examples of one class with, or without, the spurious feature; numbers 0 … groups − 1, (n,)
    outputs   probabilities of a network after one epoch or two, (n, classes)
    ℓ_g       mean loss of group g           q_g    weight of group g in group DRO, Σ q_g = 1
    λ         power of the cluster size in the sampling weights

A feature with small variance and large magnitude is learned first. So after an epoch the network tells the
examples that have it, the majority, from those of the same class that have not: the outputs of a class fall
into two clusters. Later both are fitted, and the clusters are gone.

SPARE: Yang, Gan, Dziugaite & Mirzasoleiman (AISTATS 2024).
Group DRO: Sagawa, Koh, Hashimoto & Liang (ICLR 2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Integer, Real
from numpy import ndarray

from lsml_core.selection.group_metrics import Groups, group_means, group_recovery, worst_group_accuracy
from lsml_core.validation import (
    Count,
    as_numbers,
    check_count,
    check_finite,
    check_not_negative,
    check_positive,
    check_rng,
)

__all__ = [
    "GroupDRO",
    "early_groups",
    "group_means",
    "group_recovery",
    "noise_to_signal",
    "sampling_weights",
    "silhouette",
    "worst_group_accuracy",
]


def noise_to_signal(feature: Real[ndarray, "n d"]) -> float:
    """σ²/‖m‖² of a feature over the examples that have it: its variance, by the squared norm of its mean m.

    feature: rows of the coordinates that hold the feature, (n, d).
    Small if it looks the same everywhere, or if it is large: both make a feature early to learn.
    """
    check_finite(feature=feature)
    if np.ndim(feature) != 2 or not len(feature):
        raise ValueError(f"feature of shape {np.shape(feature)} must be (n, d), n ≥ 1")
    mean = np.asarray(feature, dtype=float).mean(axis=0)
    spread = ((feature - mean) ** 2).sum(axis=1).mean()
    return float(spread / max((mean**2).sum(), np.finfo(float).tiny))


def early_groups(
    outputs: Real[ndarray, "n d"],
    y: Integer[ndarray, " n"],
    clusters: Count | Sequence[int] = 2,
    *,
    rng: np.random.Generator,
) -> Int[ndarray, " n"]:
    """A group number for every example: k-means on the outputs of each class by itself, no group labels used.

    outputs: of an early network, (n, d).   y: labels, (n,).
    clusters: per class; of several numbers the one whose silhouette is largest.
    rng: starts k-means.
    Groups of the first class come first, in each class the largest first.
    """
    outputs, y = np.asarray(outputs, dtype=float), np.asarray(y)
    if outputs.ndim != 2 or y.shape != (len(outputs),) or not np.isfinite(outputs).all():
        raise ValueError(f"outputs, {outputs.shape}, must be finite, (n, d), with a label each; y: {y.shape}")
    sizes = [check_count("clusters", k) for k in np.ravel(clusters)]
    if not sizes:
        raise ValueError("clusters is empty; it must be a number of clusters, or several")
    groups, first = np.zeros(len(y), dtype=int), 0
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        found = [_clusters(outputs[members], k, rng) for k in sizes]
        best = found[0] if len(found) == 1 else max(found, key=lambda f: silhouette(outputs[members], f))
        groups[members] = first + best
        first += best.max() + 1
    return groups


def _clusters(points: Float[ndarray, "m d"], k: int, rng: np.random.Generator) -> Int[ndarray, " m"]:
    """Clusters by k-means, the largest first; fewer where there are fewer different points."""
    from sklearn.cluster import KMeans  # lazy import: scikit-learn takes seconds

    k = min(k, len(np.unique(points.round(12), axis=0)))
    seed = int(check_rng(rng).integers(2**31))
    found = KMeans(k, n_init=5, random_state=seed).fit_predict(points)  # pyright: ignore[reportArgumentType]
    _, place, counts = np.unique(found, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=int)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return rank[place]


def silhouette(points: Real[ndarray, "m d"], clusters: Integer[ndarray, " m"]) -> float:
    """Mean of (b − a)/max(a, b): a to the own cluster, b to the nearest other one. 1 is clearly separate.

    points: (m, d).   clusters: number of the cluster of each, (m,).
    0 for a single cluster.  Rousseeuw (1987).
    """
    from sklearn.metrics import silhouette_score  # lazy import: scikit-learn takes seconds

    separate = 1 < len(np.unique(clusters)) < len(points)
    return float(silhouette_score(points, clusters)) if separate else 0.0


def sampling_weights(
    groups: Groups, power: float | int, y: Integer[ndarray, " n"] | None = None
) -> Float[ndarray, " n"]:
    """Probability to draw each example, proportional to 1/|its group|^power; they add up to 1.

    groups: group number of each example, (n,).
    power: λ. 0 draws all alike, 1 gives every group the same total, more favours the small ones.
    y: labels, (n,); with them every class has the same total, as in the published code.
    """
    check_not_negative(power=power)
    for name, values in (("groups", groups), ("y", y)):
        if values is not None and (np.ndim(values) != 1 or np.shape(values) != np.shape(groups)):
            raise ValueError(
                f"{name} of shape {np.shape(values)} must have one number for each of n examples"
            )
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    c = np.zeros(len(place), dtype=int) if y is None else np.unique(y, return_inverse=True)[1]
    smallest = np.full(c.max(initial=0) + 1, np.inf)  # of the groups of each class
    np.minimum.at(smallest, c, sizes[place])
    weights = (smallest[c] / sizes[place]) ** power  # 1/size^power could vanish in every group
    weights /= np.bincount(c, weights=weights)[c]
    return weights / weights.sum()


@dataclass(frozen=True)
class GroupDRO:
    """Minimise the largest group loss, max_g ℓ_g: exponentiated-gradient ascent on q, descent on the weights.

    eta: η_q, step size of q, above 0.
    adjustment: C; ℓ_g counts as ℓ_g + C/√n_g, because a small group generalises less well.
    """

    eta: float | int = 0.01
    adjustment: float | int = 0.0

    def __post_init__(self) -> None:
        check_positive(eta=self.eta)
        check_not_negative(adjustment=self.adjustment)

    def init(self, groups: int) -> Float[ndarray, " groups"]:
        """q = 1/groups for all."""
        return np.full(check_count("groups", groups), 1 / groups)

    def step(
        self,
        q: Float[ndarray, " groups"],
        group_losses: Real[ndarray, " groups"],
        sizes: Integer[ndarray, " groups"] | None = None,
    ) -> Float[ndarray, " groups"]:
        """q_g ← q_g exp(η ℓ_g) / Σ_h q_h exp(η ℓ_h).

        group_losses: ℓ_g; a group that is not in the mini-batch has loss 0.   sizes: n_g, for the adjustment.
        It is mirror ascent on Σ q_g ℓ_g with the entropy as distance, so q stays positive and sums to 1.
        """
        losses, q = as_numbers("group_losses", group_losses), as_numbers("q", q)
        if losses.shape != q.shape or q.ndim != 1:
            raise ValueError(
                f"group_losses of shape {losses.shape} must have one loss for each of q, {q.shape}"
            )
        if sizes is not None and self.adjustment:
            check_positive(sizes=sizes)
            losses = losses + self.adjustment / np.sqrt(sizes)
        grown = np.log(q) + self.eta * losses
        q = np.exp(grown - grown.max())
        return q / q.sum()
