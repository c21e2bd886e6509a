"""The visible checks of a notebook as the grader would run them: answers in a sandbox, checks here.

    cells       the rebuilt notebook: set-up, answers, checks and the student's own cells, plain JSON
    Outcome     of a cell: what it printed, and its error (type and text) or None

The limits and the hidden parts of the course are the grader's. Where there is no bubblewrap, files can still
be read; where processes cannot be forked at all (Windows), `run` raises NoSandbox.
"""

import ast
import importlib.util
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from courseware.grading.examine.examiner import outcome, parts, run_cell
from courseware.grading.examine.respondent import Failure, Respondent
from courseware.grading.intake.matching import defined, id_of, is_answer, is_code, metadata_of
from courseware.grading.master import Check, Master
from courseware.grading.results import Cell, Cells
from courseware.grading.sandbox.limits import Limits
from courseware.grading.sandbox.sandbox import NoSandbox, Sandbox

Outcome = Mapping[str, Any]
LIBRARIES = ("scipy", "sklearn", "torch")


class _Node(dict):
    """A notebook's JSON, read by attributes, without the seconds that importing nbformat takes."""

    __getattr__ = dict.__getitem__


def run(cells: Sequence[Any], limits: Limits) -> dict[str, Outcome]:
    """Id → what its cell did. NoSandbox where no process can be had for it."""
    setup = "\n\n".join(c["source"] for c in cells if is_code(c) and _is_setup(c))
    answers, book = Cells(tuple(_students(cells))), _master(cells)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found = {"setup": _outcome(_error(run_cell, setup, namespace))}
    preload = tuple(dict.fromkeys([*book.imports(()), *_slow(answers)]))
    with (
        warnings.catch_warnings(action="ignore", category=RuntimeWarning),
        Sandbox(preload=preload, limits=limits, unprotected=True) as sandbox,
        Respondent(sandbox) as respondent,
    ):
        respondent.run(setup, "setup", tolerant=True)
        waiting = book.checks
        for part in parts(answers):
            for cell in part:
                own = cell.kind == "extra"
                found[cell.id] = _of_cell(respondent.run(cell.source, cell.id, tolerant=own, own=own))
            ids = {cell.id for cell in part if cell.kind == "answer"}
            found |= {
                f"{c.question.id}_test": _of_check(c, respondent, namespace)
                for c in waiting
                if c.answer in ids
            }
    return found


# --- the notebook in the grader's terms ---


def _is_setup(cell: Any) -> bool:
    return bool(metadata_of(cell)) and not is_answer(cell) and not metadata_of(cell).get("grade")


def _students(cells: Sequence[Any]) -> Iterator[Cell]:
    for cell in cells:
        if is_code(cell) and not metadata_of(cell):
            yield Cell("extra", id_of(cell), cell["source"])
        elif is_code(cell) and is_answer(cell):
            yield Cell("answer", id_of(cell), cell["source"])


def _slow(answers: Cells) -> Iterator[str]:
    """Libraries that are loaded before the clock of an answer runs."""
    text = "\n".join(cell.source for cell in answers.cells)
    yield from (name for name in LIBRARIES if name in text and importlib.util.find_spec(name))


def _master(cells: Sequence[Any]) -> Master:
    """The notebook with stubs that define the same names, however the answers are written."""
    book = json.loads(json.dumps({"cells": [c for c in cells if is_code(c)]}), object_hook=_Node)
    for cell in book.cells:
        if is_answer(cell):
            names = sorted({id_of(cell), *defined(cell.source)})
            cell["source"] = "\n".join(f"{name} = None" for name in names)
        elif not metadata_of(cell):
            cell["source"] = ""
        elif metadata_of(cell).get("grade"):
            marks: Any = metadata_of(cell)
            marks.setdefault("points", 1)
            cell["source"] = _parsable(cell.source)
    return Master(book)


def _parsable(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return f"raise SyntaxError({str(error)!r})"
    return source


# --- outcomes ---


def _outcome(error: tuple[str, str] | None, printed: str = "") -> Outcome:
    return {"printed": printed, "error": dict(zip(("type", "text"), error, strict=True)) if error else None}


def _error(run: Any, *words: Any) -> tuple[str, str] | None:
    try:
        run(*words)
    except Exception as error:
        return type(error).__name__, str(error)
    return None


def _of_cell(failure: Failure | None) -> Outcome:
    return _outcome(failure and (failure.type, failure.says.removeprefix(f"raised {failure.type}: ")))


def _of_check(check: Check, respondent: Respondent, namespace: dict[str, Any]) -> Outcome:
    _, error, printed = outcome(check, respondent, namespace)
    if isinstance(error, NoSandbox):
        raise error
    return _outcome(error and (type(error).__name__, str(error)), printed)
