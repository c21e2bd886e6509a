"""nbgrader with our intake and our sandbox: `configure(get_config())` in a course's nbgrader_config.py.

    place      who handed in which notebook of which assignment
    hook       before a submission is converted: reads it defensively and rebuilds it on the release
    executor   where nbgrader would start a kernel: asks the sandbox, and writes scores into the test cells

Everything else stays nbgrader's: the grade book, the form grader for answers in words, late penalties,
feedback, exports. What the hook read is kept in this process and never taken from the notebook, so nobody can
pretend to have passed it. The folders are nbgrader's usual ones, `submitted/<student>/<assignment>/`.
"""

import atexit
import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from nbgrader.utils import parse_utc

from lsml_core.grading import intake
from lsml_core.grading.examiner import Examine, examiner
from lsml_core.grading.intake import Intake
from lsml_core.grading.names import label
from lsml_core.grading.quick_nbformat import NotebookNode, nbformat
from lsml_core.grading.release import BEGIN_HIDDEN, CODE_STUB, END, TEXT_STUB, student_version
from lsml_core.grading.results import Question

SOURCE = Path("source")
"""Folder of the masters, below the course's root, where nbgrader works."""
ORIGINAL = ".submitted"
"""What the name of a file as it was handed in gets at its end; the rebuilt one takes its place."""
TIMESTAMP = "timestamp.txt"
"""Where nbgrader looks for the time of a submission."""
HIDDEN = re.compile(rf"{BEGIN_HIDDEN}.*?({END[BEGIN_HIDDEN]}|\Z)", re.DOTALL)


class Place(NamedTuple):
    student: str
    assignment: str
    notebook: str


_taken: dict[Place, Intake] = {}
_rooms = ExitStack()
atexit.register(_rooms.close)


def configure(config: Any) -> None:
    """Set what the hooks need in nbgrader's `config`, and the stubs that our exercises have."""
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    config.Autograde.pre_convert_hook = take_in
    config.Autograde.autograde_preprocessors = [
        SandboxExecute,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    config.GenerateFeedback.preprocessors = [GetGrades, HideTests, CSSHTMLHeaderPreprocessor]


def take_in(assignment: str, student: str, notebooks: Sequence[str]) -> None:  # noqa: ARG001 - both may be *
    """nbgrader's `pre_convert_hook`: one student's notebooks, rebuilt in place; originals are kept beside."""
    for path in map(Path, notebooks):
        place = Place(path.parent.parent.name, path.parent.name, path.stem)
        _taken.pop(place, None)
        if not _source(place.assignment, place.notebook).is_file():
            continue  # a notebook of the student's own; nbgrader passes over it, too
        release = student_version(_master(place.assignment, place.notebook))
        original, partial = (path.with_name(path.name + end) for end in (ORIGINAL, ".partial"))
        found = _read(path, original, release)
        _remove(partial)
        partial.write_text(_text(found, release), "utf-8")
        os.replace(partial, path)
        _taken[place] = replace(found, human=(*found.human, *_cleared(path.parent)))


class SandboxExecute(NbGraderPreprocessor):
    """Scores in place of a kernel's outputs. RuntimeError for a submission that the hook did not see."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        about = resources["nbgrader"]
        place = Place(about["student"], about["assignment"], about["notebook"])
        found = _taken.pop(place, None)
        if found is None:
            raise RuntimeError(f"{place} was not taken in: Autograde.pre_convert_hook failed, or is not set")
        scores = {q.id: q for q in _examined(place, found)}
        for cell in nb.cells:
            meta = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and meta.get("grade") and not meta.get("solution"):
                cell.outputs = _outputs(scores[meta["grade_id"].removesuffix("_test")])
        if remarks := (*found.human, *found.remarks):
            lines = "\n".join(f"- {line}" for line in remarks)
            nb.cells.insert(0, nbformat.v4.new_markdown_cell(f"**About your file**\n\n{lines}"))
        return nb, resources


class HideTests(NbGraderPreprocessor):
    """Feedback shows what a test found, not its hidden lines."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:  # noqa: ARG002
        cell.source = HIDDEN.sub("# hidden tests", cell.source)
        return cell, resources


def _read(path: Path, original: Path, release: NotebookNode) -> Intake:
    """What was handed in. If `path` is what an earlier run made of `original`, that is the original."""
    plain = path.is_file() and not path.is_symlink()
    if plain and os.path.lexists(original):
        found = intake.read(original, release)
        made = _text(found, release)
        if path.stat().st_size < 4 * len(made) + 4 and path.read_text("utf-8", "replace") == made:
            return found
    found = intake.read(path, release)
    _remove(original)
    if plain:
        _keep(path, original)
    else:
        path.rename(original)
    return found


def _keep(path: Path, original: Path) -> None:
    try:
        os.link(path, original)
    except OSError:  # a disk without second names
        shutil.copy2(path, original)


def _remove(path: Path) -> None:
    """Whatever is there; a link, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _cleared(folder: Path) -> Iterator[str]:
    """Take away what nbgrader stumbles over: it copies what links and devices lead to, which may have no end
    or be another student's, and it grades nothing with a time that it cannot read."""
    for root, folders, files in os.walk(folder):
        for path in (Path(root, name) for name in (*folders, *files)):
            if stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
                path.unlink()
                yield f"{label(path.name)} was a link, a pipe or a device; it was removed."
    stamp = folder / TIMESTAMP
    try:
        parse_utc(stamp.read_text().strip() or "2000-01-01")
    except FileNotFoundError:
        return
    except Exception:  # many kinds: of the file, its encoding, the date
        _remove(stamp)
        yield f"{TIMESTAMP} holds no time, so nobody knows whether the submission was late."


def _text(found: Intake, release: NotebookNode) -> str:
    return nbformat.writes(found.notebook or release) + "\n"


def _source(assignment: str, notebook: str) -> Path:
    return SOURCE / assignment / f"{notebook}.ipynb"


@cache
def _master(assignment: str, notebook: str) -> NotebookNode:
    return nbformat.read(_source(assignment, notebook), as_version=4)


@cache
def _room(assignment: str, notebook: str) -> Examine:
    """One sandbox for all submissions of a notebook, until this process ends."""
    return _rooms.enter_context(examiner(_master(assignment, notebook)))


def _examined(place: Place, found: Intake) -> tuple[Question, ...]:
    """All questions. A file that could not be read is examined as a release without answers."""
    master = _master(place.assignment, place.notebook)
    cells = found.cells if found.notebook else Intake(student_version(master)).cells
    return _room(place.assignment, place.notebook)(cells, master, place.student)


def _outputs(question: Question) -> list[NotebookNode]:
    """nbgrader reads the first error as 0 points, the first result as the points; no output would be all."""
    if not question.earned:
        message = question.message or "no points"
        return [nbformat.v4.new_output("error", ename="Check", evalue=message, traceback=[message])]
    said = [nbformat.v4.new_output("stream", text=question.message)] if question.message else []
    return [*said, nbformat.v4.new_output("execute_result", {"text/plain": repr(float(question.earned))})]
