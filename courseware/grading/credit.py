"""The points that a check gives, for notebooks to import. The code is in `inside/`."""

from courseware.grading.inside.credit import (
    CAPPED,
    VISIBLE_PASSED,
    Broken,
    Credit,
    Law,
    credit,
    short_failures,
    visible,
)

__all__ = [
    "CAPPED",
    "VISIBLE_PASSED",
    "Broken",
    "Credit",
    "Law",
    "credit",
    "short_failures",
    "visible",
]
