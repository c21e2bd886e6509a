"""The files that README and CONTRIBUTING send a reader to exist."""

import re

import pytest
from helpers import ROOT

TOP = "(lsml_core|courseware|tests|docs|lectures|solutions|benchmarks|examples)/"
CODE = re.compile(r"`([^`]+)`")


def found(path):
    """Whether a path exists; <topic>, NN, NAME and QUESTION stand for any name."""
    return any(ROOT.glob(re.sub(r"<\w+>|NN_\w+|NAME|QUESTION\w+", "*", path)))


def rows():
    """The second column of the table "you look for | open"."""
    table = (ROOT / "README.md").read_text().split("| you look for | open |\n")[1].split("\n\n")[0]
    return [line.split(" | ")[1].rstrip(" |") for line in table.splitlines()[1:]]


def paths_of(cell):
    """Files after a folder, as in `lsml_core/pruning/` `masks.py` · `scores.py`, are in it."""
    folder = ""
    for code in CODE.findall(cell):
        if re.match(TOP, code):
            folder = code if code.endswith("/") else ""
            yield code
        else:
            yield folder + code


@pytest.mark.parametrize("cell", rows())
def test_what_the_table_of_the_readme_says_to_open_exists(cell):
    paths = [*paths_of(cell)]
    assert paths
    assert not [path for path in paths if not found(path)]


def test_what_contributing_says_to_open_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = [code for code in CODE.findall(text) if re.fullmatch(rf"{TOP}[\w./<>]*", code)]
    assert len(paths) > 15
    assert not [path for path in paths if not found(path)]


@pytest.mark.parametrize("path", ["lsml_core/optimization/no_such.py", "courseware/plots/<topic>.txt"])
def test_a_file_that_is_not_there_is_noticed(path):
    assert not found(path)
