"""Files that are there as a whole or not at all, whatever ends the program that writes them."""

import contextlib
import os
from pathlib import Path

PARTIAL = ".{name}.{process}.partial"
"""How a file is called while it is written, beside its place."""


def write(path: Path, content: str | bytes) -> None:
    """Put `content`, text as UTF-8, at `path` in one move; missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(PARTIAL.format(name=path.name, process=os.getpid()))
    try:
        with partial.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # Windows cannot open a folder, and need not
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_partial(folder: Path) -> None:
    """Delete what killed runs left half written below `folder`; what a living process writes stays."""
    for path in folder.glob("**/.*.partial"):
        pid = path.name.split(".")[-2]
        if not (pid.isdecimal() and _runs(int(pid))):
            path.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
