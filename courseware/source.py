"""The source of a function, shown on a page: what a reader sees is the code that runs."""

import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def show_source(function: Callable[..., Any] | type) -> None:
    """Display the source of a function or class of the course, docstring included, highlighted as Python.

    function: one that is written in Python, in a file. ValueError for any other, such as a built-in.
    """
    from IPython.display import Markdown, display  # lazy import: scripts need no IPython

    display(Markdown(f"```python\n{source_of(function)}\n```"))


def source_of(function: Callable[..., Any] | type) -> str:
    """The text of it, without the indentation of a method."""
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(function))).rstrip()
    except (OSError, TypeError) as error:
        raise ValueError(f"{function!r} has no Python source to show") from error
