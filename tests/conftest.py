"""Rules for the whole run: one thread a process, a budget for each lecture, slow tests with --all only."""

import os
import sys
from collections import defaultdict
from pathlib import Path

import jaxtyping
import pytest
from helpers.exercise_sets import NAMES
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.modules.setdefault(
    "rfc3987_syntax", None
)  # an optional part of nbformat's schema that takes 2 s to import

settings.register_profile("course", deadline=None)  # a busy machine is not a defect
settings.load_profile("course")

LECTURE_SECONDS = 60
"""Longest run of one lecture, top to bottom, on two cores."""

FEW = 3
"""Names of students that are tried without --all."""

collect_ignore = ["courseware/grading/submissions"]
"""Submissions of a class: notebooks that fail, which nbval would run."""

_seconds: defaultdict[str, float] = defaultdict(float)


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="all fifty names, and the tests marked slow")


def pytest_configure(config):
    """Helpers that draw at import read here how much: `tests/helpers/practice.py`."""
    os.environ["LSML_TEST_ALL"] = "1" if config.getoption("--all") else ""


def pytest_generate_tests(metafunc):
    """A test with an argument `student_name` runs for a few names, or for all of them."""
    if "student_name" in metafunc.fixturenames:
        names = NAMES if metafunc.config.getoption("--all") else NAMES[:FEW]
        metafunc.parametrize("student_name", names, ids=[ascii(name)[1:-1][:30] for name in names])


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--all"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with --all"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A test marked `own_checks` hands over what the annotations forbid: what answers is the function's own
    check, not the annotation's, which the whole run checks and a user does not."""
    unchecked = item.get_closest_marker("own_checks") is not None
    jaxtyping.config.update("jaxtyping_disable", unchecked)
    try:
        return (yield)
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)


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
