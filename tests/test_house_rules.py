"""The project's own rules, checked by the tools that know them."""

import json
import re
import subprocess
import sys
import tokenize
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


def undefined_names(folder):
    """Names that no module of the folder defines, but for axis names of jaxtyping, which are in strings."""
    words = ["check", "--select", "F821", "--output-format", "json", "--no-cache", str(folder)]
    for found in json.loads(run(tool("ruff"), *words)[1]):
        if Path(found["filename"]).suffix == ".py":
            place = found["location"]["row"], found["location"]["column"] - 1
            with tokenize.open(found["filename"]) as file:
                tokens = [*tokenize.generate_tokens(file.readline)]
            strings = (t for t in tokens if t.type == tokenize.STRING and "f" not in t.string.split('"')[0])
            if not any(t.start <= place < t.end for t in strings):
                yield found["message"]


@pytest.mark.parametrize("folder", ["lsml_core", "courseware", "tests", "benchmarks", "docs", "examples"])
def test_every_name_is_defined(folder):
    """The linter and the type checker leave this to us: both would take the axes in "n d" for names."""
    assert not [*undefined_names(ROOT / folder)]


def test_an_undefined_name_is_found_and_an_axis_is_none(tmp_path):
    lines = (
        "from jaxtyping import Float",
        "from numpy import ndarray",
        'def f(x: Float[ndarray, "n d"]) -> str:',
        '    return f"{pick(x)}" + str(draw(x))',
    )
    (tmp_path / "module.py").write_text("\n".join(lines))
    assert [*undefined_names(tmp_path)] == ["Undefined name `pick`", "Undefined name `draw`"]


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
