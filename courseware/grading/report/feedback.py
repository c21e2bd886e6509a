"""Pages to be read in a browser: one a student, and one on the class.

A page is one file without scripts that loads nothing: its policy allows its own style and the pictures in it.
Whatever a student wrote is shown as text.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from courseware.grading.intake.notebook_file import PICTURES
from courseware.grading.names import visible
from courseware.grading.report.class_results import QuestionStatistics
from courseware.grading.results import Question, Status
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


def student_page(record: Record) -> str:
    """What the student gets: points, the laws that broke, remarks on the file."""
    report = record.report
    total = sum(question.earned or 0 for question in report.questions)
    of = sum(question.points for question in report.questions)
    waiting = [question.id for question in report.questions if question.earned is None]
    parts = [
        f"<p>{_escaped(report.student)}, file {_escaped(record.file)}</p>",
        f"<p><strong>{total:g} of {of:g} points</strong>{_waiting(waiting)}</p>",
        _list("About your file", (*report.remarks, *(report.human if record.seal else [NOT_FINAL]))),
        *(
            _question(question, record.texts.get(question.id), record.pictures.get(question.id, {}))
            for question in report.questions
        ),
    ]
    return page(f"Feedback on {report.set}", "\n".join(parts))


def class_page(set: str, questions: Sequence[QuestionStatistics], png: bytes, alt: str) -> str:
    """What the instructor gets: a picture of the class and a line a question. Shares are of the whole class;
    mean and median are over the answers that have points."""
    data = base64.b64encode(png).decode()
    picture = f'<p><img src="data:image/png;base64,{data}" alt="{_escaped(alt)}"></p>' if png else ""
    kinds = ("full", "none", "not begun", "to be read")
    header = ("question", "points", "mean", "median", *kinds, "discrimination")
    rows = [_row("th", header)]
    for q in questions:
        numbers = (_number(q.points), _number(q.mean), _number(q.median))
        shares = (f"{share:.0%}" for share in (q.full, q.none, q.not_begun, q.to_be_read))
        rows.append(_row("td", (q.id, *numbers, *shares, _number(q.discrimination))))
    broken = [
        _list(f"{q.id}: laws broken most often", [f"{law} ({count})" for law, count in q.broken])
        for q in questions
    ]
    return page(f"Class results of {set}", "\n".join([picture, "<table>", *rows, "</table>", *broken]))


def page(title: str, body: str) -> str:
    """A self-contained page; `body` is HTML."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY.format(digest)}">
<meta name="viewport" content="width=device-width">
<title>{_escaped(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{_escaped(title)}</h1>
{body}
</body>
</html>
"""


def _question(
    question: Question, text: str | None, pictures: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> str:
    earned = "–" if question.earned is None else f"{question.earned:g}"
    words = IN_WORDS if text is None else IN_WORDS | READ_IN_WORDS
    parts = [
        f"<h2>{_escaped(question.id)}: {earned} of {question.points:g}</h2>",
        f"<p>{words[question.status]}</p>",
    ]
    if text is not None and question.status != "not begun":
        parts.append(f"<p>Your answer:</p><pre>{_escaped(text)}</pre>")
        parts += [_picture(name, *picture) for name, picture in pictures.items()]
    if question.visible and question.status in ("partial", "none"):
        parts.append("<p>The visible check passed; hidden tests found this:</p>")
    if question.message:
        parts += ["<p>The reader's comment:</p>"] if text is not None else []
        parts.append(f"<pre>{_escaped(question.message)}</pre>")
    return "\n".join(parts)


def _picture(name: str, kind: str, data: str) -> str:
    """Only kinds that hold no code; whatever else stands in the record is not shown."""
    if kind not in PICTURES or not BASE64.fullmatch(data):
        return f"<p>(The picture {_escaped(name)} cannot be shown.)</p>"
    return f'<p><img src="data:{kind};base64,{data}" alt="{_escaped(name)}"></p>'


def _waiting(ids: Sequence[str]) -> str:
    return f"; not yet counted, because a person reads it: {_escaped(', '.join(ids))}" if ids else ""


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_escaped(line)}</li>" for line in lines)
    return f"<h2>{_escaped(title)}</h2>\n<ul>{items}</ul>" if items else ""


def _row(tag: str, values: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_escaped(value)}</{tag}>' for value in values)}</tr>"


def _number(value: float | int | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _escaped(text: str) -> str:
    return html.escape(visible(text))
