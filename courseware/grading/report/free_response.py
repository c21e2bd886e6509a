"""Answers in words: `free_response.csv` goes out with the texts and comes back with points and comments.

    student, question, of, text     written here; the text is an excerpt
    points, comment                 filled in by a person; whatever stands there survives every regrade
    page                            where the whole text is, with its pictures
    row, version                    written here: digests of the student and question, and of the text

A mark counts once its points are a number from 0 to `of`. When the text has changed since, the mark still
counts, and a person is asked to look again. Spreadsheet programs rewrite what they take for numbers and dates
(`0012345`) and letters that their encoding lacks (`η`), so a row is recognised by its `row`, then by the
student, then by the text; and a text is the same if its `version` is.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from courseware import atomic
from courseware.grading.names import file_stem, visible
from courseware.grading.report import sheets
from courseware.grading.results import Question
from courseware.grading.store import Record

FILE = "free_response.csv"
COLUMNS = ("student", "question", "of", "points", "comment", "text")
ADDED = ("page", "row", "version")
EXCERPT = 4000
"""Characters; a spreadsheet's cell holds 32,767."""

Key = tuple[str, str]  # student, question


@dataclass(frozen=True)
class Mark:
    """A row as it was written by a person; all cells are text, as in the file.

    of: most points.   points, comment: what the person wrote.   text: what was read.
    page: where the text is shown with its pictures.   row: the row's id.   version: of the text, see `asked`.
    """

    of: str
    points: str = ""
    comment: str = ""
    text: str = ""
    page: str = ""
    row: str = ""
    version: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """What a person wrote; empty if nothing."""
        written = self.points.strip(), self.comment.strip()
        return written if any(written) else ()


# --- the file ---

Row = tuple[Key, Mark]


def read_rows(out: Path) -> list[Row]:
    """The rows in `out` as they stand there. ValueError if a column was lost."""
    path = out / FILE
    rows = sheets.read(path) if path.exists() else []
    for column in COLUMNS:
        if rows and column not in rows[0]:
            raise ValueError(f"{path} has no column {column!r}; its columns are {', '.join(COLUMNS)}")
    fields = (*COLUMNS, *ADDED)[2:]
    return [((r["student"], r["question"]), Mark(*(r.get(name, "") for name in fields))) for r in rows]


def write_rows(out: Path, rows: Iterable[Row]) -> None:
    columns = (*COLUMNS, *ADDED)
    lines = [(*key, *(getattr(mark, name) for name in columns[2:])) for key, mark in rows]
    atomic.write(out / FILE, sheets.for_spreadsheets(columns, sorted(lines)))


def by_key(rows: Iterable[Row], texts: Mapping[Key, str]) -> tuple[dict[Key, Mark], list[Row]]:
    """The marks of the answers in `texts`, and the rows with a mark that belong to none of them.

    ValueError if two rows on one answer have different marks.
    """
    marks: dict[Key, Mark] = {}
    ids, left = {row_id(key): key for key in texts}, []
    for key, mark in rows:
        known = ids.get(mark.row) if mark.row else key if key in texts else None
        if known is None:
            left.append((key, mark))
        elif known in marks and marks[known].given and mark.given and marks[known].given != mark.given:
            raise ValueError(f"{FILE} has two rows on {known[1]} of {known[0]} that differ; leave one")
        elif known not in marks or mark.given:
            marks[known] = mark
    for row in [row for row in left if not row[1].row]:  # an old file: it says nothing but names and texts
        free = [key for key, text in texts.items() if key not in marks and _is_on(row, key, text)]
        rivals = [other for other in left if free and _is_on(other, free[0], texts[free[0]])]
        if len(free) == len(rivals) == 1:
            marks[free[0]] = row[1]
            left.remove(row)
    return marks, [row for row in left if row[1].given]


def row_id(key: Key) -> str:
    """Begins with a letter, so that no program takes it for a number."""
    return f"r{_digest(chr(0).join(key))}"


def _is_on(row: Row, key: Key, text: str) -> bool:
    return row[0][1] == key[1] and bool(row[1].text) and _same(row[1].text, excerpt(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _same(text: str, other: str) -> bool:
    """Also if one was saved in an encoding that lacks some letters."""
    ansi = lambda words: [word.encode("cp1252", "replace") for word in words.split()]
    return text.split() == other.split() or ansi(text) == ansi(other)


# --- one student ---


def texts(record: Record) -> dict[Key, str]:
    return {(record.report.student, q.id): record.texts[q.id] for q in _in_words(record)}


def asked(record: Record, marks: Mapping[Key, Mark]) -> dict[Key, Mark]:
    """The rows of one student: the texts of today, but where there are points the text that earned them."""
    rows = {}
    page = f"feedback/{file_stem(record.report.student)}.html"
    for question in _in_words(record):
        key = record.report.student, question.id
        whole = record.texts[question.id]
        old = marks.get(key, Mark(""))
        today = "" if question.status == "not begun" else excerpt(whole)
        text, version = (old.text, old.version) if old.points and old.text else (today, _version(whole))
        added = {"page": page, "row": row_id(key), "version": version}
        rows[key] = replace(old, of=f"{question.points:g}", text=text, **added)
    return rows


def excerpt(text: str) -> str:
    return visible(text.strip() if len(text) <= EXCERPT else f"{text[:EXCERPT].strip()} …")


def marked(record: Record, marks: Mapping[Key, Mark]) -> tuple[Record, dict[str, str]]:
    """`record` with the points that a person gave, and question → why a person must look again."""
    why: dict[str, str] = {}
    given = {key[1]: marks[key] for key in texts(record) if key in marks}
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
    same = mark.version == _version(text) if mark.version else _same(mark.text, excerpt(text))
    if mark.text and not same:
        return f"The text changed after it was marked; when read, empty its text in {FILE}."
    return ""


def _version(text: str) -> str:
    return f"v{_digest(' '.join(text.split()))}"


def _points(mark: Mark, question: Question) -> float | None:
    """2.5 or 2,5; None unless it is a number from 0 to the question's points."""
    try:
        number = float(mark.points.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= question.points else None  # also not nan
