"""The student's version of an exercise set: `solutions/NN_topic.ipynb` → `exercises/NN_topic.ipynb`.

Between `### BEGIN SOLUTION` and `### END SOLUTION` a stub takes the answer's place; from `### BEGIN HIDDEN
TESTS` to `### END HIDDEN TESTS` nothing is left. Cells carry nbgrader's metadata (schema 3). What could give
an answer away or confuse a grade book (a marker mistyped, an id used twice) is a ValueError naming the cell.
"""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from courseware import atomic
from courseware.grading.master import metadata_of

CODE_STUB = "raise NotImplementedError"
TEXT_STUB = "*Your answer takes the place of this line.*"
KEPT = {"nbgrader", "tags", "slideshow"}
"""Cell metadata that a student's copy keeps."""

BEGIN_SOLUTION, BEGIN_HIDDEN = "### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"
END = {BEGIN_SOLUTION: "### END SOLUTION", BEGIN_HIDDEN: "### END HIDDEN TESTS"}
MARKERS = {*END, *END.values()}
LIKE_A_MARKER = re.compile(r"# *(BEGIN|END)\b|(?i:\b(begin|end)[ _-]*(solution|hidden))")


def release(source: Path) -> Path:
    """Write the student's version of `source` and return its path; an old one is replaced in one move."""
    target = source.parents[1] / "exercises" / source.name
    notebook = student_version(nbformat.read(source, as_version=4))
    atomic.write(target, nbformat.writes(notebook) + "\n")
    return target


def student_version(master: NotebookNode) -> NotebookNode:
    """The cells of `master` without answers, hidden tests and outputs; their ids depend on `master` alone."""
    _check_ids(master)
    cells = copy.deepcopy(master.cells)
    for i, cell in enumerate(cells):
        meta = metadata_of(cell)
        cell.id = meta.get("grade_id", f"cell-{i:02d}")
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT}
        code = cell.cell_type == "code"
        cell.source = _cut(cell.source, CODE_STUB if code else TEXT_STUB, cell.id, meta)
        if code:
            cell.outputs, cell.execution_count = [], None
    metadata = {key: value for key, value in master.metadata.items() if key == "kernelspec"}
    if limits := master.metadata.get("lsml", {}).get("limits"):  # `lsml check` keeps to them, too
        metadata["lsml"] = {"limits": limits}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata | {"language_info": {"name": "python"}})


def _check_ids(master: NotebookNode) -> None:
    """ValueError unless all ids are words, used once, and every graded cell says its points."""
    seen = set()
    for cell in master.cells:
        if not (meta := metadata_of(cell)):
            continue
        name = meta.get("grade_id", "")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or re.search(r"(?=[a-z]*\d)[0-9a-f]{8,}", name):
            raise ValueError(f"grade_id={name!r} must be words in lower case with underscores, not a hash")
        if name in seen:
            raise ValueError(f"grade_id={name!r} is used twice; answers are found by their id")
        if meta.get("grade") and not meta.get("points", 0) > 0:
            raise ValueError(f"cell {name!r} is graded, so it needs points above 0")
        seen.add(name)


def _cut(text: str, stub: str, name: str, meta: Mapping[str, Any]) -> str:
    """`text` with a stub for each solution and nothing for each hidden test."""
    kept, inside, found = [], None, set()
    for line in text.splitlines():
        marker = line.strip()
        if LIKE_A_MARKER.search(line) and marker not in MARKERS:
            raise ValueError(f"cell {name!r}: {marker!r} must be one of {sorted(MARKERS)}")
        if marker not in MARKERS:
            kept += [] if inside else [line]
            continue
        if marker not in ({END[inside]} if inside else END):
            raise ValueError(f"cell {name!r}: {marker!r} after {inside or 'no open marker'!r}")
        inside = None if inside else marker
        found.add(marker)
        if marker == BEGIN_SOLUTION:
            kept.append(line.replace(marker, stub))
    if inside:
        raise ValueError(f"cell {name!r}: {inside!r} is never closed")
    _check_place(found, name, meta)
    return "\n".join(kept).rstrip()


def _check_place(found: set[str], name: str, meta: Mapping[str, Any]) -> None:
    """An answer cell without markers would be released with its answer."""
    answer, test = meta.get("solution", False), meta.get("grade", False)
    if answer != (BEGIN_SOLUTION in found):
        wrong = "needs" if answer else "is not an answer (solution=true), so it must not have"
        raise ValueError(f"cell {name!r} {wrong} {BEGIN_SOLUTION!r}")
    if BEGIN_HIDDEN in found and (answer or not test):
        raise ValueError(
            f"cell {name!r} is not a test (grade=true, solution=false): no place for hidden tests"
        )
