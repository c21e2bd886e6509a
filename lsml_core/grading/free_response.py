"""Answers in words: `free_response.csv` goes out with the texts and comes back with points and comments.

    student, question, of, text     written here; the text is an excerpt
    points, comment                 filled in by a person; whatever stands there survives every regrade

A mark counts once its points are a number from 0 to `of`. When the text has changed since, the mark still
counts, and a person is asked to look again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lsml_core.grading import sheets, store
from lsml_core.grading.results import Question
from lsml_core.grading.store import Record

FILE = "free_response.csv"
COLUMNS = ("student", "question", "of", "points", "comment", "text")
EXCERPT = 4000
"""Characters; a spreadsheet's cell holds 32,767."""

Key = tuple[str, str]  # student, question


@dataclass(frozen=True)
class Mark:
    """A row as it was written by a person, with the text that was read."""

    of: str
    points: str = ""
    comment: str = ""
    text: str = ""


def read_marks(out: Path) -> dict[Key, Mark]:
    """The marks in `out`, by student and question. ValueError if a column was lost."""
    path = out / FILE
    if not path.exists():
        return {}
    rows = sheets.read(path)
    for column in COLUMNS:
        if rows and column not in rows[0]:
            raise ValueError(f"{path} has no column {column!r}; its columns are {', '.join(COLUMNS)}")
    return {(r["student"], r["question"]): Mark(r["of"], r["points"], r["comment"], r["text"]) for r in rows}


def write_marks(out: Path, marks: Mapping[Key, Mark]) -> None:
    rows = [(*key, mark.of, mark.points, mark.comment, mark.text) for key, mark in sorted(marks.items())]
    # Spreadsheet programs take a CSV for UTF-8 only if it starts with a byte order mark.
    store.write(out / FILE, "\ufeff" + sheets.text(COLUMNS, rows))


def asked(record: Record, marks: Mapping[Key, Mark]) -> dict[Key, Mark]:
    """The rows of one student: the texts of today, but where there are points the text that earned them."""
    rows = {}
    for question in _in_words(record):
        key = record.report.student, question.id
        old = marks.get(key, Mark(""))
        today = "" if question.status == "not begun" else excerpt(record.texts[question.id])
        rows[key] = replace(old, of=f"{question.points:g}", text=(old.points and old.text) or today)
    return rows


def excerpt(text: str) -> str:
    return text.strip() if len(text) <= EXCERPT else f"{text[:EXCERPT].strip()} …"


def marked(record: Record, marks: Mapping[Key, Mark]) -> tuple[Record, dict[str, str]]:
    """`record` with the points that a person gave, and question → why a person must look again."""
    student, why = record.report.student, {}
    given = {q.id: marks[student, q.id] for q in _in_words(record) if (student, q.id) in marks}
    questions = list(record.report.questions)
    for i, question in enumerate(questions):
        if question.id in given and given[question.id].points.strip():
            if doubt := _doubt(question, given[question.id], record.texts[question.id]):
                why[question.id] = doubt
            questions[i] = _with(question, given[question.id])
    return replace(record, report=replace(record.report, questions=tuple(questions))), why


def _in_words(record: Record) -> Iterable[Question]:
    return (question for question in record.report.questions if question.id in record.texts)


def _with(question: Question, mark: Mark) -> Question:
    points = _points(mark, question)
    if points is None:
        return question
    status = "full" if points == question.points else "partial" if points else "none"
    return replace(question, earned=points, status=status, message=mark.comment)


def _doubt(question: Question, mark: Mark, text: str) -> str:
    if _points(mark, question) is None:
        return f"{FILE} gives {mark.points!r}; points are a number from 0 to {question.points:g}."
    if mark.text and mark.text.split() != excerpt(text).split():
        return f"The text changed after it was marked; when read, empty its text in {FILE}."
    return ""


def _points(mark: Mark, question: Question) -> float | None:
    """2.5 or 2,5; None unless it is a number from 0 to the question's points."""
    try:
        number = float(mark.points.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= question.points else None  # also not nan
