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
from jaxtyping import Float
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
from lsml_core.selection.gradient_approximation import (
    gradient_bound,
    gradient_error,
    represent,
    summed_distances,
)
from lsml_core.selection.kernels.distances import similarity_matrix
from lsml_core.submodular.facility_location import FacilityLocation
from lsml_core.submodular.greedy import Round, greedy, greedy_rounds
from lsml_core.submodular.kernels.similarity import Dense
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction
from lsml_core.validation import as_number, check_function, check_share

__all__ = [
    "Cover",
    "ObjectiveFactory",
    "craig",
    "craig_cover",
    "facility_location",
    "gradient_bound",
    "gradient_error",
    "plain_similarity",
    "represent",
]
ObjectiveFactory = Callable[[Gradients], SetFunction]
"""Makes the function that is maximised in a class from the gradients of that class."""


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
        summed_distances(g, y, np.array(chosen)),
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
            bound = summed_distances(g, y, np.array(chosen))
    return Cover(represent(g, y, np.array(chosen)), bound)


def _next(rounds: Sequence[Iterator[Round]], c: int) -> list[tuple[float, int, int]]:
    """Class c's next pick, if there is one: by how much it moves the bound, c, and the element."""
    return [(-pick.gain, c, pick.e) for pick in islice(rounds[c], 1)]
