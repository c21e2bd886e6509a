"""Loops that threads run on shared memory, compiled by numba.

`atomics` is what a processor does in one piece, `sgd` the linear models, `factors` matrix completion,
`graph` a count. Importing any of them imports numba; `lsml_core.parallel` does so where one is called.
"""

import hashlib
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from numba.extending import intrinsic

from lsml_core import jit

_HERE = Path(__file__).parent
_SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.with_name("linear.py")]
_DIGEST = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:8]

compiled = partial(jit.compiled, version=f"-{_DIGEST}")  # they call each other, across files


def instruction(function: Callable) -> Any:
    """What compiled code calls to get the processor instructions that `function` writes down."""
    return intrinsic(inspect.unwrap(function))
