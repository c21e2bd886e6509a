"""Exercise sets: solutions earn everything, stubs nothing, and typical mistakes lose points for a reason."""

import ast
import re
from collections import Counter, defaultdict

import nbformat
import pytest
from helpers.exercise_sets import (
    NAMES,
    ROOT,
    SOLUTIONS,
    WRONG,
    answers,
    each_set,
    each_wrong_answer,
    exercise,
    graded_cells,
    meta,
    outcomes,
    points,
    read,
    setup_of,
)

from courseware.grading import release
from courseware.grading.credit import VISIBLE_PASSED
from courseware.grading.master import Master
from courseware.grading.student.preamble import preamble


def test_there_are_fifty_names_of_many_kinds():
    assert len(set(NAMES)) == 50
    assert any(not name.isascii() for name in NAMES[:3])


@each_set
def test_the_exercise_is_the_release_of_its_solution(path, tmp_path):
    """`courseware.grading.release.release` was run after the last change of the solution."""
    (tmp_path / "solutions").mkdir()
    copy = tmp_path / "solutions" / path.name
    copy.write_bytes(path.read_bytes())
    number = path.stem[:2]
    same = release.release(copy).read_bytes() == exercise(path).read_bytes()
    assert same, f"exercises/{path.name} is not of today's solution: run `course.py release {number}`"


@each_set
def test_every_folded_text_is_closed(path):
    """An open <details> swallows all that follows in its cell, and browsers do not complain."""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            counts = [len(re.findall(tag, cell.source)) for tag in ("<details", "</details>")]
            assert counts[0] == counts[1], cell.source


def test_every_solution_has_its_exercise_and_no_exercise_is_left_over():
    names = sorted(p.name for p in (ROOT / "exercises").iterdir())
    assert names == [p.name for p in SOLUTIONS] != []


@each_set
def test_the_first_cell_ends_with_what_holds_for_all_sets(path):
    """The text is `courseware.grading.student.preamble`, filled in with the set's own limits and modules."""
    assert read(path).cells[0].source.endswith(f"\n\n{preamble(read(path).metadata.get('lsml', {}))}")


@each_set
def test_a_failed_check_stops_neither_a_run_of_all_cells_nor_shows_a_traceback(path):
    """Jupyter goes on after a failed cell with this tag; `short_failures` is called in the set-up."""
    for cell in graded_cells(exercise(path)).values():
        assert cell.metadata.tags == ["raises-exception"]
    assert "\nshort_failures()" in setup_of(path, "")["setup"]


@each_set
def test_the_solutions_earn_every_point(path, student_name):
    for question, (earned, text, _) in outcomes(path, setup_of(path, student_name)).items():
        assert earned == points(path)[question], text
        assert VISIBLE_PASSED in text


@each_set
@pytest.mark.parametrize("hidden", [True, False], ids=["graded", "as released"])
def test_a_stub_earns_nothing_and_says_only_that_it_is_not_begun(path, hidden):
    found = outcomes(path if hidden else exercise(path), answers(exercise(path)))
    assert found.keys() == graded_cells(path).keys()
    assert {(points, type(error)) for points, _, error in found.values()} == {(0, NotImplementedError)}


@each_set
def test_the_released_checks_need_nothing_that_is_hidden(path):
    found = outcomes(exercise(path), answers(path)).values()
    assert {(text, error) for _, text, error in found} == {(VISIBLE_PASSED + "\n", None)}


@each_wrong_answer
def test_a_typical_mistake_loses_points_and_the_message_names_it(path, student_name):
    source = path.read_text()
    question = path.stem.split("__")[0]
    found = re.findall(r"^says: (.+)$", ast.get_docstring(ast.parse(source)) or "", re.MULTILINE)
    assert len(found) == 1, (
        f"{path.name} needs one line `says: …` in its docstring, for what the message says"
    )
    (says,) = found
    solution = ROOT / "solutions" / f"{path.parent.name}.ipynb"
    assert solution in SOLUTIONS, f"{path}: no set is called {path.parent.name}"
    assert question in points(solution), f"{path.name}: the set has no question {question!r}"
    replaced = {question: source} | setup_of(solution, student_name)
    earned, text, _ = outcomes(solution, replaced, question)[question]
    assert earned < points(solution)[question], (
        f"{path.name} earns every point: it is right, or no test finds its mistake"
    )
    assert says in text, f"{path.name} says {says!r}, but the student reads {text!r}"
    assert "<lambda>" not in text


def test_every_planted_answer_is_tried():
    """One in another folder would never run, and nobody would notice."""
    folder = ROOT / "tests" / "exercises"
    tried = {*WRONG, *(folder / "answers").glob("right/*.py"), *(folder / "answers").glob("wrong/*.py")}
    planted = {*(folder / "wrong_answers").rglob("*.py"), *(folder / "answers").rglob("*.py")}
    never = sorted(str(path.relative_to(folder)) for path in planted - tried)
    assert not never, "these belong in wrong_answers/NN_topic/, answers/right/ or answers/wrong/"


def test_no_wrong_answer_stands_twice():
    seen = defaultdict(list)
    for path in WRONG:
        body = [s for s in ast.parse(path.read_text()).body if not isinstance(s, ast.Expr)]
        seen[path.parent.name, path.stem.split("__")[0], ast.dump(ast.Module(body, []))].append(path.name)
    assert not [names for names in seen.values() if len(names) > 1]


@each_set
def test_every_tested_question_has_typical_mistakes(path):
    mistakes = Counter(p.stem.split("__")[0] for p in WRONG if p.parent.name == path.stem)
    assert mistakes.keys() == graded_cells(path).keys()
    assert min(mistakes.values()) >= 3


@each_set
def test_some_mistake_is_found_by_hidden_tests_alone(path):
    """Otherwise they would add nothing to what the student can see."""
    seen = []
    for wrong in (p for p in WRONG if p.parent.name == path.stem):
        question = wrong.stem.split("__")[0]
        seen += outcomes(exercise(path), {question: wrong.read_text()}, question).values()
    assert any(error is None and VISIBLE_PASSED in text for _, text, error in seen)


@each_set
def test_no_line_of_an_answer_or_of_a_hidden_test_is_released(path):
    """Lines that also stand outside the markers (an import, a closing bracket) are no secret."""
    secret = re.compile(r"### BEGIN (.+?)\n(.*?)### END \1", re.DOTALL)
    master = "\n".join(c.source for c in read(path).cells)
    text = "\n".join(c.source for c in read(exercise(path)).cells)
    hidden = {line for _, part in secret.findall(master) for line in part.splitlines()}
    hidden -= set(secret.sub("", master).splitlines())
    assert len(hidden) > 20
    assert not hidden & set(text.splitlines())
    assert not re.search("BEGIN|HIDDEN", text)


@each_set
def test_the_stated_points_and_minutes_add_up(path):
    cells = read(exercise(path)).cells
    prompts = "\n".join(c.source for c in cells[2:])
    total = Counter()
    for number, unit in re.findall(r"\*\*(\d+) (minute|point)s?\*\*", prompts):
        total[unit] += int(number)
    (head,) = re.findall(r"\*\*(\d+) minutes, (\d+) points\.\*\*", cells[0].source)
    assert head == (str(total["minute"]), str(total["point"]))
    assert total["point"] == sum(meta(c).get("points", 0) for c in cells)


@each_set
def test_a_question_is_prompt_answer_and_check_in_a_row(path):
    cells = read(path).cells
    for i, cell in enumerate(cells):
        if not meta(cell).get("solution"):
            continue
        assert re.search(r"\*\*Difficulty\*\* [★☆]{3}", cells[i - 1].source)
        hints = re.findall(r"<details><summary>Hint(?: (\d+))?", cells[i - 1].source)
        assert hints in ([""], [str(n + 1) for n in range(len(hints))]), "hints are numbered 1, 2, 3"
        if not meta(cell)["grade"]:
            assert meta(cells[i + 1])["grade_id"] == f"{meta(cell)['grade_id']}_test"
    assert any(meta(c).get("solution") and meta(c)["grade"] for c in cells), (
        "one question is read by a person"
    )


# --- release: what it refuses ---


def cell(source, name="answer", **more):
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    nbgrader = {**flags, "grade_id": name, **more}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": nbgrader, "collapsed": True})


def released(*cells):
    return release.student_version(nbformat.v4.new_notebook(cells=cells)).cells


def test_a_stub_stands_where_the_answer_stood():
    source = (
        "def f(x):\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    if x:\n        return 1\n    ### END SOLUTION"
    )
    (stub,) = released(cell(source, solution=True))
    assert stub.source == "def f(x):\n    '''Doc.'''\n    raise NotImplementedError"
    assert stub.id == "answer"
    assert set(stub.metadata) == {"nbgrader"}


def test_a_solution_with_outputs_is_released_without_them():
    master = cell("1", "setup")
    master.outputs, master.execution_count = [nbformat.v4.new_output("stream", text="secret")], 7
    (kept,) = released(master)
    assert (kept.outputs, kept.execution_count) == ([], None)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([cell("### BEGIN SOLUTION\n1", solution=True)], "never closed"),
        ([cell("1\n### END SOLUTION", solution=True)], "after 'no open marker'"),
        (
            [cell("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", solution=True)],
            "BEGIN SOLUTION' after",
        ),
        ([cell("### BEGIN SOLUTION\n1\n### END HIDDEN TESTS", solution=True)], "END HIDDEN TESTS' after"),
        ([cell("###BEGIN SOLUTION\n1\n###END SOLUTION", solution=True)], "must be one of"),
        ([cell("### BEGIN HIDEN TESTS\n1", grade=True, points=1)], "must be one of"),
        ([cell("return 1", solution=True)], "needs '### BEGIN SOLUTION"),
        ([cell("### BEGIN SOLUTION\n1\n### END SOLUTION", grade=True, points=1)], "must not have"),
        ([cell("### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS")], "no place for hidden tests"),
        ([cell("1", "twice"), cell("2", "twice")], "'twice' is used twice"),
        ([cell("1", "cell-8ba3f1c2d4e5")], "not a hash"),
        ([cell("1", "a8ba3f1c2d4e5")], "not a hash"),
        ([cell("1", "")], "not a hash"),
        ([cell("1", grade=True)], "needs points"),
        ([cell("1", grade=True, points=0)], "needs points"),
    ],
)
def test_a_release_that_could_leak_or_confuse_is_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        released(*cells)


def test_a_refused_release_leaves_the_old_exercise(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "exercises").mkdir()
    source, old = tmp_path / "solutions" / "99_x.ipynb", tmp_path / "exercises" / "99_x.ipynb"
    old.write_text("old")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell("1", solution=True)]), source)
    with pytest.raises(ValueError, match="needs"):
        release.release(source)
    assert [*old.parent.iterdir()] == [old]
    assert old.read_text() == "old"


@each_set
def test_what_a_person_reads_has_a_rubric_and_each_set_asks_for_a_proof(path):
    """`Master.free_responses` refuses a rubric that does not add up to the question's points."""
    questions = Master.read(path).free_responses
    assert all(question.rubric for question in questions)
    proofs = [question for question in questions if question.question.id.startswith("show_")]
    assert len(proofs) == (0 if path.stem.startswith("00") else 1)
    assert all(len(question.rubric) >= 3 for question in proofs)  # a line per step
