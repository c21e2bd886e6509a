"""Small set functions of every kind, and hypothesis strategies that draw them."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import csr_array

from lsml_core.submodular.functions import (
    ByValue,
    Coverage,
    Exemplar,
    FacilityLocation,
    FeatureBased,
    GraphCut,
    LogDeterminant,
    Modular,
    Restricted,
    SaturatedCoverage,
    WeightedSum,
)

SEEDS = st.integers(0, 2**32 - 1)


def coverage(n, rng, items=12):
    """Whole numbers as weights, so that sums are exact and ties are common."""
    return Coverage(rng.random((n, items)) < 0.3, rng.integers(1, 4, items))


def similarity(n, rng, m=None):
    """Symmetric where m is not given."""
    s = rng.random((m or n, n))
    return s if m else s + s.T


def sparse_similarity(n, rng):
    s = similarity(n, rng)
    return csr_array(np.where(s > 1, s, 0))


def points(n, rng):
    return rng.normal(size=(n, 2)) + 3


def mutual_neighbours(n, rng):
    """Pairs far from all others: the two of a pair gain the same, for sums of different terms."""
    center, apart = 10 * rng.normal(size=(n // 2, 3)), 0.05 * rng.normal(size=(n // 2, 3))
    return rng.permutation(np.concatenate([center + apart, center - apart]))


TIED_POINTS = {
    "mutual nearest neighbours": mutual_neighbours,
    "duplicate rows": lambda n, rng: rng.permutation(np.repeat(rng.normal(size=(n // 3, 8)), 3, axis=0)),
    "integers": lambda n, rng: rng.integers(0, 6, (n, 3)).astype(float),
    "a grid": lambda n, rng: np.indices((round(n**0.5), round(n**0.5))).reshape(2, -1).T.astype(float),
    "no ties": lambda n, rng: rng.normal(size=(n, 16)),
}


MONOTONE = {
    "facility location": lambda n, rng: FacilityLocation(similarity(n, rng, m=n + 3)),
    "sparse facility location": lambda n, rng: FacilityLocation(sparse_similarity(n, rng)),
    "facility location of points": lambda n, rng: FacilityLocation.from_features(points(n, rng)),
    "facility location, S not kept": lambda n, rng: FacilityLocation.from_features(points(n, rng), memory=0),
    "facility location of neighbours": lambda n, rng: FacilityLocation.from_features(
        points(n, rng), neighbors=min(3, n)
    ),
    "exemplar": lambda n, rng: Exemplar(points(n, rng)),
    "exemplar, S not kept": lambda n, rng: Exemplar(points(n, rng), phantom=np.array([2.0, 4.0]), memory=0),
    "coverage": coverage,
    "feature-based": lambda n, rng: FeatureBased(rng.random((n, 4)), np.log1p, rng.random(4)),
    "saturated coverage": lambda n, rng: SaturatedCoverage(similarity(n, rng, m=5), alpha=0.4),
    "graph cut": lambda n, rng: GraphCut(similarity(n, rng), 0.5),
    "log-determinant": lambda n, rng: LogDeterminant(np.cov(rng.normal(size=(n, 3))).reshape(n, n)),
    "modular": lambda n, rng: Modular(rng.random(n)),
    "sum": lambda n, rng: WeightedSum([coverage(n, rng), Modular(rng.random(n))], [0.5, 2]),
    "restricted": lambda n, rng: Restricted(coverage(n + 4, rng), rng.permutation(n + 4)[:n]),
    "by value": lambda n, rng: ByValue(n, lambda S: len(S) ** 0.5),
}
OTHERS = {
    "cut": lambda n, rng: GraphCut(similarity(n, rng), 1.0),
    "coverage with costs": lambda n, rng: WeightedSum(
        [coverage(n, rng), Modular(-4 * rng.random(n))], [1, 1]
    ),
}


class Case(NamedTuple):
    """Drawn first and made in the test, because what is made checks its types with dice of its own."""

    kind: str
    n: int
    seed: int

    def make(self):
        """F, and random numbers for the rest of the test."""
        rng = np.random.default_rng(self.seed)
        return (MONOTONE | OTHERS)[self.kind](self.n, rng), rng


def cases(kinds=tuple(MONOTONE | OTHERS), largest=8):
    return st.builds(Case, st.sampled_from(kinds), st.integers(2, largest), SEEDS)
