"""CRUST: a subset with clean labels, from the dense core of each class in gradient space.

    g_i    gradient of example i or a stand-in, (n, d), such as p − y      k    examples taken of a class
    J      the gradients of a class as rows, its Jacobian                  d_ij ‖g_i − g_j‖
    σ_l    singular values of J, the largest first                         r    radius of a neighbourhood

Clean examples of a class pull a network in similar directions, so their gradients lie close together. Wrong
labels come from many classes, so their gradients are spread out. A matrix whose rows lie close to k exemplars
has nearly rank k, and a network that is trained on them by gradient descent fits the few directions that the
clean labels share long before it can fit single wrong ones.

No gradient is computed here. `robust_training.fit_crust` takes p − y, the gradient at the logits
(`robust_training.current_gradients`), in place of one over all weights; `gradients` has others.

How k examples are taken of a class is an argument, `choose`:

    central    the k smallest sums of distances. The published code selects these.
    exemplars  k medoids by greedy facility location, the objective of the paper. With many wrong labels they
               are worse than a random choice: a spread-out gradient needs an exemplar of its own.
    dense      facility location that counts only near neighbours, max(0, r − d_ij). Its first picks are clean

Mirzasoleiman, Cao & Leskovec (NeurIPS 2020).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from jaxtyping import Float, Int, Integer
from numpy import ndarray

from lsml_core.coresets import Coreset
from lsml_core.selection.classes import (
    Gradients,
    Labels,
    checked_gradients,
    checked_rows,
    members_by_class,
    size_of_share,
)
from lsml_core.submodular.facility_location import FacilityLocation
from lsml_core.submodular.greedy import greedy
from lsml_core.validation import (
    Count,
    array_of,
    check_count,
    check_function,
    check_indices,
    check_positive,
    check_share,
)

Distances = Float[ndarray, "m m"]
Choose = Callable[[Distances, int], Int[ndarray, " k"]]
"""(distances within one class, k) -> k places in it, in the order chosen."""


def central(distances: Distances, k: int) -> Int[ndarray, " k"]:
    """The k examples whose summed distance to the class is smallest, the most central first.

    distances: within one class, (m, m).   k: how many to take, at most m.
    """
    return np.argsort(distances.sum(axis=0), kind="stable")[:k]


def exemplars(distances: Distances, k: int) -> Int[ndarray, " k"]:
    """k medoids: greedy on F(S) = Σᵢ max_{j∈S} (D − d_ij), where D is the largest distance.

    distances: within one class, (m, m).   k: how many to take, at most m.
    """
    return np.array(greedy(FacilityLocation(distances.max(initial=0.0) - distances), k).chosen, dtype=int)


def dense(share: float | int) -> Choose:
    """Greedy on F(S) = Σᵢ max_{j∈S} max(0, r − d_ij).

    share: r as a share of the median distance in the class, above 0. At 1/4 an isolated gradient has
    nobody but itself within r, and is worth least.
    """
    check_positive(share=share)
    return partial(_dense, share)


def _dense(share: float | int, distances: Distances, k: int) -> Int[ndarray, " k"]:
    near = np.maximum(share * np.median(distances) - distances, 0)
    return np.array(greedy(FacilityLocation(near), k).chosen, dtype=int)


def crust(
    gradients: Gradients,
    y: Labels,
    fraction: float | int,
    *,
    radius: float | int | None = None,
    choose: Choose = central,
) -> Coreset:
    """⌈fraction · n_c⌉ examples of every class c, chosen among its gradients.

    gradients: g_i, (n, d), finite.   y: labels, (n,), right or wrong: nobody knows which.
    fraction: share of each class, above 0 and at most 1.
    radius: r; an example then weighs as many as its class has within r of it, itself included. None gives
    all the weight 1. The published code has r = 2, more than two of its gradients are ever apart, so that all
    weights of a class are equal there too.
    choose: `central`, `exemplars`, `dense(share)`, or any function of the same form.
    Returns the indices class by class, in the order chosen.
    Cost: O(n_c² d) per class.   ValueError: an argument out of range.
    """
    g, y = checked_gradients(gradients, y)
    check_share(fraction=fraction)
    check_function("choose", choose, "a function of distances and k, such as central")
    if radius is not None:
        check_positive(radius=radius)
    chosen, weights = [], []
    for members in members_by_class(y):
        distances = pairwise_distances(g[members])
        picks = choose(distances, size_of_share(fraction, len(members)))
        chosen.append(members[picks])
        near = np.ones(len(picks)) if radius is None else (distances[:, picks] <= radius).sum(axis=0)
        weights.append(near.astype(float))
    return Coreset(np.concatenate(chosen), np.concatenate(weights))


def pairwise_distances(gradients: Gradients) -> Distances:
    """d_ij = ‖g_i − g_j‖ in float64.

    gradients: g_i, (m, d).   ValueError: a distance that exceeds the largest float64.
    The float32 distances of `kernels/distances.py` would be faster, but rounding could decide whether an
    example at the radius counts.
    """
    from scipy.spatial.distance import cdist  # lazy import: scipy takes half a second

    distances = cdist(gradients, gradients)
    if not np.isfinite(distances).all():
        raise ValueError("gradients are too large: the square of a distance exceeds the largest float64")
    return distances


def clean_share(chosen: Integer[ndarray, " m"], wrong: Integer[ndarray, " k"]) -> float:
    """The share of the chosen examples that are not among the wrong ones.

    chosen, wrong: indices of examples, not marks.   ValueError: no chosen example, or other types.
    """
    chosen, wrong = array_of("chosen", chosen), array_of("wrong", wrong)
    for name, indices in (("chosen", chosen), ("wrong", wrong)):
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise ValueError(f"{name} is {indices.dtype} of shape {indices.shape}; it must be indices, (m,)")
    if not len(chosen):
        raise ValueError("chosen is empty; it must hold at least one example")
    return float(1 - np.isin(chosen, wrong).mean())


def singular_values(gradients: Gradients) -> Float[ndarray, " l"]:
    """σ of the matrix whose rows are these gradients, the largest first.

    gradients: (n, d), finite.
    """
    return np.linalg.svd(checked_rows(gradients).astype(float), compute_uv=False)


def low_rank_error(gradients: Gradients, rank: Count) -> float:
    """(Σ_{l>rank} σ_l²)^½: how far the rows are, in the Frobenius norm, from the nearest matrix of this rank.

    gradients: (n, d), finite.   rank: 0 or more.
    At most (Σᵢ min_{j∈S} d_ij²)^½ for every set S of `rank` rows, see `exemplar_error`.
    Eckart & Young (Psychometrika, 1936).
    """
    left_out = singular_values(gradients)[check_count("rank", rank, 0) :]
    return float(np.sqrt((left_out**2).sum()))


def exemplar_error(gradients: Gradients, chosen: Integer[ndarray, " k"]) -> float:
    """(Σᵢ min_{j∈S} d_ij²)^½: the error if every row is replaced by its nearest chosen one.

    gradients: (n, d), finite.   chosen: indices of the rows of S, one or more.
    """
    g = checked_rows(gradients).astype(float)
    chosen = check_indices("chosen", chosen, len(g))
    if not len(chosen):
        raise ValueError("chosen is empty; it must hold at least one row")
    nearest = pairwise_distances(g)[:, chosen].min(axis=1)
    return float(np.sqrt((nearest**2).sum()))
