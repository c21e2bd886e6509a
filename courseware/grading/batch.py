"""Grade many submissions: in parallel, resumable, and no submission can take another one's grade away.

    work       how one submission is graded, and the seal by which results of an earlier run are kept
    graders    the processes that do it, and what happens if one of them dies

Only this module's own process writes results, and only one such process at a time writes to a folder.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from courseware import atomic
from courseware.grading import store
from courseware.grading.graders import SECONDS, results
from courseware.grading.intake.submissions import Submission
from courseware.grading.interruption import Interruption
from courseware.grading.work import Examiner, Work


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
    """Write a result for every submission to `out`.

    master: the set's notebook with answers and hidden tests.   submissions: what `intake.submissions` found.
    out: folder of the results.   examiner: is called in each grading process, so it must be importable.
    workers: most grading processes at a time.   again: whether to repeat results that are there already.
    seconds: after which a grading process that does not answer is stopped.
    RuntimeError: no grading process can be started.
    KeyboardInterrupt passes through; what was graded until then is kept.
    """
    atomic.remove_partial(out)
    digest = hashlib.sha256(master.read_bytes()).hexdigest()
    work = Work(master, examiner, digest, store.grader_version())
    todo = [s for s in submissions if again or not _is_graded(out, s, work)]
    failed, kept = 0, len(submissions) - len(todo)
    bar = tqdm(total=len(submissions), initial=kept, unit="file", disable=None)
    interruption = Interruption()
    with interruption.noted(), bar:
        for record in results(todo, work, min(workers, len(todo)), seconds, interruption):
            store.save(out, record)
            failed += not record.seal
            bar.update()
    return Summary(len(todo) - failed, kept, failed)


def _is_graded(out: Path, submission: Submission, work: Work) -> bool:
    record = store.load(out, submission.student)
    return record is not None and record.seal == work.seal(submission)
