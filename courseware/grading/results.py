"""What the parts of the grader hand to each other: a submission's code, and what it earned.

    Cells      the student's code, in running order               intake → examiner
    Broken     one law that an answer breaks: law, call, reason   check → class results
    Question   one question: points, what was earned, in words    examiner → report
    Report     one submission: its questions, and remarks         report → grade book
    Origin     what a learning platform knows of who handed in    submissions → tables

Records are frozen and go to plain JSON and back unchanged: `from_json(to_json(r)) == r`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from courseware.grading.credit import Broken

Status = Literal["full", "partial", "none", "not begun", "error", "to be read"]
"""`error` is an answer that could not be asked: its cell failed, ran out of time or memory, or died."""


@dataclass(frozen=True)
class Cell:
    """A code cell of a submission.

    kind: "answer", or "extra" for a cell that the student added.   id: grade id of an answer, else any.
    source: its text.
    """

    kind: Literal["answer", "extra"]
    id: str
    source: str


@dataclass(frozen=True)
class Cells:
    """All code of a submission in running order; an answer that is missing has the release's stub."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Question:
    """What one question earned of its `points`; None where a person must read it.

    `message` is for the student: broken laws in words, no test source, no traceback of the grader. `visible`
    says whether the check that the student could run passes; None where there is none. `review` is why the
    result is not final: it was not decided by the answer. `broken` are the laws as data, for statistics.
    """

    id: str
    points: float | int
    earned: float | int | None
    status: Status
    message: str = ""
    visible: bool | None = None
    review: str = ""
    broken: tuple[Broken, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"broken": [asdict(law) for law in self.broken]}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Question":
        return cls(**{**plain, "broken": tuple(Broken(**law) for law in plain.get("broken", ()))})


@dataclass(frozen=True)
class Report:
    """One submission.

    remarks: sentences about the file, for student and instructor.
    review_reasons: why a person should look at it; empty if nobody must. Questions "to be read" do not count.
    """

    set: str
    student: str
    questions: tuple[Question, ...]
    remarks: tuple[str, ...] = ()
    review_reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "set": self.set,
            "student": self.student,
            "questions": [question.to_json() for question in self.questions],
            "remarks": list(self.remarks),
            "review_reasons": list(self.review_reasons),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Report":
        return cls(
            plain["set"],
            plain["student"],
            tuple(map(Question.from_json, plain["questions"])),
            tuple(plain["remarks"]),
            tuple(plain["review_reasons"]),
        )


@dataclass(frozen=True)
class Member:
    """One of those who handed in together; what the platform did not say is empty.

    name, email: of the student.   sid: the university's number.
    """

    name: str = ""
    sid: str = ""
    email: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a submission comes from; what is not known is empty.

    canvas: the user's number in Canvas.   moodle: the participant's in Moodle.
    members: who handed in together.   time: when, in the platform's own words.
    """

    canvas: str = ""
    moodle: str = ""
    members: tuple[Member, ...] = ()
    time: str = ""
