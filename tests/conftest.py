"""Two rules for the whole run: one thread a process, and no lecture longer than its budget."""

import os
import sys
from collections import defaultdict
from pathlib import Path

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.modules.setdefault(
    "rfc3987_syntax", None
)  # an optional part of nbformat's schema that takes 2 s to import

settings.register_profile("course", deadline=None)  # a busy machine is not a defect
settings.load_profile("course")

LECTURE_SECONDS = 60
"""Longest run of one lecture, top to bottom, on two cores."""

_seconds: defaultdict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report):
    """nbval reports each cell as a test of its own; a lecture's time is their sum."""
    path = Path(report.nodeid.split("::")[0])
    if path.suffix == ".ipynb" and path.parent.name == "lectures":
        _seconds[path.name] += report.duration


def pytest_terminal_summary(terminalreporter):
    for name, seconds in sorted(_seconds.items()):
        terminalreporter.write_line(f"{name}: {seconds:.0f} s of {LECTURE_SECONDS} s")


def pytest_sessionfinish(session):
    over = {name: seconds for name, seconds in _seconds.items() if seconds > LECTURE_SECONDS}
    if over:
        session.exitstatus = 1
        session.config.get_terminal_writer().line(f"\nover {LECTURE_SECONDS} s: {over}", red=True)
