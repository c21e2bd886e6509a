"""Ctrl-C that is not lost: Python drops the error where it arrives in the middle of a finalizer."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class Interruption:
    """Whether Ctrl-C was pressed while it was `noted`."""

    def __init__(self) -> None:
        self.seen = False

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Ctrl-C raises as ever, and is remembered. Only where this thread is the one that gets it."""
        self.seen, outer = False, signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(outer):
            yield
            return

        def note(number: int, frame: Any) -> None:
            self.seen = True
            outer(number, frame)

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, outer)

    def check(self) -> None:
        """KeyboardInterrupt if one was dropped."""
        if self.seen:
            raise KeyboardInterrupt
