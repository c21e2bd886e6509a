"""The bytes of a file that was handed in, or a sentence that says why it is not read.

content      path → bytes; regular files only, links are not followed, nothing blocks
fingerprint  path → sha256 of these bytes, or of the reason why there are none
Unreadable   its text is that sentence, for student and instructor
"""

import hashlib
import os
import stat
from pathlib import Path

MAX_FILE = 64 * 2**20


class Unreadable(ValueError):
    """There are no cells; the text is a sentence that says why."""


def content(path: Path) -> bytes:
    """The bytes of a regular file of at most `MAX_FILE`. Unreadable for anything else."""
    try:
        _check_regular(os.lstat(path), path)
        return _read(path)
    except Unreadable:
        raise
    except FileNotFoundError:
        raise Unreadable("There is no such file.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte in it
        raise Unreadable(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def fingerprint(path: Path) -> str:
    """Equal for two files that are read alike."""
    try:
        return hashlib.sha256(content(path)).hexdigest()
    except Unreadable as reason:
        return hashlib.sha256(f"unreadable: {reason}".encode()).hexdigest()


def _read(path: Path) -> bytes:
    """What was checked may have been replaced: opening neither follows a link nor waits for a pipe."""
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    with open(os.open(path, flags), "rb") as file:
        _check_regular(os.fstat(file.fileno()), path)
        return file.read(MAX_FILE)


def _check_regular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        saved = any((path / ".ipynb_checkpoints").glob("*.ipynb"))
        copy = " It holds a copy that Jupyter saved by itself, in .ipynb_checkpoints, which may be older."
        raise Unreadable(f"It is a folder without a notebook of this set.{copy if saved else ''}")
    if stat.S_ISLNK(status.st_mode):
        raise Unreadable("It is a link to another file; links are not followed.")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("It is a device or a pipe, not a file.")
    if status.st_size > MAX_FILE:
        raise Unreadable(f"{_too_large(status.st_size, MAX_FILE)} Clear the outputs and save it again.")


def _too_large(size: int, most: int) -> str:
    return f"It has {size / 1e6:.0f} MB, more than {most // 2**20} MB."
