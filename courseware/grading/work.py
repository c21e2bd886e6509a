"""What a grading process is told once, and how it then grades one submission.

    examiner    master → an open room in which `examine(cells, master, student)` gives the questions' points
    seal        what a result depends on; results with the same seal are kept

It knows nothing of processes: those stand in `graders`.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from courseware.grading.intake import rebuild
from courseware.grading.intake.file_content import fingerprint
from courseware.grading.intake.quick_nbformat import NotebookNode, nbformat
from courseware.grading.intake.submissions import Submission
from courseware.grading.master import Master
from courseware.grading.names import label
from courseware.grading.results import Cells, Question, Report
from courseware.grading.store import Record, Seal

Examine = Callable[[Cells, Master, str], tuple[Question, ...]]
Examiner = Callable[[Master], AbstractContextManager[Examine]]


@dataclass(frozen=True)
class Work:
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
