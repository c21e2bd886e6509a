"""A submitted file → the release with the student's answers in it, and what was wrong with the file.

    release  `release.student_version` of the master, plain JSON
    earlier  the notebook that students got, where the master was corrected since
    place    for each cell of the file the index r of the release's cell that it stands for, or None

Only answers are taken from the file. What the release locks (tests, set-up) is the release's, whatever the
file says; cells that the student added stay where they are. Words that go on beside an answer in words are a
part of it.
"""

import copy
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from courseware.grading import names
from courseware.grading.intake.file_content import Unreadable, content
from courseware.grading.intake.matching import (
    CellNode,
    Match,
    Notebook,
    id_of,
    is_answer,
    is_code,
    metadata_of,
)
from courseware.grading.intake.notebook_file import Found, parse
from courseware.grading.report import remarks
from courseware.grading.results import Cell, Cells

EXTRA = "extra-"
"""How the ids of a student's own cells begin; ids of a release never do."""
LONGEST_TEXT = 100_000
"""Characters of an answer in words."""
MOST_PICTURES = 6 * 2**20
"""Characters of all pictures of a submission, in base64."""

Pictures = dict[str, tuple[str, str]]
"""Name → kind (`image/png`), data in base64."""


@dataclass(frozen=True)
class Intake:
    """`notebook` is the rebuilt submission, None if nothing could be read. `remarks` are for student and
    instructor, `review_reasons` are reasons why a person should look at the file; both are sentences."""

    notebook: Notebook | None
    remarks: tuple[str, ...] = ()
    review_reasons: tuple[str, ...] = ()

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

    @property
    def pictures(self) -> dict[str, Pictures]:
        """Grade id → pictures that were pasted into the answer in words."""
        pasted = {id_of(c): c.get("attachments", {}) for c in self._cells() if is_answer(c)}
        return {
            name: {picture: next(iter(kinds.items())) for picture, kinds in attachments.items()}
            for name, attachments in pasted.items()
            if attachments
        }

    def _cells(self) -> Sequence[CellNode]:
        return self.notebook["cells"] if self.notebook else ()


def read(
    path: Path, release: Notebook, earlier: Notebook | None = None, *, set: str = "", name: str = ""
) -> Intake:
    """The file at `path` as a submission of `release`. Any file is accepted or explained; none raises.

    `earlier` is the release as it was handed out. `set` says which notebook counts in a zip archive, `name`
    how the file was called when it was handed in, if that is not its name.
    """
    name = name or path.name
    try:
        found, said = parse(content(path), set)
    except Unreadable as reason:
        return Intake(None, review_reasons=(f"{names.label(name)}: {reason}",))
    if not name.endswith(".ipynb"):
        said.append(f"The file is called {names.label(name)}; names of notebooks end in .ipynb.")
    match = Match(found, release, earlier)
    if match.answers() and not _is_of_this_set(match):
        reason = "No answer cell of this set was found in the file: is it the notebook of another set?"
        return Intake(_rebuilt(match, release)[0], tuple(said), (reason,))
    notebook, lost = _rebuilt(match, release)
    said += remarks.on_cells(match) + remarks.on_places(match)
    return Intake(notebook, tuple(said), (*remarks.for_a_person(match), *lost))


def is_of_set(path: Path, release: Notebook) -> bool:
    """The file at `path` holds answers to `release`, whatever it is called."""
    try:
        return _is_of_this_set(Match(parse(content(path))[0], release))
    except Unreadable:
        return False


def _is_of_this_set(match: Match) -> bool:
    """A place says little, and an empty text answer looks alike in every set."""
    known = [r for r in match.answers() if r in match.place and match.guessed.get(r) != "place"]
    return any(is_code(match.cells[r]) or r not in match.guessed for r in known)


# --- the notebook that is graded ---


def _rebuilt(match: Match, release: Notebook) -> tuple[Notebook, list[str]]:
    """The notebook, and sentences on what could not be kept."""
    notebook, lost = copy.deepcopy(release), _Lost()
    own = _own_cells(match)
    rebuilt = [_new_cell(match, i, release, lost) for i in own[-1]]
    for r, cell in enumerate(notebook["cells"]):
        if is_answer(cell):
            _fill_in(cell, match, r, lost)
        rebuilt += [cell, *(_new_cell(match, i, release, lost) for i in own[r])]
    notebook["cells"][:] = rebuilt
    return notebook, [*lost.sentences]


def _fill_in(cell: Any, match: Match, r: int, lost: "_Lost") -> None:
    """The answer; nothing where the release's stub would undo one that stands in another cell."""
    if is_code(cell):
        cell["source"] = "" if not match.pieces(r) and match.elsewhere(r) else match.answer(r)
        return
    pieces = [c for i, c in enumerate(match.found) if match.place[i] == r or i in match.continued[r]]
    cell["source"], pictures = lost.kept(id_of(cell), match.answer(r), pieces)
    _paste(cell, pictures)


class _Lost:
    """Cuts texts and pictures to what can be shown, and remembers in `sentences` what was lost."""

    def __init__(self) -> None:
        self.sentences: dict[str, None] = {}
        self._left = MOST_PICTURES

    def kept(self, name: str, text: str, pieces: Sequence[Found]) -> tuple[str, Pictures]:
        """A text and its pictures, without references to pictures that are not there."""
        if len(text) > LONGEST_TEXT:
            self._say(f"{name} has {len(text)} characters; the first {LONGEST_TEXT} were kept.")
            text = text[:LONGEST_TEXT]
        pictures: Pictures = {}
        for name_there, picture in [item for piece in pieces for item in piece.pictures.items()]:
            plain = quote(name_there, safe="")  # renderers quote what they look up, and do not find it
            either = f"{re.escape(name_there)}|{re.escape(plain)}"
            text = re.sub(f"attachment:({either})", f"attachment:{plain}", text)
            if pictures.get(plain, picture) != picture:
                self._say(f"{name} has two pictures called {names.label(name_there)}; the first is shown.")
            elif plain not in pictures and self._fits(picture):
                pictures[plain] = picture
            elif plain not in pictures:
                self._say(f"{name}: the picture {names.label(name_there)} is too large to be shown.")
        known = f"(?!(?:{'|'.join(map(re.escape, pictures))})(?:[\\s)>\"']|$))" if pictures else ""
        missing = re.compile(rf"attachment:(?=\S){known}")
        if missing.search(text):
            self._say(f"{name} shows a picture that is not in the file, or of a kind that is not shown.")
        return missing.sub("missing:", text), pictures

    def _fits(self, picture: tuple[str, str]) -> bool:
        self._left -= len(picture[1])
        return self._left >= 0

    def _say(self, sentence: str) -> None:
        self.sentences[sentence] = None


def _own_cells(match: Match) -> defaultdict[int, list[int]]:
    """r, or −1 before the first → the student's own cells that follow it and are no part of an answer."""
    own, last = defaultdict(list), -1
    parts = {i for beside in match.continued.values() for i in beside}
    for i, (cell, r) in enumerate(zip(match.found, match.place, strict=True)):
        last = last if r is None else r
        if cell.source.strip() and i not in parts and (r is None or match.is_new_setup(i)):
            own[last].append(i)
    return own


def _new_cell(match: Match, i: int, release: Notebook, lost: _Lost) -> Any:
    node: Any = type(release)  # NotebookNode, or dict
    cell = match.found[i]
    if cell.kind == "code":
        body = {"source": cell.source, "outputs": [], "execution_count": None}
        return node(cell_type="code", id=f"{EXTRA}{i}", metadata=node(), **body)
    text, pictures = lost.kept("A text cell of your own", cell.source, [cell])
    text_cell = node(cell_type="markdown", id=f"{EXTRA}{i}", metadata=node(), source=text)
    _paste(text_cell, pictures)
    return text_cell


def _paste(cell: Any, pictures: Pictures) -> None:
    node: Any = type(cell)
    if pictures:
        cell["attachments"] = node({name: node({kind: data}) for name, (kind, data) in pictures.items()})


def _is_extra(cell: CellNode) -> bool:
    return not metadata_of(cell) and id_of(cell).startswith(EXTRA)
