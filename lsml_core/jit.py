"""Loops that numpy has no words for: written in Python, compiled by numba, free of Python's global lock."""

import inspect
from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable, version: str = "") -> Any:
    """Compiled at the first call, and kept on disk where there is a place for it.

    numba notices a change in the file of a function, but not in those that it calls: give a `version` that
    changes with them.
    """
    function = inspect.unwrap(function)  # of the shape checks that tests add, which numba cannot read
    function.__qualname__ += version
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}  # division by 0 gives inf
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder
        return njit(**options)(function)
