"""The folder of results: one JSON file a student, which is the truth that all reports are made from.

    out/students/<name>.json    a Record; <name> is `names.file_stem(student)`
    seal                        what the result depends on; while it is the same, nothing is graded again

A file is written beside its place, flushed to the disk and moved: whenever the machine stops, the place holds
the old content or the new.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from courseware import atomic
from courseware.grading.names import file_stem
from courseware.grading.results import Member, Report
from courseware.grading.sandbox import walls

STUDENTS = "students"
Seal = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A report, and what goes with it: the file, the answers in words (grade id → text), pictures pasted into
    them (grade id → name → kind, data in base64), and what is known of the student (see `results.Origin`).

    `examined` says whether the file could be read and its code was asked. `seal` is empty while the result is
    not final: the grader failed, so the next run tries again.
    """

    report: Report
    file: str
    examined: bool = False
    seal: Seal = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    canvas: str = ""
    moodle: str = ""
    members: tuple[Member, ...] = ()
    time: str = ""
    pictures: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        members = [asdict(member) for member in self.members]
        return {**vars(self), "report": self.report.to_json(), "members": members}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Record":
        members = tuple(Member(**member) for member in plain.get("members", ()))
        return cls(**{**plain, "report": Report.from_json(plain["report"]), "members": members})


def save(out: Path, record: Record) -> None:
    atomic.write(
        _place(out, record.report.student), json.dumps(record.to_json(), indent=1, ensure_ascii=False)
    )


def load(out: Path, student: str) -> Record | None:
    """None if there is no result, or none that can be read."""
    try:
        return _read(_place(out, student))
    except (OSError, ValueError):
        return None


def records(out: Path) -> Iterator[Record]:
    """All results, one at a time. ValueError names a file that holds none, or somebody else's."""
    for path in sorted((out / STUDENTS).glob("*.json")):
        record = _read(path)
        if path.stem != (name := file_stem(record.report.student)):
            raise ValueError(f"{path} holds the result of {name}; delete it, or rename it to {name}.json")
        yield record


@cache
def grader_version() -> str:
    """Another one after any change of the course: tests and references live there."""
    digest = hashlib.sha256()
    for package in walls.PACKAGES:
        for source in sorted((walls.ROOT / package).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _place(out: Path, student: str) -> Path:
    return out / STUDENTS / f"{file_stem(student)}.json"


def _read(path: Path) -> Record:
    try:
        return Record.from_json(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no result ({error}); delete it and grade again") from error
