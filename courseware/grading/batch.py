"""Grade many submissions: in parallel, resumable, and no submission can take another one's grade away.

    examiner    master → an open room in which `examine(cells, master, student)` gives the questions' points
    grader      a process with a room of its own, given one submission at a time
    seal        what a result depends on; results with the same seal are kept

A submission whose grader dies, fails or takes too long is tried once more after all others: that may have
come from outside. If it happens again, it is one result with a reason, which is not final. Only this module's
own process writes results, and only one such process at a time writes to a folder.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from multiprocessing import connection
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from courseware import atomic
from courseware.grading import store
from courseware.grading.intake import rebuild
from courseware.grading.intake.notebook_file import fingerprint
from courseware.grading.intake.quick_nbformat import NotebookNode, nbformat
from courseware.grading.intake.submissions import Submission
from courseware.grading.interruption import Interruption
from courseware.grading.master import Master
from courseware.grading.names import label
from courseware.grading.results import Cells, Question, Report
from courseware.grading.sandbox.limits import bounded_memory
from courseware.grading.store import Record, Seal

Examine = Callable[[Cells, Master, str], tuple[Question, ...]]
Examiner = Callable[[Master], AbstractContextManager[Examine]]

SECONDS = 300
"""After which a grader that does not answer is stopped; the examiner's limits are tighter, and may fail."""
TICK = 1
"""Longest seconds between two looks at the graders."""
MEMORY = 1 << 30
"""What a grader's memory may grow by for one submission, whatever the file holds."""
SPAWN = multiprocessing.get_context("spawn")  # a forked grader would inherit this process's threads and locks


@dataclass(frozen=True)
class Summary:
    """How many results are new, kept from an earlier run, and not final because the grader failed."""

    graded: int
    kept: int
    failed: int


def grade(
    master: Path,
    submissions: Sequence[Submission],
    out: Path,
    *,
    examiner: Examiner,
    workers: int = 2,
    again: bool = False,
    seconds: float | int = SECONDS,
) -> Summary:
    """Write a result for every submission to `out`. `again` repeats those that are there already.

    `examiner` is called in each grader, so it must be importable. RuntimeError if no grader can be started.
    KeyboardInterrupt passes through; what was graded until then is kept.
    """
    atomic.remove_partial(out)
    digest = hashlib.sha256(master.read_bytes()).hexdigest()
    work = _Work(master, examiner, digest, store.grader_version())
    todo = [s for s in submissions if again or not _is_graded(out, s, work)]
    failed, kept = 0, len(submissions) - len(todo)
    bar = tqdm(total=len(submissions), initial=kept, unit="file", disable=None)
    interruption = Interruption()
    with interruption.noted(), bar:
        for record in _results(todo, work, min(workers, len(todo)), seconds, interruption):
            store.save(out, record)
            failed += not record.seal
            bar.update()
    return Summary(len(todo) - failed, kept, failed)


def _is_graded(out: Path, submission: Submission, work: "_Work") -> bool:
    record = store.load(out, submission.student)
    return record is not None and record.seal == work.seal(submission)


# --- one submission ---


@dataclass(frozen=True)
class _Work:
    """What a grader is told once; `digest` is the master's, `version` the grader's."""

    master: Path
    examiner: Examiner
    digest: str
    version: str

    def seal(self, submission: Submission) -> Seal:
        return {
            "submission": fingerprint(submission.path),
            "found": [
                label(submission.path.name),
                submission.canvas,
                *submission.remarks,
                *submission.review_reasons,
            ],
            "master": self.digest,
            "earlier": fingerprint(self.earlier),
            "grader": self.version,
        }

    @contextlib.contextmanager
    def open(self) -> Iterator[Callable[[Submission], Record]]:
        master = Master.read(self.master)
        earlier = nbformat.read(self.earlier, as_version=4) if self.earlier.is_file() else None
        with self.examiner(master) as examine:
            yield lambda submission: self._grade(submission, master, examine, earlier)

    @property
    def earlier(self) -> Path:
        """The notebook as it was handed out; the master's tests may have been corrected since."""
        return self.master.parents[1] / "exercises" / self.master.name

    def _grade(
        self,
        submission: Submission,
        master: Master,
        examine: Examine,
        earlier: NotebookNode | None = None,
    ) -> Record:
        seal = self.seal(submission)  # before reading: a file that changes in between is graded again
        taken = rebuild.read(submission.path, master.release, earlier, set=self.master.stem)
        if taken.notebook is None:
            questions = master.unanswered("not begun")
        else:
            stubs = rebuild.Intake(master.release).texts
            questions = examine(taken.cells, master, submission.student)
            questions = tuple(_unread(q, taken.texts.get(q.id), stubs.get(q.id)) for q in questions)
        remarks = (*submission.remarks, *taken.remarks)
        undecided = tuple(f"{q.id}: {q.review}" for q in questions if q.review)
        review_reasons = (*submission.review_reasons, *taken.review_reasons, *undecided)
        report = Report(self.master.stem, submission.student, questions, remarks, review_reasons)
        name, examined = label(submission.path.name), taken.notebook is not None and not undecided
        mark, about = {} if undecided else seal, vars(submission.origin)
        return Record(report, name, examined, mark, taken.texts, **about, pictures=taken.pictures)

    def failure(self, submission: Submission, reason: str) -> Record:
        questions = Master.read(self.master).unanswered("error")
        review_reasons = (
            *submission.review_reasons,
            f"{reason} The grade is not final; the next run tries again.",
        )
        report = Report(self.master.stem, submission.student, questions, submission.remarks, review_reasons)
        return Record(report, label(submission.path.name), **vars(submission.origin))


def _unread(question: Question, text: str | None, stub: str | None) -> Question:
    """Nobody needs to read a text that was not written."""
    if question.status == "to be read" and text == stub:
        return replace(question, earned=0, status="not begun")
    return question


# --- the graders ---


def _results(
    todo: Sequence[Submission],
    work: _Work,
    workers: int,
    seconds: float | int,
    interruption: Interruption,
) -> Iterator[Record]:
    """A record for each submission; one that is lost with its grader goes to the end of the line once."""
    waiting, again, graders = deque(todo), set[Submission](), list[_Grader]()
    starts = _Starts()
    try:
        while waiting or any(grader.task for grader in graders):
            interruption.check()
            while waiting and len(graders) < workers:
                graders.append(_Grader(work))
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


class _Grader:
    """A process, the pipe to it, and the submission it has, if any. It is busy until it says something."""

    def __init__(self, work: _Work) -> None:
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


def _serve(pipe: Any, work: _Work) -> None:
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
