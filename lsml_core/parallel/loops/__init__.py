"""Loops that threads run on shared memory: compiled by numba, and free of Python's global lock.

`atomics` is what a processor does in one piece, `sgd` the linear models, `factors` matrix completion,
`graph` a count. Importing any of them imports numba; `lsml_core.parallel` does so where one is called.
"""

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit
from numba.extending import intrinsic

_HERE = Path(__file__).parent
_SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.with_name("linear.py")]
_DIGEST = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:8]


def compiled(function: Callable) -> Any:
    """Compiled at the first call, and kept on disk where there is a place for it.

    numba notices a change in the file of a function, but not in those it calls; so the name under which
    a function is kept says what all of them were.
    """
    function = inspect.unwrap(function)  # of the shape checks that tests add, which numba cannot read
    function.__qualname__ += f"-{_DIGEST}"
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}  # division by 0 gives inf
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder
        return njit(**options)(function)


def instruction(function: Callable) -> Any:
    """What compiled code calls to get the processor instructions that `function` writes down."""
    return intrinsic(inspect.unwrap(function))
