"""nbgrader with our hooks: the same grades as `lsml grade`, and no submission that stops the run."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from helpers import ROOT

pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from courseware.grading import nbgrader as nbgrader_hooks
from courseware.grading.sandbox.sandbox import reason_against

SET = "00_start_here"
FULL = 6  # the points that tests give; one more is given by a person

pytestmark = [
    pytest.mark.skipif(bool(reason_against()), reason=f"no sandbox: {reason_against()}"),
    pytest.mark.filterwarnings("ignore:Object of type"),  # nbgrader's own queries
]


def solved(notebook):
    """A student's copy with the master's answers."""
    master = json.loads((ROOT / "solutions" / f"{SET}.ipynb").read_text())
    answers = {c["id"]: c["source"] for c in master["cells"]}
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[cell["id"]]
    return notebook


def edited(notebook, id, source):
    (cell,) = (c for c in notebook["cells"] if c["id"] == id)
    cell["source"] = source
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one assignment and six submissions, graded once."""
    root = tmp_path_factory.mktemp("course")
    (root / "source" / SET).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{SET}.ipynb", root / "source" / SET)
    released = (ROOT / "exercises" / f"{SET}.ipynb").read_text()
    wrong = "def squared_distance(a, b):\n    return abs(a - b).sum()"
    dies = "import os\nos._exit(0)"
    submissions = {
        "ada": json.dumps(solved(json.loads(released))),
        "bob": json.dumps(edited(solved(json.loads(released)), "squared_distance", wrong)),
        "cas": json.dumps(edited(solved(json.loads(released)), "squared_distance_test", "7")),
        "dan": json.dumps(edited(solved(json.loads(released)), "clip_gradient", dies)),
        "eve": released,
        "fay": "\ufeff" + released[:500],
    }
    for student, text in submissions.items():
        folder = root / "submitted" / student / SET
        folder.mkdir(parents=True)
        (folder / f"{SET}.ipynb").write_text(text)
    here, path = os.getcwd(), os.environ["PATH"]
    # nbgrader calls `alembic` by name
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"
    try:
        os.chdir(root)
        api = NbGraderAPI(config=settings(root))
        generated = api.generate_assignment(SET, create=True)
        assert generated["success"], generated["log"]
        yield root, {student: api.autograde(SET, student, create=True) for student in submissions}, api
    finally:
        os.chdir(here)
        os.environ["PATH"] = path


def settings(root):
    config = Config()
    config.CourseDirectory.root = str(root)
    nbgrader_hooks.configure(config)
    return config


def scores(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(SET)}


def graded(root, student):
    return json.loads((root / "autograded" / student / SET / f"{SET}.ipynb").read_text())


def test_no_submission_stops_the_run(course):
    assert all(result["success"] for result in course[1].values()), course[1]


def test_the_grade_book_has_what_each_submission_earned(course):
    assert scores(course[0]) == {"ada": FULL, "bob": FULL - 2, "cas": FULL, "dan": 2, "eve": 0, "fay": 0}


def test_an_answer_in_words_waits_for_the_form_grader_and_an_empty_one_does_not(course):
    with Gradebook(f"sqlite:///{course[0]}/gradebook.db") as book:
        waiting = {s.student.id: s.needs_manual_grade for s in book.assignment_submissions(SET)}
    assert waiting == {"ada": True, "bob": True, "cas": True, "dan": True, "eve": False, "fay": False}


def test_students_read_what_was_wrong_with_their_file(course):
    root = course[0]
    first = {s: "".join(graded(root, s)["cells"][0]["source"]) for s in ("cas", "fay")}
    assert "squared_distance_test was edited; the original was used" in first["cas"]
    assert first["fay"].startswith("**About your file**")


def test_the_file_as_it_was_handed_in_is_kept_and_read_again(course):
    root, _, api = course
    folder = root / "submitted" / "cas" / SET
    original = folder / f"{SET}.ipynb{nbgrader_hooks.ORIGINAL}"
    before = original.read_bytes()
    assert api.autograde(SET, "cas", create=True, force=True)["success"]
    assert original.read_bytes() == before
    assert "was edited" in "".join(graded(root, "cas")["cells"][0]["source"])
    assert scores(root)["cas"] == FULL


def test_a_new_submission_takes_the_place_of_the_old_one(course):
    root, _, api = course
    page = root / "submitted" / "eve" / SET / f"{SET}.ipynb"
    try:
        released = page.read_text()
        page.write_text(json.dumps(solved(json.loads(released))))
        assert api.autograde(SET, "eve", create=True, force=True)["success"]
        assert scores(root)["eve"] == FULL
    finally:
        page.write_text((ROOT / "exercises" / f"{SET}.ipynb").read_text())
        api.autograde(SET, "eve", create=True, force=True)


def test_feedback_shows_no_hidden_test(course):
    root, _, api = course
    assert api.generate_feedback(SET, "bob")["success"]
    page = (root / "feedback" / "bob" / SET / f"{SET}.html").read_text()
    assert "expected 25" in page
    assert "hidden tests" in page
    assert "the distance of any two points" not in page.replace("because", "")


def test_a_submission_that_was_not_taken_in_is_not_graded(course):
    root, _, _ = course
    config = settings(root)
    config.Autograde.pre_convert_hook = None
    before = scores(root)
    result = NbGraderAPI(config=config).autograde(SET, "ada", create=True, force=True)
    assert not result["success"]
    assert "was not taken in" in result["log"]
    assert scores(root) == before


# --- the hook alone ---


@pytest.fixture
def lone(tmp_path, monkeypatch):
    """`hand_in(name, notebook)` → what the hook reads; a course of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source" / SET).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{SET}.ipynb", tmp_path / "source" / SET)
    folder = Path("submitted", "ida", SET)
    folder.mkdir(parents=True)

    def take(name=f"{SET}.ipynb", notebook=None):
        if notebook is not None:
            (folder / name).write_text(json.dumps(notebook))
        paths = [str(path) for path in sorted(folder.glob("*.ipynb"))]
        nbgrader_hooks.take_in("*", "*", paths)
        return nbgrader_hooks._taken.pop(nbgrader_hooks.Place("ida", SET, SET), None), paths

    yield take
    nbgrader_hooks.close()


def released():
    return json.loads((ROOT / "exercises" / f"{SET}.ipynb").read_text())


def test_a_renamed_notebook_gets_the_name_by_which_nbgrader_grades(lone):
    taken, paths = lone("solution.ipynb", solved(released()))
    assert [Path(path).name for path in paths] == [f"{SET}.ipynb"]
    assert "The notebook is called solution.ipynb" in taken.review_reasons[0]
    assert "raise NotImplementedError" not in "".join(cell.source for cell in taken.cells.cells)


def test_a_second_notebook_of_the_set_is_not_passed_over_without_a_word(lone):
    lone(f"{SET}.ipynb", solved(released()))
    taken, _ = lone("again.ipynb", solved(released()))
    assert [
        why
        for why in taken.review_reasons
        if "Another notebook of this set was not graded: again.ipynb" in why
    ]


def test_nobody_is_told_of_the_name_that_the_hook_itself_gave(lone):
    lone(f"{SET}.ipynb", solved(released()))
    again, _ = lone()
    assert (again.remarks, again.review_reasons) == ((), ())


def test_a_text_that_goes_on_and_its_picture_are_in_the_rebuilt_notebook(lone):
    book = solved(released())
    at = next(i for i, c in enumerate(book["cells"]) if c["id"] == "what_checks_say")
    png = {"image/png": "iVBORw0KGgoAAAANSUhEUg=="}
    below = {"cell_type": "markdown", "metadata": {}, "source": "(b) ![p](attachment:p.png)"}
    book["cells"].insert(at + 1, below | {"attachments": {"p.png": png}})
    taken, (path,) = lone(f"{SET}.ipynb", book)
    (cell,) = (c for c in json.loads(Path(path).read_text())["cells"] if c["id"] == "what_checks_say")
    assert "(b)" in "".join(cell["source"])
    assert cell["attachments"] == {"p.png": png}
    assert [why for why in taken.review_reasons if "goes on" in why]


@pytest.mark.parametrize("time", ["2024-02-01 10:11:12 PST", "2024-02-01T10:11:12 PST", "soon", "\udcff"])
def test_a_time_in_no_known_zone_is_refused_each_time_and_kept(lone, time):
    stamp = Path("submitted", "ida", SET, "timestamp.txt")
    stamp.write_bytes(time.encode("utf-8", "surrogateescape"))
    for book in (solved(released()), None):
        taken, _ = lone(f"{SET}.ipynb", book)
        assert nbgrader_hooks.NO_TIME in taken.review_reasons
    assert not stamp.exists()
    assert stamp.with_name(nbgrader_hooks.REFUSED).exists()


@pytest.mark.parametrize(
    "time", ["2024-02-01 10:11:12 UTC", "2024-02-01 10:11:12 -0800", "2024-02-01 10:11:12 Z", ""]
)
def test_a_time_in_a_known_zone_is_left_alone(lone, time):
    stamp = Path("submitted", "ida", SET, "timestamp.txt")
    stamp.write_text(time)
    taken, _ = lone(f"{SET}.ipynb", solved(released()))
    assert taken.review_reasons == ()
    assert stamp.read_text() == time


def test_a_corrected_master_is_used_at_once(lone):
    lone(f"{SET}.ipynb", solved(released()))
    before = nbgrader_hooks._room(SET, SET)
    assert nbgrader_hooks._room(SET, SET) is before
    path = Path("source", SET, f"{SET}.ipynb")
    path.write_text(path.read_text().replace("clip_gradient", "clip_it"))
    after = nbgrader_hooks._room(SET, SET)
    assert "clip_it" in json.dumps(after.master.notebook)
    assert after is not before
