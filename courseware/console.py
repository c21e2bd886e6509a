"""What commands share when they talk to a person: words in, lines out, and an end.

Parser     a command's words; a wrong one is answered in one line
streams    stdout and stderr that can always be written to, whatever they are
stopping   Ctrl-C, a closed terminal and `kill` all stop a command in the same way
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

STOPPED = 130
"""Exit code of a command that a person stopped."""


class Parser(argparse.ArgumentParser):
    """A parser whose help keeps its lines, and whose errors are one line."""

    def __init__(self, prog: str, description: str, **words: Any) -> None:
        super().__init__(
            prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter, **words
        )

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows how\n")


# --- streams ---


class Stream:
    """A text stream that goes on in silence when nobody can read it any more: its work matters more."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with self._silent():
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._silent():
            self.stream.flush()

    @contextlib.contextmanager
    def _silent(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):  # a full disk, a pipe that nobody reads; a closed file
            with contextlib.suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self.stream.fileno())  # what waits in the buffer has a place to go
                os.close(null)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def streams() -> None:
    """Make stdout and stderr of this process safe to write to: closed, full, or of a narrow encoding."""
    for number in range(3):  # else the next file that is opened would get what is meant for a closed one
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name) or open(number, "w", closefd=False)  # noqa: SIM115 - until the end
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, Stream(stream))


# --- the end ---


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """KeyboardInterrupt at the first signal that asks to stop; later ones do not disturb the tidying up."""
    numbers = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
    numbers = [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]  # nohup

    def stop(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    outer = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in outer.items():
            signal.signal(number, handler)
