"""What names of files and folders say about a student, as learning platforms and students choose them.

    root          the folder that was named → the folder that holds the submissions, perhaps inside it
    of_file       a file named by student → Sender      of_folder    a folder of a student, or of Moodle
    canvas_names  the files of a folder → those that Canvas named
    gradescope    a folder → its folders that Gradescope's metadata speaks of

Canvas joins the user's name, `LATE`, the user's number and the file's number by underscores. A short number
may as well be the student's own, so it counts where all files have such names, or one has a long number.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from courseware.grading import names
from courseware.grading.results import Member, Origin

CANVAS = re.compile(
    r"(?:(?P<early>LATE_)?(?P<anonymous>anon_[A-Za-z0-9]{5})|(?P<name>.+?)(?P<late>_LATE)?_(?P<user>\d+))"
    r"_(?P<number>\d+)_(?P<file>.+)",
    re.DOTALL,
)
MOODLE = re.compile(r"(?P<name>.+_(?P<number>\d+))_assignsubmission_(file|onlinetext)(_.*)?", re.DOTALL)
GRADESCOPE = "submission_metadata.yml"
GRADESCOPE_FOLDER = re.compile(r"submission_\d+")
WRAPPER = re.compile(r"submissions?|submitted|assignment_\d+_export", re.IGNORECASE)
NBGRADER = {"source", "release", "autograded", "feedback", "nbgrader_config.py", "gradebook.db"}
COPY_OF = re.compile(r"^(copy of |kopie von )+", re.IGNORECASE)
SURE = 3
"""Digits of a number that only Canvas would write into a name."""

Visible = Callable[[Path], list[os.DirEntry[str]]]


@dataclass(frozen=True)
class Sender:
    """Who handed in: `name` is the student; `file` is what the platform left of the file's name."""

    name: str
    file: str = ""
    late: bool = False
    origin: Origin = field(default_factory=Origin)


# --- the folder that holds the submissions ---


def root(folder: Path, set: str, visible: Visible) -> Path:
    """`folder`, or the folder inside it that a platform wrapped around the submissions.

    folder: what the instructor named.   set: the set's name.   visible: folder -> its entries, without hidden
    files.
    ValueError where it cannot be told whether a folder is a student or holds the class.
    """
    entries = visible(folder)
    folders = {entry.name: Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)}
    if "submitted" in folders and len(entries) > 1:
        return _nbgrader(folder, {entry.name for entry in entries}, folders["submitted"], visible)
    beside = [entry.name for entry in entries if entry.name not in folders]
    if len(folders) != 1 or any(not name.lower().endswith((".zip", ".csv", ".yml")) for name in beside):
        return folder
    ((name, only),) = folders.items()
    if (folder / GRADESCOPE).exists() or MOODLE.fullmatch(name):
        return folder
    if WRAPPER.fullmatch(name) or (only / GRADESCOPE).exists() or _has_platform_names(only, set, visible):
        return root(only, set, visible)
    if _is_a_class(only, set, visible):
        raise ValueError(
            f"{folder} holds one folder, {names.label(name)}, with the notebooks of several students in it: "
            f"name the folder that holds the students' files or folders, {names.label(str(only))}"
        )
    return folder


def _nbgrader(folder: Path, beside: set[str], submitted: Path, visible: Visible) -> Path:
    """A course of nbgrader keeps submitted/student/assignment/; a student may be called `submitted`, too."""
    if beside & NBGRADER:
        return submitted
    students = [Path(entry.path) for entry in visible(submitted) if entry.is_dir(follow_symlinks=False)]
    if any(entry.is_dir(follow_symlinks=False) for student in students for entry in visible(student)):
        raise ValueError(
            f"{folder} holds a folder `submitted` beside others: name {submitted} if it holds the class, "
            "or rename it if a student is called so"
        )
    return folder


def _has_platform_names(folder: Path, set: str, visible: Visible) -> bool:
    entries = visible(folder)
    files = [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    platform = any(MOODLE.fullmatch(name) or GRADESCOPE_FOLDER.fullmatch(name) for name in folders)
    return (
        platform or any(MOODLE.fullmatch(Path(name).stem) for name in files) or bool(canvas_names(files, set))
    )


def _is_a_class(folder: Path, set: str, visible: Visible) -> bool:
    """Two people's names in those of the notebooks, or two folders with a notebook of this set."""
    entries = visible(folder)
    files = [entry.name for entry in entries if entry.name.lower().endswith(".ipynb")]
    people = {_without_set(Path(name).stem, set) for name in files}
    own = any(_without_set(Path(name).stem, set) == "" for name in files)
    holds = [
        e for e in entries if e.is_dir(follow_symlinks=False) and any(Path(e.path).glob(f"**/*{set}*.ipynb"))
    ]
    return not own and (len(people) > 1 or len(holds) > 1)


# --- names ---


def of_file(name: str, set: str) -> Sender:
    """`ada` of `ada.ipynb`, `ada_01_topic.ipynb`, `ada_01_topic (1).ipynb`, `01_topic_ada.ipynb`."""
    stem = Path(name).stem or name
    if moodle := MOODLE.fullmatch(stem):
        return of_folder(moodle.string)
    return Sender(names.student(_without_set(stem, set) or stem))


def of_folder(name: str) -> Sender:
    if moodle := MOODLE.fullmatch(name):
        return Sender(names.student(moodle["name"]), origin=Origin(moodle=moodle["number"]))
    return Sender(names.student(name))


def _without_set(stem: str, set: str) -> str:
    """The student's part of a file's name; empty if there is only the set's."""
    stem = COPY_OF.sub("", stem)
    before, after, alone = _set_patterns(set)
    return "" if alone.fullmatch(stem) else after.sub("", before.sub("", stem, count=1), count=1)


@cache
def _set_patterns(set: str) -> tuple[re.Pattern[str], ...]:
    """The set's name, or its beginning: the number and at least a word. It may stand first or last."""
    gap, copies = r"[ ._-]+", r"(copy|[ ._()\d-])*"
    number, *words = re.split(r"[ ._-]+", set)
    begun = "".join(f"(?:{gap}{re.escape(word)}" for word in words[1:]) + ")?" * len(words[1:])
    this = gap.join([re.escape(number), *map(re.escape, words[:1])]) + begun
    patterns = (rf"^{this}{gap}", rf"{gap}{this}{copies}$", rf"{this}{copies}")
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def canvas_names(files: Sequence[str], set: str) -> dict[str, Sender]:
    """Those of the `files` that Canvas named. Short numbers count where all files have them."""
    matches = {name: match for name in files if (match := _canvas(name, set))}
    sure = {name for name, match in matches.items() if _is_sure(match)}
    taken = matches if sure or len(matches) == len(files) else {}
    return {name: _of_canvas(match) for name, match in taken.items()}


def _canvas(name: str, set: str) -> re.Match[str] | None:
    """None also where the second number belongs to the set's name: `jd_7_01_topic.ipynb`."""
    match = CANVAS.fullmatch(name)
    rest = Path(f"{match['number']}_{match['file']}").stem if match else ""
    return match if match and not _set_patterns(set)[2].fullmatch(rest) else None


def _is_sure(match: re.Match[str]) -> bool:
    return bool(match["anonymous"]) or min(len(match["user"]), len(match["number"])) >= SURE


def _of_canvas(match: re.Match[str]) -> Sender:
    late = bool(match["late"] or match["early"])
    if match["anonymous"]:
        return Sender(names.student(match["anonymous"]), match["file"], late)
    student = names.student(f"{match['name']}_{match['user']}")
    return Sender(student, match["file"], late, Origin(canvas=match["user"]))


# --- Gradescope ---


def gradescope(root: Path) -> dict[str, Sender]:
    """Folder → who submitted it, as `submission_metadata.yml` says. ValueError if that file is damaged."""
    path = root / GRADESCOPE
    if not path.is_file():
        return {}
    import yaml  # needed for this platform alone

    try:
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all values are text, so 007 stays 007
        folders = yaml.load(path.read_bytes(), loader)
        return {str(folder): sender for folder, about in folders.items() if (sender := _submitters(about))}
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not as Gradescope writes it: {' '.join(str(error).split())}") from None


def _submitters(about: dict[str, Any]) -> Sender | None:
    """One submission may have several submitters; it is named after their e-mails, or else their names."""
    members = [
        Member(*(names.label(str(who.get(key) or "")) for key in (":name", ":sid", ":email")))
        for who in about.get(":submitters") or []
    ]
    called = [m.email for m in members if m.email] or [m.name for m in members if m.name]
    time = str(about.get(":created_at") or "")
    return Sender(", ".join(called), origin=Origin(members=tuple(members), time=time)) if called else None
