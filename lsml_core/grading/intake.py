"""A submitted file → the release with the student's answers in it, and what was wrong with the file.

    release  the notebook that students got (`release.student_version` of the master), plain JSON
    place    for each cell of the file the index r of the release's cell that it stands for, or None

Only answers are taken from the file. What the release locks (tests, set-up) is the release's, whatever the
file says; code cells that the student added stay where they are.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsml_core.grading import names
from lsml_core.grading.matching import CellNode, Match, Notebook, id_of, is_answer, is_code, label, same
from lsml_core.grading.notebook_file import Unreadable, content, parse
from lsml_core.grading.results import Cell, Cells

EXTRA = "extra-"
"""How the ids of a student's own cells begin; ids of a release never do."""


@dataclass(frozen=True)
class Intake:
    """`notebook` is the rebuilt submission, None if nothing could be read. `remarks` are for student and
    instructor, `human` are reasons why a person should look at the file; both are sentences."""

    notebook: Notebook | None
    remarks: tuple[str, ...] = ()
    human: tuple[str, ...] = ()

    @property
    def cells(self) -> Cells:
        """The student's code, in running order; empty if nothing could be read."""
        return Cells(
            tuple(
                Cell("answer" if is_answer(cell) else "extra", id_of(cell), cell["source"])
                for cell in self._cells()
                if is_code(cell) and (is_answer(cell) or _is_extra(cell))
            )
        )

    @property
    def texts(self) -> dict[str, str]:
        """Grade id → answer in words."""
        return {id_of(c): c["source"] for c in self._cells() if is_answer(c) and not is_code(c)}

    def _cells(self) -> Sequence[CellNode]:
        return self.notebook["cells"] if self.notebook else ()


def read(path: Path, release: Notebook) -> Intake:
    """The file at `path` as a submission of `release`. Any file is accepted or explained; none raises."""
    try:
        found, remarks = parse(content(path))
    except Unreadable as reason:
        return Intake(None, human=(f"{names.label(path.name)}: {reason}",))
    if path.suffix != ".ipynb":
        remarks.append(f"The file is called {names.label(path.name)}; names of notebooks end in .ipynb.")
    match = Match(found, release)
    if match.answers() and not _is_of_this_set(match):
        reason = "No answer cell of this set was found in the file: is it the notebook of another set?"
        return Intake(_rebuilt(match, release), tuple(remarks), (reason,))
    remarks += _wrong_cells(match) + _guesses(match)
    return Intake(_rebuilt(match, release), tuple(remarks), tuple(_for_a_person(match)))


def _is_of_this_set(match: Match) -> bool:
    """A place says little, and an empty text answer looks alike in every set."""
    known = [r for r in match.answers() if r in match.place and match.guessed.get(r) != "place"]
    return any(is_code(match.cells[r]) or r not in match.guessed for r in known)


# --- the notebook that is graded ---


def _rebuilt(match: Match, release: Notebook) -> Notebook:
    notebook = copy.deepcopy(release)
    own = _own_cells(match)
    rebuilt = [_new_cell(match, i, release) for i in own[-1]]
    for r, cell in enumerate(notebook["cells"]):
        if is_answer(cell):
            cell["source"] = match.answer(r)
        rebuilt += [cell, *(_new_cell(match, i, release) for i in own[r])]
    notebook["cells"][:] = rebuilt
    return notebook


def _own_cells(match: Match) -> defaultdict[int, list[int]]:
    """r, or −1 before the first → the student's own code cells that follow it."""
    own, last = defaultdict(list), -1
    for i, (cell, r) in enumerate(zip(match.found, match.place, strict=True)):
        last = last if r is None else r
        if cell.kind == "code" and cell.source.strip() and (r is None or _is_new_setup(match, i)):
            own[last].append(i)
    return own


def _is_new_setup(match: Match, i: int) -> bool:
    """An edited set-up cell may hold the student's imports: it runs after the original. A test never does."""
    r = match.place[i]
    if r is None or is_answer(match.cells[r]) or label(match.cells[r]).get("grade"):
        return False
    return match.found[i].kind == "code" and not same(match.found[i].source, match.cells[r]["source"])


def _new_cell(match: Match, i: int, release: Notebook) -> Any:
    node: Any = type(release)  # NotebookNode, or dict
    body = {"source": match.found[i].source, "outputs": [], "execution_count": None}
    return node(cell_type="code", id=f"{EXTRA}{i}", metadata=node(), **body)


def _is_extra(cell: CellNode) -> bool:
    return not label(cell) and id_of(cell).startswith(EXTRA)


# --- what was wrong, in words ---

Defect = tuple[str, str]  # what to say of one cell, and of several
MISSING_ANSWER = "is missing; it counts as not begun", "are missing; they count as not begun"
MISSING = "is missing; the original was used", "are missing; the originals were used"
COPIED_ANSWER = (
    "is there more than once; the copies ran in order",
    "are there more than once; the copies ran in order",
)
COPIED = "is there more than once; the original was used", "are there more than once; the originals were used"
RETYPED = (
    "was turned into another kind of cell; it was read all the same",
    "were turned into other kinds of cells",
)
EDITED = "was edited; the original was used", "were edited; the originals were used"
NEW_SETUP = "was edited; the original ran first, then the edited one", "were edited; the originals ran first"


def _wrong_cells(match: Match) -> list[str]:
    """One sentence a kind of defect."""
    wrong: defaultdict[tuple[str, Defect], list[str]] = defaultdict(list)
    for r, cell in enumerate(match.cells):
        kind = "answer" if is_answer(cell) else "test" if label(cell).get("grade") else "set-up"
        for defect in _defects(match, r) if label(cell) else ():
            wrong[kind, defect].append(id_of(cell))
    return [_sentence(kind, ids, defect) for (kind, defect), ids in wrong.items()]


def _defects(match: Match, r: int) -> Iterator[Defect]:
    cell, pieces, answer = match.cells[r], match.pieces(r), is_answer(match.cells[r])
    if not pieces:
        yield MISSING_ANSWER if answer else MISSING
    if len(pieces) > 1 and r not in match.guessed:
        yield COPIED_ANSWER if answer else COPIED
    if answer and any((piece.kind == "code") != is_code(cell) for piece in pieces):
        yield RETYPED
    if not answer and any(not same(piece.source, cell["source"]) for piece in pieces):
        runs = any(_is_new_setup(match, i) for i, place in enumerate(match.place) if place == r)
        yield NEW_SETUP if runs else EDITED


def _sentence(kind: str, ids: list[str], defect: Defect) -> str:
    if len(ids) == 1:
        return f"The {kind} cell {ids[0]} {defect[0]}."
    return f"The {kind} cells {', '.join(ids[:-1])} and {ids[-1]} {defect[1]}."


def _guesses(match: Match) -> list[str]:
    by = defaultdict(list)
    for r, how in match.guessed.items():
        by[how].append(id_of(match.cells[r]))
    said = [
        f"Read from cells without a label, recognised by {how}: {', '.join(ids)}." for how, ids in by.items()
    ]
    first = [match.place.index(r) for r in match.answers() if r in match.place]
    if first != sorted(first):
        said.append("Cells were moved; they were run in the order of the released notebook.")
    return said


def _for_a_person(match: Match) -> Iterator[str]:
    if ids := [id_of(match.cells[r]) for r, how in match.guessed.items() if how == "place"]:
        yield f"Recognised by place alone: {', '.join(ids)}."
    for r in filter(match.is_open, match.answers()):
        prompt = match.pieces(r - 1) if r and not is_code(match.cells[r]) else []
        if any(not same(piece.source, match.cells[r - 1]["source"]) for piece in prompt):
            yield f"{id_of(match.cells[r])} is empty, but its prompt was edited: the answer may stand there."
