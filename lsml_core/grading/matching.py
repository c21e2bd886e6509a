"""Which cell of a submitted file is which cell of the release.

    found    the cells of the file, in the student's order
    cells    the cells of the release, in the release's order; an index into them is called r
    place    for each found cell the r that it stands for, None for the student's own cells

Cells are recognised by their grade id; where an editor dropped it (Google Colab may) by their cell id, by
their text, an answer by the name that its stub defines, and at last by their place.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lsml_core.grading.notebook_file import Found

Notebook = Mapping[str, Any]
"""Plain JSON; nbformat's NotebookNode is one."""
CellNode = Mapping[str, Any]


def label(cell: CellNode) -> Mapping[str, Any]:
    """nbgrader's metadata of a release's cell, empty for prompts."""
    return cell["metadata"].get("nbgrader", {})


def id_of(cell: CellNode) -> str:
    return label(cell).get("grade_id") or cell.get("id", "")


def is_answer(cell: CellNode) -> bool:
    return bool(label(cell).get("solution"))


def is_code(cell: CellNode) -> bool:
    return cell["cell_type"] == "code"


def same(text: str, other: str) -> bool:
    """Up to white space at the ends of lines and of the text."""
    return _bare(text) == _bare(other)


class Match:
    """`place` as above, and `guessed`: r of an answer → what it was recognised by, if not by its grade id."""

    def __init__(self, found: list[Found], release: Notebook) -> None:
        self.found, self.cells = found, release["cells"]
        self.place: list[int | None] = [None] * len(found)
        self.guessed: dict[int, str] = {}
        self._by_labels()
        self._by_name()
        self._by_place()

    def answers(self) -> list[int]:
        return [r for r, cell in enumerate(self.cells) if is_answer(cell)]

    def pieces(self, r: int) -> list[Found]:
        """More than one if the student split or copied the cell."""
        return [cell for cell, place in zip(self.found, self.place, strict=True) if place == r]

    def answer(self, r: int) -> str:
        """The pieces one after the other, as they would run, without copies and stubs; else the stub."""
        stub = self.cells[r]["source"]
        written = (p.source for p in self.pieces(r) if p.source.strip() and not same(p.source, stub))
        return "\n\n".join(dict.fromkeys(written)) or stub

    def is_open(self, r: int) -> bool:
        """The answer is missing, or as it was released."""
        return self.answer(r) == self.cells[r]["source"]

    # --- the ways to recognise a cell, surest first ---

    def _by_labels(self) -> None:
        by_id = {id_of(cell): r for r, cell in enumerate(self.cells)}
        by_text: dict[str, list[int]] = {}
        for r, cell in enumerate(self.cells):
            by_text.setdefault(_bare(cell["source"]), []).append(r)

        def of_the_same_text(cell: Found) -> int | None:
            alike = by_text.get(_bare(cell.source), [])
            return next((r for r in alike if r not in self.place), alike[0] if alike else None)

        self._recognise("", lambda cell: by_id.get(cell.grade_id))
        self._recognise("cell id", lambda cell: next((by_id[i] for i in cell.ids if i in by_id), None))
        self._recognise("text", of_the_same_text)

    def _recognise(self, how: str, r_of: Callable[[Found], int | None]) -> None:
        for i, cell in enumerate(self.found):
            if self.place[i] is not None or (r := r_of(cell)) is None:
                continue
            if cell.kind == "text" or is_code(self.cells[r]) or is_answer(self.cells[r]):
                self._put(i, r, how)  # but code under a prompt's id is the student's own

    def _by_name(self) -> None:
        """A function that stands in a new cell, its own cell deleted or left as it was."""
        for r in filter(self.is_open, self.answers()):
            names = defined(self.cells[r]["source"])
            for i, cell in enumerate(self.found):
                if self.place[i] is None and cell.kind == "code" and names & defined(cell.source):
                    self._put(i, r, "the name of the function")

    def _by_place(self) -> None:
        """New cells right after the prompt, or around a text answer that was left as it was."""
        for r in filter(self.is_open, self.answers()):
            code, near = is_code(self.cells[r]), False
            if code and r in self.place:
                continue  # a new cell beside a stub that is still there is not its answer
            for i, cell in enumerate(self.found):
                near = near if self.place[i] is None else self.place[i] in (r - 1, r)
                if near and self.place[i] is None and (cell.kind == "code") == code and cell.source.strip():
                    self._put(i, r, "place")

    def _put(self, i: int, r: int, how: str) -> None:
        self.place[i] = r
        if how and is_answer(self.cells[r]):
            self.guessed[r] = how


def _bare(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def defined(source: str) -> set[str]:
    """Names of the functions, classes and constants that a cell defines at its left edge."""
    found = re.findall(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *(?::[^=\n]+)?=(?!=)", source, re.MULTILINE)
    return {name for pair in found for name in pair if name}
