"""The folder of results → what people open: pages, tables, and lists for the learning platforms.

    feedback/<name>.html   a page a submission     canvas.csv           Canvas, Grades, Import
    grades.csv             a row a student         moodle.csv           Moodle, Upload grading worksheet
    questions.csv          a row a question        gradescope.csv       as Gradescope's own list of scores
    questions.html         the same as a page      needs_a_person.csv   submissions to look at, and why
    free_response.csv      answers in words, to be filled in
    free_response.html     the same answers below their question, its rubric and its model answer

Everything is made anew from the results and from what people wrote into `free_response.csv`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware import atomic
from courseware.grading import store
from courseware.grading.master import FreeResponse
from courseware.grading.names import file_stem, visible
from courseware.grading.report import feedback, free_response, sheets
from courseware.grading.report.class_results import ClassResults, QuestionStatistics
from courseware.grading.report.feedback import Text
from courseware.grading.report.free_response import Key, Mark
from courseware.grading.results import Member
from courseware.grading.store import Record

READING_PAGE = "free_response.html"
Draw = Callable[[ClassResults], tuple[bytes, str]]
"""The class → a PNG and its alt text."""


@dataclass(frozen=True)
class Row:
    """What a table keeps of a student.

    student: as the platform calls them.   canvas, moodle: their numbers there, empty if not known.
    members: who handed in together.   time: when, in the platform's words.
    earned: question → points, None while its text waits for a reader.   of: most points of the set.
    examined: whether the file could be read and every question decided.
    """

    student: str
    canvas: str
    moodle: str
    members: tuple[Member, ...]
    time: str
    earned: dict[str, float | int | None]
    of: float | int
    examined: bool
    file: tuple[str, ...]  # why a person should look at the file
    marks: dict[str, str]  # question → why a person should look at its mark again

    @property
    def students(self) -> list[str]:
        """Those who handed in together: their e-mails, or names."""
        return [m.email or m.name for m in self.members] if len(self.members) > 1 else [self.student]

    @property
    def total(self) -> float | int:
        return sum(points or 0 for points in self.earned.values())

    @property
    def final(self) -> float | int | None:
        """The total, unless a person can still change it: no text waits, and the file could be read."""
        return self.total if self.examined and not self.unread else None

    @property
    def unread(self) -> list[str]:
        return [question for question, points in self.earned.items() if points is None]


@dataclass(frozen=True)
class Written:
    """Numbers of students.

    students: in the tables.   look_at: whose work a person must look at.
    unread: whose texts wait for a reader.
    """

    students: int
    look_at: int
    unread: int


def write(out: Path, draw: Draw | None = None, questions: Sequence[FreeResponse] = ()) -> Written:
    """Write all reports on the results in `out`; `questions` are those that a person reads.

    ValueError if a file there cannot be understood.
    """
    rubrics = {question.question.id: question.rubric for question in questions}
    texts = {key: text for record in store.records(out) for key, text in free_response.texts(record).items()}
    marks, nobodys = free_response.by_key(free_response.read_rows(out), texts)
    asked: dict[Key, Mark] = {}
    rows, results, set = [], ClassResults(), ""
    for record in store.records(out):
        asked |= free_response.asked(record, marks)
        record, again = free_response.marked(record, marks)
        page = feedback.student_page(record, rubrics)
        atomic.write(out / "feedback" / f"{file_stem(record.report.student)}.html", page)
        rows.append(_row(record, again))
        set = record.report.set
        if record.examined:
            results.add(record.report.questions)
    rows.sort(key=lambda row: (row.student.casefold(), row.student))
    free_response.write_rows(out, [*asked.items(), *nobodys])
    for name, content in _tables(set, rows, results, [key for key, _ in nobodys]).items():
        atomic.write(out / name, content)
    atomic.write(out / READING_PAGE, feedback.reading_page(set, questions, _texts(asked)))
    _write_class(out, set, results, draw)
    look_at = sum(bool(row.file or row.marks) for row in rows) + len(nobodys)
    return Written(len(rows), look_at, sum(bool(row.unread) for row in rows))


def _texts(asked: Mapping[Key, Mark]) -> dict[str, list[Text]]:
    """Question id → the texts that were handed in."""
    texts: dict[str, list[Text]] = {}
    for (student, question), mark in sorted(asked.items()):
        if mark.text:
            texts.setdefault(question, []).append(Text(student, mark.text, mark.page, mark.points))
    return texts


def _row(record: Record, again: dict[str, str]) -> Row:
    questions = record.report.questions
    earned, of = {q.id: q.earned for q in questions}, sum(q.points for q in questions)
    student, file = record.report.student, tuple(map(visible, record.report.review_reasons))
    origin = (record.canvas, record.moodle, record.members, record.time)
    return Row(student, *origin, earned, of, record.examined, file, again)


def _tables(set: str, rows: Sequence[Row], results: ClassResults, nobodys: Sequence[Key]) -> dict[str, str]:
    """File name → CSV."""
    ids = list(dict.fromkeys(question for row in rows for question in row.earned))
    return {
        "grades.csv": sheets.for_spreadsheets(
            ("student", "points", "of", "unread", "look_at", *ids),
            [
                (student, r.total, r.of, len(r.unread), len(r.file) + len(r.marks), *map(r.earned.get, ids))
                for r in rows
                for student in r.students
            ],
        ),
        "canvas.csv": _canvas(set, rows),
        **({"moodle.csv": _moodle(rows)} if any(row.moodle for row in rows) else {}),
        "gradescope.csv": _gradescope(rows, ids, results.points),
        "needs_a_person.csv": sheets.for_spreadsheets(
            ("student", "question", "why"), _needs_a_person(rows, nobodys)
        ),
        "questions.csv": _questions(results.questions()),
    }


def _canvas(set: str, rows: Sequence[Row]) -> str:
    """Without rows that are not final: an empty cell may erase the grade that Canvas has."""
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", set)
    possible = ("    Points Possible", "", "", "", "", max((row.of for row in rows), default=0))
    lines = [
        (student, row.canvas, "", "" if row.canvas else student, "", row.final)
        for row in rows
        for student in row.students
        if row.final is not None
    ]
    return sheets.text(header, [possible, *lines])


def _moodle(rows: Sequence[Row]) -> str:
    """What its importer looks for: a participant's number, a grade, and when that was changed last, which is
    not known here. Rows that are not final are left out."""
    known = [row for row in rows if row.moodle and row.final is not None]
    name = lambda row: row.student.removesuffix(f"_{row.moodle}")
    return sheets.text(
        ("Identifier", "Full name", "Grade", "Last modified (grade)"),
        [(f"Participant {row.moodle}", name(row), row.final, "") for row in known],
    )


def _gradescope(rows: Sequence[Row], ids: Sequence[str], points: Mapping[str, float | int]) -> str:
    questions = [f"{i}: {name} ({points.get(name, 0):.1f} pts)" for i, name in enumerate(ids, 1)]
    header = ("Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission Time", *questions)
    lines = [
        (
            *(member.name, member.sid, member.email),
            row.final,
            row.of,
            "Ungraded" if row.final is None else "Graded",
            row.time,
            *map(row.earned.get, ids),
        )
        for row in rows
        for member in row.members or [_member(row.student)]
    ]
    return sheets.text(header, lines)


def _member(student: str) -> Member:
    return Member(email=student) if "@" in student else Member(name=student)


def _needs_a_person(rows: Sequence[Row], nobodys: Sequence[Key]) -> list[tuple[str, str, str]]:
    """What went wrong first; then the texts to read, which is routine, but many."""
    files = [(row.student, "", why) for row in rows for why in row.file]
    marks = [(row.student, question, why) for row in rows for question, why in row.marks.items()]
    unread = f"It waits for a reader: fill in {free_response.FILE}, then grade again."
    waiting = [(row.student, question, unread) for row in rows for question in row.unread]
    lost = f"{free_response.FILE} has a mark for this, but there is no such answer: was the name changed?"
    return [*files, *marks, *((*key, lost) for key in nobodys), *waiting]


def _questions(questions: Sequence[QuestionStatistics]) -> str:
    shares = ("full", "partial", "none", "not_begun", "to_be_read")
    columns = ("points", "students", "mean", "median", *shares, "discrimination")
    lines = [(q.id, *(getattr(q, column) for column in columns), _broken(q)) for q in questions]
    return sheets.for_spreadsheets(("question", *columns, "broken_most_often"), lines)


def _broken(question: QuestionStatistics) -> str:
    return "; ".join(f"{law} ({students})" for law, students in question.broken)


def _write_class(out: Path, set: str, results: ClassResults, draw: Draw | None) -> None:
    png, alt = draw(results) if draw and len(results.earned) else (b"", "")
    if png:
        atomic.write(out / "questions.png", png)
    atomic.write(out / "questions.html", feedback.class_page(set, results.questions(), png, alt))
