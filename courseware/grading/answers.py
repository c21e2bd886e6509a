"""What an answer may return, and how a check reads it, for notebooks to import. The code is in `inside/`."""

from courseware.grading.inside.answers import (
    NUMBERS,
    TOLERANCE,
    about,
    array,
    difference,
    indices,
    number,
    plain,
    several,
    types,
)

__all__ = [
    "NUMBERS",
    "TOLERANCE",
    "about",
    "array",
    "difference",
    "indices",
    "number",
    "plain",
    "several",
    "types",
]
