from importlib import metadata

import pytest
from packaging.requirements import Requirement

from courseware import installation


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
