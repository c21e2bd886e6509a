"""Instances whose answer is known, or that can be drawn: discs in the plane, and the worst case for greedy.

discs    sets of cells of a map, bool (n, rows, columns)     cell     area of one cell
centers  (n, 2), radii (n,): discs in the plane              items    points to be covered, (u, 2)
"""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from lsml_core.submodular.arguments import Indices
from lsml_core.submodular.compositions import ByValue
from lsml_core.submodular.functions import Coverage
from lsml_core.submodular.set_function import SetFunction, gains_of
from lsml_core.validation import check_count, check_finite, check_not_negative, check_positive


def tight_instance(k: int) -> Coverage:
    """Greedy gets 1 − (1 − 1/k)ᵏ of the optimum and no more: k rows, elements 0 … k − 1, and then k columns.

    k: budget, at least 1.
    The columns cover everything. Row i covers a k-th of what the rows above leave of each column: a row and a
    column always gain the same, and the tie goes to the row, which comes first. Weights are areas times
    k^(k+1), integers, so that equal gains are equal in floating point too.
    """
    k = check_count("k", k)
    weight = [k ** (k - 1 - i) * (k - 1) ** i for i in range(k)] + [(k - 1) ** k]
    row, column = np.divmod(np.arange((k + 1) * k), k)
    member = np.vstack([row == i for i in range(k)] + [column == j for j in range(k)])
    return Coverage(member, np.repeat(weight, k))


def disc_coverage(
    centers: Float[ndarray, "n 2"], radii: Float[ndarray, " n"], items: Float[ndarray, "u 2"]
) -> Coverage:
    """Each disc covers the items that lie in it.

    centers: (n, 2).   radii: (n,), at least 0.   items: points, (u, 2).
    """
    check_finite(centers=centers, items=items)
    check_not_negative(radii=radii)
    return Coverage(((items - centers[:, None]) ** 2).sum(axis=-1) <= radii[:, None] ** 2)


def area(
    discs: Bool[ndarray, "n rows columns"], cell: float | int, *, times: int = 1, power: float | int = 1
) -> ByValue:
    """F(S) = (the area that at least `times` discs of S cover) ^ `power`.

    discs: sets of cells of a map, bool (n, rows, columns).   cell: area of one cell, at least 0.
    times: at least 1.   power: above 0.
    Submodular for times = 1 and power ≤ 1. For times = 2 it is not: a first disc makes the next worth more.
    """

    check_not_negative(cell=cell)
    check_positive(power=power)
    times = check_count("times", times)

    def value(S: tuple[int, ...]) -> float:
        count = discs[np.array(S, dtype=int)].sum(axis=0, dtype=np.int8)
        return float(cell * np.count_nonzero(count >= times)) ** power

    return ByValue(len(discs), value)


def gains_along(f: SetFunction, order: Indices, e: int) -> Float[ndarray, " sizes"]:
    """F(e | ∅), F(e | {o₁}), F(e | {o₁, o₂}), …: the gain of e to larger and larger sets.

    f: a set function.   order: elements o₁, o₂, ….   e: another element.
    """
    state = f.empty()
    gains = [float(gains_of(f, state, [e])[0])]
    for o in order:
        state = f.add(state, o)
        gains.append(float(gains_of(f, state, [e])[0]))
    return np.array(gains)
