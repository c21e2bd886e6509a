"""CRAIG: a weighted subset that approximates the full gradient, by facility location per class.

    g_i      gradient of example i, or a stand-in whose distances bound those of the gradients, (n, d)
    d_ij     ‖g_i − g_j‖                    S     the subset, in the order chosen
    γ_j      weight of j ∈ S: how many examples are closer to j than to any other element of S

If every example is represented by its nearest element of S, the weighted gradients of S are off by at most
the summed distances to the nearest elements:

    ‖Σᵢ g_i − Σ_{j∈S} γ_j g_j‖ ≤ Σᵢ min_{j∈S} d_ij = L(S)

To make the bound small is to maximise the facility location F(S) = Σᵢ max_{j∈S} (D − d_ij), where D is the
largest distance. `craig` does so for a given size, `craig_cover` finds a small S whose bound is at most ε.

What stands for g_i: for a convex model with loss φ(w·x) the features x (if φ′ is Lipschitz, gradients of
a class differ by at most a constant times ‖x_i − x_j‖ for all w in a bounded set, so S is chosen once, before
training); for a network the gradient p − y at its logits, and S is chosen anew as training goes on.

Mirzasoleiman, Bilmes & Leskovec (ICML 2020).
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop
from itertools import islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Integer, Real
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
from lsml_core.selection.kernels.distances import similarity_matrix
from lsml_core.submodular.facility_location import FacilityLocation
from lsml_core.submodular.greedy import Round, greedy, greedy_rounds
from lsml_core.submodular.kernels.similarity import Dense
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction
from lsml_core.validation import array_of, as_number, check_function, check_indices, check_share

ObjectiveFactory = Callable[[Gradients], SetFunction]
"""Makes the function that is maximised in a class from the gradients of that class."""
BLOCK = 2**22
"""Distances computed at a time."""


def plain_similarity(gradients: Gradients) -> Float[ndarray, "n n"]:
    """D − d_ij of all pairs of one class, as it is defined.   gradients: of the class, (n, d)."""
    from scipy.spatial.distance import cdist  # lazy import: scipy takes half a second

    distances = cdist(gradients, gradients)
    return distances.max(initial=0.0) - distances


def facility_location(gradients: Gradients, *, memory: float | int = 1e9) -> FacilityLocation:
    """F(S) = Σᵢ max_{j∈S} (D − d_ij) over one class, with all its similarities in a float32 matrix.

    gradients: of the class, (n, d), n ≥ 1, finite.   memory: bytes that the matrix may take, 4·n².
    The matrix is `plain_similarity`, made by `kernels/distances.py`.
    ValueError: a class that needs more, or whose distances exceed the largest float32.
    `FacilityLocation.from_features` keeps no matrix; its distances are squared.
    """
    gradients = checked_rows(gradients)
    n = len(gradients)
    if 4 * n**2 > memory:
        raise ValueError(
            f"{n} examples of one class need {4 * n**2:.2g} bytes for their distances; memory={memory:.2g}. "
            "Pass objective=FacilityLocation.from_features, which keeps no matrix, or raise memory"
        )
    return FacilityLocation(Dense(similarity_matrix(gradients), symmetric=True))


def craig(
    gradients: Gradients,
    y: Labels,
    fraction: float | int,
    *,
    objective: ObjectiveFactory = facility_location,
    maximize: Callable[[SetFunction, int], Selection] = greedy,
) -> Coreset:
    """⌈fraction · n_c⌉ exemplars of every class c; weights are the sizes of their clusters and sum to n.

    gradients: g_i, (n, d), finite.   y: labels, (n,).   fraction: share of each class, above 0 and at most 1.
    objective: makes the set function that is maximised in a class from its gradients.
    maximize: the maximiser, such as `lazy_greedy` or `partial(greedi, machines=8, rng=rng, executor=pool)`.
    The indices are in the order chosen: that of decreasing gain, and within a class that of the maximiser.
    Cost: O(n_c²·d) per class for the distances. Guarantee: (1 − 1/e) of the best F in each class.
    """
    g, y = checked_gradients(gradients, y)
    check_share(fraction=fraction)
    check_function("objective", objective, "a function of gradients, such as facility_location")
    check_function("maximize", maximize, "a function of F and k, such as lazy_greedy")
    picks, gains = [], []
    for members in members_by_class(y):
        found = maximize(objective(g[members]), size_of_share(fraction, len(members)))
        picks.append(members[np.asarray(found.chosen, dtype=int)])
        gains.append(np.minimum.accumulate(found.gains))  # rounding may swap two gains, but no picks
    order = np.argsort(-np.concatenate(gains), kind="stable")
    return represent(g, y, np.concatenate(picks)[order])


class Cover(NamedTuple):
    """A coreset and the bound L(S) = Σᵢ min_{j∈S} d_ij on the error of its gradient."""

    coreset: Coreset
    bound: float


def craig_cover(gradients: Gradients, y: Labels, error: float | int) -> Cover:
    """A small S, one element of every class or more, with L(S) ≤ error: greedy submodular cover.

    gradients, y: as in `craig`.   error: ε, in the unit of the gradients, at least 0.
    Memory: 4·n_c² bytes for every class c, all at once.
    Greedy over all classes together takes the largest gain of any; the bound is of all n examples, so
    error / n is the mean error per example.
    But for the first element of each class, which is always taken, the set is at most 1 + ln(a/b) times as
    large as the smallest: a is the largest gain, b the gain of the last pick. Wolsey (Combinatorica, 1982).
    """
    g, y = checked_gradients(gradients, y)
    if not 0 <= as_number("error", error) < np.inf:
        raise ValueError(f"error={error} must be finite and at least 0")
    classes = members_by_class(y)
    rounds = [greedy_rounds(facility_location(g[members])) for members in classes]
    chosen = [members[next(picks).e] for members, picks in zip(classes, rounds, strict=True)]
    bound, queue = (
        _bound_of(g, y, np.array(chosen)),
        [entry for c in range(len(classes)) for entry in _next(rounds, c)],
    )
    heapify(queue)
    while bound > error and queue:
        fall, c, e = heappop(queue)
        chosen.append(classes[c][e])
        bound += fall  # negative; in float32, so the exact bound decides in the end
        queue += _next(rounds, c)
        heapify(queue)
        if bound <= error:
            bound = _bound_of(g, y, np.array(chosen))
    return Cover(represent(g, y, np.array(chosen)), bound)


def represent(gradients: Gradients, y: Labels, chosen: Int[ndarray, " m"]) -> Coreset:
    """The `chosen` examples, each weighted by how many of its class are closest to it.

    gradients: g_i, (n, d).   y: labels, (n,).   chosen: indices, (m,), in the order chosen.
    Of two that are equally close, the one that was chosen first represents an example.
    ValueError: a class without a chosen example, or gradients, labels or indices that do not fit.
    """
    g, y = checked_gradients(gradients, y)
    chosen = check_indices("chosen", chosen, len(g))
    weights = np.zeros(len(chosen))
    for members, places in _by_class(y, chosen):
        nearest = [d.argmin(axis=1) for d in _distances(g[members], g[chosen[places]])]
        weights[places] = np.bincount(np.concatenate(nearest), minlength=len(places))
    return Coreset(chosen, weights)


def gradient_bound(gradients: Gradients, y: Labels, coreset: Coreset) -> float:
    """L(S) = Σᵢ min_{j∈S} d_ij over the elements j of i's class.

    gradients: g_i, (n, d).   y: labels, (n,).   coreset: its indices are S.
    The gradient error of `represent(gradients, y, coreset.indices)` is at most this.
    """
    return _bound_of(*checked_gradients(gradients, y), coreset.indices)


def gradient_error(gradients: Gradients, coreset: Coreset) -> float:
    """‖Σᵢ g_i − Σ_{j∈S} γ_j g_j‖.   gradients: g_i, (n, d).   coreset: S and γ."""
    g = array_of("gradients", gradients).astype(float, copy=False)
    if g.ndim != 2 or coreset.indices.max() >= len(g):
        raise ValueError(f"gradients of shape {g.shape} must be (n, d), with a row for each index of coreset")
    return float(np.linalg.norm(g.sum(axis=0) - coreset.weights @ g[coreset.indices]))


# --- one class, and all of them ---


def _next(rounds: Sequence[Iterator[Round]], c: int) -> list[tuple[float, int, int]]:
    """Class c's next pick, if there is one: by how much it moves the bound, c, and the element."""
    return [(-pick.gain, c, pick.e) for pick in islice(rounds[c], 1)]


def _bound_of(gradients: Gradients, y: Labels, chosen: Integer[ndarray, " m"]) -> float:
    total = 0.0
    for members, places in _by_class(y, chosen):
        nearest = _distances(gradients[members], gradients[chosen[places]])
        total += sum(float(d.min(axis=1).sum()) for d in nearest)
    return total


def _by_class(y: Labels, chosen: Int[ndarray, " m"]) -> Iterator[tuple[ndarray, ndarray]]:
    """For each class its examples, and the places of its elements in `chosen`."""
    for members in members_by_class(y):
        places = np.flatnonzero(np.isin(chosen, members))
        if not len(places):
            raise ValueError(f"class {y[members[0]]} has no chosen example, so nothing represents it")
        yield members, places


def _distances(a: Gradients, b: Real[ndarray, "b d"]) -> Iterator[Float[ndarray, "rows b"]]:
    """‖aᵢ − b_j‖, some rows at a time."""
    from scipy.spatial.distance import cdist  # lazy import: scipy takes half a second

    rows = max(1, BLOCK // max(len(b), 1))
    for top in range(0, len(a), rows):
        yield cdist(a[top : top + rows], b)
