"""A page shows the code that runs."""

import inspect
from unittest.mock import patch

import pytest

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
