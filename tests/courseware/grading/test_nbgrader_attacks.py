"""Attacks on `nbgrader autograde` with our hooks: files beside a notebook, and notebooks that stop a run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from nbgrader.api import Gradebook

from courseware.grading import nbgrader as nbgrader_hooks
from courseware.grading.sandbox.sandbox import reason_against

SET = "00_start_here"
FULL, CLIPPED = 6, 4  # all that tests give, and without the question that is attacked

pytestmark = [
    pytest.mark.skipif(bool(reason_against()), reason=f"NO ATTACK IS TRIED: {reason_against()}"),
    pytest.mark.filterwarnings("ignore:Object of type"),  # nbgrader's own queries
]

CONFIGURATION = (
    "from courseware.grading import nbgrader as nbgrader_hooks\nnbgrader_hooks.configure(get_config())\n"
)


def notebook(first=None):
    """The released notebook with the master's answers, and another one to the first question."""
    book = json.loads((ROOT / "exercises" / f"{SET}.ipynb").read_text())
    master = json.loads((ROOT / "solutions" / f"{SET}.ipynb").read_text())
    answers = {
        c["id"]: c["source"] for c in master["cells"] if c["metadata"].get("nbgrader", {}).get("solution")
    }
    answers |= {"squared_distance": first} if first else {}
    for cell in book["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return book


def hand_in(path, first="def squared_distance(a, b): return 0"):
    path.write_text(json.dumps(notebook(first)))


# --- attacks: the submitted file → points that it is worth; the sentence says what is tried ---


def links_where_the_hook_writes(path):
    """has a neighbour's file overwritten through a link where the hook writes first"""
    hand_in(path)
    path.with_name(f"{SET}.ipynb.partial").symlink_to(f"../../ada/{SET}/{SET}.ipynb")
    return CLIPPED


def keeps_a_better_original(path):
    """brings a neighbour's file as what it handed in before"""
    hand_in(path)
    path.with_name(f"{SET}.ipynb.submitted").symlink_to(f"../../ada/{SET}/{SET}.ipynb")
    return CLIPPED


def blocks_the_original(path):
    """has a folder where the hook keeps what was handed in"""
    hand_in(path)
    path.with_name(f"{SET}.ipynb.submitted").mkdir()
    return CLIPPED


def has_a_notebook_of_its_own(path):
    """has a copy of its notebook beside it, as an honest student may"""
    hand_in(path, None)
    hand_in(path.with_name("00-copy.ipynb"))
    return FULL


def has_no_time(path):
    """has a time that is none, with which nbgrader grades nothing"""
    hand_in(path)
    path.with_name("timestamp.txt").write_text("before the deadline")
    return CLIPPED


def never_ends(path):
    """has a link to a device that never ends, in a folder that nbgrader copies"""
    hand_in(path)
    (path.parent / "data").mkdir()
    (path.parent / "data" / "numbers").symlink_to("/dev/zero")
    return CLIPPED


def is_a_folder(path):
    """is a folder with the name of the notebook"""
    path.mkdir()
    return 0


def is_a_link(path):
    """is a link to a neighbour's file"""
    path.symlink_to(f"../../ada/{SET}/{SET}.ipynb")
    return 0


def is_of_an_old_schema(path):
    """labels its cells as an old version did, at which nbgrader ends the run for all, writes into the grade
    book, and raises an error whose text no file can hold"""
    database = str(path.parents[3] / "gradebook.db")
    book = notebook(
        "import sqlite3\n"
        f"try: sqlite3.connect({database!r}).execute('update grade set auto_score = 9')\n"
        "finally:\n"
        "    def squared_distance(a, b): raise ValueError('\\udc80')"
    )
    for cell in book["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 1
    path.write_text(json.dumps(book))
    return CLIPPED


ATTACKS = [
    links_where_the_hook_writes,
    keeps_a_better_original,
    blocks_the_original,
    has_a_notebook_of_its_own,
    has_no_time,
    never_ends,
    is_a_folder,
    is_a_link,
    is_of_an_old_schema,
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Root, what each student's file is worth, nbgrader's exit code and its log."""
    root = tmp_path_factory.mktemp("course")
    (root / "source" / SET).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{SET}.ipynb", root / "source" / SET)
    (root / "nbgrader_config.py").write_text(CONFIGURATION)
    worth = {}
    for student, attack in {"ada": None, **{a.__name__: a for a in ATTACKS}, "zoe": None}.items():
        path = root / "submitted" / student / SET / f"{SET}.ipynb"
        path.parent.mkdir(parents=True)
        worth[student] = attack(path) if attack else hand_in(path, None) or FULL
    for words in (["generate_assignment", SET, "--create"], ["autograde", SET, "--create"]):
        done = nbgrader(root, *words)
    return root, worth, done


def nbgrader(root, *words):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls `alembic` by name
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)


def scores(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(SET)}


def test_no_attack_stops_the_run_and_each_file_gets_what_it_is_worth(course):
    root, worth, done = course
    assert done.returncode == 0, done.stderr[-3000:]
    assert scores(root) == worth


def test_neighbours_keep_their_files(course):
    folder = course[0] / "submitted" / "ada" / SET
    assert json.loads((folder / f"{SET}.ipynb.submitted").read_text()) == notebook()
    rebuilt = json.loads((folder / f"{SET}.ipynb").read_text())
    same = lambda cell: "".join(cell["source"])
    assert [*map(same, rebuilt["cells"])] == [*map(same, notebook()["cells"])]


def test_no_link_and_nothing_that_it_leads_to_is_copied(course):
    root, _, _ = course
    assert not [p for top in ("submitted", "autograded") for p in (root / top).rglob("*") if p.is_symlink()]
    assert not (root / "autograded" / "never_ends" / SET / "data" / "numbers").exists()


@pytest.mark.parametrize(
    ("student", "says"),
    {
        "has_no_time": "timestamp.txt holds no time",
        "never_ends": "numbers was a link, a pipe or a device; it was removed.",
        "is_a_folder": "It is a folder",
        "is_a_link": "links are not followed",
    }.items(),
)
def test_what_was_wrong_is_said_at_the_top(course, student, says):
    page = json.loads((course[0] / "autograded" / student / SET / f"{SET}.ipynb").read_text())
    assert says in "".join(page["cells"][0]["source"])


def test_what_was_no_file_is_still_explained_when_it_is_graded_again(course, monkeypatch):
    monkeypatch.chdir(course[0])
    path = Path("submitted", "is_a_folder", SET, f"{SET}.ipynb")
    for _ in range(2):
        nbgrader_hooks.take_in(SET, "is_a_folder", [str(path)])
        taken = nbgrader_hooks._taken.pop(nbgrader_hooks.Place("is_a_folder", SET, SET))
        assert "It is a folder" in taken.review_reasons[0]
