"""Which cell of a submitted file is which cell of the release.

    found    the cells of the file, in the student's order
    cells    the cells of the release, in the release's order; an index into them is called r
    place    for each found cell the r that it stands for, None for the student's own cells

    earlier  the release as it was handed out, where tests and prompts were corrected since

Cells are recognised by their grade id; where an editor dropped it (Google Colab may) by their cell id, by
their text, an answer by the name that its stub defines, and at last by their place.
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from courseware.grading.intake.notebook_file import Found
from courseware.grading.master import metadata_of

Notebook = Mapping[str, Any]
"""Plain JSON; nbformat's NotebookNode is one."""
CellNode = Mapping[str, Any]


def id_of(cell: CellNode) -> str:
    return metadata_of(cell).get("grade_id") or cell.get("id", "")


def is_answer(cell: CellNode) -> bool:
    return bool(metadata_of(cell).get("solution"))


def is_code(cell: CellNode) -> bool:
    return cell["cell_type"] == "code"


def same(text: str, other: str) -> bool:
    """Up to white space at the ends of lines and of the text."""
    return _bare(text) == _bare(other)


class Match:
    """Which cell of a file is which cell of the release.

    found: the file's cells.   release: the notebook as it is handed out today.
    earlier: as it was handed out, where it has been corrected since; None if it has not.
    place: for each found cell its r, None for the student's own cells.
    guessed: r of an answer → what it was recognised by, if not by its grade id.
    continued: r of an answer in words → the student's own cells beside it that hold words.
    """

    def __init__(self, found: list[Found], release: Notebook, earlier: Notebook | None = None) -> None:
        self.found, self.cells = found, release["cells"]
        self._earlier = {id_of(cell): cell["source"] for cell in (earlier or release)["cells"]}
        self.place: list[int | None] = [None] * len(found)
        self.guessed: dict[int, str] = {}
        self.continued: dict[int, list[int]] = {}
        self._by_labels()
        self._by_name()
        self._by_place()
        self.continued = {r: self._beside(r) for r in self.answers() if not is_code(self.cells[r])}

    def answers(self) -> list[int]:
        return [r for r, cell in enumerate(self.cells) if is_answer(cell)]

    def pieces(self, r: int) -> list[Found]:
        """More than one if the student split or copied the cell."""
        return [cell for cell, place in zip(self.found, self.place, strict=True) if place == r]

    def answer(self, r: int) -> str:
        """The pieces one after the other, as they would run, without copies and stubs; else the stub.

        Words that go on in the student's own cells are a part of the answer.
        """
        beside = self.continued.get(r, ())
        mine = [cell for i, cell in enumerate(self.found) if self.place[i] == r or i in beside]
        texts = (cell.source for cell in mine if cell.source.strip())
        written = (text for text in texts if not self.as_released(text, r))
        return "\n\n".join(dict.fromkeys(written)) or self.cells[r]["source"]

    def is_open(self, r: int) -> bool:
        """The answer is missing, or as it was released."""
        return self.answer(r) == self.cells[r]["source"]

    def as_released(self, text: str, r: int) -> bool:
        """`text` is the release's cell r, as it is now or as it was handed out."""
        cell = self.cells[r]
        return same(text, cell["source"]) or same(text, self._earlier.get(id_of(cell), cell["source"]))

    def is_new_setup(self, i: int) -> bool:
        """An edited set-up cell may hold the student's imports: it runs after the original, a test never."""
        r = self.place[i]
        if r is None or is_answer(self.cells[r]) or metadata_of(self.cells[r]).get("grade"):
            return False
        return self.found[i].kind == "code" and not self.as_released(self.found[i].source, r)

    def elsewhere(self, r: int) -> list[int]:
        """Found cells that run, other answers and the set-up, and define what a missing answer should."""
        return [i for i in self._defining(r) if self.place[i] != r and not self._is_test(i)]

    def in_tests(self, r: int) -> list[int]:
        """Found cells that stand for tests, which never run, and define what the answer should."""
        return [i for i in self._defining(r) if self._is_test(i)]

    def _defining(self, r: int) -> list[int]:
        """Found code cells of the release, edited, that define a name of the answer r."""
        names = defined(self.cells[r]["source"]) if is_code(self.cells[r]) else set()
        return [
            i
            for i, (cell, place) in enumerate(zip(self.found, self.place, strict=True))
            if place is not None and is_code(self.cells[place]) and cell.kind == "code"
            if names & defined(cell.source) and not self.as_released(cell.source, place)
        ]

    def _is_test(self, i: int) -> bool:
        place = self.place[i]
        cell = {} if place is None else metadata_of(self.cells[place])
        return bool(cell.get("grade")) and not cell.get("solution")

    def _beside(self, r: int) -> list[int]:
        """The student's own cells with words next to the answer: after it, or between its prompt and it."""
        own = lambda i: self.place[i] is None and bool(in_words(self.found[i]).strip())
        mine = [i for i, place in enumerate(self.place) if place == r]
        beside = set()
        for i in mine:
            for step in (-1, 1):
                at = i + step
                while 0 <= at < len(self.found) and self.place[at] is None:
                    beside |= {at} if own(at) else set()
                    at += step
                if step == -1 and not (at >= 0 and self.place[at] in (r, r - 1)):
                    beside -= set(range(at + 1, i))  # what follows another question is not this answer
        return sorted(beside)

    # --- the ways to recognise a cell, surest first ---

    def _by_labels(self) -> None:
        by_id = {id_of(cell): r for r, cell in enumerate(self.cells)}
        by_text: dict[str, list[int]] = {}
        for r, cell in enumerate(self.cells):
            for text in {_bare(cell["source"]), _bare(self._earlier.get(id_of(cell), cell["source"]))}:
                by_text.setdefault(text, []).append(r)

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
        """A function that stands in a new cell or a test's, its own cell deleted or left as it was."""
        for r in filter(self.is_open, self.answers()):
            names = defined(self.cells[r]["source"])
            for i, cell in enumerate(self.found):
                if self.place[i] is None and cell.kind == "code" and names & defined(cell.source):
                    self._put(i, r, "the name of the function")
            if self.is_open(r) and not self.elsewhere(r):
                for i in self.in_tests(r):  # merged with the test by an editor, or written above it
                    self._put(i, r, "the name of the function in a test cell")

    def _by_place(self) -> None:
        """New cells right after the prompt, or around a text answer that was left as it was."""
        for r in filter(self.is_open, self.answers()):
            code, near = is_code(self.cells[r]), False
            if code and r in self.place:
                continue  # a new cell beside a stub that is still there is not its answer
            for i, cell in enumerate(self.found):
                near = near if self.place[i] is None else self.place[i] in (r - 1, r)
                text = cell.source if code and cell.kind == "code" else "" if code else in_words(cell)
                if near and self.place[i] is None and text.strip():
                    self._put(i, r, "place")

    def _put(self, i: int, r: int, how: str) -> None:
        self.place[i] = r
        if how and is_answer(self.cells[r]):
            self.guessed[r] = how


def _bare(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def in_words(cell: Found) -> str:
    """The text of a cell that holds words: no code, or code that is a comment, a string, or no Python."""
    if cell.kind == "text":
        return cell.source
    try:
        body = ast.parse(cell.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "" if re.search(r"^\s*[%!]", cell.source, re.MULTILINE) else cell.source
    strings = all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in body)
    return cell.source if strings else ""


def defined(source: str) -> set[str]:
    """Names of the functions, classes and constants that a cell defines at its left edge."""
    found = re.findall(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *(?::[^=\n]+)?=(?!=)", source, re.MULTILINE)
    return {name for pair in found for name in pair if name}
