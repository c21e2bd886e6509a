"""A cell of the student's, and what it did instead of running to its end."""

from typing import Any, NamedTuple

from courseware.grading.inside.channel import TEXT


class Source(NamedTuple):
    """A cell, and how it is run.

    source: its text.   name: its id, for messages.   own: whether the student added it.
    tolerant: whether imports that are hidden from the answers are left out instead of failing.
    """

    source: str
    name: str
    tolerant: bool
    own: bool


class Failure(NamedTuple):
    """What a cell did instead of running to its end: an error's type, and the rest of "The cell …".

    `own` is a cell that the student added.
    """

    type: str
    says: str
    own: bool = False


def failure_of(said: Any = None, *_: Any) -> Failure | None:
    """What the worker said of a cell that it ran, as a Failure; None if the cell ran to its end."""
    match said:
        case None:
            return None
        case (str(kind), str(text), int(line)):
            where, kind = f" (line {line})" if line > 0 else "", kind[:100]
            return Failure(kind, f"raised {kind}: {text[:TEXT]}{where}")
    return Failure("", "raised an error")
