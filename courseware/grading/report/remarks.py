"""What was wrong with a submitted file, in sentences.

on_cells       one sentence a kind of defect: edited, deleted, copied cells
on_places      answers that were recognised without their label, and cells that were moved
for_a_person   reasons why somebody should look: what was read may not be all, or not be meant so
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

from courseware.grading.intake.matching import Match, id_of, is_answer, is_code, metadata_of

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
ELSEWHERE = (
    "is missing; its function stands in another cell, which was used",
    "are missing; their functions stand in other cells, which were used",
)
NEW_SETUP = "was edited; the original ran first, then the edited one", "were edited; the originals ran first"


def on_cells(match: Match) -> list[str]:
    """One sentence a kind of defect."""
    wrong: defaultdict[tuple[str, Defect], list[str]] = defaultdict(list)
    for r, cell in enumerate(match.cells):
        kind = "answer" if is_answer(cell) else "test" if metadata_of(cell).get("grade") else "set-up"
        for defect in _defects(match, r) if metadata_of(cell) else ():
            wrong[kind, defect].append(id_of(cell))
    return [_sentence(kind, ids, defect) for (kind, defect), ids in wrong.items()]


def _defects(match: Match, r: int) -> Iterator[Defect]:
    cell, pieces, answer = match.cells[r], match.pieces(r), is_answer(match.cells[r])
    if not pieces:
        yield (ELSEWHERE if match.elsewhere(r) else MISSING_ANSWER) if answer else MISSING
    if len(pieces) > 1 and r not in match.guessed:
        yield COPIED_ANSWER if answer else COPIED
    if answer and any((piece.kind == "code") != is_code(cell) for piece in pieces):
        yield RETYPED
    if not answer and any(not match.as_released(piece.source, r) for piece in pieces):
        runs = any(match.is_new_setup(i) for i, place in enumerate(match.place) if place == r)
        yield NEW_SETUP if runs else EDITED


def _sentence(kind: str, ids: list[str], defect: Defect) -> str:
    if len(ids) == 1:
        return f"The {kind} cell {ids[0]} {defect[0]}."
    return f"The {kind} cells {', '.join(ids[:-1])} and {ids[-1]} {defect[1]}."


def on_places(match: Match) -> list[str]:
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


def for_a_person(match: Match) -> Iterator[str]:
    if ids := [id_of(match.cells[r]) for r, how in match.guessed.items() if how == "place"]:
        yield f"Recognised by place alone: {', '.join(ids)}."
    for r in match.answers():
        yield from _doubts(match, r)


def _doubts(match: Match, r: int) -> Iterator[str]:
    name, is_open, code = id_of(match.cells[r]), match.is_open(r), is_code(match.cells[r])
    prompt = match.pieces(r - 1) if r and not is_code(match.cells[r - 1]) else []
    if (is_open or not code) and any(not match.as_released(piece.source, r - 1) for piece in prompt):
        empty = f"{name} is empty, but its prompt was edited: the answer may stand there."
        yield empty if is_open else f"The prompt of {name} was edited: a part of the answer may stand there."
    if match.continued.get(r):
        yield f"{name} goes on in cells beside it, which were read as a part of it."
    elif is_open and not code and any(_is_own_text(match, i) for i in range(len(match.found))):
        yield f"{name} is empty, but there are text cells of the student's own: the answer may stand there."
    if is_open and match.elsewhere(r):
        missing = "empty" if match.pieces(r) else "missing"
        yield f"{name} is {missing}, and its function stands in the cell of another answer or of the set-up."
    if match.guessed.get(r, "").endswith("in a test cell"):
        yield f"{name} was read from a test cell, because its own cell is missing or as it was released."
    elif match.in_tests(r):
        yield f"{name} was changed in a test cell, which is not run: its own cell was graded."
    if code and not is_open and _never_reached(match.answer(r)):
        yield f"In {name}, `raise NotImplementedError` still stands above the answer, which is never reached."


def _is_own_text(match: Match, i: int) -> bool:
    return match.place[i] is None and match.found[i].kind == "text" and bool(match.found[i].source.strip())


def _never_reached(source: str) -> bool:
    """The stub's line was left above what was written."""
    try:
        functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    stub = lambda s: isinstance(s, ast.Raise) and s.exc and "NotImplementedError" in ast.unparse(s.exc)
    return any(stub(statement) for f in functions for statement in f.body[:-1])
