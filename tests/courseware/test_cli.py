"""The launcher: which environment it takes, what it refuses to install. Nothing is installed here."""

import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from helpers import ROOT

from courseware import cli, console

sys.path.insert(0, str(ROOT))
import course


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A launcher whose folder, environment and installations are its own and harmless."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(course, "STAMP", tmp_path / ".venv" / "course.stamp")
    monkeypatch.setattr(course, "PYTHON", Path(sys.executable))
    (tmp_path / ".venv").mkdir()
    return tmp_path


def installs(monkeypatch):
    done = []
    monkeypatch.setattr(course, "install", lambda: done.append(1))
    return done


def test_an_environment_is_made_once_and_again_when_pyproject_changes(checkout, monkeypatch):
    done = installs(monkeypatch)
    course.own_environment()
    course.own_environment()
    assert len(done) == 1
    (checkout / "pyproject.toml").write_text("[project] # changed")
    course.own_environment()
    assert len(done) == 2


def test_an_interrupted_installation_is_begun_again(checkout, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        course.own_environment()
    done = installs(monkeypatch)
    course.own_environment()
    assert done


def fake_plans(monkeypatch, *plans):
    """Each plan a Python one-liner; `--dry-run` arrives as its last word."""
    commands = [[sys.executable, "-c", code] for code in plans]
    monkeypatch.setattr(course, "plans", lambda: commands)


CUDA = "print('Would install nvidia-cublas torch')"


def installing(name):
    return f"import sys, pathlib; '--dry-run' in sys.argv or pathlib.Path('{name}').touch()"


def test_a_plan_that_brings_cuda_is_passed_over(checkout, monkeypatch, capsys):
    monkeypatch.setattr(course, "has_gpu", lambda: False)
    fake_plans(monkeypatch, CUDA, installing("done"))
    course.install()
    assert (checkout / "done").exists()
    assert "would download CUDA" in capsys.readouterr().out


def test_cuda_is_never_installed_without_a_gpu(checkout, monkeypatch):
    monkeypatch.setattr(course, "has_gpu", lambda: False)
    fake_plans(monkeypatch, CUDA, CUDA)
    with pytest.raises(SystemExit, match="No installation plan worked"):
        course.install()


def test_the_first_plan_that_works_is_taken(checkout, monkeypatch):
    monkeypatch.setattr(course, "has_gpu", lambda: False)
    fake_plans(monkeypatch, "raise SystemExit('no network')", installing("second"), installing("third"))
    course.install()
    assert [p.name for p in checkout.iterdir() if p.name in ("second", "third")] == ["second"]


def test_extras_that_some_machines_cannot_have_are_asked_for_first_and_not_needed(monkeypatch):
    """Each list of extras is tried in three ways: uv, uv with torch's CPU build, pip."""
    monkeypatch.setattr(course.shutil, "which", lambda *_, **__: "uv")
    asked = [next(word for word in plan if "[" in word).split("[")[1][:-1] for plan in course.plans()]
    assert asked == [extras for extras in course.EXTRAS for _ in range(3)]
    tried = [set(extras.split(",")) for extras in course.EXTRAS]
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert tried[0] == set(named)
    assert tried[0] - tried[1] == {"flower"}
    assert tried[2] == {"lab", "test", "grade"}


def test_the_launcher_needs_only_the_standard_library():
    isolated = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import course",
    ]
    assert subprocess.run(isolated, check=False).returncode == 0


def test_the_environment_of_another_copy_of_the_course_is_not_this_ones(checkout, monkeypatch, capsys):
    """It has everything, but would run the other copy's code: `checkout` is not where it imports from."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    (checkout / "courseware").mkdir()
    for name in ("__init__.py", "installation.py"):
        shutil.copy(ROOT / "courseware" / name, checkout / "courseware")
    assert course.active_environment() is None
    assert "using" in capsys.readouterr().out


def test_a_link_to_another_environment_is_not_installed_into(checkout, monkeypatch, tmp_path_factory):
    done = installs(monkeypatch)
    (checkout / ".venv").rmdir()
    (checkout / ".venv").symlink_to(tmp_path_factory.mktemp("other"))
    with pytest.raises(SystemExit, match="is a link to"):
        course.own_environment()
    assert not done


def test_an_environment_that_was_deleted_is_no_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "gone"))
    assert course.active_environment() is None


def test_an_unknown_command_is_answered_with_the_known_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["dance"])
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in cli.COMMANDS)


@pytest.fixture
def started(monkeypatch):
    """What `lsml` would start, instead of starting it."""
    calls = []
    monkeypatch.setattr(cli, "_run", lambda *words: calls.append(words) or 0)
    return calls


def test_words_after_the_command_reach_pytest_unchanged(started):
    cli.main(["test", "-k", "ravine", "tests/lsml_core/optimization/test_steps.py"])
    assert started == [("pytest", "-k", "ravine", "tests/lsml_core/optimization/test_steps.py")]


def test_lab_opens_the_first_page_or_the_one_that_is_named(started):
    cli.main(["lab"])
    page = "lectures/01_momentum_and_adaptive_steps.ipynb"
    cli.main(["lab", "--no-browser", "--port", "8890", page])
    assert started[0][-1].endswith("00_start_here.ipynb")
    assert started[1][-4:] == ("--no-browser", "--port", "8890", page)


def test_every_folder_of_the_course_can_be_reached_from_its_pages_in_lab(started, tmp_path):
    """Lab lists files below its root only, and that would be the folder of the page."""
    (tmp_path / "own.ipynb").touch()
    for page in (ROOT / "lectures" / "00_start_here.ipynb", tmp_path / "own.ipynb"):
        cli.main(["lab", str(page)])
    assert f"--ServerApp.root_dir={ROOT}" in started[0]
    assert not any("root_dir" in word for word in started[1])


@pytest.mark.parametrize("name", cli.COMMANDS)
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_every_command_has_a_help_that_shows_how_it_is_called(started, capsys, name, word):
    with pytest.raises(SystemExit) as stop:
        cli.main([name, word])
    assert (stop.value.code, started) == (0, [])
    said = capsys.readouterr().out
    assert said.startswith(f"usage: lsml {name} ")
    assert f"\n  lsml {name}" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "a command is missing"),
        (["dance"], "there is no command 'dance'"),
        (["--dance"], "the following arguments are required: command"),
        (["lab", "nowhere.ipynb"], "there is no notebook"),
        (["build", "99"], "no lecture begins with '99'"),
        (["build", "01", "x"], "no lecture begins with 'x'"),
        (["present", "99"], "no lecture begins with '99'"),
        (["present", "01", "05"], "unrecognized arguments: 05"),
        (["release", "99"], "no exercise set begins with '99'"),
        (["release", "--all"], "no exercise set begins with '--all'"),
        (["check"], "the following arguments are required: notebook"),
        (["check", "--all", "01"], "unrecognized arguments: --all"),
        (["grade"], "the following arguments are required: set, submissions"),
        (["grade", "01", ".", "--workers", "0"], "0 must be at least 1"),
        (["grade", "01", ".", "--workers", "two"], "invalid"),
        (["grade", "01", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_a_wrong_word_is_answered_in_a_line(started, capsys, words, why):
    try:
        code = cli.main(words)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert (code, said.out, started) == (2, "", [])
    assert why in said.err
    assert said.err.count("\n") == 1
    assert said.err.startswith("lsml")


def test_all_tests_are_the_usual_ones_and_the_slow_ones(started):
    cli.main(["test"])
    cli.main(["test", "--all"])
    assert set(started[1]) - set(started[0]) == {"--all"}


# --- signals, streams, and what lies in the current folder ---

needs_unix = pytest.mark.skipif(sys.platform == "win32", reason="signals and folders of Unix")
PLANT = "open('PLANTED', 'w').close()\n"


@needs_unix
def test_nothing_in_the_current_folder_is_imported(tmp_path):
    """It may hold submissions, and their names are the students' choice."""
    for name in ("tqdm", "argparse", "json", "numpy", "lsml_core", "multiprocessing", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(PLANT)
    words = "[sys.executable, *course.ALONE, '-m', 'courseware.cli', 'grade', '--help']"
    launch = f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); import course"
    launch += f"; course.run({words}, dict(os.environ))"
    environment = os.environ | {"PYTHONPATH": f":{tmp_path}:.", "PYTHONSTARTUP": str(tmp_path / "tqdm.py")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", launch], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.startswith("usage: lsml grade")
    assert not (tmp_path / "PLANTED").exists()


@needs_unix
def test_the_launcher_becomes_the_command_so_that_signals_reach_it():
    code = "import sys, os; sys.path.insert(0, %r); import course; print(os.getpid(), flush=True);"
    code += " course.run([sys.executable, '-c', 'import os; print(os.getpid())'], dict(os.environ))"
    done = subprocess.run([sys.executable, "-c", code % str(ROOT)], capture_output=True, text=True)
    before, after = done.stdout.split()
    assert before == after


SAYS = "import sys; from courseware import console; console.streams(); print('Ἀδα')"
SAYS += "; sys.stderr.write('Ἀδα'); print('x' * 10**5)"


@needs_unix
@pytest.mark.parametrize(
    "how", [">&- 2>&-", "> /dev/full 2> /dev/full", "| true", "<&- >&-", "2>&-", "< /dev/zero"]
)
def test_streams_that_nobody_can_read_stop_no_command(how):
    words = f"{sys.executable} -c \"{SAYS}; open('/dev/null').close(); print(open(0).fileno() == 0)\" {how}"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_narrow_encoding_stops_no_command():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", SAYS], cwd=ROOT, env=environment, capture_output=True)
    assert done.returncode == 0
    assert b"\\u1f08" in done.stdout


@needs_unix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_stop_is_one_interruption_and_further_ones_change_nothing(name):
    number = getattr(signal, name)
    with pytest.raises(KeyboardInterrupt), console.stopping():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(os.getpid(), again)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
