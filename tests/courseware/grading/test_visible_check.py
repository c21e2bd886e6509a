"""`lsml check`: what holds, what breaks, and the usual mistakes by name."""

import json
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from helpers import ROOT

from courseware import cli
from courseware.grading import release
from courseware.grading.credit import VISIBLE_PASSED
from courseware.grading.sandbox.limits import Limits
from courseware.grading.sandbox.sandbox import NoSandbox, reason_against
from courseware.grading.student import check as visible_check
from courseware.grading.student.check import check

EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
QUICK = Limits(call=0.3, cell=0.5, own_cell=0.5, total=4, idle=0.6)
needs_sandbox = pytest.mark.skipif(bool(reason_against()), reason=f"no sandbox here: {reason_against()}")
RIGHT = {
    "squared_distance": "def squared_distance(a, b):\n    return ((a - b) ** 2).sum()",
    "clip_gradient": "def clip_gradient(g, limit):\n    return g / max(1, np.linalg.norm(g) / limit)",
}


@pytest.fixture
def notebook(tmp_path):
    """Check exercise set 00 with these answers and with more cells at its end."""

    def write(answers, *more, releases=EXERCISES, name="ada.ipynb"):
        plain = json.loads(EXERCISES[0].read_text())
        for cell in plain["cells"]:
            cell["source"] = answers.get(cell["id"], cell["source"])
        code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        plain["cells"] += [code | {"id": f"own{i}", "source": source} for i, source in enumerate(more)]
        path = tmp_path / name
        path.write_text(json.dumps(plain))
        return check(path, releases)

    return write


@pytest.mark.parametrize("releases", [EXERCISES, ()], ids=["with the release", "alone"])
def test_right_answers_pass_the_visible_checks_and_nothing_more_is_promised(notebook, releases):
    checked = notebook(RIGHT, releases=releases)
    assert checked.verdicts["squared_distance"] == checked.verdicts["clip_gradient"] == VISIBLE_PASSED
    assert checked.verdicts["what_checks_say"] == "read by a person"
    assert checked.passed
    assert checked.remarks == ()


def test_a_broken_law_is_shown_with_its_call(notebook):
    checked = notebook(RIGHT | {"squared_distance": "def squared_distance(a, b):\n    return (a - b).sum()"})
    assert (
        "3² + 4² = 25: squared_distance(a=np.array([0.0, 0.0]), b=np.array([3.0, 4.0])) returned -7"
        in checked.verdicts["squared_distance"]
    )
    assert checked.verdicts["clip_gradient"] == VISIBLE_PASSED
    assert not checked.passed


def test_a_stub_is_not_begun(notebook):
    checked = notebook({})
    assert {v for k, v in checked.verdicts.items() if k != "what_checks_say"} == {visible_check.NOT_BEGUN}
    assert not checked.passed


@pytest.mark.parametrize("question", ["squared_distance", "clip_gradient"])
def test_a_renamed_function_is_recognised(notebook, question):
    checked = notebook(RIGHT | {question: "def my_answer(*args):\n    return 1"})
    assert (
        checked.verdicts[question]
        == f"there is no `{question}`: was the function renamed, or its cell deleted?"
    )


def test_a_cell_that_only_works_in_another_order_is_named(notebook):
    uses = "def squared_distance(a, b):\n    return square(a - b).sum()"
    checked = notebook(RIGHT | {"squared_distance": uses}, "def square(x):\n    return x * x")
    assert "`square` is defined only further down" in checked.verdicts["squared_distance"]
    checked = notebook(RIGHT | {"squared_distance": uses})
    assert "No cell defines `square`" in checked.verdicts["squared_distance"]


def test_an_answer_that_is_no_python_is_shown_at_its_question(notebook):
    checked = notebook(RIGHT | {"squared_distance": "def squared_distance(a, b:\n    return 0"})
    assert checked.verdicts["squared_distance"].startswith("its cell fails: SyntaxError")
    assert checked.verdicts["clip_gradient"] == VISIBLE_PASSED


def test_what_an_answer_prints_is_no_part_of_its_verdict(notebook):
    noisy = "def squared_distance(a, b):\n    print('here', a)\n    return ((a - b) ** 2).sum()"
    checked = notebook(RIGHT | {"squared_distance": noisy})
    assert checked.verdicts["squared_distance"] == VISIBLE_PASSED
    assert checked.passed == notebook(RIGHT).passed


def test_a_sets_own_limits_are_those_of_the_check():
    """The release holds them: what a student is promised, and what the grader allows."""
    master = nbformat.v4.new_notebook(metadata={"lsml": {"limits": {"call": 7}, "answers_may_import": ["x"]}})
    given = nbformat.writes(release.student_version(master)).encode()
    assert visible_check._limits(given) == replace(visible_check.LIMITS, call=7)
    assert json.loads(given)["metadata"]["lsml"] == {"limits": {"call": 7}}


def test_a_limit_in_bytes_stays_a_whole_number_of_bytes():
    """The kernel takes no fractions of a byte."""
    given = json.dumps({"metadata": {"lsml": {"limits": {"memory": 3 << 30}}}}).encode()
    assert type(visible_check._limits(given).memory) is int


@pytest.mark.parametrize(
    "metadata", [{}, {"lsml": []}, {"lsml": {"limits": 3}}, {"lsml": {"limits": {"call": "x", "no": 1}}}]
)
def test_limits_that_are_none_are_the_usual_ones(metadata):
    given = json.dumps({"metadata": metadata}).encode()
    assert visible_check._limits(given) == visible_check.LIMITS


def test_an_answer_that_does_not_come_back_is_named(notebook, monkeypatch):
    monkeypatch.setattr(visible_check, "LIMITS", QUICK)
    endless = "def squared_distance(a, b):\n    while True: pass"
    checked = notebook(RIGHT | {"squared_distance": endless})
    assert "used more than 0.3 s of computing time" in checked.verdicts["squared_distance"]
    assert checked.verdicts["clip_gradient"] == VISIBLE_PASSED
    assert checked.remarks == ()


def test_magics_prints_and_exits_do_not_end_the_check(notebook):
    noisy = "%matplotlib inline\n!ls\nprint('{')\n" + RIGHT["squared_distance"]
    checked = notebook(
        RIGHT | {"squared_distance": noisy}, "import os; os.write(1, b'noise')", "raise SystemExit(3)"
    )
    assert checked.verdicts["squared_distance"] == VISIBLE_PASSED
    assert checked.remarks == ("Your own cell `raise SystemExit(3)` fails: SystemExit: 3 (line 1)",)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("while True: pass", "TimeoutError: used more than 0.5 s of computing time"),
        ("import os; os._exit(0)", "ProcessEnded: ended its process"),
    ],
)
def test_a_cell_that_does_not_come_back_is_named_and_the_rest_still_shown(notebook, monkeypatch, cell, why):
    monkeypatch.setattr(visible_check, "LIMITS", QUICK)
    checked = notebook(RIGHT, cell)
    assert checked.verdicts["squared_distance"] == checked.verdicts["clip_gradient"] == VISIBLE_PASSED
    assert checked.remarks == (f"Your own cell `{cell}` fails: {why}",)


FORBIDDEN = {
    "import subprocess; subprocess.run(['ls'])": "answers may not start processes",
    "from multiprocessing import Pool; Pool(2)": "answers may not start processes",
    "import os; os.fork()": "answers may not start processes",
    "import urllib.request; urllib.request.urlopen('http://example.org')": "answers have no network",
    "open('notes.txt').read()": "answers can read no files of yours",
    "import notes_of_mine": "only installed packages can be imported",
    "import lsml_core.optimization.steps": "the grader hides the parts of the course",
    "import time; time.sleep(9)": "did nothing for 0.6 s",
    "x = np.zeros(1 << 40)": "MemoryError",
}


@needs_sandbox
@pytest.mark.parametrize(("line", "why"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_what_the_grader_refuses_fails_here_too_and_is_named(notebook, tmp_path, monkeypatch, line, why):
    monkeypatch.setattr(visible_check, "LIMITS", QUICK)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "notes_of_mine.py").write_text("x = 1")
    checked = notebook(RIGHT | {"squared_distance": f"{line}\n{RIGHT['squared_distance']}"})
    assert why in checked.verdicts["squared_distance"]
    assert checked.verdicts["clip_gradient"] == VISIBLE_PASSED
    assert not checked.passed


@pytest.mark.parametrize("reason", ["", "no walls"])
def test_without_the_graders_process_the_checks_still_run_and_it_is_said(notebook, monkeypatch, reason):
    monkeypatch.setattr(visible_check, "reason_against", lambda: reason)
    assert bool(notebook(RIGHT).unchecked) == bool(reason)
    monkeypatch.setattr(visible_check.sandboxed, "run", no_sandbox)
    hidden = "from lsml_core.optimization.steps import Momentum\n" + RIGHT["clip_gradient"]
    checked = notebook(RIGHT | {"clip_gradient": hidden})
    assert checked.verdicts["squared_distance"] == VISIBLE_PASSED
    assert "the grader hides the parts of the course" in checked.remarks[0]
    assert "Not checked on this system" in str(checked)


def no_sandbox(*_):
    raise NoSandbox("none here")


def test_a_set_may_be_named_by_its_number(capsys):
    assert cli.main(["check", "00"]) == 1
    assert capsys.readouterr().out.startswith(str(EXERCISES[0]))


@pytest.mark.parametrize("releases", [EXERCISES, ()], ids=["with the release", "alone"])
def test_a_copied_cell_is_named(notebook, tmp_path, releases):
    notebook(RIGHT)
    plain = json.loads((tmp_path / "ada.ipynb").read_text())
    plain["cells"] += [cell for cell in plain["cells"] if cell["id"] == "squared_distance"]
    (tmp_path / "ada.ipynb").write_text(json.dumps(plain))
    checked = check(tmp_path / "ada.ipynb", releases)
    assert [r for r in checked.remarks if "answer cell squared_distance is there more than once" in r]
    assert checked.passed


def test_an_edited_check_is_not_what_counts(notebook):
    checked = notebook({"squared_distance_test": f"print({VISIBLE_PASSED!r})"})
    assert checked.verdicts["squared_distance"] == visible_check.NOT_BEGUN
    assert "squared_distance_test was edited; the original was used" in checked.remarks[0]


def test_a_file_that_is_no_notebook_is_explained(notebook, tmp_path):
    (tmp_path / "ada.py").write_text("import numpy\n")
    checked = check(tmp_path / "ada.py", EXERCISES)
    assert "a Python script, not a notebook" in checked.remarks[0]
    assert not checked.passed
    assert "names of notebooks end in .ipynb" in notebook(RIGHT, name="ada.json").remarks[0]
    assert (
        "no question of the course" in check(ROOT / "lectures" / "00_start_here.ipynb", EXERCISES).remarks[-1]
    )


def test_the_command_answers_in_words_and_by_its_exit_code(capsys, tmp_path):
    assert cli.main(["check", str(EXERCISES[0])]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{EXERCISES[0]}\n  squared_distance  not begun")
    with pytest.raises(SystemExit):
        cli.main(["check", "--help"])
    assert "Restart Kernel and Run All Cells" in capsys.readouterr().out


def test_checking_imports_neither_nbformat_nor_torch_nor_matplotlib():
    """They take seconds; a check is to be asked often."""
    heavy = (
        "import sys, courseware.grading.student.check, courseware.cli;"
        " print({'nbformat', 'torch', 'matplotlib', 'IPython'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n"
