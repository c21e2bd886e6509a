"""What one submission may use, and the watch that stops waiting for it.

    computing    seconds of the processor's time, read from the kernel's clock of the worker's process
    waiting      seconds for which the worker sleeps, by its own choice, and the grader waits for it
    idle         such seconds in a row, in which it computes nothing

A worker that has no processor, waits for the disk or was stopped from outside uses no time. After PATIENCE as
much of that it is Starved, which is nobody's fault. Seconds in which this process itself was stopped (Ctrl-Z,
a virtual machine that is paused) are not seen at all.

A set may change its limits, in the metadata of its notebook. `Limits.of_set` reads them there: for the grader
`master.Master.limits` calls it, for the student's own check `student/check.py`. What the
student reads when a limit is passed is written in `examine/respondent.py` and `examine/examiner.py`.

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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from courseware.grading.inside import seccomp
from courseware.grading.inside.channel import ChannelError

try:
    import resource
except ImportError:  # Windows has none
    resource: Any = None

PROCESSOR_CLOCK = 2
"""The kernel's number of a process's own clock (CPUCLOCK_SCHED)."""
GLANCE = 0.25
"""Longest seconds between two looks at the clocks."""
PROGRESS = 0.001
"""Seconds of computing that count as doing something."""
PATIENCE = 4
"""Times the limit on waiting for which a worker may get nothing done that is not its own choice."""


@dataclass(frozen=True)
class Limits:
    """Limits of a submission, of a call of one of its functions, and of a cell. Bytes, and seconds."""

    call: float | int = 2
    """Computing in one call."""
    cell: float | int = 5
    """Computing in one cell."""
    total: float | int = 15
    """Computing in all, but for the student's own cells."""
    own_cell: float | int = 20
    """Computing in one cell of the student's own: an experiment, a plot."""
    own_total: float | int = 60
    """Computing in all of these together."""
    idle: float | int = 2
    """Waiting in a row in which the worker computes nothing."""
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
    """At a time."""
    threads: int = 200
    """At a time."""
    check: float | int = 20
    """Computing of one check itself, in the grader: what an answer returns may be long to read."""
    check_memory: int = 500 << 20
    """What the grader's memory may grow by in one check: an answer may call it with huge arrays."""

    def of_set(self, settings: Mapping[str, Any]) -> "Limits":
        """These limits with those that a set changes.   settings: its metadata under "lsml"."""
        return replace(self, **settings.get("limits", {}))


class TimeUp(ChannelError):
    """The worker computed, waited or slept too long."""


class Starved(ChannelError):
    """The worker got nothing done, and did not choose that."""


class Watch:
    """Waits until the pipe `fd` can be read or written, while process `pid` keeps to its limits. For each new
    thread it is asked on `listener`, if there is one (seccomp.py)."""

    def __init__(
        self, fd: int, pid: int, limits: Limits, listener: int = -1, reading: Callable[[], float] = float
    ) -> None:
        """`reading` tells how many seconds the grader has computed to read what the worker said."""
        self.reading, self.poll, self.idle, self.most_threads = (
            reading,
            select.poll(),
            limits.idle,
            limits.threads,
        )
        self.fd, self.pid, self.listener = fd, pid, listener
        self.clock = ~pid << 3 | PROCESSOR_CLOCK if sys.platform == "linux" and pid else None
        self.slept = self.waited = 0.0
        self.computing = self.waiting = self.patience = float("inf")
        self.says = "", ""
        if listener >= 0:
            self.poll.register(listener, select.POLLIN)

    @contextlib.contextmanager
    def limited(self, computing: float | int, waiting: float | int) -> Iterator[None]:
        """These limits, from now on; a call within a call cannot outlast the outer one."""
        outer = self.computing, self.waiting, self.patience, self.says
        self.computing = min(self.computing, self.computed() + computing)
        self.waiting = min(self.waiting, self.slept + waiting)
        self.patience = min(self.patience, self.waited + PATIENCE * waiting)
        self.says = (
            f"used more than {computing:.3g} s of computing time",
            f"gave no answer in {waiting:.3g} s",
        )
        try:
            yield
        finally:
            self.computing, self.waiting, self.patience, self.says = outer

    def __call__(self, writing: bool) -> None:
        self.poll.register(self.fd, select.POLLOUT if writing else select.POLLIN)
        seen, still = self.computed(), 0.0
        while True:
            computed = self.computed()
            if computed > seen + PROGRESS:
                seen, still = computed, 0.0
            self._check(computed, still)
            pause = max(0.001, min(self.computing - computed, self.waiting - self.slept, GLANCE))
            ready = {fd for fd, _ in self.poll.poll(1000 * pause)}
            if self.fd in ready:
                return
            if ready:
                self._admit()
                continue
            asleep = self.asleep()
            still = still + pause if asleep else 0.0
            self.slept += pause * asleep  # not by the wall clock: this process may have been stopped
            self.waited += pause

    def _check(self, computed: float, still: float) -> None:
        """TimeUp or Starved beyond a limit."""
        if computed > self.computing or self.slept > self.waiting:
            raise TimeUp(self.says[computed <= self.computing])
        if self.waited > self.patience:
            raise Starved("it was stopped, or the machine was too busy to run it")
        if self.threads() > self.most_threads:
            raise TimeUp(f"started more than {self.most_threads} threads")
        if still > self.idle and self.clock is not None:
            raise TimeUp(f"did nothing for {self.idle:.3g} s: it slept, or waited")

    def _admit(self) -> None:
        """A thread of the worker waits to begin."""
        try:
            question = seccomp.asks(self.listener)
            if self.threads() >= self.most_threads:
                raise TimeUp(f"started more than {self.most_threads} threads")
            seccomp.allow(self.listener, question)
        except OSError:  # it is gone, or ends
            time.sleep(0.001)

    def computed(self) -> float:
        """Seconds of computing so far, and of reading what it said: many long messages are cheap to send.

        The former is 0 where it cannot be known, or when the process is gone.
        """
        try:
            own = time.clock_gettime(self.clock) if self.clock is not None else 0.0
        except OSError:
            own = 0.0
        return own + self.reading()

    def threads(self) -> int:
        """How many run now; 0 where it cannot be known. The kernel lists each in a folder of the process."""
        try:
            return os.stat(f"/proc/{self.pid}/task").st_nlink - 2
        except OSError:
            return 0

    def asleep(self) -> bool:
        """Whether no thread of the worker runs, waits for a processor or the disk, or was stopped; True where
        that cannot be known."""
        folder = f"/proc/{self.pid}/task"
        try:
            states = {_state(f"{folder}/{thread}/stat") for thread in os.listdir(folder)}
        except OSError:
            return True
        return not states & set("RDTt")


def _state(stat: str) -> str:
    with open(stat, "rb") as file:
        return chr(file.read().rpartition(b") ")[2][0])


@contextlib.contextmanager
def bounded_memory(more: int) -> Iterator[None]:
    """MemoryError in this process where its memory would grow by more than `more` bytes. Linux only."""
    if sys.platform != "linux":
        yield
        return
    outer, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[5]) * resource.getpagesize()
    limits = [now + more, *(limit for limit in (outer, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (outer, hard))


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
