"""A page shows the code that runs."""

import ast
import inspect
from importlib import import_module
from unittest.mock import patch

import nbformat
import pytest
from helpers import ROOT

from courseware.source import show_source, source_of
from lsml_core.optimization.steps import Momentum
from lsml_core.submodular.greedy import plain_greedy


def test_the_source_of_a_function_runs_and_is_that_function():
    text = source_of(plain_greedy)
    assert text.startswith("def plain_greedy(")
    original = inspect.unwrap(plain_greedy)
    names = dict(original.__globals__)
    exec(text, names)
    assert names["plain_greedy"].__code__.co_code == original.__code__.co_code


def test_a_method_is_shown_without_its_indentation():
    assert source_of(Momentum.step).startswith("def step(self")


def test_it_is_shown_as_python():
    shown = []
    with patch("IPython.display.display", shown.append):
        show_source(plain_greedy)
    assert shown[0].data.startswith("```python\ndef plain_greedy(")
    assert shown[0].data.endswith("\n```")


@pytest.mark.parametrize("thing", [len, 3])
@pytest.mark.own_checks
def test_what_has_no_source_is_refused(thing):
    with pytest.raises(ValueError, match="has no Python source"):
        show_source(thing)


def shown_sources():
    """(lecture, name, module, what the stored page shows) of every `show_source(name)` of the lectures."""
    for path in sorted((ROOT / "lectures").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code" or "show_source(" not in cell.source:
                continue
            body = ast.parse(cell.source).body
            imports = [node for node in body if isinstance(node, ast.ImportFrom)]
            module_of = {alias.name: node.module for node in imports for alias in node.names}
            names = [node.value.args[0].id for node in body if isinstance(node, ast.Expr)]
            outputs = [output.data["text/markdown"] for output in cell.outputs]
            for name, output in zip(names, outputs, strict=True):
                yield path.stem, name, module_of[name], output


SHOWN = [*shown_sources()]


def test_every_topic_shows_its_algorithms_in_their_plain_form():
    assert {lecture[:2] for lecture, *_ in SHOWN} == {f"{n:02}" for n in range(1, 12)}


@pytest.mark.parametrize(
    ("lecture", "name", "module", "output"), SHOWN, ids=[f"{s[0][:2]}-{s[1]}" for s in SHOWN]
)
def test_a_page_shows_todays_source(lecture, name, module, output):
    """`course.py build NN` was run after the last change of the function."""
    assert output == f"```python\n{source_of(getattr(import_module(module), name))}\n```", lecture
