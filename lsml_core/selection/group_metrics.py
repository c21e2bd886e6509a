"""How a network, or a method that looks for groups, does on each group of examples.

groups    number of the group of each example, 0 … groups − 1, (n,)
"""

import numpy as np
from jaxtyping import Bool, Float, Integer, Real
from numpy import ndarray

from lsml_core.validation import Count, check_count, check_kind, check_labels

Groups = Integer[ndarray, " n"]


def group_means(
    values: Real[ndarray, " n"] | Bool[ndarray, " n"], groups: Groups, count: Count
) -> Float[ndarray, " count"]:
    """Mean of the values in each of groups 0 … count − 1; nan for a group without examples.

    values: one number per example, (n,).   groups: of each example, (n,).   count: number of groups.
    """
    count = check_count("count", count)
    check_labels(groups, np.shape(values), count, "groups")
    sizes = np.bincount(groups, minlength=count).astype(float)
    sums = np.bincount(groups, weights=np.asarray(values, dtype=float), minlength=count)
    return np.divide(sums, sizes, out=np.full(count, np.nan), where=sizes > 0)


def worst_group_accuracy(correct: Bool[ndarray, " n"], groups: Groups) -> float:
    """The smallest accuracy of any group that has examples.

    correct: whether the prediction is right for each example, (n,).   groups: of each example, (n,).
    """
    check_kind("groups", groups, np.ndarray, "an array of integers")
    if not len(groups):
        raise ValueError("groups is empty; it must hold the group of each example")
    return float(np.nanmin(group_means(correct, groups, int(np.max(groups)) + 1)))


def group_recovery(
    found: Groups, minority: Bool[ndarray, " n"], y: Integer[ndarray, " n"]
) -> tuple[float, float]:
    """Recall and precision if all but the largest found group of each class are called the minority.

    found: group of each example, (n,).   minority: whether it is in the minority, (n,).   y: labels, (n,).
    """
    check_kind("y", y, np.ndarray, "an array, (n,)")
    for name, values in (("found", found), ("minority", minority)):
        check_kind(name, values, np.ndarray, "an array, (n,)")
        if values.shape != y.shape or y.ndim != 1:
            raise ValueError(f"{name} of shape {values.shape} must be (n,), like y of shape {y.shape}")
    called = np.zeros(len(y), dtype=bool)
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        names, sizes = np.unique(found[members], return_counts=True)
        called[members] = found[members] != names[sizes.argmax()]
    hits = (called & minority).sum()
    return float(hits / max(minority.sum(), 1)), float(hits / max(called.sum(), 1))
