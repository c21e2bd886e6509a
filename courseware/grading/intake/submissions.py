"""Who handed in which file: one `Submission` a student from any folder that a learning platform hands out.

    ada.ipynb, ada_01_topic.ipynb, 01_topic_ada.ipynb       files named by student
    ada/…/01_topic.ipynb                                    a folder a student, nbgrader's also one level up
    doejane_LATE_123_456_01_topic.ipynb                     Canvas: the user's number, the file's
    LATE_anon_x7Yz2_456_01_topic.ipynb                      Canvas, graded anonymously
    Jane Doe_1234_assignsubmission_file_/01_topic.ipynb     Moodle
    submission_123/01_topic.ipynb, submission_metadata.yml  Gradescope: its file says who that was

Of several files the newest notebook counts, one that is named after the set first; a remark names the others.
Files of other sets are passed over. Links are listed and never followed. Everything else that was handed in
is a submission, also where it cannot be read.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from courseware.grading.intake import platforms
from courseware.grading.intake.platforms import Sender
from courseware.grading.names import label
from courseware.grading.results import Origin

NOT_HANDED_IN = re.compile(
    r"\.DS_Store|\.(_|nfs|~lock\.).*|~\$.*|\.git(ignore|keep|attributes)?|\.ipynb_checkpoints|__MACOSX"
    r"|__pycache__|timestamp\.txt(\.refused)?|Thumbs\.db|desktop\.ini|README(\.(md|txt|html|pdf))?",
    re.IGNORECASE,
)
"""What systems, platforms and the grader itself leave between the submissions; the whole name."""
LIST = re.compile(
    r"([a-z0-9]+[ _-])*"
    r"(roster|grades?|gradebook|scores?|marks|participants?|students?|class[ _-]?list|metadata)"
    r"([ _-][a-z0-9]+)*\.(csv|tsv|xlsx?|ods|ya?ml)",
    re.IGNORECASE,
)
"""Tables that lie beside the submissions."""
KEPT_BY_NBGRADER = ".submitted"
"""End of the name that our hooks for nbgrader give to a file as it was handed in, beside the rebuilt one."""
DEPTH = 20
NAMED = 10
"""Most files that a remark names."""

IsOfThisSet = Callable[[Path], bool]


@dataclass(frozen=True)
class Submission:
    """`path` is the student's folder if there is no file in it. `remarks` are for student and instructor,
    `review_reasons` say why a person should look; `origin` is what the platform knows of the student."""

    student: str
    path: Path
    remarks: tuple[str, ...] = ()
    review_reasons: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)

    @property
    def canvas(self) -> str:
        """The user's number in Canvas."""
        return self.origin.canvas


@dataclass(frozen=True)
class _Piece:
    """A file, or an empty folder, before it is known which one counts."""

    sender: Sender
    path: Path
    place: str = ""  # path inside the student's folder; empty for the folder itself
    review_reasons: str = ""


def find(
    folder: Path,
    set: str,
    other_sets: Collection[str] = (),
    *,
    is_of_this_set: IsOfThisSet = lambda path: False,  # noqa: ARG005
    results: Path | None = None,
) -> list[Submission]:
    """The submissions of `set` in `folder`, or in a single file, by name. ValueError if there is none.

    `is_of_this_set` looks into a file that is named after one of the `other_sets`; `results` is a folder of
    grades that may lie in `folder`, and is none of the submissions.
    """
    if folder.is_file():
        if folder.suffix == ".zip":
            raise ValueError(f"{folder} is a zip archive; unpack it and name the folder")
        alone = platforms.canvas_names([folder.name], set)
        return [_chosen([_file(folder, set, alone.get(folder.name))], set)]
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    root = platforms.root(folder, set, _visible)
    pieces: dict[str, list[_Piece]] = {}
    for piece in _pieces(root, set, results):
        pieces.setdefault(piece.sender.name, []).append(piece)
    kept = (_of_this_set(mine, set, other_sets, is_of_this_set) for mine in pieces.values())
    found = [_chosen(mine, set) for mine in kept if mine]
    if not found:
        raise ValueError(f"no file in {root} looks like a submission of {set}")
    return sorted(found, key=lambda submission: submission.student)


def passed_over(folder: Path) -> list[str]:
    """Names of the tables in `folder` that `find` takes for lists, not for submissions."""
    return [e.name for e in _visible(folder) if LIST.fullmatch(e.name)] if folder.is_dir() else []


# --- everything that was handed in ---


def _pieces(root: Path, set: str, results: Path | None) -> Iterator[_Piece]:
    of_folder = platforms.gradescope(root)
    entries = [e for e in _visible(root) if not (results and _same_folder(e, results))]
    files = [e.name for e in entries if not e.is_dir(follow_symlinks=False) and not LIST.fullmatch(e.name)]
    canvas = platforms.canvas_names(files, set)
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            if not LIST.fullmatch(entry.name):
                yield _file(Path(entry.path), set, canvas.get(entry.name))
            continue
        yield from _folder(Path(entry.path), of_folder.get(entry.name) or platforms.of_folder(entry.name))


def _folder(folder: Path, sender: Sender) -> Iterator[_Piece]:
    """Every file in it; the folder itself where there is none, or a part of it could not be searched."""
    files, problems = [], []
    for found in _files(folder):
        (problems if isinstance(found, str) else files).append(found)
    yield from (_Piece(sender, path, str(path.relative_to(folder))) for path in files)
    if problems or not files:
        yield _Piece(sender, folder, review_reasons=" ".join(problems))


def _visible(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if not NOT_HANDED_IN.fullmatch(entry.name)]
    again = {entry.name + KEPT_BY_NBGRADER for entry in kept}
    return sorted((entry for entry in kept if entry.name not in again), key=lambda entry: entry.name)


def _files(folder: Path, depth: int = DEPTH) -> Iterator[Path | str]:
    """Files, and sentences about folders that could not be searched."""
    try:
        entries = _visible(folder)
    except OSError as error:
        yield f"The folder {label(folder.name)} cannot be read: {error.strerror}."
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
        elif depth:
            yield from _files(Path(entry.path), depth - 1)
        else:
            yield f"Folders are nested more than {DEPTH} deep; {label(entry.name)} was not searched."


def _file(path: Path, set: str, sender: Sender | None) -> _Piece:
    if sender:
        return _Piece(sender, path, sender.file)
    return _Piece(platforms.of_file(path.name, set), path, path.name)


def _same_folder(entry: os.DirEntry[str], other: Path) -> bool:
    return entry.is_dir(follow_symlinks=False) and Path(entry.path).resolve() == other.resolve()


# --- the one that counts ---


def _of_this_set(
    mine: list[_Piece], set: str, other_sets: Collection[str], is_of_this_set: IsOfThisSet
) -> list[_Piece]:
    """One student's pieces but those of other sets; none if nothing else was handed in."""

    def wrong_name(piece: _Piece) -> bool:
        return any(_names(piece, other) for other in other_sets) and not _names(piece, set)

    kept = [piece for piece in mine if not wrong_name(piece)]
    if any(piece.path.suffix.lower() == ".ipynb" for piece in kept):
        return kept
    said = "The file is named after another set, but its cells are of this one."
    return [
        *kept,
        *(replace(p, review_reasons=said) for p in mine if wrong_name(p) and is_of_this_set(p.path)),
    ]


def _chosen(pieces: list[_Piece], set: str) -> Submission:
    best = max(pieces, key=lambda piece: _rank(piece, set))
    others = [label(piece.place) for piece in pieces if piece is not best and piece.place]
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    named = f"{', '.join(others[:NAMED])}{more}"
    remarks = [f"Several files were handed in; {label(best.place)} was graded, not {named}."]
    late = ["Canvas marks this submission as late."] if best.sender.late else []
    review_reasons = dict.fromkeys(
        piece.review_reasons
        for piece in pieces
        if piece.review_reasons and (piece is best or not piece.place)
    )
    said = (*(remarks if others else []), *late)
    return Submission(best.sender.name, best.path, said, tuple(review_reasons), best.sender.origin)


def _rank(piece: _Piece, set: str) -> tuple[bool, bool, bool, int, tuple[int, ...], str]:
    """Of files with the same time the one with the largest number in its name: browsers number copies."""
    return (
        piece.path.suffix.lower() == ".ipynb",
        bool(piece.place),
        _names(piece, set),
        os.lstat(piece.path).st_mtime_ns,
        tuple(int(number) for number in re.findall(r"\d+", piece.path.name)),
        piece.path.name,
    )


def _names(piece: _Piece, set: str) -> bool:
    return set.lower() in piece.place.lower().replace(" ", "_")
