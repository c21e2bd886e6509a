"""What makes the algorithms of this topic fast: code compiled by numba, for threads on shared memory.

Each kernel equals a plain form that the tests compare it with:

    sgd                 `hogwild.hogwild_step_`               local_sgd        `federated.local.client_update`
    simulation          `staleness.replay`                    conflict_graph   `conflicts.plain_degrees`
    matrix_completion   `matrix_completion.rating_step_`      atomics          atomic operations and locks

Importing any of them imports numba, so `lsml_core.parallel` imports them only where they are called.
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
