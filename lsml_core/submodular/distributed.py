"""GreeDi: every machine runs greedy on its part of V, and greedy runs once more on what they chose.

    m      machines                        A_p      what machine p chooses from its part, |A_p| ≤ k
    part   the elements of one machine     merged   what greedy chooses from the union of all A_p

The answer is the best of `merged` and all A_p, valued by F: merged alone can be worse than one of them. One
round of communication, m·k elements; one more if the parts have to be drawn at random first.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, SupportsIndex, runtime_checkable

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from lsml_core.submodular.arguments import Indices, as_set, check_budget, whole_number
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.kernels.shared_memory import packed, unpacked
from lsml_core.submodular.result import Selection, in_order
from lsml_core.submodular.set_function import Local, SetFunction, restricted, tie_tolerance
from lsml_core.submodular.ties import exceeds, first_largest

Part = Int[ndarray, " _"]  # every part has a length of its own


@runtime_checkable
class Machines(Protocol):
    """A concurrent.futures.Executor, Dask's `client.get_executor()`, or whatever else has a `map`."""

    def map(self, fn: Callable[[Any], Any], jobs: Iterable[Any], /) -> Iterable[Any]: ...


@dataclass(frozen=True)
class TwoRounds(Selection):
    """The answer, and how it came about: A_p = local[p] of value local_values[p], chosen from parts[p].

    The parts are sorted, so that of equals a machine takes the smallest element too.
    """

    parts: tuple[Part, ...]
    local: tuple[tuple[int, ...], ...]
    local_values: tuple[float, ...]
    merged: Selection


class Job(NamedTuple):
    f: SetFunction | bytes
    part: Part
    k: int
    given: Part


def greedi(
    f: SetFunction,
    k: SupportsIndex,
    machines: SupportsIndex,
    *,
    rng: np.random.Generator,
    executor: Machines | None = None,
    folder: str | Path | None = None,
    given: Indices = (),
) -> TwoRounds:
    """RandGreeDi: every element goes to a random one of `machines` parts, and then `greedi_on_parts`.

    E F ≥ ½(1 − 1/e)·OPT for every instance, where a fixed partition can be unlucky.
    Barbosa, Ene, Nguyen & Ward (ICML 2015).
    """
    m = whole_number(machines, "machines", 1)
    owner = rng.integers(m, size=f.n)
    parts = [np.flatnonzero(owner == p) for p in range(m)]
    return greedi_on_parts(f, k, parts, executor=executor, folder=folder, given=given)


def greedi_on_parts(
    f: SetFunction,
    k: SupportsIndex,
    parts: Sequence[Sequence[int] | Part],
    *,
    executor: Machines | None = None,
    folder: str | Path | None = None,
    given: Indices = (),
) -> TwoRounds:
    """GreeDi on the parts as they lie: F ≥ Ω(1/√min(m, k))·OPT.

    given: elements that are chosen already. Every machine knows them, they are in no part, and all values are
    what is added to them.
    A machine asks F for gains, or F's `local` stand-in where it has one: facility location made from features
    then counts the machine's own customers only, which takes a machine 1/m² of the time, and what is promised
    needs large random parts. The machines run one after another, or on `executor`: F goes there through files
    in `folder`, by default a temporary one of this machine, and no array of F is sent with a task.
    ValueError: k that is no integer from 0 to n − |given|, no part, or an index outside F's ground set.
    Mirzasoleiman, Karbasi, Sarkar & Krause (NIPS 2013; JMLR 2016).
    """
    start = as_set(given, f.n)
    k = check_budget(k, f.n, len(start))
    if not len(parts):
        raise ValueError("parts is empty: at least one is needed")
    own = tuple(np.setdiff1d(as_set(part, f.n), start) for part in parts)
    local, evaluations = zip(*_first_round(f, k, own, start, executor, folder), strict=True)
    union = np.unique(np.concatenate(local)).astype(np.intp)
    merged = _greedy_among(f, k, union, start)
    values = tuple(f.value([*start, *A]) - f.value(start) for A in local)
    total, tie = sum(evaluations) + merged.evaluations, tie_tolerance(f)
    p = first_largest(values, tie)
    alone = exceeds(values[p], merged.value, tie)
    best = in_order(f, local[p], evaluations=0, given=start.tolist()) if alone else merged
    return TwoRounds(best.chosen, best.gains, total, own, local, values, merged)


def _first_round(
    f: SetFunction,
    k: int,
    parts: Sequence[Part],
    given: Part,
    executor: Machines | None,
    folder: str | Path | None,
) -> list[tuple[tuple[int, ...], int]]:
    """A_p and the gains asked for, machine by machine."""
    if executor is None:
        return [_run(Job(f, part, k, given)) for part in parts]
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as here:
        parcel = packed(f, Path(here))
        return list(executor.map(_run, [Job(parcel, part, k, given) for part in parts]))


def _run(job: Job) -> tuple[tuple[int, ...], int]:
    """What one machine does: greedy on its part."""
    f = unpacked(job.f) if isinstance(job.f, bytes) else job.f
    found = _greedy_among(f, job.k, job.part, job.given, stand_in=isinstance(f, Local))
    return found.chosen, found.evaluations


def _greedy_among(f: Any, k: int, part: Part, given: Part, *, stand_in: bool = False) -> Selection:
    """Greedy on a part of V, on top of what is given, by F's local stand-in or by F itself."""
    if not len(part):
        return Selection((), (), 0)
    known = np.union1d(part, given)
    mine = f.local(known) if stand_in else restricted(f, known)
    found = greedy(mine, min(k, len(part)), given=np.searchsorted(known, given))
    return Selection(tuple(known[list(found.chosen)].tolist()), found.gains, found.evaluations)
