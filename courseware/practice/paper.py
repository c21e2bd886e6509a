"""An exam → HTML pages to print: one per version, a key per version, and an overview.

    version_A.html, …    what students get          key_A.html, …    answers, worked solutions and rubrics
    overview.html        which template is where    moodle.xml       the questions, for Moodle
                                                    canvas.zip       the questions as QTI, for Canvas

The pages have a print style (one file each, mathematics as MathML, no script): a browser makes the PDF.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from courseware import atomic
from courseware.practice import canvas, moodle, rendering
from courseware.practice.exam import Exam, Version
from courseware.practice.question import LETTERS, Choice, Derivation, Number, Order, Question, Subset
from courseware.practice.writing import plain

FOLDER = Path(__file__).parent / "pages"


def write(exam: Exam, folder: Path) -> list[Path]:
    """Write all files of an exam into `folder`; returns them.   folder: made if there is none."""
    pages: dict[str, str | bytes] = {
        "overview.html": overview(exam),
        "moodle.xml": moodle.export(exam),
        "canvas.zip": canvas.export(exam),
    }
    for version in exam.versions:
        pages[f"version_{version.letter}.html"] = sheet(exam, version)
        pages[f"key_{version.letter}.html"] = key(exam, version)
    for name, content in pages.items():
        atomic.write(folder / name, content)
    return [folder / name for name in pages]


def sheet(exam: Exam, version: Version) -> str:
    """The pages that a student writes on."""
    return _page("sheet.html", exam=exam, version=version, title=f"Midterm exam, version {version.letter}")


def key(exam: Exam, version: Version) -> str:
    """Answers, typical mistakes, worked solutions, and rubrics whose points add up."""
    return _page("key.html", exam=exam, version=version, title=f"Key of version {version.letter}")


def overview(exam: Exam) -> str:
    """A table of templates by version, and what the versions have in common."""
    first = sorted(exam.versions[0].questions, key=lambda question: question.template)
    rows = [
        (q, [[o.template for o in version.questions].index(q.template) + 1 for version in exam.versions])
        for q in first
    ]
    return _page("overview.html", exam=exam, rows=rows, title=f"Exam of seed {exam.seed}")


def answer_in_words(question: Question) -> str:
    """The right answer as Markdown."""
    match question.answer:
        case Number(value=value):
            return plain(value)
        case Choice() as answer:
            return f"({LETTERS[answer.right_position]}) {answer.right}"
        case Subset() as answer:
            return "; ".join(f"({LETTERS[i]}) {answer.items[i]}" for i in sorted(answer.right)) or "none"
        case Order(places=()) as answer:
            return ", then ".join(f"({LETTERS[i]}) {answer.items[i]}" for i in answer.right)
        case Order() as answer:
            return "; ".join(f"{place} – ({LETTERS[i]})" for place, i in enumerate(answer.right, 1))
        case Derivation():
            return "see the rubric"


def space(question: Question) -> str:
    """Room to write beyond the first 25 mm, as a CSS length: 5 mm per minute in all, 9 mm for proofs."""
    per_minute = 9 if isinstance(question.answer, Derivation) else 5
    return f"{max(0, per_minute * question.minutes - 25)}mm"


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "markdown": lambda text: Markup(rendering.to_html(text)),
        "line": lambda text: Markup(rendering.inline(text)),
        "figure": lambda picture: Markup(rendering.figure(picture)),
        "kind": lambda question: type(question.answer).__name__,
        "answer": answer_in_words,
        "space": space,
        "plain": plain,
    }
    environment.globals |= {"letters": LETTERS, "style": (FOLDER / "style.css").read_text(encoding="utf-8")}
    return environment


def _page(template: str, **values: Mapping[str, Any] | Any) -> str:
    return _environment().get_template(template).render(**values)
