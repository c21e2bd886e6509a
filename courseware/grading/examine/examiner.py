"""Points for one submission: its code runs in the sandbox, the tests run here, and only data passes between.

    master     the solutions notebook, with its hidden tests and the points of each question
    answers    the student's cells, in running order
    outcome    of a test cell: its last value, what it printed, the error that ended it

A test cell is run as written, after the answer that it belongs to and the student's own cells below that. The
names that answers define stand for the student's objects, in the worker; all others are the grader's. A test
earns the Credit that it ends with, all its points if it ends without a value, and none if it raises.

The master's metadata {"lsml": {"answers_may_import": […], "limits": {…}}} name the modules of the course that
answers may import besides `checks` and `credit`, and the `Limits` that are other than usual; a release leaves
them out.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from io import StringIO
from math import isfinite
from typing import Any

from courseware.grading.credit import VISIBLE_PASSED, Broken, Credit
from courseware.grading.examine.respondent import ATTEMPTS, Failure, Respondent
from courseware.grading.master import Check, Master
from courseware.grading.results import Cell, Cells, Question, Status
from courseware.grading.sandbox.limits import Limits, bounded_memory, interrupted
from courseware.grading.sandbox.sandbox import Sandbox

MESSAGE = 4000
"""Longest message of a question."""
MISSING_NAME = "is not defined"
OWN_TIME = "Cells that the student added ran out of time, so this may not be what the answer is worth."

Examine = Callable[[Cells, Master, str], tuple[Question, ...]]


def examine(answers: Cells, master: Master, student: str, sandbox: Sandbox) -> tuple[Question, ...]:
    """Every question of `master`, in order. NoSandbox where the sandbox cannot be built or breaks down."""
    setup = master.setup(student)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    run_cell(setup, namespace)
    sandbox.load(libraries(answers))
    with Respondent(sandbox) as respondent:
        respondent.run(setup, "setup", tolerant=True)
        found = {q.id: q for q in _questions(answers, master.checks, respondent, namespace)}
    return tuple(found.get(id, question) for id, question in master.questions.items())


@contextmanager
def examiner(
    master: Master,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    unprotected: bool = False,
) -> Iterator[Examine]:
    """`examine` with a sandbox of its own, for all submissions of one set.

    master: the set.   limits: of time and memory; those that the set itself states replace them.
    unprotected: whether to go on where there is no sandbox, with the student's code in a plain process.
    NoSandbox: there is none, and `unprotected` is false.
    """
    modules, preload = master.modules, master.imports(master.modules)
    limits = master.limits(limits)
    with Sandbox(modules, preload=preload, limits=limits, unprotected=unprotected) as sandbox:
        yield partial(examine, sandbox=sandbox)


# --- a submission ---

LIBRARIES = {
    "torch": ("torch", "torch._dynamo"),  # the first optimizer of a process imports the latter
    "scipy": ("scipy.linalg", "scipy.optimize", "scipy.sparse", "scipy.spatial", "scipy.stats"),
    "sklearn": ("sklearn.cluster", "sklearn.linear_model", "sklearn.metrics"),
}
"""Word in an answer -> modules that take seconds to import, and that no clock of the answer's shall see."""


def libraries(answers: Cells) -> list[str]:
    """The slow modules of installed libraries that the answers name."""
    text = "\n".join(cell.source for cell in answers.cells)
    named = (name for name in LIBRARIES if re.search(rf"\b{name}\b", text) and find_spec(name))
    return [module for name in named for module in LIBRARIES[name]]


def _questions(
    answers: Cells, checks: Sequence[Check], respondent: Respondent, namespace: dict[str, Any]
) -> Iterator[Question]:
    """Run an answer and what the student added below it, then its tests, then the next answer."""
    waiting, earlier = list(checks), []
    for part in parts(answers):
        failures = _failures(part, respondent)
        ids = {cell.id for cell in part if cell.kind == "answer"}
        for check in [c for c in waiting if c.answer in ids]:
            waiting.remove(check)
            question = _question(check, respondent, namespace, failures)
            yield _explained(question, earlier, stopped=respondent.own_stopped)
        earlier += [failure for failure in failures if failure.own]
    for check in waiting:  # its answer is not among the cells
        yield _question(check, respondent, namespace, [])


def _explained(question: Question, earlier: list[Failure], *, stopped: bool) -> Question:
    """What cells that the student added further up may have to do with it; `stopped` says that their time was
    used up, which nobody takes for an answer."""
    if question.status in ("full", "not begun"):
        return question
    if earlier and (question.status == "error" or MISSING_NAME in question.message):
        message = "\n".join([*(failure.says for failure in earlier), question.message])[:MESSAGE]
        question = replace(question, message=message)
    return replace(question, review=OWN_TIME) if stopped else question


def parts(answers: Cells) -> list[list[Cell]]:
    """The cells, cut before each answer."""
    parts: list[list[Cell]] = [[]]
    for cell in answers.cells:
        if cell.kind == "answer":
            parts.append([])
        parts[-1].append(cell)
    return parts


def _failures(part: list[Cell], respondent: Respondent) -> list[Failure]:
    failures = []
    for cell in part:
        where = f"The cell {cell.id}" if cell.kind == "answer" else "A cell that you added"
        own = cell.kind == "extra"
        if failure := respondent.run(cell.source, cell.id, tolerant=own, own=own):
            failures.append(failure._replace(says=f"{where} {failure.says}.", own=own))
    return failures


def _question(
    check: Check, respondent: Respondent, namespace: dict[str, Any], failures: list[Failure]
) -> Question:
    value, error, printed = outcome(check, respondent, namespace)
    visible = VISIBLE_PASSED in printed.splitlines()
    points = check.question.points
    earned, broken = _earned(points, value, error)
    if earned == points:
        return replace(check.question, earned=earned, status="full", visible=visible)
    status = "partial" if earned else _without_points(error, failures, respondent.lost)
    failed = [Broken(reason=f.says, kind=f.type) for f in failures if f.type != "NotImplementedError"]
    broken = tuple(map(_short, (*failed, *broken)))
    message = "\n".join(map(str, broken))[:MESSAGE]
    return replace(
        check.question, earned=earned, status=status, message=message, visible=visible, broken=broken
    )


def outcome(
    check: Check, respondent: Respondent, namespace: dict[str, Any]
) -> tuple[Any, Exception | None, str]:
    """A test cell's last value, the error that ended it, and what it printed.

    check: the test cell, and the names of the student's that it uses.
    respondent: asks the student's process.   namespace: all other names that the test sees.
    It is run again if the student's process was lost from outside meanwhile. NoSandbox if that does not help.
    """
    value, error, printed = None, None, StringIO()
    for _ in range(ATTEMPTS):
        respondent.next_question()
        value, error, printed = None, None, StringIO()
        try:
            students = {name: respondent.proxy(name) for name in check.names}
            with redirect_stdout(printed), _bounds(respondent):
                value = run_cell(check.source, namespace | students)
        except Exception as caught:
            error = caught
        if not respondent.disturbed:
            break
    respondent.check()
    return value, error, printed.getvalue()


@contextmanager
def _bounds(respondent: Respondent) -> Iterator[None]:
    """Limits of a check itself, of which the answer can make a heavy one."""
    limits = respondent.limits
    with interrupted(limits.check, lambda: respondent.talking), bounded_memory(limits.check_memory):
        yield


def run_cell(source: str, namespace: dict[str, Any]) -> Any:
    """The value of the cell's last expression, None without one."""
    tree = ast.parse(source)
    last = ast.Expression(ast.Constant(None))
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        last = ast.copy_location(ast.Expression(end.value), tree.body.pop())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(_compiled(tree, "exec"), namespace)
        return eval(_compiled(ast.fix_missing_locations(last), "eval"), namespace)


def _compiled(tree: Any, mode: str) -> Any:
    """With its assertions and docstrings, whatever this Python was told to leave out (PYTHONOPTIMIZE)."""
    return compile(tree, "<check>", mode, optimize=0)


def _earned(
    points: float | int, value: Any, error: Exception | None
) -> tuple[float | int, tuple[Broken, ...]]:
    """Points, and what the student reads about those that are missing."""
    if isinstance(error, NotImplementedError):
        return 0, (Broken(reason=str(error), kind="not implemented yet"),)
    if error is not None:
        return 0, (Broken.of(error),)
    if value is None:
        return points, ()
    if type(value) is not Credit or not isfinite(value):  # a number of the student's own earns nothing
        kind = type(value).__name__
        return 0, (Broken(reason=f"the check ended with a {kind}; it must end with credit"),)
    return min(max(float(value), 0), points), value.broken


def _short(broken: Broken) -> Broken:
    """Short enough to be stored, and without lone surrogates, which fit into no file."""
    fields = (broken.law, broken.call, broken.reason, broken.kind)
    return Broken(*(text[:MESSAGE].encode("utf-8", "backslashreplace").decode() for text in fields))


def _without_points(error: Exception | None, failures: list[Failure], lost: list[str]) -> Status:
    if isinstance(error, NotImplementedError) or any(f.type == "NotImplementedError" for f in failures):
        return "not begun"
    return "error" if failures or lost else "none"
