"""What one submission may use, and the watch that stops waiting for it.

    computing    seconds of the processor's time, read from the kernel's clock of the worker's process
    waiting      seconds of the clock on the wall: generous, because a busy machine must cost nobody points
    idle         seconds in which the worker computes nothing and answers nothing: it sleeps

Where the kernel has no clock of another process (macOS), the limit on computing is the one that the worker
was started with, for the whole submission.
"""

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsml_core.grading.channel import ChannelError

PROCESSOR_CLOCK = 2
"""The kernel's number of a process's own clock (CPUCLOCK_SCHED)."""
GLANCE = 0.25
"""Longest seconds between two looks at the clocks."""
PROGRESS = 0.001
"""Seconds of computing that count as doing something."""


@dataclass(frozen=True)
class Limits:
    """Limits of a submission, of a call of one of its functions, and of a cell. Bytes, and seconds."""

    call: float | int = 2
    """Computing in one call."""
    cell: float | int = 5
    """Computing in one cell."""
    total: float | int = 15
    """Computing in all."""
    idle: float | int = 2
    wait: float | int = 15
    """Waiting for one call or cell."""
    total_wait: float | int = 40
    """Waiting in all."""
    restarts: int = 2
    """New workers in one question; after them its calls fail at once."""
    memory: int = 2 << 30
    """Address space."""
    disk: int = 16 << 20
    """Files of the worker's own, together."""
    open_files: int = 64
    threads: int = 200
    check: float | int = 20
    """Computing of one check itself, in the grader: what an answer returns may be long to read."""


class TimeUp(ChannelError):
    """The worker computed, waited or slept too long."""


class Watch:
    """Waits until the pipe `fd` can be read or written, while process `pid` keeps to its limits."""

    def __init__(self, fd: int, pid: int, limits: Limits) -> None:
        self.poll, self.idle, self.most_threads = select.poll(), limits.idle, limits.threads
        self.fd, self.pid = fd, pid
        self.clock = ~pid << 3 | PROCESSOR_CLOCK if sys.platform == "linux" and pid else None
        self.computing, self.waiting = float("inf"), float("inf")
        self.says = "", ""

    @contextlib.contextmanager
    def limited(self, computing: float | int, waiting: float | int) -> Iterator[None]:
        """These limits, from now on; a call within a call cannot outlast the outer one."""
        outer = self.computing, self.waiting, self.says
        self.computing = min(self.computing, self.computed() + computing)
        self.waiting = min(self.waiting, time.monotonic() + waiting)
        self.says = (
            f"used more than {computing:.3g} s of computing time",
            f"gave no answer in {waiting:.3g} s",
        )
        try:
            yield
        finally:
            self.computing, self.waiting, self.says = outer

    def __call__(self, writing: bool) -> None:
        self.poll.register(self.fd, select.POLLOUT if writing else select.POLLIN)
        seen, still = self.computed(), 0.0
        while True:
            computed, now = self.computed(), time.monotonic()
            if computed > self.computing or now > self.waiting:
                raise TimeUp(self.says[computed <= self.computing])
            if self.threads() > self.most_threads:
                raise TimeUp(f"started more than {self.most_threads} threads")
            if computed > seen + PROGRESS:
                seen, still = computed, 0.0
            if still > self.idle and self.clock is not None:
                raise TimeUp(f"did nothing for {self.idle:.3g} s")
            pause = max(0.001, min(self.computing - computed, self.waiting - now, GLANCE))
            if self.poll.poll(1000 * pause):
                return
            still += pause  # not what the wall clock says: this process may have been stopped, too

    def computed(self) -> float:
        """Seconds of computing so far; 0 where it cannot be known, or when the process is gone."""
        try:
            return time.clock_gettime(self.clock) if self.clock is not None else 0.0
        except OSError:
            return 0.0

    def threads(self) -> int:
        """How many run now; 0 where it cannot be known. The kernel lists each in a folder of the process."""
        try:
            return os.stat(f"/proc/{self.pid}/task").st_nlink - 2
        except OSError:
            return 0


@contextlib.contextmanager
def interrupted(seconds: float | int, busy: Callable[[], bool]) -> Iterator[None]:
    """TimeoutError in code of this process that computes for more than `seconds`, unless `busy()`; then, and
    if the error is caught, it comes again a second later.

    On the main thread only, and not on Windows: elsewhere nothing is interrupted.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        if not busy():
            raise TimeoutError(f"reading what the answer returned took more than {seconds:.3g} s")

    outer = signal.signal(signal.SIGPROF, ring)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    finally:  # it may ring on the way out
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, outer)
