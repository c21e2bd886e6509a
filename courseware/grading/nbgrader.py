"""nbgrader with our intake and our sandbox: `configure(get_config())` in a course's nbgrader_config.py.

    place      who handed in which notebook of which assignment
    hook       before a submission is converted: reads it defensively and rebuilds it on the release
    executor   where nbgrader would start a kernel: asks the sandbox, and writes scores into the test cells

Everything else stays nbgrader's: the grade book, the form grader for answers in words, late penalties,
feedback, exports. What the hook read is kept in this process and never taken from the notebook, so nobody can
pretend to have passed it. The folders are nbgrader's usual ones, `submitted/<student>/<assignment>/`.
"""

import atexit
import hashlib
import os
import re
import shutil
import stat
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import dateutil.parser
import dateutil.tz
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

from courseware import atomic
from courseware.grading.examine.examiner import Examine, examiner
from courseware.grading.intake import rebuild
from courseware.grading.intake.quick_nbformat import NotebookNode, nbformat
from courseware.grading.intake.rebuild import Intake
from courseware.grading.master import RUBRIC, Master, metadata_of, question_of
from courseware.grading.names import label
from courseware.grading.release import BEGIN_HIDDEN, CODE_STUB, END, TEXT_STUB
from courseware.grading.results import Cells, Question

SOURCE, RELEASE = Path("source"), Path("release")
"""Folders of the masters and of what was handed out, below the course's root, where nbgrader works."""
ORIGINAL = ".submitted"
"""What the name of a file as it was handed in gets at its end; the rebuilt one takes its place."""
TIMESTAMP = "timestamp.txt"
"""Where nbgrader looks for the time of a submission."""
REFUSED = f"{TIMESTAMP}.refused"
"""What it is called once it was found to hold no time."""
NO_TIME = f"{TIMESTAMP} holds no time in a known time zone, so nobody knows whether the submission was late."
HIDDEN = re.compile(rf"{BEGIN_HIDDEN}.*?({END[BEGIN_HIDDEN]}|\Z)", re.DOTALL)


class Place(NamedTuple):
    student: str
    assignment: str
    notebook: str


_taken: dict[Place, Intake] = {}
_notes: dict[Place, list[str]] = {}


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


def take_in(assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG001 - both may be *
    """nbgrader's `pre_convert_hook`: one student's notebooks, rebuilt in place; originals are kept beside.

    `notebooks` is nbgrader's own list of what it grades next, so that a name put there is graded.
    """
    for folder in sorted({Path(notebook).parent for notebook in notebooks}):
        _find_renamed(folder, notebooks)
    for path in map(Path, notebooks):
        place = Place(path.parent.parent.name, path.parent.name, path.stem)
        _taken.pop(place, None)
        if not _source(place.assignment, place.notebook).is_file():
            continue  # a notebook of the student's own; nbgrader passes over it, too
        release, earlier = _room(place.assignment, place.notebook).master.release, _handed_out(place)
        original = path.with_name(path.name + ORIGINAL)
        found = _read(path, original, release, earlier)
        atomic.write(path, _text(found, release))
        about = (*_notes.pop(place, ()), *_cleared(path.parent))
        _taken[place] = replace(found, review_reasons=(*found.review_reasons, *about))


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
            meta = metadata_of(cell)
            if cell.cell_type == "code" and meta.get("grade") and not meta.get("solution"):
                cell.outputs = _outputs(scores[question_of(meta["grade_id"])])
        nb.cells = [*_with_rubrics(nb.cells, _room(place.assignment, place.notebook).master)]
        undecided = (f"{q.id}: {q.review}" for q in scores.values() if q.review)
        if remarks := (*found.review_reasons, *undecided, *found.remarks):
            lines = "\n".join(f"- {line}" for line in remarks)
            nb.cells.insert(0, nbformat.v4.new_markdown_cell(f"**About your file**\n\n{lines}"))
        return nb, resources


def _with_rubrics(cells: Sequence[NotebookNode], master: Master) -> Iterator[NotebookNode]:
    """A cell with its rubric below each answer that a person reads, for the form grader and the feedback."""
    rubrics = {question.question.id: question.rubric for question in master.free_responses}
    for cell in cells:
        yield cell
        if rubric := rubrics.get(metadata_of(cell).get("grade_id", "")):
            lines = (f"- {criterion.points:g} for: {criterion.earned_by}" for criterion in rubric)
            yield nbformat.v4.new_markdown_cell("\n".join([f"{RUBRIC}\n", *lines]))


class HideTests(NbGraderPreprocessor):
    """Feedback shows what a test found, not its hidden lines."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:  # noqa: ARG002
        cell.source = HIDDEN.sub("# hidden tests", cell.source)
        return cell, resources


def _find_renamed(folder: Path, notebooks: list[str]) -> None:
    """Give a student's notebook its released name, and tell nbgrader, which grades by names alone."""
    known = {path.name for path in (SOURCE / folder.name).glob("*.ipynb")}
    others = [path for path in map(Path, notebooks) if path.parent == folder and path.name not in known]
    for name in sorted(known) if others else ():
        place = Place(folder.parent.name, folder.name, name.removesuffix(".ipynb"))
        release = _room(place.assignment, place.notebook).master.release
        mine = sorted((p for p in others if rebuild.is_of_set(p, release)), key=lambda p: p.lstat().st_mtime)
        if mine and not os.path.lexists(folder / name):
            renamed = mine.pop()
            _notes[place] = [f"The notebook is called {label(renamed.name)}; it was graded as {name}."]
            renamed.rename(folder / name)
            notebooks[notebooks.index(str(renamed))] = str(folder / name)
        if mine:
            also = ", ".join(label(path.name) for path in mine)
            _notes.setdefault(place, []).append(f"Another notebook of this set was not graded: {also}.")


def _handed_out(place: Place) -> NotebookNode | None:
    """The notebook that students got: the master's tests may have been corrected since."""
    path = RELEASE / place.assignment / f"{place.notebook}.ipynb"
    return nbformat.read(path, as_version=4) if path.is_file() else None


def _read(path: Path, original: Path, release: NotebookNode, earlier: NotebookNode | None) -> Intake:
    """What was handed in. If `path` is what an earlier run made of `original`, that is the original."""
    plain = path.is_file() and not path.is_symlink()
    if plain and os.path.lexists(original):
        found = rebuild.read(original, release, earlier, name=path.name)
        made = _text(found, release)
        if path.stat().st_size < 4 * len(made) + 4 and path.read_text("utf-8", "replace") == made:
            return found
    found = rebuild.read(path, release, earlier)
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
    stamp, refused = folder / TIMESTAMP, folder / REFUSED
    if stamp.exists():
        _remove(refused)
        if not _is_time(stamp):
            stamp.rename(refused)
    if refused.exists():
        yield NO_TIME


def _is_time(stamp: Path) -> bool:
    """A time that nbgrader reads as it is meant: it takes PST, and any zone it does not know, for UTC."""
    try:
        text = stamp.read_text().strip() or "2000-01-01"
        with warnings.catch_warnings():
            warnings.simplefilter("error", dateutil.parser.UnknownTimezoneWarning)
            parse_utc(text)
        zone = text.split(" ")[2:]
        return len(zone) != 1 or bool(re.fullmatch(r"[+-]?\d+|Z", zone[0]) or dateutil.tz.gettz(zone[0]))
    except Exception:  # many kinds: of the file, its encoding, the date
        return False


def _text(found: Intake, release: NotebookNode) -> str:
    return nbformat.writes(found.notebook or release) + "\n"


def _source(assignment: str, notebook: str) -> Path:
    return SOURCE / assignment / f"{notebook}.ipynb"


class _Room:
    """A master, and one sandbox for all submissions of it, until the file changes or this process ends."""

    def __init__(self, data: bytes) -> None:
        self.digest = hashlib.sha256(data).digest()
        self.master = Master(nbformat.reads(data.decode(), as_version=4))
        self._stack = ExitStack()
        self._examine: Examine | None = None

    def examine(self, cells: Cells, student: str) -> tuple[Question, ...]:
        self._examine = self._examine or self._stack.enter_context(examiner(self.master))
        return self._examine(cells, self.master, student)

    def close(self) -> None:
        self._stack.close()


_rooms: dict[Path, _Room] = {}


@atexit.register
def close() -> None:
    """End all sandboxes."""
    while _rooms:
        _rooms.popitem()[1].close()


def _room(assignment: str, notebook: str) -> _Room:
    """As the file is now: the form grader's process may live for weeks, and tests are corrected meanwhile."""
    path = _source(assignment, notebook).resolve()
    data = path.read_bytes()
    if path in _rooms and _rooms[path].digest != hashlib.sha256(data).digest():
        _rooms.pop(path).close()
    return _rooms.setdefault(path, _Room(data))


def _examined(place: Place, found: Intake) -> tuple[Question, ...]:
    """All questions. A file that could not be read is examined as a release without answers."""
    room = _room(place.assignment, place.notebook)
    cells = found.cells if found.notebook else Intake(room.master.release).cells
    return room.examine(cells, place.student)


def _outputs(question: Question) -> list[NotebookNode]:
    """nbgrader reads the first error as 0 points, the first result as the points; no output would be all."""
    if not question.earned:
        message = question.message or "no points"
        return [nbformat.v4.new_output("error", ename="Check", evalue=message, traceback=[message])]
    said = [nbformat.v4.new_output("stream", text=question.message)] if question.message else []
    return [*said, nbformat.v4.new_output("execute_result", {"text/plain": repr(float(question.earned))})]
