"""What greedy is compared with: the elements of largest gain on their own, and a random set.

    F      a `SetFunction` on V = {0, …, n−1}        k      budget, |S| ≤ k
    given  elements that are chosen already: the k elements are added to them

Both return a `Selection` of k elements, also where a gain is negative.
ValueError: k that is not an integer from 0 to n − |given|, given elements outside F's ground set, and gains
that are nan or +inf.
"""

from typing import SupportsIndex

import numpy as np

from lsml_core.submodular.arguments import Indices
from lsml_core.submodular.kernels.rounds import Start
from lsml_core.submodular.result import Selection, selection_in_order
from lsml_core.submodular.set_function import SetFunction
from lsml_core.validation import check_rng


def top_k(f: SetFunction, k: SupportsIndex, *, given: Indices = ()) -> Selection:
    """The k elements of largest gain on their own, added to those given; they may be redundant.

    f: a set function.   k: how many elements to add, from 0 to n − |given|.   given: elements chosen already.
    """
    start = Start.after(f, given)
    k, alone, free = start.budget(k), start.gains(), start.free.copy()
    chosen: list[int] = []
    for _ in range(k):
        best = np.where(free, alone, -np.inf).max()
        chosen.append(int(np.argmax(free & (alone >= best - f.tie_tolerance * abs(best)))))
        free[chosen[-1]] = False
    evaluations = int(np.count_nonzero(start.free))
    return selection_in_order(f, chosen, evaluations=evaluations, given=given)


def random_subset(
    f: SetFunction, k: SupportsIndex, *, rng: np.random.Generator, given: Indices = ()
) -> Selection:
    """k elements, every set of k equally likely among those that are not given.

    f: a set function.   k: how many elements to add, from 0 to n − |given|.   given: elements chosen already.
    """
    start = Start.after(f, given)
    chosen = check_rng(rng).choice(np.flatnonzero(start.free), start.budget(k), replace=False)
    return selection_in_order(f, chosen.tolist(), evaluations=0, given=given)
