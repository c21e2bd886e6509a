"""The parent of all workers, inside the sandbox: imports what answers use, then forks a worker a submission.

    control    socket to the grader: one request, one answer, each a line of JSON
        {"seconds": s} with one end of a channel    fork a worker that may compute for s seconds
        {"load": [modules]}                         import them
        {"end": true, "patience": s}                stop it after s seconds, and say how it ended
    clean      whether the worker left nothing in the room's only writable folder
    outside    whether it died of a signal that neither it nor this process sent (the kernel's out-of-memory
               killer, a person)

One worker at a time. This process runs no student's code and has never seen a test or another submission,
so neither has the worker that is forked from it. It ends when the grader hangs up, and the worker with it.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import time
import traceback
from collections.abc import Sequence
from typing import Any, TypedDict

from . import seccomp
from .worker import Worker

FILES = 1000
"""Most files in the room, which a limit on their size does not bound."""
CHANNEL = 3
"""The worker's only open file besides /dev/null."""


class Ended(TypedDict):
    """How a worker ended: the signal that it died of, seconds of computing; `clean`, `outside` as above."""

    signal: str
    seconds: float
    clean: bool
    outside: bool


class Settings(TypedDict):
    """What the grader says at the start; `walls` tells whether there is a sandbox around this process."""

    control: int
    preload: Sequence[str]
    memory: int
    disk: int
    open_files: int
    walls: bool


def main(settings: Settings) -> None:
    control = socket.socket(fileno=settings["control"])
    _load(settings["preload"])
    _say(control, ready=True)
    child = None
    while True:
        if child and not select.select([control], [], [], 0.1)[0]:
            child.watch(settings)
            continue
        data, channels, _, _ = socket.recv_fds(control, 4096, 1)
        request = json.loads(data) if data else {"end": True, "patience": 0}
        if "load" in request:
            _load(request["load"])
            _say(control, ready=True)
        elif "seconds" in request:
            child = _Child(channels[0], request["seconds"], settings)
            _say(control, pid=child.pid)
        elif child:
            ended, child = child.end(request["patience"]), None
            if data:
                _say(control, **ended)
        if not data:
            return


def _load(modules: Sequence[str]) -> None:
    for module in modules:
        importlib.import_module(module)
    for left in os.scandir("."):  # torch makes a folder for compiled code
        shutil.rmtree(left) if left.is_dir(follow_symlinks=False) else os.unlink(left)
    gc.collect()
    gc.freeze()  # pages that the workers share are not copied


def _say(control: socket.socket, **words: Any) -> None:
    control.sendall(json.dumps(words).encode() + b"\n")


class _Child:
    """The worker that runs now, and whether this process has killed it."""

    def __init__(self, channel: int, seconds: int, settings: Settings) -> None:
        self.seconds, self.killed = seconds, False
        self.pid = _fork(channel, seconds, settings)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.killed = True

    def watch(self, settings: Settings) -> None:
        """Stop a worker that fills the room with empty files."""
        if settings["walls"]:
            room = os.statvfs(".")
            if room.f_files - room.f_ffree > FILES:
                self.kill()

    def end(self, patience: float) -> Ended:
        deadline = time.monotonic() + patience
        while not (ended := os.wait4(self.pid, os.WNOHANG))[0]:
            if time.monotonic() > deadline:
                self.kill()
            time.sleep(0.001)
        _, status, used = ended
        died, seconds = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, used.ru_utime + used.ru_stime
        mine = self.killed or seconds >= self.seconds or not seccomp.supported()
        name = signal.Signals(died).name if died else ""
        outside = died in seccomp.OUTSIDE and not mine
        return {"signal": name, "seconds": seconds, "clean": _is_clean(), "outside": outside}


def _fork(channel: int, seconds: int, settings: Settings) -> int:
    child = os.fork()
    if child:
        os.close(channel)
        return child
    try:
        _confine(channel, seconds, settings)
        os.write(CHANNEL, b"\0")
        Worker(CHANNEL).work()
    except BaseException:
        traceback.print_exc()  # why it could not be confined; later nobody can read what it prints
    finally:
        os._exit(0)


def _is_clean() -> bool:
    try:
        return not os.listdir(".")
    except OSError:  # the worker forbade it
        return False


def _confine(channel: int, seconds: int, settings: Settings) -> None:
    """Give up everything that running a student's code does not need."""
    limits = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_AS": settings["memory"],
        "RLIMIT_FSIZE": settings["disk"],
        "RLIMIT_NOFILE": settings["open_files"],
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in limits.items():
        with contextlib.suppress(AttributeError, *([] if settings["walls"] else [ValueError, OSError])):
            resource.setrlimit(getattr(resource, name), (value, value))  # macOS lacks some
    filtered = settings["walls"] or seccomp.supported()
    listener = seccomp.listen() if filtered else -1
    _introduce(channel, listener)
    if filtered:
        seccomp.install()
    null = os.open(os.devnull, os.O_RDWR)
    for place, file in enumerate((null, null, null, channel)):
        os.dup2(file, place)
    os.closerange(CHANNEL + 1, max(256, channel, listener, settings["control"]) + 1)


def _introduce(channel: int, listener: int) -> None:
    """One byte, from which the kernel tells the grader who sent it, and the file that asks for threads."""
    line = socket.socket(fileno=channel)
    socket.send_fds(line, [b"\0"], [listener] if listener >= 0 else [])
    line.detach()
