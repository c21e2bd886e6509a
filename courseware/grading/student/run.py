"""The child of `lsml check`: runs a notebook's cells in order, as a restarted kernel would.

    stdin     JSON list of (id, source)
    stdout    after each cell a line of JSON: id, printed, error (null, or its type, text and missing name)

Nothing is protected here: it is the student's own machine and code.
"""

import contextlib
import io
import json
import os
import sys
from types import ModuleType
from typing import Any, TextIO

from courseware.grading.inside.worker import execute, parsed

CHARACTERS = 20_000  # of what a cell printed


def main() -> None:
    cells = json.load(sys.stdin)
    answers = _take_stdout()
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    for name, source in cells:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            error = _run(source, name, vars(module))
        said = {"id": name, "printed": printed.getvalue()[:CHARACTERS], "error": error}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _run(source: str, name: str, namespace: dict[str, Any]) -> dict[str, Any] | None:
    try:
        execute(parsed(source, f"<{name}>"), f"<{name}>", namespace)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a cell that calls exit() must not end the check
        missing = error.name if isinstance(error, NameError) else None
        return {"type": type(error).__name__, "text": str(error)[:2000], "missing": missing}
    return None


def _take_stdout() -> TextIO:
    """What the cells print below Python's own streams goes nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


if __name__ == "__main__":
    main()
