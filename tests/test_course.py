"""The launcher: which environment it takes, what it refuses to install. Nothing is installed here."""

import subprocess
import sys
from pathlib import Path

import pytest

from lsml_core import cli

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import course  # noqa: E402 - the launcher is a file of the checkout, not of the package


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
    monkeypatch.setattr(course.shutil, "which", lambda *_, **__: "uv")
    words = [next(word for word in plan if "[" in word) for plan in course.plans()]
    assert [("flower" in word, "cluster" in word) for word in words] == [(True, True)] * 3 + [
        (False, False)
    ] * 3
    assert all("[lab,test,grade" in word for word in words)


def test_the_launcher_needs_only_the_standard_library():
    isolated = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import course",
    ]
    assert subprocess.run(isolated, check=False).returncode == 0


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
    cli.main(["test", "-k", "ravine", "tests/test_steps.py"])
    assert started == [("pytest", "-k", "ravine", "tests/test_steps.py")]


def test_lab_opens_the_first_page_or_the_one_that_is_named(started):
    cli.main(["lab"])
    cli.main(["lab", "--no-browser", "--port", "8890", "lectures/x.ipynb"])
    assert started[0][-1].endswith("00_start_here.ipynb")
    assert started[1][-4:] == ("--no-browser", "--port", "8890", "lectures/x.ipynb")


def test_every_folder_of_the_course_can_be_reached_from_its_pages_in_lab(started, tmp_path):
    """Lab lists files below its root only, and that would be the folder of the page."""
    for page in (ROOT / "lectures" / "00_start_here.ipynb", tmp_path / "own.ipynb"):
        cli.main(["lab", str(page)])
    assert f"--ServerApp.root_dir={ROOT}" in started[0]
    assert not any("root_dir" in word for word in started[1])
