"""The launcher: which environment it takes, what it refuses to install. Nothing is installed here."""

import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_launcher_needs_only_the_standard_library():
    isolated = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import course",
    ]
    assert subprocess.run(isolated, check=False).returncode == 0


def test_an_unknown_command_is_answered_with_the_known_ones():
    answer = subprocess.run(
        [sys.executable, "-m", "lsml_core.cli", "dance"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "lab" in answer.stderr
    assert "test" in answer.stderr
