"""Answers that students might write: right ones earn every point, wrong ones lose some, whatever the name."""

from contextlib import ExitStack

import pytest
from helpers.exercise_sets import ROOT, SOLUTIONS, answers, master, meta, outcomes, points, read, setup_of

from courseware.grading.sandbox import walls
from courseware.grading.examine.examiner import examiner
from courseware.grading.results import Cell, Cells

CASES = ROOT / "tests" / "exercises" / "answers"
RIGHT, WRONG = (sorted((CASES / kind).glob("*.py")) for kind in ("right", "wrong"))
KEPT_NAMES = "the parameters must keep their names"

each_right = pytest.mark.parametrize("path", RIGHT, ids=lambda p: p.stem)
each_wrong = pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)


def case_of(path):
    """SET__QUESTION__what_is_special.py: the set's solution, and the question."""
    number, question, _ = path.stem.split("__")
    (solution,) = (s for s in SOLUTIONS if s.stem.startswith(number))
    return solution, question


def graded(path, student):
    """Points, the question's worth, and what the student reads; all other answers are the solutions."""
    solution, question = case_of(path)
    replaced = {question: path.read_text()} | setup_of(solution, student)
    earned, text, _ = outcomes(solution, replaced, question)[question]
    return earned, points(solution)[question], text


def may_be_refused(path, text):
    """The first cell of every set says that parameters keep their names; the message must say it, too."""
    return "__renamed_" in path.name and KEPT_NAMES in text


@each_right
def test_a_right_answer_earns_every_point(path, student_name):
    earned, full, text = graded(path, student_name)
    assert earned == full or may_be_refused(path, text), text


@each_wrong
def test_a_wrong_answer_loses_points(path, student_name):
    earned, full, text = graded(path, student_name)
    assert earned < full
    assert text


# --- the same through the sandbox ---


@pytest.fixture(scope="module")
def rooms():
    with ExitStack() as stack:
        yield {path: stack.enter_context(examiner(master(path))) for path in SOLUTIONS}


def through_the_sandbox():
    """All of them with --all; else the right ones of two sets: a sandbox with torch takes long to start."""
    for path in [*RIGHT, *WRONG]:
        fast = path in RIGHT and path.name[:2] in ("01", "04")
        yield pytest.param(path, marks=() if fast else pytest.mark.slow, id=f"{path.parent.name}-{path.stem}")


@pytest.mark.skipif(bool(walls.reason_against()), reason=f"no sandbox: {walls.reason_against()}")
@pytest.mark.parametrize("path", [*through_the_sandbox()])
def test_an_answer_earns_in_the_sandbox_what_it_earns_in_one_process(rooms, path):
    """Tensors, lists and numbers of every type cross the wall, and importing a library costs no time."""
    solution, question = case_of(path)
    sources = answers(solution) | {question: path.read_text()}
    code = [
        meta(c)["grade_id"] for c in read(solution).cells if c.cell_type == "code" and meta(c).get("solution")
    ]
    cells = Cells(tuple(Cell("answer", id, sources[id]) for id in code))
    found = {q.id: q for q in rooms[solution](cells, master(solution), "Ada")}[question]
    earned, _, text = graded(path, "Ada")
    assert found.earned == earned, found.message
    # In one process a check measures memory itself, and the course can be imported. In the sandbox the limit
    # of a call says so, and what answers the question is hidden.
    elsewhere = "MemoryError" in found.message or "hides the parts of the course" in found.message
    assert found.message in text or elsewhere
