"""Points through the sandbox are the points in one process, and no answer earns what it does not know."""

import itertools
from contextlib import ExitStack

import nbformat
import pytest
import test_exercises as sets

from lsml_core.grading import release, room
from lsml_core.grading.credit import VISIBLE_PASSED
from lsml_core.grading.examiner import examiner
from lsml_core.grading.limits import Limits
from lsml_core.grading.results import Cell, Cells, Question, Report

WHY_NOT = room.reason_against()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"THE EXAMINER IS NOT TESTED: {WHY_NOT}")

SMALL = Limits(call=0.3, cell=0.5, total=4, idle=0.6)


@pytest.fixture(scope="module")
def rooms():
    """Exercise set -> its `examine`, with one sandbox for all tests of the set."""
    with ExitStack() as stack:
        yield {path: stack.enter_context(examiner(sets.read(path))) for path in sets.SOLUTIONS}


def answer_cells(path, replaced=None, only=None):
    """The master's own answers, some of them `replaced`, or `only` one."""
    code = [c for c in sets.read(path).cells if c.cell_type == "code" and sets.meta(c).get("solution")]
    sources = {sets.meta(c)["grade_id"]: c.source for c in code} | (replaced or {})
    return Cells(tuple(Cell("answer", id, sources[id]) for id in sources if only in (None, id)))


# --- the course's own sets ---


@sets.each_set
@sets.each_student
def test_solutions_earn_every_point_that_needs_no_reader(rooms, path, student):
    for question in rooms[path](answer_cells(path), sets.read(path), student):
        if question.earned is None:
            assert (question.status, question.visible) == ("to be read", None)
        else:
            expected = Question(question.id, question.points, question.points, "full", "", True)
            assert question == expected


@sets.each_set
def test_every_question_is_there_in_the_masters_order(rooms, path):
    """Also where no answer is: an unreadable submission has no cells at all."""
    graded = [sets.meta(c) for c in sets.read(path).cells if sets.meta(c).get("grade")]
    expected = [(m["grade_id"].removesuffix("_test"), m["points"]) for m in graded]
    for answers in (answer_cells(path), Cells(())):
        assert [(q.id, q.points) for q in rooms[path](answers, sets.read(path), "Ada")] == expected


@sets.each_set
def test_stubs_are_not_begun(rooms, path):
    stubs = sets.answers(sets.exercise(path))
    questions = rooms[path](answer_cells(path, stubs), sets.read(path), "Ada")
    found = {(q.earned, q.status, q.message) for q in questions if q.earned is not None}
    assert found == {(0, "not begun", "")}


@sets.each_wrong_answer
def test_a_typical_mistake_gets_the_points_and_the_message_it_gets_in_one_process(rooms, path):
    """Inputs changed in place, calls of a gradient counted, tuples told from arrays: all of it crosses."""
    question, solution = path.stem.split("__")[0], sets.ROOT / "solutions" / f"{path.parent.name}.ipynb"
    replaced = {question: path.read_text()}
    points, text, _ = sets.outcomes(solution, replaced | sets.setup_of(solution, "Ada"), question)[question]
    _, visible, _ = sets.outcomes(sets.exercise(solution), replaced, question)[question]
    answers = answer_cells(solution, replaced, question)
    found = {q.id: q for q in rooms[solution](answers, sets.read(solution), "Ada")}[question]
    assert found.earned == points
    assert found.status == ("partial" if points else "none")
    assert found.message
    assert found.message in text
    assert found.visible == (VISIBLE_PASSED in visible)


# --- small sets of one question ---

SETUP = """
import numpy as np
from lsml_core.grading.checks import Counted, agrees, call, linear, returns
from lsml_core.grading.credit import VISIBLE_PASSED, Credit, credit, visible
STUDENT = ""
"""


def node(source, id, **more):
    """A code cell as nbgrader labels it."""
    meta = {"grade_id": id, "grade": False, "solution": False, "locked": False, "task": False, **more}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"schema_version": 3, **meta}})


def master(*tests, answer="def f(x): return x", **wishes):
    """A set whose one answer defines f, and has one or several tests, three points each."""
    cells = [node(SETUP, "setup"), node(answer, "f", solution=True)]
    cells += [node(test, f"{'fghi'[i]}_test", grade=True, points=3) for i, test in enumerate(tests)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"lsml": wishes} if wishes else {})


def graded(source, *tests, extra=(), answer=None, student="Ada", **wishes):
    """What the tests say of the answer `source` with `extra` cells below it."""
    notebook = master(*tests, answer=answer or "def f(x): return x", **wishes)
    cells = [Cell("answer", "f", source), *(Cell("extra", f"extra-{i}", e) for i, e in enumerate(extra))]
    with examiner(notebook, limits=SMALL) as examine:
        questions = examine(Cells(tuple(cells)), notebook, student)
    return questions if len(tests) > 1 else questions[0]


HONEST = "def f(x): return x"


@pytest.mark.parametrize(
    ("last", "earned", "status"),
    [
        ("assert f(1) == 1", 3, "full"),
        ("credit(3, lambda: None)", 3, "full"),
        ("Credit(1.5, ('why',))", 1.5, "partial"),
        ("Credit(99)", 3, "full"),
        ("Credit(-1)", 0, "none"),
        ("Credit(float('nan'))", 0, "none"),
        ("Credit(float('inf'))", 0, "none"),
        ("raise ValueError('no')", 0, "none"),
        ("f(3.0)", 0, "none"),
        ("f(Credit(3.0))", 0, "none"),
        ("3.0", 0, "none"),
    ],
)
def test_points_are_the_graders_own_credit_within_bounds(last, earned, status):
    question = graded(HONEST, last)
    assert (question.earned, question.status) == (earned, status)


def test_arguments_arrive_as_they_are_and_by_name():
    source = "def f(*args, **kwargs): return args, kwargs"
    test = """
    args, kwargs = f(1, (2, [3]), x=None)
    assert args == (1, (2, [3])) and kwargs == {"x": None}, (args, kwargs)
    assert type(args[1]) is tuple and type(args[1][1]) is list
    assert f.__name__ == "f" and f.__doc__ is None
    """
    assert graded(source, test.replace("\n    ", "\n")).status == "full"


def test_inputs_are_copies_and_only_a_check_sees_what_was_done_to_them():
    source = "def f(x): x *= 0; return x"
    assert graded(source, "x = np.ones(2); f(x); assert x.all(); assert not f(x=x).any()").status == "full"
    question = graded(source, "returns(f, {'x': [1.0]}, [0.0])")
    assert "changed its input x in place, to [0.]" in question.message


def test_a_callback_runs_in_the_grader_where_its_calls_are_counted():
    source = "def f(grad):\n  try: grad(1.0); grad(1.0)\n  except Exception: pass\n  return 1.0"
    question = graded(source, "call(f, {'grad': linear(np.ones(1), limit=1)})")
    assert "was called 2 times; the budget here is 1" in question.message


def test_a_callback_may_ask_the_answer_again():
    source = "def f(ask, n): return ask(n - 1) + 1 if n else 0"
    assert graded(source, "assert f(lambda n: f(ask, n), 3) == 3".replace("ask, n", "None, 0")).earned == 0
    test = "ask = lambda n: f(ask, n)\nassert f(ask, 5) == 5"
    assert graded(source, test).status == "full"


def test_endless_calls_within_calls_end():
    question = graded("def f(ask): return ask(ask)", "ask = lambda g: f(g)\nf(ask)")
    assert question.earned == 0
    assert question.status == "error"


def test_a_function_of_an_earlier_check_cannot_be_called_later():
    source = "kept = []\ndef f(g):\n  kept.append(g)\n  return kept[0](1)"
    first, second = graded(source, "assert f(lambda x: x + 1) == 2", "assert f(lambda x: x + 1) == 2")
    assert first.status == "full"
    assert second.message == "ValueError: this function belongs to an earlier check, or to none"


def test_objects_of_a_students_class_stay_there_and_can_be_used_from_here():
    source = (
        "class f:\n  _b = 1\n  def __init__(self, a): self.a = a\n  def times(self, x): return self.a * x"
    )
    test = "two = f(2)\nassert two.a == 2 and two.times(x=3) == 6\nassert f(two).a.times(1) == 2"
    test += "\nassert not hasattr(two, '_b') and not hasattr(two, 'c')"
    assert graded(source, test, answer=source).status == "full"


def test_a_function_of_the_check_that_comes_back_is_the_same_one():
    assert graded(HONEST, "g = lambda: 1\nassert f(g) is g and f(f)(2) == 2").status == "full"


def test_constants_come_as_plain_data_and_are_fetched_anew_for_each_check():
    source = "f = (1, [2.5])"
    tests = "assert f == (1, [2.5]); f[1].append(3)", "assert f == (1, [2.5])"
    assert [q.status for q in graded(source, *tests, answer="f = None")] == ["full", "full"]


def test_an_object_that_is_no_number_is_called_by_its_name():
    source = "def f(x): return (i for i in range(3))"
    assert "a generator instead of a number" in graded(source, "returns(f, {'x': 1.0}, 1.0)").message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(x): return 1 / 0", "f(x=1) raised ZeroDivisionError: division by zero"),
        ("class Odd(Exception): pass\ndef f(x): raise Odd('no')", "f(x=1) raised Odd: no"),
        ("def f(x): assert False, 'mine'", "f(x=1): mine"),
        ("def f(x): raise KeyError('k')", "f(x=1) raised KeyError: 'k'"),
        ("def f(x): bytes([255]).decode()", "f(x=1) raised UnicodeDecodeError: 'utf-8' codec"),
        ("def f(x): raise SystemExit(3)", "f(x=1) raised RuntimeError: it tried to leave (SystemExit 3)"),
        ("def f(x): return bytes(40 << 20)", "f(x=1) raised CodecError: more than 32 MB"),
        ("class E(Exception):\n  def __str__(self): return 5\ndef f(x): raise E()", "f(x=1) raised E: "),
    ],
)
def test_errors_of_an_answer_are_named_as_it_named_them(source, message):
    assert graded(source, "call(f, {'x': 1})").message.startswith(message)


@pytest.mark.parametrize("error", ["StopIteration", "GeneratorExit", "KeyboardInterrupt", "Exception"])
def test_no_error_of_an_answer_ends_a_loop_of_the_check(error):
    source = f"def f(x): raise {error}"
    assert graded(source, "for value in map(f, [1, 2]): assert value == 0").earned == 0


def test_a_check_can_ask_for_an_error():
    test = "try: f(-1)\nexcept ValueError: pass\nelse: raise AssertionError('no error')"
    assert graded("def f(x):\n  if x < 0: raise ValueError", test).status == "full"
    assert graded(HONEST, test).message == "no error"


@pytest.mark.parametrize(
    ("source", "status", "message"),
    [
        ("def f(x): raise NotImplementedError", "not begun", ""),
        ("raise NotImplementedError", "not begun", "NameError: name 'f' is not defined"),
        ("def g(x): return x", "none", "NameError: name 'f' is not defined"),
        ("def f(x:", "error", "The cell f raised SyntaxError: '(' was never closed (line 1)."),
        ("x = 1\ny", "error", "The cell f raised NameError: name 'y' is not defined (line 2)."),
        ("f = await g()", "error", "await at the top of a cell does not run in the grader"),
        ("import lsml_core.optimization", "error", "the grader hides the parts of the course"),
        ("while True: pass", "error", "The cell f used more than 0.5 s of computing time."),
        ("import os; os._exit(0)", "error", "The cell f ended its process."),
        ("def f(x):\n  while True: pass", "error", "TimeoutError: used more than 0.3 s of computing time"),
        ("def f(x): __import__('os').abort()", "error", "ProcessEnded: ended its process (SIGABRT)"),
        ("def f(x): __import__('time').sleep(9)", "error", "TimeoutError: did nothing for 0.6 s"),
    ],
)
def test_what_kept_an_answer_from_answering_is_said(source, status, message):
    question = graded(source, "assert f(1) == 1")
    assert (question.earned, question.status) == (0, status)
    assert message in question.message


def test_cells_are_run_as_in_a_notebook():
    source = "%matplotlib inline\n!pip install x\ndef f(x):\n  %time\n  return g(x)\nf?\ndisplay(f)"
    question = graded(source, "assert f(7) == 7", extra=["import numpy as np", "def g(x): return x % 10"])
    assert question.status == "full"


def test_a_percent_sign_that_is_python_stays():
    assert graded("def f(x): return (x\n  % 4)", "assert f(7) == 3").earned == 3


def test_an_added_cell_that_fails_is_named_and_does_no_further_harm():
    question = graded("def f(x): return y", "assert f(1) == 1", extra=["y = 1 / 0", "y = 1"])
    assert question.status == "full"
    question = graded("def f(x): return y", "assert f(1) == 1", extra=["1 / 0\ny = 1"])
    said = "A cell that you added raised ZeroDivisionError: division by zero (line 1)."
    assert question.message == f"{said}\nNameError: name 'y' is not defined"


def test_a_test_runs_before_the_next_answer_is_defined():
    """As in a notebook that runs from top to bottom: a later cell does not change an earlier grade."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            node(SETUP, "setup"),
            node("def f(x): return x", "f", solution=True),
            node("assert f(1) == 1", "f_test", grade=True, points=1),
            node("def g(x): return f(x)", "g", solution=True),
            node("assert g(1) == 2", "g_test", grade=True, points=1),
        ]
    )
    cells = Cells(
        (
            Cell("answer", "f", "def f(x): return h(x)"),
            Cell("extra", "e", "h = lambda x: x"),
            Cell("answer", "g", "h = lambda x: 2 * x\ndef g(x): return f(x)"),
        )
    )
    with examiner(notebook) as examine:
        assert [q.status for q in examine(cells, notebook, "Ada")] == ["full", "full"]


def test_a_law_that_times_out_costs_its_own_share():
    source = "def f(x):\n  while x == 1: pass\n  return x"
    laws = "credit(3, *[lambda x=x: returns(f, {'x': x}, x) for x in (1, 2, 3)])"
    question = graded(source, laws)
    assert (question.earned, question.status) == (2, "partial")
    assert "f(x=1) raised TimeoutError: used more than 0.3 s of computing time" in question.message


def test_after_a_crash_the_next_test_goes_on():
    source = "import os\nn = 40\ndef f(x):\n  if x == 1: os._exit(0)\n  return n + x"
    died, well = graded(source, "f(1)", "assert f(2) == 42")
    assert (died.status, well.status) == ("error", "full")


def test_the_same_submission_gets_the_same_twice():
    """Global generators and the order of sets are the two dice that a student throws unawares."""
    source = "import random\ndef f(x): return [*{'a', 'b', 'c', 'd'}], random.random(), np.random.rand()"
    messages = {graded("import numpy as np\n" + source, "assert False, f(1)").message for _ in range(3)}
    assert len(messages) == 1


FORGED = {
    "an error": ("error", "ValueError", "no"),
    "not begun": ("error", "NotImplementedError", ""),
    "an error that would end a loop": ("error", "StopIteration", ""),
    "a value": ("value", 1.0),
    "nothing": ("value",),
    "a value and nonsense": ("value", 1.0, "x", 2),
    "a success of the cell": ("value", None),
    "a failure of no kind": ("value", (1, 2)),
    "a call of nothing": ("ask", "call", 0, (), {}),
    "a call of a lie": ("ask", "call", [], 1, 2),
    "an unknown request": ("ask", "points", 3),
    "an empty request": ("ask",),
    "half a message": (),
    "an error of numbers": ("error", 1, 2),
}


@pytest.mark.parametrize("message", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("times", [1, 5])
def test_a_forged_message_earns_nothing_and_stops_nobody(message, times):
    source = f"""if True:
        import os
        from lsml_core.grading.codec import encode
        data = encode({message!r})
        os.write(3, (len(data).to_bytes(4, "big") + data) * {times})
        def f(x): return 0
    """
    forged, later = graded(source, "for x in map(f, [1]): assert x == 12345", "assert f(1) == 12345")
    assert (forged.earned, later.earned) == (0, 0)


def test_a_cell_that_is_too_large_is_that_cells_failure():
    question = graded("# " + "x" * (33 << 20), "assert f(1) == 1")
    assert "The cell f could not be run (more than 32 MB)." in question.message


def test_the_students_name_reaches_the_tests_and_the_answers():
    assert graded("def f(x): return STUDENT", "assert f(1) == STUDENT == 'Eve\"'", student='Eve"').earned == 3


def test_nothing_of_a_test_reaches_the_worker():
    """Names of the check, its source and its other values are not in the process that the answer runs in."""
    source = """if True:
        import gc, sys
        def f(x):
            name = "_".join(["oracle", "7"])
            return [k for k in (*globals(), *sys.modules, *map(str, gc.get_objects())) if name in k]
    """
    question = graded(source, "oracle_7 = 5\nassert f(1) == [], f(1)", limits={"call": 5})
    assert (question.status, question.message) == ("full", "")


def test_a_set_says_what_its_answers_may_import_and_use():
    allowed = {"answers_may_import": ["lsml_core.optimization.objectives"], "limits": {"call": 5}}
    source = "from lsml_core.optimization.objectives import Beale\ndef f(x):\n  while x: x -= 1"
    assert graded(source, "f(8 * 10**6)", **allowed).status == "full"
    assert "used more than 0.3 s" in graded(source.split("\n", 1)[1], "f(8 * 10**7)").message
    assert "the grader hides" in graded(source, "f(0)").message


def test_a_release_does_not_tell_what_a_set_allows():
    notebook = master("f(1)", answer="### BEGIN SOLUTION\nf = 1\n### END SOLUTION", answers_may_import=["x"])
    assert "lsml" not in release.student_version(notebook).metadata


def test_a_set_without_the_line_for_the_students_name_is_refused():
    notebook = master("f(1)")
    notebook.cells[0].source = "STUDENT = 'Ada'"
    with examiner(notebook) as examine, pytest.raises(ValueError, match="STUDENT"):
        examine(Cells(()), notebook, "Ada")


# --- records ---


def test_reports_survive_json():
    states = itertools.product((None, 0, 1.5), (None, True), ("full", "to be read"))
    questions = tuple(Question(f"q{i}", 2, e, s, "why", v) for i, (e, v, s) in enumerate(states))
    report = Report("01", "Ada", questions, ("a remark",), ("a reason",))
    assert Report.from_json(report.to_json()) == report
