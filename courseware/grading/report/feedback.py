"""Pages to be read in a browser: one per student, one about the class, one for the reader of free responses.

A page is one file without scripts that loads nothing: its policy allows its own style and the pictures in it.
Whatever a student wrote is shown as text.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from courseware.grading.intake.notebook_file import PICTURES
from courseware.grading.master import Criterion, FreeResponse
from courseware.grading.names import visible
from courseware.grading.report.class_results import QuestionStatistics
from courseware.grading.results import Status
from courseware.grading.store import Record

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; }
h1, h2, p, li, td { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: .25rem solid #8888; margin: .3rem 0;
      padding: .3rem .8rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .8rem .25rem 0; }
th, td { border-bottom: 1px solid #8884; vertical-align: top; }
img { max-width: 100%; background: white; }
""".strip()
POLICY = "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


class Text(NamedTuple):
    """An answer in words, and where the student's page is, relative to the folder of results."""

    student: str
    text: str
    page: str
    points: str


BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")

NOT_FINAL = (
    "The grader could not finish with your file, so these points are not final. A person will look at it."
)
"""In place of the reason, which is about the grader."""

IN_WORDS: dict[Status, str] = {
    "full": "✓ every law holds",
    "partial": "◐ some laws hold, some are broken",
    "none": "✗ a law is broken",
    "not begun": "○ not begun",
    "error": "✗ could not be run to the end",
    "to be read": "… waits for a reader",
}
READ_IN_WORDS: dict[Status, str] = {
    "full": "✓ full points",
    "partial": "◐ some points",
    "none": "✗ no points",
}


def student_page(record: Record, rubrics: Mapping[str, Sequence[Criterion]] = MappingProxyType({})) -> str:
    """What the student gets: points, the laws that broke, remarks on the file. Of a text that was read also
    the rubric; `rubrics` maps a question's id to its lines."""
    report = record.report
    return _page(
        "student.html",
        f"Feedback on {report.set}",
        record=record,
        report=report,
        earned=sum(question.earned or 0 for question in report.questions),
        points=sum(question.points for question in report.questions),
        waiting=[question.id for question in report.questions if question.earned is None],
        remarks=[*report.remarks, *(report.review_reasons if record.seal else [NOT_FINAL])],
        in_words=IN_WORDS,
        read_in_words=IN_WORDS | READ_IN_WORDS,
        is_picture=_is_picture,
        rubrics=rubrics,
    )


def reading_page(set: str, questions: Sequence[FreeResponse], texts: Mapping[str, Sequence[Text]]) -> str:
    """What the reader of free responses gets: each question's prompt, rubric and model answer, and all texts.

    set: the set's name.   questions: those that a person reads.   texts: a question's id -> its texts.
    """
    return _page("reading.html", f"Free responses of {set}", questions=questions, texts=texts)


def class_page(set: str, questions: Sequence[QuestionStatistics], png: bytes, alt: str) -> str:
    """What the instructor gets: a picture of the class and a line per question.

    set: the set's name.   questions: their statistics; shares are of the whole class, mean and median are
    over the answers that have points.   png, alt: the picture, and what a screen reader says instead.
    """
    kinds = ("full", "none", "not begun", "to be read")
    return _page(
        "class.html",
        f"Class results of {set}",
        picture=base64.b64encode(png).decode(),
        alt=alt,
        header=("question", "points", "mean", "median", *kinds, "discrimination"),
        rows=[_row(q) for q in questions],
        laws=[(q.id, [f"{law} ({count})" for law, count in q.broken]) for q in questions],
    )


def _row(q: QuestionStatistics) -> list[str]:
    numbers = (_number(q.points), _number(q.mean), _number(q.median))
    shares = (f"{100 * share:.0f} %" for share in (q.full, q.none, q.not_begun, q.to_be_read))
    return [q.id, *numbers, *shares, _number(q.discrimination)]


def _number(value: float | int | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _is_picture(kind: str, data: str) -> bool:
    """Only kinds that hold no code; whatever else stands in the record is not shown."""
    return kind in PICTURES and BASE64.fullmatch(data) is not None


def _page(template: str, title: str, **values: Any) -> str:
    """A self-contained page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    shared = {"title": title, "style": Markup(STYLE), "policy": Markup(POLICY.format(digest))}
    return _templates().get_template(template).render(shared | values)


@cache
def _templates() -> Environment:
    """Every value is escaped, and what a text hides (control characters, changes of direction) is shown."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
