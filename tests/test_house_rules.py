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


PERCENT_FORMAT = re.compile(r":[^{}:\s]*\.?\d*%\}")
"""A format such as `.1%`: it prints "12.3%", without the space."""
PERCENT_WITHOUT_SPACE = re.compile(r"(?<![:\w.-])(?<!: )\d[\d.,]*%(?!\w)")
"""`12%` in a text, and not the `width: 100%` of a style sheet."""


def test_every_printed_percentage_has_its_space():
    """Written "12 %": by `percentage(share)`, or `{100 * share:.0f} %` where no picture is imported."""
    files = run("git", "ls-files", "-z", "*.py", "*.ipynb")[1].split("\0")
    shown = [f for f in files if f and not f.startswith("tests/") and (ROOT / f).exists()]
    texts = {f: (ROOT / f).read_text() for f in shown}
    assert not [f for f, text in texts.items() if PERCENT_FORMAT.search(text)]
    sets = {f: text for f, text in texts.items() if f.startswith(("solutions/", "lectures/src/"))}
    assert sets
    assert not [f for f, text in sets.items() if PERCENT_WITHOUT_SPACE.search(text)]


@pytest.mark.parametrize("text", ["{share:.0%}", "{value:8.1%}", "{np.mean(row):>7.2%}", "{share:%}"])
def test_a_format_without_the_space_is_found(text):
    assert PERCENT_FORMAT.search(text)


def test_a_percentage_without_the_space_is_found_and_a_style_is_not():
    for text in ("at most 60% are", "in 12.5%.", "(7%)"):
        assert PERCENT_WITHOUT_SPACE.search(text), text
    for text in ("60 % are", 'style="max-width:100%"', "width: 100%", "%%capture"):
        assert not PERCENT_WITHOUT_SPACE.search(text), text


def test_ci_runs_the_command_of_the_readme():
    command = "python3 course.py test"
    assert command in (ROOT / "README.md").read_text()
    assert f"exec {command}" in (ROOT / ".ci" / "run").read_text()
