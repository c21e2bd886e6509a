"""The parent of all workers, inside the sandbox: imports what answers use, then forks a worker a submission.

    control    socket to the grader: one request, one answer, each a line of JSON
        {"seconds": s} with one end of a channel    fork a worker that may compute for s seconds
        {"load": [modules]}                         import them
        {"end": true, "patience": s}                stop it after s seconds, and say how it ended
    clean      whether the worker left nothing in the room's only writable folder

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

from lsml_core.grading import seccomp
from lsml_core.grading.worker import Worker

FILES = 1000
"""Most files in the room, which a limit on their size does not bound."""
CHANNEL = 3
"""The worker's only open file besides /dev/null."""


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
    child = 0
    while True:
        if child and not select.select([control], [], [], 0.1)[0]:
            _watch(child, settings)
            continue
        data, channels, _, _ = socket.recv_fds(control, 4096, 1)
        request = json.loads(data) if data else {"end": True, "patience": 0}
        if "load" in request:
            _load(request["load"])
            _say(control, ready=True)
        elif "seconds" in request:
            child = _fork(channels[0], request["seconds"], settings)
            _say(control, pid=child)
        elif child:
            ended, child = _end(child, request["patience"]), 0
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


def _watch(child: int, settings: Settings) -> None:
    """Stop a worker that fills the room with empty files."""
    if settings["walls"]:
        room = os.statvfs(".")
        if room.f_files - room.f_ffree > FILES:
            os.kill(child, signal.SIGKILL)


def _fork(channel: int, seconds: int, settings: Settings) -> int:
    child = os.fork()
    if child:
        os.close(channel)
        return child
    try:
        _confine(channel, seconds, settings)
        os.write(CHANNEL, b"\0")  # the kernel tells the grader from whom this comes
        Worker(CHANNEL).work()
    except BaseException:
        traceback.print_exc()  # why it could not be confined; later nobody can read what it prints
    finally:
        os._exit(0)


def _end(child: int, patience: float) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while not (ended := os.wait4(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.001)
    _, status, used = ended
    died = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
    return {"signal": died, "seconds": used.ru_utime + used.ru_stime, "clean": _is_clean()}


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
    if settings["walls"] or seccomp.supported():
        seccomp.install()
    null = os.open(os.devnull, os.O_RDWR)
    for place, file in enumerate((null, null, null, channel)):
        os.dup2(file, place)
    os.closerange(CHANNEL + 1, max(256, channel, settings["control"]) + 1)
