from importlib import metadata
from pathlib import Path

import pytest
from helpers import ROOT
from packaging.requirements import Requirement

from courseware import cli, installation


def test_this_environment_lacks_nothing():
    assert installation.missing() == []
    assert installation.report().startswith("Everything the course needs is installed")


@pytest.fixture
def requirements(monkeypatch):
    def require(*lines):
        monkeypatch.setattr(metadata, "requires", lambda _: [*lines])

    return require


def test_a_missing_package_and_a_wrong_version_are_named_in_one_line(requirements):
    requirements("no-such-package>=1", "numpy<1", "pytest")
    line = installation.report()
    assert line.startswith(f"MISSING: no-such-package>=1, numpy<1 (found {metadata.version('numpy')}).")
    assert "python3 course.py lab" in line
    assert "\n" not in line


def test_what_only_graders_need_is_not_missed(requirements):
    requirements('no-such-package; extra == "grade"', 'other; python_version < "3"')
    assert installation.missing() == []


def test_optional_programs_are_named_with_what_goes_without_them(monkeypatch):
    monkeypatch.setattr(installation.shutil, "which", lambda _: None)
    assert "chromium not found: tests that drive a browser are skipped" in installation.report()


def test_extras_named_here_exist():
    extras = metadata.metadata("lsml_core").get_all("Provides-Extra")
    assert set(installation.EXTRAS) <= set(extras)
    assert all(Requirement(line) for line in metadata.requires("lsml_core"))


def test_work_in_another_checkout_than_the_imported_one_is_refused(tmp_path):
    inside = tmp_path / "lectures" / "src"
    inside.mkdir(parents=True)
    for place in (tmp_path, inside):
        with pytest.raises(ValueError, match="the active environment runs the copy in"):
            installation.require_checkout(ROOT, place)
    installation.require_checkout(ROOT, ROOT / "lectures" / "src")
    installation.require_checkout(ROOT, Path(tmp_path.anchor))  # outside of any checkout


@pytest.mark.parametrize("command", ["lab", "test", "build", "release", "site", "present"])
def test_commands_of_a_checkout_ask_first(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "lectures" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert cli.main([command]) == 2
    assert "is one copy of the course" in capsys.readouterr().err
