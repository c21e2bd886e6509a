"""`lsml grade` from the words on the command line to the files, with the real examiner in its sandbox."""

import csv
import json
import shutil
import subprocess
import sys
import threading

import pytest
from helpers import ROOT

from courseware import cli
from courseware.grading import command
from courseware.grading.sandbox import sandbox

SET = "00_start_here"
WRONG = sorted((ROOT / "tests" / "exercises" / "wrong_answers" / SET).glob("*.py"))

needs_sandbox = pytest.mark.skipif(
    bool(sandbox.reason_against()), reason=f"no sandbox here: {sandbox.reason_against()}"
)


@pytest.fixture
def submissions(tmp_path):
    """Ada has solved the set, Bob not begun it, Eve's file is empty."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    shutil.copy(ROOT / "solutions" / f"{SET}.ipynb", folder / "ada.ipynb")
    shutil.copy(ROOT / "exercises" / f"{SET}.ipynb", folder / "bob.ipynb")
    (folder / "eve.ipynb").touch()
    return folder


def grade(submissions, *words):
    out = submissions.parent / "grades"
    return cli.main(["grade", "00", str(submissions), "--out", str(out), *words]), out


def grades(out):
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


@needs_sandbox
def test_a_folder_of_submissions_becomes_a_folder_of_grades(submissions, capsys):
    code, out = grade(submissions)
    assert code == 0
    assert grades(out) == {"ada": "6", "bob": "0", "eve": "0"}
    said = capsys.readouterr().out
    assert "3 graded, 0 unchanged" in said
    assert "1 to look at" in said
    assert "1 wait for a reader" in said
    files = {"canvas.csv", "gradescope.csv", "questions.csv", "questions.png", "questions.html"}
    assert files <= {path.name for path in out.iterdir()}
    assert grade(submissions) == (0, out)
    assert "0 graded, 3 unchanged" in capsys.readouterr().out


@needs_sandbox
def test_only_and_again_choose_what_is_graded(submissions, capsys):
    _, out = grade(submissions, "--only", "AD", "--workers", "1")
    assert grades(out) == {"ada": "6"}
    grade(submissions, "--only", "ada", "--again")
    assert "1 graded, 0 unchanged" in capsys.readouterr().out


@needs_sandbox
def test_no_hidden_test_is_in_a_student_s_page_though_it_says_what_broke(submissions):
    wrong = {path.name.split("__")[0]: path.read_text() for path in WRONG}
    notebook = json.loads((ROOT / "exercises" / f"{SET}.ipynb").read_text())
    for cell in notebook["cells"]:
        cell["source"] = wrong.get(cell["id"], cell["source"])
    (submissions / "bob.ipynb").write_text(json.dumps(notebook))
    _, out = grade(submissions)
    assert "returned" in (out / "feedback" / "bob.html").read_text()
    notebook = json.loads((ROOT / "solutions" / f"{SET}.ipynb").read_text())
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    hidden = [part.split("### END HIDDEN TESTS")[0] for part in text.split("### BEGIN HIDDEN TESTS")[1:]]
    lines = {line.strip() for part in hidden for line in part.splitlines() if len(line.strip()) > 12}
    pages = "".join(page.read_text() for page in (out / "feedback").iterdir())
    assert len(lines) > 5
    assert not [line for line in lines if line in pages]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["grade", "77", "{in}"], "'77' must be the beginning of one of"),
        (["grade", "0", "{in}"], "'0' must be the beginning of one of"),
        (["grade", "00", "{in}/gone"], "there is no folder"),
        (["grade", "00", "{in}", "--only", "zoe"], "no such student among 3"),
    ],
)
def test_what_cannot_be_graded_is_said_in_a_line(submissions, capsys, words, why):
    assert cli.main([word.replace("{in}", str(submissions)) for word in words]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


@needs_sandbox
def test_results_inside_the_folder_of_submissions_are_no_submission(submissions, monkeypatch, capsys):
    monkeypatch.chdir(submissions)
    for _ in range(2):
        assert cli.main(["grade", "00", ".", "--only", "eve"]) == 0
    assert "no such student" not in capsys.readouterr().err
    assert cli.main(["grade", "00", ".", "--only", "grades"]) == 2
    assert "no such student among 3" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Unix")
def test_two_runs_never_write_into_one_folder_at_once(tmp_path, capsys):
    """The second waits, says so, and goes on when the first has ended, however that ended."""
    holder = "import sys, time, pathlib; from courseware.grading.command import alone\n"
    holder += "with alone(pathlib.Path(sys.argv[1])): print('locked', flush=True); time.sleep(60)"
    words = [sys.executable, "-c", holder, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"locked\n"
        threading.Timer(0.5, first.kill).start()
        with command.alone(tmp_path):
            assert first.poll() is not None or first.wait(5)
    assert "another run writes to" in capsys.readouterr().err


@needs_sandbox
def test_results_of_two_sets_are_not_mixed(submissions, capsys):
    _, out = grade(submissions, "--only", "eve")
    assert cli.main(["grade", "01", str(submissions), "--out", str(out)]) == 2
    assert "holds results of 00_start_here" in capsys.readouterr().err


def test_without_a_sandbox_nothing_is_graded_unless_it_is_asked_for(submissions, capsys, monkeypatch):
    monkeypatch.setattr("courseware.grading.command.reason_against", lambda: "there are no walls")
    code, out = grade(submissions)
    assert (code, out.exists()) == (2, False)
    said = capsys.readouterr().err
    assert "there are no walls" in said
    assert "--unprotected" in said


def test_the_help_teaches_with_examples(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["grade", "--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert "lsml grade 01 submissions/ --only ada" in said
    assert "needs_a_person.csv" in said
