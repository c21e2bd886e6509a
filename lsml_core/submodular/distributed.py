"""GreeDi: every machine runs greedy on its part of V, and greedy runs once more on what they chose.

    m      machines                        A_p      what machine p chooses from its part, |A_p| ≤ k
    part   the elements of one machine     merged   what greedy chooses from the union of all A_p

The answer is the best of `merged` and all A_p, valued by F: merged alone can be worse than one of them. One
round of communication, m·k elements; one more if the parts have to be drawn at random first.
`plain_greedi` is the algorithm; `greedi` and `greedi_on_parts` also run it on real machines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import SupportsIndex

import numpy as np

from lsml_core.submodular.arguments import Indices, as_set, check_budget
from lsml_core.submodular.greedy import plain_greedy
from lsml_core.submodular.kernels.machines import Executor, Part, first_round, greedy_among
from lsml_core.submodular.result import Selection, selection_in_order
from lsml_core.submodular.set_function import SetFunction, check_set_function
from lsml_core.submodular.ties import exceeds, first_largest
from lsml_core.validation import check_count, check_kind, check_rng


@dataclass(frozen=True)
class GreediSelection(Selection):
    """The answer and how it came about: A_p = local[p], of value local_values[p], chosen from parts[p].

    The parts are sorted, so that a machine too takes the smallest of equal elements.
    """

    parts: tuple[Part, ...]
    local: tuple[tuple[int, ...], ...]
    local_values: tuple[float, ...]
    merged: Selection


def plain_greedi(f: SetFunction, k: int, parts: Sequence[Part]) -> tuple[int, ...]:
    """The two rounds, as the paper has them: what `greedi_on_parts` chooses.

    f: a set function.   k: budget.   parts: the elements of each machine.
    """

    def chosen_from(part: Part, function: SetFunction) -> tuple[int, ...]:
        return tuple(int(part[j]) for j in plain_greedy(function, min(k, len(part))).chosen)

    local = [chosen_from(part, f.local(part)) for part in parts]
    union = np.unique(np.concatenate([np.array(A_p, dtype=int) for A_p in local]))
    merged = chosen_from(union, f.restrict(union))
    candidates = [merged, *local]
    return candidates[first_largest([f.value(A) for A in candidates], f.tie_tolerance)]


def greedi(
    f: SetFunction,
    k: SupportsIndex,
    machines: SupportsIndex,
    *,
    rng: np.random.Generator,
    executor: Executor | None = None,
    folder: str | Path | None = None,
    given: Indices = (),
) -> GreediSelection:
    """RandGreeDi: every element goes to a random one of `machines` parts, and then `greedi_on_parts`.

    f, k, executor, folder, given: as for `greedi_on_parts`.
    E F ≥ ½(1 − 1/e)·OPT for every instance, while a fixed partition can be unlucky.
    machines: how many, m ≥ 1. The other arguments are those of `greedi_on_parts`.
    Barbosa, Ene, Nguyen & Ward (ICML 2015).
    """
    m = check_count("machines", machines)
    owner = check_rng(rng).integers(m, size=check_set_function(f).n)
    parts = [np.flatnonzero(owner == p) for p in range(m)]
    return greedi_on_parts(f, k, parts, executor=executor, folder=folder, given=given)


def greedi_on_parts(
    f: SetFunction,
    k: SupportsIndex,
    parts: Sequence[Sequence[int] | Part],
    *,
    executor: Executor | None = None,
    folder: str | Path | None = None,
    given: Indices = (),
) -> GreediSelection:
    """GreeDi on a given partition: F ≥ Ω(1/√min(m, k))·OPT.

    f: a set function.   k: budget.
    parts: the elements of each machine, one sequence per machine.
    executor: where the machines run; None runs them here, one after another. F goes there through files, and
    no array of F is sent with a task.
    folder: where these files lie, by default a temporary folder of this machine.
    given: elements that are chosen already. Every machine knows them, they are in no part, and all values are
    what is added to them.
    A machine maximises `f.local(part)`. Facility location made from features then counts the machine's own
    customers only, which takes 1/m² of the time, and the guarantee then needs large random parts.
    ValueError: k that is not an integer from 0 to n − |given|, no part, or an index outside F's ground set.
    Mirzasoleiman, Karbasi, Sarkar & Krause (NIPS 2013; JMLR 2016).
    """
    start = as_set(given, check_set_function(f).n)
    k = check_budget(k, f.n, len(start))
    check_kind("parts", parts, Sequence | np.ndarray, "a sequence with the elements of each machine")
    if not len(parts):
        raise ValueError("parts is empty: at least one part is needed")
    own = tuple(np.setdiff1d(as_set(part, f.n), start) for part in parts)
    found = first_round(f, k, own, start, executor, folder)
    local = tuple(selection.chosen for selection in found)
    union = np.unique(np.concatenate([np.array(A_p, dtype=np.intp) for A_p in local]))
    merged = greedy_among(f.restrict, k, union, start)
    values = tuple(f.value([*start, *A_p]) - f.value(start) for A_p in local)
    p, evaluations = first_largest(values, f.tie_tolerance), sum(s.evaluations for s in (*found, merged))
    best = merged
    if exceeds(values[p], merged.value, f.tie_tolerance):
        best = selection_in_order(f, local[p], evaluations=0, given=start.tolist())
    return GreediSelection(best.chosen, best.gains, evaluations, own, local, values, merged)
