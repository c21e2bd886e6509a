"""What a student may ask before handing in: does this file, run from the top, pass the checks in it?

    cells     the notebook as the grader would rebuild it, run as the grader would run it (where it can be)
    verdict   a line for each question: passed, not begun, or what breaks

The usual mistakes are named: cells that only work in the order in which they were run, a function under
another name, a stub left, a file that is no notebook. Nothing is hidden here, so passing is not full points.
"""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from courseware.console import Parser
from courseware.grading.credit import VISIBLE_PASSED
from courseware.grading.inside.worker import HIDDEN
from courseware.grading.intake import rebuild
from courseware.grading.intake.file_content import Unreadable, content
from courseware.grading.intake.matching import defined, id_of, is_answer, is_code, metadata_of
from courseware.grading.intake.notebook_file import Found, parse
from courseware.grading.intake.rebuild import Notebook
from courseware.grading.master import TEST, question_of
from courseware.grading.sandbox.limits import Limits
from courseware.grading.sandbox.sandbox import NoSandbox, reason_against
from courseware.grading.student import sandboxed

LIMITS = Limits()
SECONDS = 60
"""For all cells, where there is no sandbox."""
NOT_BEGUN = "not begun: `raise NotImplementedError` still stands there"
BY_A_PERSON = "read by a person"


HELP = """\
Run the visible checks of a notebook from the top, as after "Restart Kernel and Run All Cells".

  lsml check exercises/01_momentum_and_adaptive_steps.ipynb

Save the notebook first. A question says that its visible checks passed, that it is not begun, or which law
breaks, with the smallest call that breaks it. Hidden tests run only when the set is graded.

  lsml check 01                                 the same notebook

The cells run as the grader runs them: with its limits of time and memory, without most of the course's own
modules, without your files, the network and other processes."""

WITHOUT_WALLS = "Not checked on this machine: whether your cells read files, which the grader does not have."
WITHOUT_SANDBOX = (
    "Not checked on this system: the grader's limits ({call:g} s a call, {cell:g} s a cell, no files or "
    "processes)."
)
COURSE = re.compile(
    r"^[ \t]*(?:from|import)[ \t]+(?:lsml_core\b|courseware(?!\.grading\.(?:checks|credit)\b))", re.MULTILINE
)


@dataclass(frozen=True)
class Checked:
    """What `lsml check` found.

    verdicts: question → what holds or breaks.   remarks: sentences about the file.
    unchecked: what this machine cannot check, empty if nothing.
    """

    verdicts: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    unchecked: str = ""

    @property
    def passed(self) -> bool:
        """Every check that can run passes, and there is one."""
        run = [v for v in self.verdicts.values() if v != BY_A_PERSON]
        return bool(run) and all(v == VISIBLE_PASSED for v in run)

    def __str__(self) -> str:
        width = max(map(len, self.verdicts), default=0)
        indented = (
            f"  {name:{width}}  {verdict.replace(chr(10), chr(10) + ' ' * (width + 4))}"
            for name, verdict in self.verdicts.items()
        )
        unchecked = [f"  ({self.unchecked})"] if self.unchecked else []
        return "\n".join([*indented, *(f"  ! {remark}" for remark in self.remarks), *unchecked])


def command(words: Sequence[str], root: Path) -> int:
    """`lsml check` in the checkout at `root`: the exit code, 0 if every visible check passes."""
    parser = Parser("lsml check", HELP)
    parser.add_argument("notebook", nargs="+", help="a notebook with your answers, or the number of a set")
    passed, releases = True, sorted((root / "exercises").glob("*.ipynb"))
    for word in parser.parse_args(words).notebook:
        path = _notebook(word, releases)
        checked = check(path, releases)
        passed &= checked.passed
        sys.stdout.write(f"{path}\n{checked}\n")
    return 0 if passed else 1


def _notebook(word: str, releases: Sequence[Path]) -> Path:
    """The file called `word`, or the one of the set whose name begins with it."""
    named = [path for path in releases if path.stem.startswith(word)]
    return named[0] if len(named) == 1 and not Path(word).exists() else Path(word)


def check(path: Path, releases: Sequence[Path] = ()) -> Checked:
    """Run the visible checks of the notebook at `path`, from the top.

    `releases` are the notebooks as they were handed out: edited tests are found by comparison with the one
    that `path` answers. Without it the tests in the file count.
    """
    try:
        given = content(path)
        found, _ = parse(given)
    except Unreadable as reason:
        return Checked(remarks=(str(reason),))
    release = _release_of(found, [other for other in releases if not _is_same_file(other, path)])
    taken = rebuild.read(path, release)
    remarks = taken.remarks + taken.review_reasons
    if taken.notebook is None or not any(metadata_of(c).get("grade") for c in taken.notebook["cells"]):
        return Checked(remarks=(*remarks, "There is no question of the course in this file."))
    cells = taken.notebook["cells"]
    outcomes, ended, unchecked = _outcomes(
        [cell for cell in cells if is_code(cell)], path.parent, _limits(given)
    )
    tests = {question_of(id_of(cell)): cell for cell in cells if metadata_of(cell).get("grade")}
    verdicts = {name: _verdict(name, test, cells, outcomes) for name, test in tests.items()}
    return Checked(verdicts, (*remarks, *_failed_cells(cells, outcomes), *ended), unchecked)


# --- which tests ---


def _release_of(found: list[Found], releases: list[Path]) -> Notebook:
    """The release that the file answers most questions of; the file's own cells if there is none."""
    ids = {cell.grade_id for cell in found} | {name for cell in found for name in cell.ids}
    best, most = _as_release(found), 1  # every set has a cell called setup
    for path in releases:
        notebook = _as_release(parse(path.read_bytes())[0])
        shared = len(ids & {id_of(cell) for cell in notebook["cells"] if metadata_of(cell)})
        if shared > most:
            best, most = notebook, shared
    return best


def _as_release(found: list[Found]) -> Notebook:
    """The cells with the flags that their metadata stand for; metadata count where they come first."""
    labels = [cell.grade_id for cell in found]
    return {
        "cells": [
            {
                "cell_type": "code" if cell.kind == "code" else "markdown",
                "id": f"cell-{i:02d}",
                "metadata": {"nbgrader": _flags(cell)}
                if cell.grade_id and labels.index(cell.grade_id) == i
                else {},
                "source": cell.source,
            }
            for i, cell in enumerate(found)
        ]
    }


def _flags(cell: Found) -> dict[str, Any]:
    """Tests are called after their answers: `adam_step_test` asks for `adam_step`."""
    test = cell.grade_id.endswith(TEST)
    answer = not test and cell.grade_id != "setup"
    return {"grade_id": cell.grade_id, "grade": test or cell.kind == "text", "solution": answer}


def _is_same_file(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


# --- run ---

Outcome = Mapping[str, Any]


def _limits(given: bytes) -> Limits:
    """The usual ones with those that the set changes: its release holds them. Others are not of this page."""
    try:
        limits = LIMITS.of_set(json.loads(given)["metadata"]["lsml"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return LIMITS
    return limits if all(isinstance(value, int | float) for value in vars(limits).values()) else LIMITS


def _outcomes(
    cells: Sequence[Any], folder: Path, limits: Limits
) -> tuple[dict[str, Outcome], list[str], str]:
    """Id → what its cell did; why the run ended early, if it did; what was not checked."""
    if sys.platform != "win32":
        with contextlib.suppress(NoSandbox):
            unchecked = WITHOUT_WALLS if reason_against() else ""
            return sandboxed.run(cells, limits), [], unchecked
    outcomes, ended = _unprotected(cells, folder)
    return outcomes, [*_course_imports(cells), *ended], WITHOUT_SANDBOX.format(**vars(limits))


def _course_imports(cells: Sequence[Any]) -> Iterator[str]:
    """What the grader would refuse can be read off."""
    for cell in cells:
        if COURSE.search(cell["source"]) and (is_answer(cell) or not metadata_of(cell)):
            yield f"{_named(cell)} imports a part of the course; {HIDDEN}."


def _unprotected(cells: Sequence[Any], folder: Path) -> tuple[dict[str, Outcome], list[str]]:
    """In a Python process without the grader's limits."""
    child = [sys.executable, "-m", "courseware.grading.student.run"]
    told = json.dumps([(id_of(cell), cell["source"]) for cell in cells]).encode()
    said, why = b"", "ended Python"
    try:
        said = subprocess.run(child, input=told, capture_output=True, cwd=folder, timeout=SECONDS).stdout
    except subprocess.TimeoutExpired as error:
        said, why = error.stdout or b"", f"did not end within {SECONDS} s"
    whole = said[: said.rfind(b"\n") + 1]  # the last line may be cut
    outcomes = {outcome["id"]: outcome for outcome in map(json.loads, whole.splitlines())}
    if len(outcomes) == len(cells):
        return outcomes, []
    stopped = next(cell for cell in cells if id_of(cell) not in outcomes)
    return outcomes, [f"{_named(stopped)} {why}; what comes after it was not run."]


# --- what it means ---


def _verdict(name: str, test: Any, cells: Sequence[Any], outcomes: Mapping[str, Outcome]) -> str:
    if is_answer(test):
        return BY_A_PERSON
    answer, outcome = outcomes.get(name), outcomes.get(id_of(test))
    if answer and answer["error"]:
        return f"its cell fails: {_in_words(answer['error'], name, cells)}"
    if outcome is None:
        return "not run"
    error = outcome["error"]
    if error and error["type"] == "NotImplementedError":
        return NOT_BEGUN
    if not error and VISIBLE_PASSED in outcome["printed"].splitlines():
        return VISIBLE_PASSED  # what the answer itself printed is nobody's business here
    text = _in_words(error, id_of(test), cells) if error else outcome["printed"].strip() or VISIBLE_PASSED
    if f"name '{name}' is not defined" in text:
        return f"there is no `{name}`: was the function renamed, or its cell deleted?"
    return text


def _failed_cells(cells: Sequence[Any], outcomes: Mapping[str, Outcome]) -> list[str]:
    """Set-up cells and the student's own; of answers and tests the verdicts speak."""
    others = [cell for cell in cells if not is_answer(cell) and not metadata_of(cell).get("grade")]
    failed = [(cell, (outcomes.get(id_of(cell)) or {}).get("error")) for cell in others]
    return [f"{_named(cell)} fails: {_in_words(e, id_of(cell), cells)}" for cell, e in failed if e]


def _in_words(error: Mapping[str, Any], name: str, cells: Sequence[Any]) -> str:
    plain = error["text"] if error["type"] == "AssertionError" else f"{error['type']}: {error['text']}"
    missing = re.search(r"name '(\w+)' is not defined", error["text"])
    return f"{plain}\n{_about_missing(missing[1], name, cells)}" if missing else plain


def _about_missing(missing: str, name: str, cells: Sequence[Any]) -> str:
    """Why a name that the student's session knows is unknown to a fresh one."""
    names = [id_of(cell) for cell in cells]
    later = [c for c in cells[names.index(name) + 1 :] if is_code(c) and missing in defined(c["source"])]
    if later:
        return f"`{missing}` is defined only further down: restart the kernel and run all cells to see it."
    return f"No cell defines `{missing}`: if it works in your session, its cell was changed or deleted since."


def _named(cell: Any) -> str:
    if metadata_of(cell).get("grade"):
        return f"The check of {id_of(cell).removesuffix('_test')}"
    if metadata_of(cell):
        return f"The cell {id_of(cell)}"
    return f"Your own cell `{cell['source'].strip().splitlines()[0][:60]}`"
