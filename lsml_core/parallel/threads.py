"""Run compiled code in P threads at once; measure its time, and whether every thread had a core meanwhile.

    P            number of threads
    seconds      from the moment when all threads have arrived to the end of the last one
    core_share   fraction of that time for which the least fortunate thread was on a core, in [0, 1]

A speed that was measured while other programs took a core says nothing about the method: check `core_share`.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple


class ThreadTiming(NamedTuple):
    """Wall-clock seconds of a parallel run, and the smallest fraction of it that a thread spent on a core."""

    seconds: float
    core_share: float


def cores() -> int:
    """Number of cores this process may use; a container can limit it to fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_threads(kernel: Any, arguments: Sequence[tuple[Any, ...]]) -> ThreadTiming:
    """Call `kernel` in one thread per tuple of arguments.

    kernel: a function compiled by numba that begins with `atomics.barrier`: all threads start together.
    arguments: one tuple of positional arguments per thread.
    Compiling, which takes seconds once per machine, happens before the clock starts.
    """
    _compile(kernel, arguments[0])
    with ThreadPoolExecutor(len(arguments)) as pool:
        spans = [*pool.map(lambda own: _timed(kernel, own), arguments)]
    seconds = max(s.end for s in spans) - max(s.begin for s in spans)
    return ThreadTiming(seconds, min(s.on_core / (s.end - s.begin) for s in spans))


class _Span(NamedTuple):
    begin: float
    end: float
    on_core: float  # seconds


def _timed(kernel: Any, arguments: tuple[Any, ...]) -> _Span:
    begin, on_core = time.perf_counter(), time.thread_time()
    kernel(*arguments)
    on_core = time.thread_time() - on_core
    return _Span(begin, time.perf_counter(), on_core)


def _compile(kernel: Any, arguments: tuple[Any, ...]) -> None:
    from numba import typeof  # lazy import: numba is needed only to run threads
    from tqdm.auto import tqdm

    signature = tuple(map(typeof, arguments))
    if signature not in kernel.signatures:
        with tqdm(desc=f"compiling {kernel.__name__}, once", bar_format="{desc}", leave=False):
            kernel.compile(signature)
