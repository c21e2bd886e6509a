"""The project's own rules, checked by the tools that know them."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from helpers import ROOT
from packaging.requirements import Requirement

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIP_ONLY = {"fsrs"}
"""Not on conda-forge: pip installs it with the course itself."""
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib", "playwright-python": "playwright"}


def run(*words):
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def tool(name):
    """A console script of this environment."""
    return str(Path(sys.executable).with_name(name))


@pytest.mark.parametrize(
    "command",
    [["ruff", "check"], ["ruff", "format", "--check"], ["lint-imports"], ["basedpyright"]],
    ids=" ".join,
)
def test_the_tools_have_no_complaint(command):
    code, output = run(tool(command[0]), *command[1:])
    assert code == 0, output


def of_pyproject():
    extras = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + extras["lab"] + extras["test"] + extras["grade"]
    return {r.name: r.specifier for r in map(Requirement, lines) if r.name not in PIP_ONLY}


def of_conda():
    """pip's own entries (the course itself) and Python are left out."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    found = {r.name: r.specifier for r in (Requirement(d) for d in listed if isinstance(d, str))}
    return {
        CONDA_NAMES.get(name, name): spec for name, spec in found.items() if name not in ("python", "pip")
    }


def test_conda_and_pip_install_the_same_packages_in_the_same_versions():
    assert of_conda() == of_pyproject()


def test_conda_takes_the_cpu_build_and_the_course_last():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert any(str(d).startswith("pytorch-cpu") for d in listed)
    assert listed[-1] == {"pip": ["--editable ."]}


@pytest.mark.parametrize(
    "room", ["lsml_core.optimization", "lsml_core.submodular", "courseware.grading.checks"]
)
def test_a_topic_without_networks_starts_at_once(room):
    """No torch and no matplotlib; the time itself is measured by benchmarks/import_time.py."""
    heavy = f"import sys, {room}; print({{'torch', 'matplotlib', 'IPython'}} & set(sys.modules))"
    assert run(sys.executable, "-c", heavy) == (0, "set()\n")


def test_no_file_names_a_folder_of_one_machine():
    tracked = run(
        "git", "ls-files", "*.py", "*.md", "*.toml", "*.yml", "*.ipynb", "*.js", "*.css", ".ci/run"
    )[1].split()
    pattern = re.compile(r"/(home|root|work|Users)/\w")
    assert not [f for f in tracked if (ROOT / f).exists() and pattern.search((ROOT / f).read_text())]


def test_ci_runs_the_command_of_the_readme():
    command = "python3 course.py test"
    assert command in (ROOT / "README.md").read_text()
    assert f"exec {command}" in (ROOT / ".ci" / "run").read_text()
