"""A conversation between two processes over one pipe: either side asks, and may be asked while it waits.

    message    a tuple, as the codec writes it, behind its length (4 bytes)
        ("ask", verb, …)             please do this
        ("value", value, …)          done, here is the result
        ("error", type, text)        that raised
    serve      (verb, …) -> tuple    what this side does for the other; an exception becomes an "error"
    wait       called before each read of the pipe, and when it is full; raises when the time is up

Calls nest: a function of the answer calls back a gradient of the check, which may call the answer again.
Everything that arrives is checked; ChannelError (the other side is gone, or talks nonsense) ends the
conversation.
"""

import contextlib
import os
import time
from collections.abc import Callable
from typing import Any

from .codec import BYTES, CodecError, Reference, decode, encode

CHUNK = 1 << 18
NESTED = 16
"""Most calls within calls."""
TEXT = 2000
"""Longest error text that is passed on."""

Wait = Callable[[bool], None]


class ChannelError(Exception):
    """The conversation is over: the other side ended, or broke the rules."""


class Gone(ChannelError):
    """The other side ended."""


class Raised(Exception):
    """The other side raised an error: its type's name, and its text."""

    def __init__(self, type: str, text: str) -> None:
        super().__init__(f"{type}: {text}")
        self.type, self.text = type, text


def _nothing(writing: bool) -> None:  # noqa: ARG001 - the shape of a Wait
    return


class Channel:
    """One end of the pipe `fd`; `refer` and `resolve` are the codec's."""

    def __init__(
        self,
        fd: int,
        serve: Callable[..., tuple[Any, ...]],
        refer: Callable[[Any], Reference],
        resolve: Callable[[Reference], Any],
        wait: Wait = _nothing,
    ) -> None:
        self.fd, self.serve, self.refer, self.resolve, self.wait = fd, serve, refer, resolve, wait
        self.reading = 0.0  # seconds of this thread's computing that went into reading messages
        self.nested, self.unread = 0, bytearray()

    def ask(self, *request: Any) -> tuple[Any, ...]:
        """What the other side answers. Raised if that is an error."""
        self._send(encode(("ask", *request), self.refer))
        while True:
            match self._receive():
                case ("value", *values):
                    return tuple(values)
                case ("error", str(type), str(text)):
                    raise Raised(type[:100], text[:TEXT])
                case ("ask", *asked):
                    self._answer(asked)
                case _:
                    raise ChannelError("expected a reply")

    def silent(self) -> bool:
        """Whether the other side has said nothing since its last answer. The pipe must not block."""
        if not self.unread:
            with contextlib.suppress(OSError):
                self.unread += os.read(self.fd, 1)
        return not self.unread

    def serve_next(self) -> None:
        """Wait for one request and answer it."""
        match self._receive():
            case ("ask", *asked):
                self._answer(asked)
            case _:
                raise ChannelError("expected a request")

    def _answer(self, asked: list[Any]) -> None:
        self.nested += 1
        if self.nested > NESTED:
            raise ChannelError(f"more than {NESTED} calls within calls")
        try:
            data = encode(("value", *self.serve(*asked)), self.refer)
        except ChannelError:
            raise
        except Exception as error:
            data = encode(("error", type(error).__name__, text_of(error)))
        finally:
            self.nested -= 1
        self._send(data)

    def _send(self, data: bytes) -> None:
        rest = memoryview(len(data).to_bytes(4, "big") + data)
        while rest:
            try:
                rest = rest[os.write(self.fd, rest[:CHUNK]) :]
            except BlockingIOError:
                self.wait(True)
            except OSError as error:
                raise Gone("the other side is gone") from error

    def _receive(self) -> tuple[Any, ...]:
        size = int.from_bytes(self._read(4), "big")
        if size > BYTES:
            raise ChannelError(f"a message of {size} bytes; at most {BYTES} are read")
        data, began = self._read(size), time.thread_time()
        try:
            message = decode(data, self.resolve)
        except CodecError as error:
            raise ChannelError(f"a message that is not plain data: {error}") from error
        finally:
            self.reading += time.thread_time() - began
        if not isinstance(message, tuple):
            raise ChannelError("expected a tuple")
        return message

    def _read(self, size: int) -> bytes:
        while len(self.unread) < size:
            self.wait(False)
            try:
                part = os.read(self.fd, CHUNK)
            except OSError as error:
                raise Gone("the other side is gone") from error
            if not part:
                raise Gone("the other side is gone")
            self.unread += part
        data, self.unread = self.unread[:size], self.unread[size:]
        return bytes(data)


def text_of(error: BaseException) -> str:
    """The error's text and its notes, cut; an error whose own `__str__` fails has none."""
    try:
        return "; ".join([str(error)[:TEXT], *getattr(error, "__notes__", ())])[:TEXT]
    except Exception:
        return ""
