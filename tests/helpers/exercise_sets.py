"""An exercise set run in this process, as a grade book counts it; shared by tests and benchmarks."""

import ast
from collections.abc import Mapping
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from courseware.grading.master import Master
from helpers import ROOT

SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
WRONG = sorted((ROOT / "tests" / "exercises" / "wrong_answers").glob("*/*.py"))

each_set = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda p: p.stem)
each_wrong_answer = pytest.mark.parametrize("path", WRONG, ids=lambda p: f"{p.parent.name[:2]}-{p.stem}")

Outcome = tuple[float, str, Exception | None]
"""Points, what a reader of the output learns, and the error that ended the check."""

NAMES = (
    *("", "Ada", "Jürgen Müller"),
    *("Grace", "grace", "Emmy Noether", "john", "noether", "Sofja Kowalewskaja", "Søren Ångström"),
    *(
        "O'Brien",
        'the "Kid"',
        "back\\slash",
        "new\nline",
        "tab\tname",
        " ",
        "  Ada",
        "Ada ",
        "a b c d",
        "x" * 200,
    ),
    *("0", "7", "007", "1e5", "-1", "3.14", "0012345", "123456789012345678901234567890", "None", "True"),
    *("ß", "ẞ", "é", "e\u0301", "Ω", "Ωmega", "李明", "さくら", "محمد", "Дмитрий"),
    *("😀", "a\u00a0b", "../etc", "a/b", "a;b,c", "=1+1", "<b>Bo</b>", "{x}", "%s", "# Hash"),
)
"""Fifty names of students: hidden inputs are drawn from them. The first three are tried in every run."""


@cache
def read(path: Path) -> NotebookNode:
    return nbformat.read(path, 4)


@cache
def master(path: Path) -> Master:
    return Master(read(path))


def exercise(path: Path) -> Path:
    """The students' version of a solution."""
    return ROOT / "exercises" / path.name


def meta(cell: NotebookNode) -> Mapping[str, Any]:
    return cell.metadata.get("nbgrader", {})


def graded_cells(path: Path) -> dict[str, NotebookNode]:
    """Question id -> test cell, in order."""
    cells = [c for c in read(path).cells if c.cell_type == "code" and meta(c).get("grade")]
    return {meta(c)["grade_id"].removesuffix("_test"): c for c in cells}


def points(path: Path) -> dict[str, float]:
    """Question id -> what it is worth."""
    return {question: meta(cell)["points"] for question, cell in graded_cells(path).items()}


def answers(path: Path) -> dict[str, str]:
    """Id of an answer -> its source."""
    return {meta(c)["grade_id"]: c.source for c in read(path).cells if meta(c).get("solution")}


def setup_of(path: Path, student: str) -> dict[str, str]:
    """The setup cell as the grader fills it in."""
    (source,) = (c.source for c in read(path).cells if meta(c).get("grade_id") == "setup")
    assert 'STUDENT = ""' in source
    return {"setup": source.replace('STUDENT = ""', f"STUDENT = {student!r}")}


@cache
def compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """A cell, and its last expression apart."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value = compile(ast.Expression(last.value), "cell", "eval", optimize=0) if last else None
    return compile(tree, "cell", "exec", optimize=0), value


def execute(source: str, namespace: dict[str, Any]) -> tuple[Any, str]:
    """The value of a cell's last expression (None without one), and what was printed."""
    code, last = compiled(source)
    with redirect_stdout(StringIO()) as printed:
        exec(code, namespace)
        value = last and eval(last, namespace)
    return value, printed.getvalue()


def outcomes(
    path: Path, replaced: Mapping[str, str] | None = None, only: str | None = None
) -> dict[str, Outcome]:
    """Question id -> its outcome.

    `replaced` maps an answer's id to other code; `only` is the one question that is checked, if not all.
    """
    namespace: dict[str, Any] = {}
    found: dict[str, Outcome] = {}
    for cell in read(path).cells:
        name = meta(cell).get("grade_id", "")
        if cell.cell_type != "code":
            continue
        if not meta(cell).get("grade"):
            execute((replaced or {}).get(name, cell.source), namespace)
        elif only in (None, name.removesuffix("_test")):
            found[name.removesuffix("_test")] = _outcome(cell, namespace)
    return found


def _outcome(cell: NotebookNode, namespace: dict[str, Any]) -> Outcome:
    try:
        value, printed = execute(cell.source, namespace)
    except Exception as error:
        return 0, str(error), error
    earned = meta(cell)["points"] if value is None else float(repr(value))
    return earned, "\n".join([printed, *getattr(value, "failed", ())]), None
