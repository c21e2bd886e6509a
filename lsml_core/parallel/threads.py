"""Run a compiled loop in P threads at once, and tell how long it took and whether every thread had a core.

    P      threads               seconds   from the moment all have come to the end of the last one
    held   share of that time for which the thread that was served worst was on a core

A speed measured while other programs took a core says nothing about the method: look at `held` first.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple


class Clock(NamedTuple):
    seconds: float
    held: float


def cores() -> int:
    """Cores that this process may use, which a container can limit to fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def together(loop: Any, arguments: Sequence[tuple[Any, ...]]) -> Clock:
    """Call `loop` once a thread, with one tuple of arguments each. The loop begins with `meet`."""
    _compile(loop, arguments[0])
    with ThreadPoolExecutor(len(arguments)) as pool:
        spans = [*pool.map(lambda mine: _timed(loop, mine), arguments)]
    seconds = max(s.end for s in spans) - max(s.begin for s in spans)
    return Clock(seconds, min(s.on_core / (s.end - s.begin) for s in spans))


class _Span(NamedTuple):
    begin: float
    end: float
    on_core: float  # seconds


def _timed(loop: Any, arguments: tuple[Any, ...]) -> _Span:
    begin, on_core = time.perf_counter(), time.thread_time()
    loop(*arguments)
    on_core = time.thread_time() - on_core
    return _Span(begin, time.perf_counter(), on_core)


def _compile(loop: Any, arguments: tuple[Any, ...]) -> None:
    """Before the clock starts, and not in silence: it takes seconds, once on each machine."""
    from numba import typeof  # here, so that the room opens at once
    from tqdm.auto import tqdm

    signature = tuple(map(typeof, arguments))
    if signature not in loop.signatures:
        with tqdm(desc=f"compiling {loop.__name__}, once", bar_format="{desc}", leave=False):
            loop.compile(signature)
