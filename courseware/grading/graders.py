"""Grading processes: each has a room of its own, and is given one submission at a time.

A submission whose grader dies, fails or takes too long is tried once more after all others: that may have
come from outside. If it happens again, it is one result with a reason, which is not final.
"""

import contextlib
import json
import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing import connection
from typing import Any, NamedTuple

from courseware.grading.intake.submissions import Submission
from courseware.grading.interruption import Interruption
from courseware.grading.sandbox.limits import bounded_memory
from courseware.grading.store import Record
from courseware.grading.work import Work

SECONDS = 300
"""After which a grader that does not answer is stopped; the examiner's limits are tighter, and may fail."""
TICK = 1
"""Longest seconds between two looks at the graders."""
MEMORY = 1 << 30
"""What a grader's memory may grow by for one submission, whatever the file holds."""
SPAWN = multiprocessing.get_context("spawn")  # a forked grader would inherit this process's threads and locks


def results(
    todo: Sequence[Submission],
    work: Work,
    workers: int,
    seconds: float | int,
    interruption: Interruption,
) -> Iterator[Record]:
    """A record for each submission; one that is lost with its grader goes to the end of the line once.

    todo: the submissions.   work: what each process is told.   workers: most processes at a time.
    seconds: after which a process that does not answer is stopped.   interruption: notes Ctrl-C.
    RuntimeError: no process can be started.
    """
    waiting, again, graders = deque(todo), set[Submission](), list[Grader]()
    starts = _Starts()
    try:
        while waiting or any(grader.task for grader in graders):
            interruption.check()
            while waiting and len(graders) < workers:
                graders.append(Grader(work))
            ready = connection.wait([grader.pipe for grader in graders], timeout=TICK)
            for grader in [g for g in graders if g.pipe in ready]:
                task, answer = grader.task, grader.answer()
                starts.check(answer)
                if answer.record:
                    yield answer.record
                elif task and task in again:
                    yield work.failure(task, answer.problem)
                elif task:
                    again.add(task)
                    waiting.append(task)
                if grader.gone:
                    graders.remove(grader)
            for grader in graders:
                if not grader.busy and waiting:
                    grader.give(waiting.popleft())
                grader.stop_after(seconds)
    finally:
        for grader in graders:
            grader.close()


class _Answer(NamedTuple):
    """What a grader said: a result, or what happened instead; neither if it is ready for its first task."""

    record: Record | None = None
    problem: str = ""
    ready: bool = True  # it could be started


class _Starts:
    """Whether graders can be started at all. One that dies before it is ready may have been killed."""

    def __init__(self) -> None:
        self.died = 0

    def check(self, answer: _Answer) -> None:
        self.died = 0 if answer.ready else self.died + 1
        if self.died > 1:
            raise RuntimeError(f"no grading process can be started: {answer.problem}")


class Grader:
    """A process, the pipe to it, and the submission it has, if any. It is busy until it says something."""

    def __init__(self, work: Work) -> None:
        self.pipe, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_serve, args=(theirs, work))
        self.process.start()
        theirs.close()
        self.task: Submission | None = None
        self.age, self.seen = 0.0, time.monotonic()
        self.ready, self.busy, self.late, self.gone = False, True, False, False

    def give(self, submission: Submission) -> None:
        self.task, self.age, self.seen, self.busy = submission, 0.0, time.monotonic(), True
        with contextlib.suppress(OSError):  # it died since: its end of the pipe says so
            self.pipe.send(submission)

    def answer(self) -> _Answer:
        """What came of its task, if it had one."""
        task, self.task, self.busy = self.task, None, False
        was_ready, self.ready = self.ready, True
        try:
            said = json.loads(self.pipe.recv_bytes())  # plain data only: no answer of a grader is executed
        except (EOFError, OSError):
            self.gone = True
            self.process.join(5)
            died = f"died (exit code {self.process.exitcode})"
            why = "did not answer in time and was stopped" if self.late else died
            return _Answer(problem=f"The grading process {why}.", ready=was_ready)
        if "failed" in said:
            self.gone = True
            self.close()
            return _Answer(problem=f"The grader failed: {said['failed']}.", ready=was_ready)
        return _Answer(Record.from_json(said["record"]) if task else None)

    def stop_after(self, seconds: float | int) -> None:
        """Time in which this process was stopped itself, and saw nothing, does not count."""
        now = time.monotonic()
        self.age, self.seen = self.age + min(now - self.seen, 2 * TICK), now
        limit = seconds if self.task else SECONDS  # the start is not the submission's time
        if self.busy and self.age > limit:
            self.late = True
            self.process.kill()  # the pipe then ends

    def close(self) -> None:
        with contextlib.suppress(OSError):
            if not self.task:
                self.pipe.send(None)
                self.process.join(5)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Any, work: Work) -> None:
    """A grader's life. It ends with an error, for a room in which something went wrong is not used again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warnings.simplefilter("ignore")  # PYTHONWARNINGS=error is not meant for them
    try:
        with work.open() as grade_one:
            _say(pipe, {})
            while (submission := pipe.recv()) is not None:
                with bounded_memory(MEMORY):
                    record = grade_one(submission)
                _say(pipe, {"record": record.to_json()})
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:
        _say(pipe, {"failed": f"{type(error).__name__}: {error}"[:500]})


def _say(pipe: Any, plain: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(plain).encode())


def _end_with_parent() -> None:
    """A parent killed outright cannot stop its graders."""
    if parent := multiprocessing.parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)
