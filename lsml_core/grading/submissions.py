"""Who handed in which file: one `Submission` a student from any folder that a learning platform hands out.

    ada.ipynb, ada_01_topic.ipynb, 01_topic_ada.ipynb       files named by student
    ada/…/01_topic.ipynb                                    a folder a student, nbgrader's also one level up
    doejane_LATE_123_456_01_topic.ipynb                     Canvas: the user's number, the submission's
    Jane Doe_1234_assignsubmission_file_/01_topic.ipynb     Moodle
    submission_123/01_topic.ipynb, submission_metadata.yml  Gradescope: its file says who that was

Of several files the newest notebook counts, one that is named after the set first; a remark names the others.
Files of other sets are passed over. Links are listed and never followed.
"""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsml_core.grading.names import label

CANVAS = re.compile(r"(?P<login>[^_]+)(?P<late>_LATE)?_(?P<user>\d{3,})_(?P<submission>\d{3,})_(?P<file>.+)")
MOODLE = re.compile(r"(?P<name>.+_\d+)_assignsubmission_(file|onlinetext)(_.*)?", re.DOTALL)
GRADESCOPE = "submission_metadata.yml"
NOT_HANDED_IN = re.compile(
    r"[.~]|__MACOSX$|__pycache__$|(timestamp\.txt|Thumbs\.db|desktop\.ini|README.*)$", re.I
)
NO_STUDENT_WORK = (".csv", ".xlsx", ".yml", ".yaml")
"""Endings of lists that lie beside the submissions."""
DEPTH = 4
NAMED = 10
"""Most files that a remark names."""


@dataclass(frozen=True)
class Submission:
    """`path` is the student's folder if there is no file in it; `canvas` is the user's number in Canvas."""

    student: str
    path: Path
    remarks: tuple[str, ...] = ()
    canvas: str = ""


@dataclass(frozen=True)
class _Piece:
    """A file, or an empty folder, before it is known which one counts."""

    student: str
    path: Path
    place: str = ""  # path inside the student's folder; empty for the folder itself
    canvas: str = ""
    late: bool = False


def find(folder: Path, set: str, other_sets: Collection[str] = ()) -> list[Submission]:
    """The submissions of `set` in `folder`, or in a single file, by name. ValueError if there is none."""
    if folder.is_file():
        if folder.suffix == ".zip":
            raise ValueError(f"{folder} is a zip archive; unpack it and name the folder")
        return [Submission(_student_of_file(folder.name, set), folder)]
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    root = folder / "submitted" if (folder / "submitted").is_dir() else folder
    pieces: dict[str, list[_Piece]] = {}
    for piece in _pieces(root, set):
        pieces.setdefault(piece.student, []).append(piece)
    found = [_chosen(mine, set) for mine in _of_this_set(pieces, set, other_sets)]
    if not found:
        raise ValueError(f"no file in {root} looks like a submission of {set}")
    return sorted(found, key=lambda submission: submission.student)


# --- everything that was handed in ---


def _pieces(root: Path, set: str) -> Iterator[_Piece]:
    submitters = _gradescope(root / GRADESCOPE)
    for entry in _entries(root):
        if not entry.is_dir(follow_symlinks=False):
            if not entry.name.lower().endswith(NO_STUDENT_WORK):
                yield _file(Path(entry.path), set)
            continue
        moodle = MOODLE.fullmatch(entry.name)
        student = label(submitters.get(entry.name) or (moodle["name"] if moodle else entry.name))
        files = [*_files(Path(entry.path))]
        yield from (_Piece(student, path, str(path.relative_to(entry.path))) for path in files)
        if not files:
            yield _Piece(student, Path(entry.path))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted((e for e in entries if not NOT_HANDED_IN.match(e.name)), key=lambda e: e.name)


def _files(folder: Path, depth: int = DEPTH) -> Iterator[Path]:
    try:
        entries = _entries(folder)
    except OSError:  # a folder that may not be read is as good as empty, and listed as such
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
        elif depth:
            yield from _files(Path(entry.path), depth - 1)


def _file(path: Path, set: str) -> _Piece:
    if canvas := CANVAS.fullmatch(path.name):
        student = label(f"{canvas['login']}_{canvas['user']}")
        return _Piece(student, path, canvas["file"], canvas["user"], bool(canvas["late"]))
    return _Piece(_student_of_file(path.name, set), path, path.name)


def _student_of_file(name: str, set: str) -> str:
    """`ada` of `ada.ipynb`, `ada_01_topic.ipynb`, `ada_01_topic (1).ipynb`, `01_topic_ada.ipynb`."""
    stem = Path(name).stem or name
    if moodle := MOODLE.fullmatch(stem):
        return label(moodle["name"])
    this = re.escape(set)
    rest = re.sub(
        rf"^{this}[ ._-]+|[ ._-]+{this}([ ._-]*(\(\d+\)|\d+|copy\d*))*$", "", stem, flags=re.IGNORECASE
    )
    return label(rest or stem)


def _gradescope(metadata: Path) -> dict[str, str]:
    """Folder → submitters' e-mails, or their names. The file is YAML; two kinds of its lines are enough."""
    submitters: dict[str, dict[str, list[str]]] = {}
    mine: dict[str, list[str]] = {}
    for line in metadata.read_text("utf-8", "replace").splitlines() if metadata.is_file() else ():
        if folder := re.match(r"(submission_\w+):", line):
            mine = submitters.setdefault(folder[1], {})
        elif who := re.match(r"[\s-]*:(name|email): *(.+)", line):
            mine.setdefault(who[1], []).append(who[2].strip(" \"'"))
    return {
        folder: ", ".join(who.get("email") or who.get("name") or []) for folder, who in submitters.items()
    }


# --- the one that counts ---


def _of_this_set(
    pieces: dict[str, list[_Piece]], set: str, other_sets: Collection[str]
) -> Iterator[list[_Piece]]:
    """Each student's pieces but those of other sets; a student who handed in nothing else is left out."""
    for mine in pieces.values():
        others = [p for p in mine if any(_names(p, other) for other in other_sets) and not _names(p, set)]
        if kept := [p for p in mine if p not in others]:
            yield kept


def _chosen(pieces: list[_Piece], set: str) -> Submission:
    best = max(pieces, key=lambda piece: _rank(piece, set))
    others = [label(piece.place) for piece in pieces if piece is not best and piece.place]
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    named = f"{', '.join(others[:NAMED])}{more}"
    remarks = [f"Several files were handed in; {label(best.place)} was graded, not {named}."]
    late = ["Canvas marks this submission as late."] if best.late else []
    return Submission(best.student, best.path, (*(remarks if others else []), *late), best.canvas)


def _rank(piece: _Piece, set: str) -> tuple[bool, bool, int, str]:
    return (
        piece.path.suffix == ".ipynb",
        _names(piece, set),
        os.lstat(piece.path).st_mtime_ns,
        piece.path.name,
    )


def _names(piece: _Piece, set: str) -> bool:
    return set.lower() in piece.place.lower().replace(" ", "_")
