"""Points through the sandbox are the points in one process, and no answer earns what it does not know."""

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import nbformat
import pytest
from helpers import exercise_sets as sets

from courseware.grading import release
from courseware.grading.credit import VISIBLE_PASSED
from courseware.grading.examine.examiner import examine, examiner, libraries
from courseware.grading.examine.respondent import Disturbed
from courseware.grading.master import Master
from courseware.grading.results import Cell, Cells, Question, Report
from courseware.grading.sandbox import walls
from courseware.grading.sandbox.limits import Limits
from courseware.grading.sandbox.sandbox import NoSandbox, Sandbox, WorkerHandle

WHY_NOT = walls.reason_against()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"THE EXAMINER IS NOT TESTED: {WHY_NOT}")

SMALL = Limits(call=0.3, cell=0.5, total=4, idle=0.6, check=0.5)


@pytest.fixture(scope="module")
def rooms():
    """Exercise set -> its `examine`, with one sandbox for all tests of the set."""
    with ExitStack() as stack:
        yield {path: stack.enter_context(examiner(sets.master(path))) for path in sets.SOLUTIONS}


def answer_cells(path, replaced=None, only=None):
    """The master's own answers, some of them `replaced`, or `only` one."""
    code = [c for c in sets.read(path).cells if c.cell_type == "code" and sets.meta(c).get("solution")]
    sources = {sets.meta(c)["grade_id"]: c.source for c in code} | (replaced or {})
    return Cells(tuple(Cell("answer", id, sources[id]) for id in sources if only in (None, id)))


# --- the course's own sets ---


@sets.each_set
def test_solutions_earn_every_point_that_needs_no_reader(rooms, path, student_name):
    for question in rooms[path](answer_cells(path), sets.master(path), student_name):
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
        assert [(q.id, q.points) for q in rooms[path](answers, sets.master(path), "Ada")] == expected


@sets.each_set
def test_stubs_are_not_begun(rooms, path):
    stubs = sets.answers(sets.exercise(path))
    questions = rooms[path](answer_cells(path, stubs), sets.master(path), "Ada")
    found = {(q.earned, q.status, q.message) for q in questions if q.earned is not None}
    assert found == {(0, "not begun", "")}


STOPPED_BY_A_LIMIT = {
    "last_layer_norms__loop_over_examples": "of computing time",
    "last_layer_norms__whole_gradients": "MemoryError",
}
"""Mistakes that a notebook's own check measures and that the sandbox does not let go so far: what is said."""


@sets.each_wrong_answer
def test_a_typical_mistake_gets_the_points_and_the_message_it_gets_in_one_process(rooms, path):
    """Inputs changed in place, calls of a gradient counted, tuples told from arrays: all of it crosses."""
    question, solution = path.stem.split("__")[0], sets.ROOT / "solutions" / f"{path.parent.name}.ipynb"
    replaced = {question: path.read_text()}
    points, text, _ = sets.outcomes(solution, replaced | sets.setup_of(solution, "Ada"), question)[question]
    _, visible, _ = sets.outcomes(sets.exercise(solution), replaced, question)[question]
    answers = answer_cells(solution, replaced, question)
    found = {q.id: q for q in rooms[solution](answers, sets.master(solution), "Ada")}[question]
    assert found.earned == points
    if path.stem in STOPPED_BY_A_LIMIT:
        assert STOPPED_BY_A_LIMIT[path.stem] in found.message
    else:
        assert found.status == ("partial" if points else "none")
        assert found.message
        assert found.message in text
        assert found.visible == (VISIBLE_PASSED in visible)


# --- small sets of one question ---

SETUP = """
import numpy as np
from courseware.grading.checks import Counted, agrees, call, linear, returns
from courseware.grading.credit import VISIBLE_PASSED, Credit, credit, visible
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


@pytest.fixture(scope="module")
def sandbox():
    """One room for all small sets: they differ in their master, and a submission leaves nothing behind."""
    preload = "numpy", "courseware.grading.checks", "courseware.grading.credit"
    with Sandbox(preload=preload, limits=SMALL) as opened:
        yield opened


def questions_of(examine, source, *tests, extra=(), student="Ada", notebook=None, **more):
    """What the tests say of the answer `source` with `extra` cells below it."""
    notebook = notebook or master(*tests, **more)
    cells = [Cell("answer", "f", source), *(Cell("extra", f"extra-{i}", e) for i, e in enumerate(extra))]
    questions = examine(Cells(tuple(cells)), Master(notebook), student)
    return questions if len(tests) > 1 else questions[0]


@pytest.fixture
def graded(sandbox):
    return partial(questions_of, partial(examine, sandbox=sandbox))


HONEST = "def f(x): return x"


@pytest.mark.parametrize(
    ("last", "earned", "status"),
    [
        ("assert f(1) == 1", 3, "full"),
        ("credit(3, lambda: None, seen=VISIBLE_PASSED)", 3, "full"),
        ("credit(3, lambda: None, seen=visible(lambda: 1 / 0))", 1.5, "partial"),
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
def test_points_are_the_graders_own_credit_within_bounds(graded, last, earned, status):
    question = graded(HONEST, last)
    assert (question.earned, question.status) == (earned, status)


def test_arguments_arrive_as_they_are_and_by_name(graded):
    source = "def f(*args, **kwargs): return args, kwargs"
    test = """
    args, kwargs = f(1, (2, [3]), x=None)
    assert args == (1, (2, [3])) and kwargs == {"x": None}, (args, kwargs)
    assert type(args[1]) is tuple and type(args[1][1]) is list
    assert f.__name__ == "f" and f.__doc__ is None
    """
    assert graded(source, test.replace("\n    ", "\n")).status == "full"


def test_inputs_are_copies_and_only_a_check_sees_what_was_done_to_them(graded):
    source = "def f(x): x *= 0; return x"
    assert graded(source, "x = np.ones(2); f(x); assert x.all(); assert not f(x=x).any()").status == "full"
    question = graded(source, "returns(f, {'x': [1.0]}, [0.0])")
    assert "changed its input x in place, to [0.]" in question.message


@pytest.mark.parametrize(
    ("change", "where", "inputs"),
    [
        ("x[1][0] *= 0", r"x\[1\]", "([1.0], [2.0])"),
        ("x['w'][0] *= 0", r"x\['w'\]", "{'w': np.ones(2)}"),
        ("x[0]['w'] -= 1", r"x\[0\]\['w'\]", "({'w': np.ones(2)}, 3)"),
    ],
)
def test_an_array_inside_an_input_is_watched_too(graded, change, where, inputs):
    question = graded(f"def f(x): {change}; return 1.0", f"returns(f, {{'x': {inputs}}}, 1.0)")
    assert re.search(rf"changed its input {where} in place, to \[0\.", question.message)
    assert graded("def f(x): return 1.0", f"returns(f, {{'x': {inputs}}}, 1.0)").status == "full"


def test_a_callback_may_be_called_by_name(graded):
    source = "def f(grad): return grad(w=2.0)"
    assert graded(source, "returns(f, {'grad': Counted(lambda w: 3 * w, 1)}, 6.0)").status == "full"


def test_a_callback_runs_in_the_grader_where_its_calls_are_counted(graded):
    source = "def f(grad):\n  try: grad(1.0); grad(1.0)\n  except Exception: pass\n  return 1.0"
    question = graded(source, "call(f, {'grad': linear(np.ones(1), limit=1)})")
    assert "was called 2 times; the budget here is 1" in question.message


def test_a_callback_may_ask_the_answer_again(graded):
    source = "def f(ask, n): return ask(n - 1) + 1 if n else 0"
    assert graded(source, "assert f(lambda n: f(ask, n), 3) == 3".replace("ask, n", "None, 0")).earned == 0
    test = "ask = lambda n: f(ask, n)\nassert f(ask, 5) == 5"
    assert graded(source, test).status == "full"


def test_endless_calls_within_calls_end(graded):
    question = graded("def f(ask): return ask(ask)", "ask = lambda g: f(g)\nf(ask)")
    assert question.earned == 0
    assert question.status == "error"


def test_a_function_of_an_earlier_check_cannot_be_called_later(graded):
    source = "kept = []\ndef f(g):\n  kept.append(g)\n  return kept[0](1)"
    first, second = graded(source, "assert f(lambda x: x + 1) == 2", "assert f(lambda x: x + 1) == 2")
    assert first.status == "full"
    assert second.message == "ValueError: this function belongs to an earlier check, or to none"


def test_objects_of_a_students_class_stay_there_and_can_be_used_from_here(graded):
    source = (
        "class f:\n  _b = 1\n  def __init__(self, a): self.a = a\n  def times(self, x): return self.a * x"
    )
    test = "two = f(2)\nassert two.a == 2 and two.times(x=3) == 6\nassert f(two).a.times(1) == 2"
    test += "\nassert not hasattr(two, '_b') and not hasattr(two, 'c')"
    assert graded(source, test, answer=source).status == "full"


def test_an_object_is_lost_with_its_process(graded):
    source = "import os\nclass f:\n  a = 1\n  def die(self): os._exit(0)"
    test = "one, two = f(), f()\ntry: two.die()\nexcept Exception: pass\nf()\none.a"
    assert graded(source, test, answer=source).message == "ProcessEnded: was lost with its process"


def test_a_function_of_the_check_that_comes_back_is_the_same_one(graded):
    assert graded(HONEST, "g = lambda: 1\nassert f(g) is g and f(f)(2) == 2").status == "full"


def test_constants_come_as_plain_data_and_are_fetched_anew_for_each_check(graded):
    source = "f = (1, [2.5])"
    tests = "assert f == (1, [2.5]); f[1].append(3)", "assert f == (1, [2.5])"
    assert [q.status for q in graded(source, *tests, answer="f = None")] == ["full", "full"]


def test_each_check_has_names_of_its_own_and_an_answers_name_goes_before_the_setups(graded):
    tests = "call = returns\nleft = 1", "assert call(1) == 7 and 'left' not in globals()"
    found = graded("def call(x): return 7", *tests, answer="def call(x): return 0")
    assert [q.status for q in found] == ["full", "full"]


def test_a_variable_of_the_checks_own_is_not_asked_of_the_student(graded):
    test = "assert min([1, 2], key=lambda other: f(other)) == 1 and [other for other in (3,)] == [3]"
    assert graded("def f(x): return x", test, answer="def f(x): return x\ndef other(): pass").status == "full"


def test_an_object_that_is_no_number_is_called_by_its_name(graded):
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
        (
            "def f(x): raise SystemExit(3)",
            "f(x=1) raised RuntimeError: your code raised SystemExit (3), which would end Python",
        ),
        ("def f(x): return bytes(40 << 20)", "f(x=1) raised CodecError: more than 32 MB"),
        ("class E(Exception):\n  def __str__(self): return 5\ndef f(x): raise E()", "f(x=1) raised E: "),
    ],
)
def test_errors_of_an_answer_are_named_as_it_named_them(graded, source, message):
    assert graded(source, "call(f, {'x': 1})").message.startswith(message)


@pytest.mark.parametrize("error", ["StopIteration", "GeneratorExit", "KeyboardInterrupt", "Exception"])
def test_no_error_of_an_answer_ends_a_loop_of_the_check(graded, error):
    source = f"def f(x): raise {error}"
    assert graded(source, "for value in map(f, [1, 2]): assert value == 0").earned == 0


def test_a_check_can_ask_for_an_error(graded):
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
        ("f = await g()", "error", "The cell f raised NameError: name 'g' is not defined (line 1)."),
        ("import lsml_core.optimization", "error", "the grader hides the parts of the course"),
        ("while True: pass", "error", "The cell f used more than 0.5 s of computing time."),
        ("import os; os._exit(0)", "error", "The cell f ended its process."),
        ("def f(x):\n  while True: pass", "error", "TimeoutError: used more than 0.3 s of computing time"),
        ("def f(x): __import__('os').abort()", "error", "ProcessEnded: ended its process (SIGABRT)"),
        ("def f(x): __import__('time').sleep(9)", "error", "TimeoutError: did nothing for 0.6 s"),
    ],
)
def test_what_kept_an_answer_from_answering_is_said(graded, source, status, message):
    question = graded(source, "assert f(1) == 1")
    assert (question.earned, question.status) == (0, status)
    assert message in question.message


def test_cells_are_run_as_in_a_notebook(graded):
    source = "%matplotlib inline\n!pip install x\ndef f(x):\n  %time\n  return g(x)\nf?\ndisplay(f)"
    question = graded(source, "assert f(7) == 7", extra=["import numpy as np", "def g(x): return x % 10"])
    assert question.status == "full"


@pytest.mark.parametrize(
    "line",
    [
        "t = %timeit -o f(1)",
        "files = !ls\nfor name in files: print(name)",
        "!pip install \\\n  numpy",
        "%%time",
        "?f",
        "async def g(): return 1\nassert await g() == 1",
        "import asyncio\nawait asyncio.sleep(0.01)\nawait asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))",
        "import asyncio\nasync with asyncio.timeout(1): pass",
        "if True:\n  r = %time f(1)",
    ],
)
def test_what_a_notebook_understands_costs_no_points(graded, line):
    assert graded(f"{line}\ndef f(x): return x", "assert f(7) == 7").status == "full"
    assert graded(f"def f(x): return x\n{line}", "assert f(7) == 7").status == "full"


def test_a_cell_in_another_language_is_passed_over(graded):
    question = graded("def f(x): return x", "assert f(7) == 7", extra=["%%bash\nls -l | wc", "%%html\n<p>"])
    assert question.status == "full"


def test_a_percent_sign_that_is_python_stays(graded):
    assert graded("def f(x): return (x\n  % 4)", "assert f(7) == 3").earned == 3


def test_an_added_cell_that_fails_is_named_and_does_no_further_harm(graded):
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
    with examiner(Master(notebook)) as examine:
        assert [q.status for q in examine(cells, Master(notebook), "Ada")] == ["full", "full"]


def test_a_law_that_times_out_costs_its_own_share(graded):
    source = "def f(x):\n  while x == 1: pass\n  return x"
    laws = "credit(3, *[lambda x=x: returns(f, {'x': x}, x) for x in (1, 2, 3)], seen=VISIBLE_PASSED)"
    question = graded(source, laws)
    assert (question.earned, question.status) == (2, "partial")
    assert "f(x=1) raised TimeoutError: used more than 0.3 s of computing time" in question.message


def test_importing_a_library_costs_an_answer_no_time(graded):
    """scipy.stats takes seconds, a call may take 0.3 s."""
    source = "def f(x):\n  import scipy.stats\n  from sklearn.linear_model import Ridge\n  return x"
    assert graded(source, "assert f(1) == 1").status == "full"


def test_libraries_are_found_by_their_names_in_the_answers_only():
    named = Cells(
        (Cell("answer", "f", "import numpy as np, torch"), Cell("extra", "", "from scipy import stats"))
    )
    assert {"torch._dynamo", "scipy.stats"} <= {*libraries(named)}
    assert libraries(Cells((Cell("answer", "f", "torchlight = scipyx = 1"),))) == []


def test_after_a_crash_the_next_test_goes_on(graded):
    source = "import os\nn = 40\ndef f(x):\n  if x == 1: os._exit(0)\n  return n + x"
    died, well = graded(source, "f(1)", "assert f(2) == 42")
    assert (died.status, well.status) == ("error", "full")


def test_a_room_that_breaks_down_costs_nobody_points(monkeypatch, sandbox, graded):
    """A law would take it for an error of the student's; it is nobody's grade."""
    rooms = iter([sandbox.worker])
    monkeypatch.setattr(sandbox, "worker", lambda *words: next(rooms, no_room)(*words))
    with pytest.raises(NoSandbox):
        graded(
            "def f(x): __import__('os')._exit(0)",
            "credit(3, lambda: f(1), lambda: f(2), seen=VISIBLE_PASSED)",
        )


def no_room(*_):
    raise NoSandbox("the room broke down")


def test_the_same_submission_gets_the_same_in_another_room():
    """Global generators and the order of sets are the two dice that a student throws unawares."""
    draw = "import random\nimport numpy as np\ndef f(x): return random.random(), np.random.rand()"
    order = "kept = [*{'a', 'b', 'c', 'd'}]"
    messages, notebook = set(), master("assert False, f(1)")
    for _ in range(3):
        with examiner(Master(notebook)) as examine:
            messages.add(questions_of(examine, f"{order}\n{draw}, kept", notebook=notebook).message)
    assert len(messages) == 1


@pytest.mark.parametrize(
    "read", ["while True: pass", "f'{f(1)!r}'", "credit(3, *[lambda: repr(f(1))] * 3, seen=VISIBLE_PASSED)"]
)
def test_a_check_that_reads_for_ever_is_stopped_and_the_next_one_goes_on(graded, read):
    source = "import numpy as np\ndef f(x): return [np.ones(999, 'f2')] * 3000 if x else x"
    late, later = graded(source, read, "assert f(0) == 0")
    assert "reading what the answer returned took more than 0.5 s" in late.message
    assert (late.earned, later.status) == (0, "full")


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
def test_a_forged_message_earns_nothing_and_stops_nobody(graded, message, times):
    source = f"""if True:
        import os
        from courseware.grading.inside.codec import encode
        data = encode({message!r})
        os.write(3, (len(data).to_bytes(4, "big") + data) * {times})
        def f(x): return 0
    """
    forged, later = graded(source, "for x in map(f, [1]): assert x == 12345", "assert f(1) == 12345")
    assert (forged.earned, later.earned) == (0, 0)


def test_a_cell_that_is_too_large_is_that_cells_failure(graded):
    question = graded("# " + "x" * (33 << 20), "assert f(1) == 1")
    assert "The cell f could not be run (more than 32 MB)." in question.message


def test_the_students_name_reaches_the_tests_and_the_answers(graded):
    assert graded("def f(x): return STUDENT", "assert f(1) == STUDENT == 'Eve\"'", student='Eve"').earned == 3


def test_nothing_of_a_test_reaches_the_worker(graded):
    """No dict in the process that the answer runs in has one of its names."""
    source = """if True:
        import gc
        def f(x):
            gc.unfreeze()
            dicts, name = [d for d in gc.get_objects() if isinstance(d, dict)], "_".join(["oracle", "7"])
            return len(dicts) > 100, [str(d)[:99] for d in dicts if name in d]
    """
    assert graded(source, "oracle_7 = 5\nassert f(1) == (True, []), f(1)").message == ""


def test_a_set_says_what_its_answers_may_import_and_use(graded):
    source = "from lsml_core.optimization.nonconvex import Beale\ndef f(x):\n  while x: x -= 1"
    assert "the grader hides" in graded(source, "f(0)").message
    assert "used more than 0.3 s" in graded(source.split("\n", 1)[1], "f(8 * 10**7)").message
    needed = [f"lsml_core.optimization.{module}" for module in ("nonconvex", "arrays")]
    notebook = master("f(8 * 10**6)", answers_may_import=needed, limits={"call": 9})
    with examiner(Master(notebook), limits=SMALL) as examine:
        assert questions_of(examine, source, notebook=notebook).status == "full"


def test_a_set_up_cell_may_import_what_answers_may_not(graded):
    notebook = master("assert f(2) == 2 and Adam")
    notebook.cells[0].source = "from lsml_core.optimization.steps import Adam\n" + SETUP
    assert graded("def f(x): return np.abs(x)", notebook=notebook).status == "full"
    hidden = graded("def f(x): return Adam", notebook=notebook)
    assert hidden.message == "NameError: name 'Adam' is not defined"


def test_a_release_does_not_tell_what_a_set_allows():
    notebook = master("f(1)", answer="### BEGIN SOLUTION\nf = 1\n### END SOLUTION", answers_may_import=["x"])
    assert "lsml" not in release.student_version(notebook).metadata


def test_a_set_without_the_line_for_the_students_name_is_refused():
    notebook = master("f(1)")
    notebook.cells[0].source = "STUDENT = 'Ada'"
    with examiner(Master(notebook)) as examine, pytest.raises(ValueError, match="STUDENT"):
        examine(Cells(()), Master(notebook), "Ada")


# --- lost from outside, or to time that the answer did not use ---

SLOW = """if True:
    import time
    def f(x):
        t = time.process_time()
        while time.process_time() - t < 0.05: pass
        return x
"""


def kill_workers(sandbox, monkeypatch, times, number=signal.SIGKILL, of=lambda worker: worker.watch.pid):
    """The next `times` workers get a signal in the middle of their first call."""
    original, killed = WorkerHandle.ask, []

    def ask(worker, computing, waiting, verb, *words):
        if verb == "call" and len(killed) < times:
            killed.append(of(worker))
            threading.Timer(0.02, os.kill, (killed[-1], number)).start()
        return original(worker, computing, waiting, verb, *words)

    monkeypatch.setattr(WorkerHandle, "ask", ask)
    return killed


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_is_killed_from_outside_costs_no_points(sandbox, graded, monkeypatch, number, times):
    killed = kill_workers(sandbox, monkeypatch, times, number)
    check = "credit(3, lambda: returns(f, {'x': 1.0}, 1.0), lambda: f(2), seen=VISIBLE_PASSED)"
    assert graded(SLOW, check).status == "full"
    assert len(killed) == times


def test_a_room_that_is_killed_costs_no_points(sandbox, graded, monkeypatch):
    killed = kill_workers(sandbox, monkeypatch, 1, of=lambda worker: worker.server.process.pid)
    assert graded(SLOW, "assert f(1) == 1").status == "full"
    assert killed


def test_what_is_killed_again_and_again_is_nobodys_grade(sandbox, graded, monkeypatch):
    kill_workers(sandbox, monkeypatch, 9)
    with pytest.raises(Disturbed, match="ended from outside"):
        graded(SLOW, "credit(3, lambda: f(1), lambda: f(2), seen=VISIBLE_PASSED)")


def test_a_worker_that_was_stopped_for_a_while_answers_all_the_same(sandbox, graded, monkeypatch):
    stopped = kill_workers(sandbox, monkeypatch, 1, signal.SIGSTOP)
    threading.Timer(2 * SMALL.idle, lambda: os.kill(stopped[0], signal.SIGCONT)).start()
    assert graded(SLOW, "assert f(1) == 1").status == "full"


def test_a_worker_that_stays_stopped_is_replaced(graded, sandbox, monkeypatch):
    monkeypatch.setattr(sandbox, "limits", replace(SMALL, wait=0.3))
    stopped = kill_workers(sandbox, monkeypatch, 1, signal.SIGSTOP)
    assert graded(SLOW, "assert f(1) == 1").status == "full"
    assert stopped


EXPERIMENT = """if True:
    import time
    t = time.process_time()
    while time.process_time() - t < 0.4: pass
"""


def test_experiments_take_no_time_from_the_answers(graded):
    limits = {"own_cell": 1, "own_total": 9, "total": 1}
    notebook = master("assert f(1) == 1", limits=limits)
    with examiner(Master(notebook), limits=SMALL) as examine:
        question = questions_of(examine, HONEST, notebook=notebook, extra=[EXPERIMENT] * 4)
    assert (question.status, question.review) == ("full", "")


@pytest.mark.parametrize("limits", [{"own_cell": 0.2}, {"own_total": 0.6}])
def test_points_that_are_lost_after_experiments_ran_out_of_time_are_not_final(graded, limits):
    notebook = master("assert f(1) == 1", limits=limits)
    extra = [EXPERIMENT, EXPERIMENT, f"{EXPERIMENT}\n    def g(x): return x"]
    with examiner(Master(notebook), limits=SMALL) as examine:
        question = questions_of(examine, "def f(x): return g(x)", notebook=notebook, extra=extra)
        honest = questions_of(examine, HONEST, notebook=notebook, extra=extra)
    assert question.earned == 0
    assert "ran out of time" in question.review
    assert "A cell that you added" in question.message
    assert (honest.status, honest.review) == ("full", "")


def test_a_cell_above_the_first_answer_is_named_where_it_is_missed():
    cells = Cells(
        (
            Cell("extra", "e", "notes = open('my_notes.txt').read()\ndef g(x): return x"),
            Cell("answer", "f", "def f(x): return g(x)"),
        )
    )
    notebook = master("assert f(1) == 1")
    with examiner(Master(notebook)) as examine:
        (question,) = examine(cells, Master(notebook), "Ada")
    assert "my_notes.txt" in question.message
    assert "the grader has the notebook alone" in question.message


def test_a_helper_below_a_hidden_import_is_there(graded):
    extra = ["from lsml_core.optimization.steps import Adam\nimport not_there\ndef g(x): return x"]
    assert graded("def f(x): return g(x)", "assert f(1) == 1", extra=extra).status == "full"
    question = graded("def f(x): return Adam(x)", "assert f(1) == 1", extra=extra)
    assert "A cell that you added raised ModuleNotFoundError" in question.message


@pytest.mark.parametrize("level", ["1", "2"])
def test_assertions_of_a_check_count_whatever_python_was_told(level):
    code = """if True:
        from courseware.grading.examine.examiner import run_cell
        try: run_cell("assert 1 == 2, 'wrong'", {})
        except AssertionError: print("held")
        print(run_cell("def f():\\n  'law'\\nf.__doc__", {}))
    """
    environment = os.environ | {"PYTHONOPTIMIZE": level}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=sets.ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["held", "law"], done.stderr


def test_memory_of_a_check_is_bounded(graded):
    source = "import numpy as np\ndef f(g): return g(np.zeros((3_000_000, 1), bool))"
    question = graded(source, "call(f, {'g': lambda x: (x + np.zeros(100)).sum()})")
    assert "MemoryError" in question.message
    assert graded("def f(x): return x", "assert f(np.ones(1_000_000)).sum() == 10**6").status == "full"


# --- records ---


def test_reports_survive_json():
    states = itertools.product((None, 0, 1.5), (None, True), ("full", "to be read"))
    questions = tuple(Question(f"q{i}", 2, e, s, "why", v) for i, (e, v, s) in enumerate(states))
    report = Report("01", "Ada", questions, ("a remark",), ("a reason",))
    assert Report.from_json(report.to_json()) == report
