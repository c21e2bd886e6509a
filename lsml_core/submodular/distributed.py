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
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from lsml_core.submodular.arguments import as_set, check_budget, checked
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.result import Selection, in_order
from lsml_core.submodular.set_function import Local, SetFunction, restricted
from lsml_core.submodular.shared import packed, unpacked

Part = Int[ndarray, " _"]  # every part has a length of its own


@runtime_checkable
class Machines(Protocol):
    """A concurrent.futures.Executor, Dask's `client.get_executor()`, or whatever else has a `map`."""

    def map(self, fn: Callable[[Any], Any], jobs: Iterable[Any], /) -> Iterable[Any]: ...


@dataclass(frozen=True)
class TwoRounds(Selection):
    """The answer, and how it came about: A_p = local[p] of value local_values[p], chosen from parts[p]."""

    parts: tuple[Part, ...]
    local: tuple[tuple[int, ...], ...]
    local_values: tuple[float, ...]
    merged: Selection


class Job(NamedTuple):
    f: SetFunction | bytes
    part: Part
    k: int


def greedi(
    f: SetFunction,
    k: int,
    machines: int,
    *,
    rng: np.random.Generator,
    executor: Machines | None = None,
    folder: str | Path | None = None,
) -> TwoRounds:
    """RandGreeDi: every element goes to a random one of `machines` parts, and then `greedi_on_parts`.

    E F ≥ ½(1 − 1/e)·OPT for every instance, where a fixed partition can be unlucky.
    Barbosa, Ene, Nguyen & Ward (ICML 2015).
    """
    if machines < 1:
        raise ValueError(f"machines={machines} must be at least 1")
    owner = rng.integers(machines, size=f.n)
    parts = [np.flatnonzero(owner == p) for p in range(machines)]
    return greedi_on_parts(f, k, parts, executor=executor, folder=folder)


def greedi_on_parts(
    f: SetFunction,
    k: int,
    parts: Sequence[Sequence[int] | Part],
    *,
    executor: Machines | None = None,
    folder: str | Path | None = None,
) -> TwoRounds:
    """GreeDi on the parts as they lie: F ≥ Ω(1/√min(m, k))·OPT.

    A machine asks F for gains, or F's `local` stand-in where it has one: facility location made from features
    then counts the machine's own customers only, which takes a machine 1/m² of the time, and what is promised
    needs large random parts. The machines run one after another, or on `executor`: F goes there through files
    in `folder`, by default a temporary one of this machine, and no array of F is sent with a task.
    ValueError: k outside 0 … n, no part, or an index outside F's ground set.
    Mirzasoleiman, Karbasi, Sarkar & Krause (NIPS 2013; JMLR 2016).
    """
    check_budget(k, f.n)
    if not len(parts):
        raise ValueError("parts is empty: at least one is needed")
    own = tuple(checked(part, f.n) for part in parts)
    local, evaluations = zip(*_first_round(f, k, own, executor, folder), strict=True)
    union = np.unique(np.concatenate(local)).astype(np.intp)
    second = greedy(restricted(f, union), min(k, len(union))) if len(union) else Selection((), (), 0)
    merged = Selection(tuple(union[list(second.chosen)].tolist()), second.gains, second.evaluations)
    values = tuple(f.value(A) for A in local)
    total = sum(evaluations) + second.evaluations
    p = int(np.argmax(values))
    best = merged if merged.value >= values[p] else in_order(f, local[p], evaluations=0)
    return TwoRounds(best.chosen, best.gains, total, own, local, values, merged)


def _first_round(
    f: SetFunction,
    k: int,
    parts: Sequence[Part],
    executor: Machines | None,
    folder: str | Path | None,
) -> list[tuple[tuple[int, ...], int]]:
    """A_p and the gains asked for, machine by machine."""
    if executor is None:
        return [_run(Job(f, part, k)) for part in parts]
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as here:
        parcel = packed(f, Path(here))
        return list(executor.map(_run, [Job(parcel, part, k) for part in parts]))


def _run(job: Job) -> tuple[tuple[int, ...], int]:
    """What one machine does: greedy on its part."""
    f = unpacked(job.f) if isinstance(job.f, bytes) else job.f
    if not len(job.part):
        return (), 0
    mine = f.local(job.part) if isinstance(f, Local) else restricted(f, job.part)
    found = greedy(mine, min(job.k, len(job.part)))
    return tuple(job.part[list(found.chosen)].tolist()), found.evaluations
