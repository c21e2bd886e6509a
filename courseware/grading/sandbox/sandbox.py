"""The grader's side of the sandbox: a room with a fork server in it, and fresh workers from there.

    Sandbox         the room; a context manager, started at its first worker
    WorkerHandle    one process with a student's code: `ask` it within limits, `end` it

A worker that is late, dies or talks nonsense is lost: `ask` raises ChannelError, and a new worker takes its
place. A room in which a worker left a file is torn down, so nothing passes from one worker to the next.

Without bubblewrap (macOS; Linux where name spaces are forbidden) a Sandbox starts only with
`unprotected=True`. The limits hold then too, but files can be read and written.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, NoReturn

from courseware.grading.inside.channel import Channel, ChannelError
from courseware.grading.inside.codec import Reference
from courseware.grading.sandbox import walls
from courseware.grading.sandbox.limits import Limits, Watch
from courseware.grading.sandbox.walls import at_risk, reason_against

BOOT = (
    "import json, sys; settings = json.loads(sys.argv[1]); sys.path[:0] = settings.pop('path');"
    " from courseware.grading.server import main; main(settings)"
)
SPACE = 128
"""Bytes for what the kernel passes beside a message: who sent it, and a file."""
STARTING = 300
"""Seconds until the room must be ready; libraries take a minute to import on a busy machine."""


class NoSandbox(RuntimeError):
    """There can be no sandbox here; says why, and what would be at risk without."""


class Sandbox:
    """A room for answers that may import `modules` of the course; `preload` is imported once, before forking.

    NoSandbox at the first worker where walls cannot be built, unless `unprotected`: then a warning says what
    is at risk, once.
    """

    def __init__(
        self,
        modules: Iterable[str] = (),
        *,
        preload: Iterable[str] = ("numpy",),
        limits: Limits = Limits(),  # noqa: B008 - frozen
        unprotected: bool = False,
    ) -> None:
        self.modules, self.preload, self.limits = tuple(modules), tuple(preload), limits
        self.unprotected, self._server = unprotected, None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def load(self, modules: Iterable[str]) -> None:
        """Import installed `modules` before the next worker is forked, on nobody's time."""
        new = tuple(module for module in modules if module not in self.preload)
        running = self._server if self._server and self._server.usable else None
        self.preload += new
        if running and new:
            running.request(load=new)
        self._ready()

    def _ready(self) -> "_Server":
        if self._server and not self._server.usable:
            self.close()
        if not self._server:
            self._server = _start(self)
        return self._server

    def worker(
        self,
        seconds: float | int,
        serve: Callable[..., tuple[Any, ...]],
        refer: Callable[[Any], Reference],
        resolve: Callable[[Reference], Any],
    ) -> "WorkerHandle":
        """A fresh process that may compute for `seconds`; what it asks is for `serve`. One at a time."""
        return WorkerHandle(self._ready(), self.limits, seconds, serve, refer, resolve)


# --- the server ---


def _start(sandbox: Sandbox) -> "_Server":
    if sys.platform == "win32":
        raise NoSandbox("Windows cannot fork processes: run the grader in WSL 2, which is Linux")
    reason = reason_against()
    if reason and not sandbox.unprotected:
        raise NoSandbox(f"No sandbox: {reason}. {at_risk()}; say unprotected to grade all the same.")
    if reason:
        warnings.warn(f"No sandbox: {reason}. {at_risk()}.", RuntimeWarning, stacklevel=2)
    return _Server(sandbox, walled=not reason)


class _Server:
    """The process that forks workers; not `usable` any more once a worker left something behind."""

    def __init__(self, sandbox: Sandbox, *, walled: bool) -> None:
        self.clean, self.scratch = True, None if walled else _scratch(sandbox.modules)
        self.control, theirs = socket.socketpair()
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        limits = sandbox.limits
        settings = {
            "control": theirs.fileno(),
            "memory": limits.memory,
            "disk": limits.disk,
            "open_files": limits.open_files,
            "preload": sandbox.preload,
            "walls": walled,
            "path": [f"{self.scratch.name}/course" if self.scratch else walls.COURSE, *walls.packages()],
        }
        command = walls.command(sandbox.modules, limits.disk) if walled else []
        command += [walls.python(), "-sSP", "-c", BOOT, json.dumps(settings)]
        folder = f"{self.scratch.name}/room" if self.scratch else walls.SCRATCH
        self.process = subprocess.Popen(
            command,
            env=walls.ENVIRONMENT | {"HOME": folder, "TMPDIR": folder},
            cwd=folder if self.scratch else "/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self.control.settimeout(STARTING)
        self._answer()

    @property
    def usable(self) -> bool:
        return self.clean and self.process.poll() is None

    def request(self, channel: socket.socket | None = None, **words: Any) -> dict[str, Any]:
        """The server's answer; `channel` is handed over. NoSandbox if the server is gone."""
        data = json.dumps(words).encode()
        try:
            if channel:
                socket.send_fds(self.control, [data], [channel.fileno()])
            else:
                self.control.sendall(data)
        except OSError as error:
            raise NoSandbox(f"the room is gone: {error}") from error
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        try:
            line = self.control.recv(4096)
        except OSError:
            line = b""
        return json.loads(line) if line else self.fail("the room broke down")

    def fail(self, reason: str) -> NoReturn:
        self._stop()
        self.log.seek(0)
        text = self.log.read()[-500:].decode(errors="replace").strip()
        self.close()
        raise NoSandbox(f"{reason}: {text}")

    def close(self) -> None:
        self._stop()
        self.log.close()
        if self.scratch:
            self.scratch.cleanup()

    def _stop(self) -> None:
        """Hang up; the server then ends its worker and itself."""
        self.clean = False
        self.control.close()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _scratch(modules: Iterable[str]) -> tempfile.TemporaryDirectory[str]:
    """The room's folders where it has no walls."""
    scratch = tempfile.TemporaryDirectory(prefix="lsml-room-", ignore_cleanup_errors=True)
    Path(scratch.name, "room").mkdir()
    for place, source in walls.files(modules).items():
        link = Path(scratch.name, "course", place)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)
    return scratch


# --- a worker ---


class WorkerHandle:
    """The grader's hold on one worker.

    server: starts it.   limits: of its calls and cells.
    seconds: of computing that are left to it; after `end` the attribute holds those that it has used.
    serve: answers what the worker asks meanwhile.   refer: an object of the grader's -> its reference.
    resolve: a reference -> the object.
    """

    def __init__(
        self,
        server: _Server,
        limits: Limits,
        seconds: float | int,
        serve: Callable[..., tuple[Any, ...]],
        refer: Callable[[Any], Reference],
        resolve: Callable[[Reference], Any],
    ) -> None:
        self.server, self.seconds, self.signal, self.outside = server, 0.0, "", False
        self.socket, theirs = socket.socketpair()
        if hasattr(socket, "SO_PASSCRED"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        server.request(theirs, seconds=int(seconds) + 1)
        theirs.close()
        self.channel = Channel(self.socket.fileno(), serve, refer, resolve)
        self.listener = -1
        self.channel.wait = self.watch = Watch(
            self.channel.fd, self._process(), limits, self.listener, lambda: self.channel.reading
        )

    def ask(self, computing: float | int, waiting: float | int, *request: Any) -> tuple[Any, ...]:
        """What the worker answers (its verbs: worker.py). Raised for an error, ChannelError if none comes."""
        with self.watch.limited(computing, waiting):
            answer = self.channel.ask(*request)
        if not self.silent():
            raise ChannelError("it spoke without being asked")
        return answer

    def silent(self) -> bool:
        """Within a call, what is read next may be the end of that call."""
        return bool(self.channel.nested) or self.channel.silent()

    def end(self, patience: float | int = 0) -> None:
        """Stop the worker, after `patience` seconds if it still runs; `signal` is what it died of, if any.

        `outside` says that neither its code nor the grader ended it.
        """
        if self.channel.fd < 0:
            return
        self.channel.fd = -1  # the number may soon be another file's
        self.socket.close()
        if self.listener >= 0:
            os.close(self.listener)
        try:
            ended = self.server.request(end=True, patience=patience)
        except NoSandbox:  # the next worker gets a new room; no worker can end its server
            self.outside = True
            return
        self.seconds, self.signal, self.outside = ended["seconds"], ended["signal"], ended["outside"]
        self.server.clean = ended["clean"]

    def _process(self) -> int:
        """Who sent the first byte, as the kernel says; 0 where it does not.

        NoSandbox without a second byte, which says that the worker is confined.
        """
        self.socket.settimeout(STARTING)
        try:
            introduced, marks, _, _ = self.socket.recvmsg(1, SPACE)
            files = [data for _, kind, data in marks if kind == socket.SCM_RIGHTS]
            self.listener = struct.unpack("i", files[0])[0] if files else -1
            confined = introduced and self.socket.recv(1)
        except OSError:
            confined, marks = b"", []
        if not confined:
            self.end()
            self.server.fail("no worker could be confined")
        self.socket.setblocking(False)
        if not hasattr(socket, "SO_PASSCRED"):
            return 0
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        (mark,) = [data for _, kind, data in marks if kind == socket.SCM_CREDENTIALS]
        return struct.unpack("3i", mark)[0]
