"""The first round of GreeDi on an executor: F travels as memory-mapped files, once for all machines.

part   the elements of one machine, sorted        given   elements that are chosen already
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.kernels.shared_memory import packed, unpacked
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction
from lsml_core.validation import check_kind

Part = Int[ndarray, " _"]  # every part has a length of its own


@runtime_checkable
class Executor(Protocol):
    """A concurrent.futures.Executor, Dask's `client.get_executor()`, or anything else that has a `map`."""

    def map(self, fn: Callable[[Any], Any], jobs: Iterable[Any], /) -> Iterable[Any]: ...


class Job(NamedTuple):
    """Greedy on one part; `f` is packed for an executor."""

    f: SetFunction | bytes
    part: Part
    k: int
    given: Part


def first_round(
    f: SetFunction,
    k: int,
    parts: Sequence[Part],
    given: Part,
    executor: Executor | None,
    folder: str | Path | None,
) -> list[Selection]:
    """What greedy chooses from each part, one after another here, or on the executor.

    f: the function.   k: budget of each part.   parts: their elements.   given: chosen already.
    executor: None runs here.   folder: where f is packed for it; None is the system's.
    """
    if executor is None:
        return [_run(Job(f, part, k, given)) for part in parts]
    check_kind("executor", executor, Executor, "an executor, such as ProcessPoolExecutor()")
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
        parcel = packed(f, Path(temporary))
        return list(executor.map(_run, [Job(parcel, part, k, given) for part in parts]))


def _run(job: Job) -> Selection:
    f = unpacked(job.f) if isinstance(job.f, bytes) else job.f
    return greedy_among(f.local, job.k, job.part, job.given)


def greedy_among(function_of: Callable[[Part], SetFunction], k: int, part: Part, given: Part) -> Selection:
    """Greedy on a part of V, added to the given elements.

    function_of: makes a function of these elements only: `f.restrict`, or `f.local`.
    """
    if not len(part):
        return Selection((), (), 0)
    known = np.union1d(part, given)
    found = greedy(function_of(known), min(k, len(part)), given=np.searchsorted(known, given))
    return Selection(tuple(known[list(found.chosen)].tolist()), found.gains, found.evaluations)
