"""How well a weighted subset approximates the sum of all gradients, and the weights that make it do so.

    g_i      gradient of example i, or a stand-in, (n, d)           S     the subset
    d_ij     ‖g_i − g_j‖                                           γ_j   weight of j ∈ S
    L(S)     Σᵢ min_{j∈S} d_ij over the elements j of i's class: a bound on the error of the gradient

    ‖Σᵢ g_i − Σ_{j∈S} γ_j g_j‖ ≤ L(S), if γ_j is the number of examples whose nearest element of S is j

Mirzasoleiman, Bilmes & Leskovec (ICML 2020).
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int, Integer, Real
from numpy import ndarray

from lsml_core.coresets import Coreset
from lsml_core.selection.classes import Gradients, Labels, checked_gradients, members_by_class
from lsml_core.validation import array_of, check_indices, check_kind

BLOCK = 2**22
"""Distances computed at a time."""


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
    check_kind("coreset", coreset, Coreset, "a Coreset(indices, weights)")
    return summed_distances(*checked_gradients(gradients, y), coreset.indices)


def gradient_error(gradients: Gradients, coreset: Coreset) -> float:
    """‖Σᵢ g_i − Σ_{j∈S} γ_j g_j‖.   gradients: g_i, (n, d).   coreset: S and γ."""
    check_kind("coreset", coreset, Coreset, "a Coreset(indices, weights)")
    g = array_of("gradients", gradients).astype(float, copy=False)
    if g.ndim != 2 or coreset.indices.max() >= len(g):
        raise ValueError(f"gradients of shape {g.shape} must be (n, d), with a row for each index of coreset")
    return float(np.linalg.norm(g.sum(axis=0) - coreset.weights @ g[coreset.indices]))


def summed_distances(gradients: Gradients, y: Labels, chosen: Integer[ndarray, " m"]) -> float:
    """L(S).   gradients: g_i, (n, d).   y: labels, (n,), an array.   chosen: the indices of S, (m,)."""
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
