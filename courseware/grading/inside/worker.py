"""The student's side of the grader: runs the cells of one submission and answers calls, in its own process.

    verb         asks for                                             answers
    run          a cell's source, its name, whether to be tolerant    None, or (type, text, line) of its error
    name         a name of the answers                                its value, and its docstring
    call         a function (name or number), arguments, paths        its value, and what arrays there became
    attribute    an object (name or number), a name                   the attribute

Plain data crosses as a copy. Functions and objects of the student's stay here, and the grader gets their
number; a function of the grader's arrives as an `Asked`, which asks for its value there. Nothing in this
process is trusted: whatever it says is taken as the student's word.
"""

import ast
import builtins
import errno
import inspect
import linecache
import random
import re
import sys
import traceback
from collections.abc import Coroutine
from functools import reduce
from operator import getitem
from types import ModuleType
from typing import Any

import numpy as np
from numpy import ndarray

from .channel import TEXT, Channel, ChannelError, Raised, text_of
from .codec import CodecError, Reference

NOTEBOOK_LINE = re.compile(
    r"^([ \t]*)(?:(\w+[ \t]*=[ \t]*)?[%!](?:[^\n]*\\\n)*[^\n]*|\?[^\n]*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE
)
"""What only a notebook understands: a magic or a command of the shell, whose result may get a name; a
question about a name."""
OTHER_LANGUAGE = re.compile(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b|python3?\b)\w")
"""The first line of a cell that is not Python's."""

HIDDEN = "the grader hides the parts of the course that an exercise asks for"
PROCESSES = re.compile(r"\b(multiprocessing|subprocess|concurrent.futures.process|joblib|loky|pty)\b")
NETWORK = re.compile(r"\b(socket|ssl|http|urllib|requests)\b")
"""Modules by which an answer tries what it may not do."""

Target = str | int
Path = tuple[Any, ...]
Failure = tuple[str, str, int]


class Asked:
    """A function of the grader's: calling it asks there, and what was raised there is raised here."""

    __name__ = "function"

    def __init__(self, number: int, channel: Channel) -> None:
        self._number, self._channel = number, channel

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._channel.ask("call", self._number, args, kwargs)[0]
        except Raised as error:
            kind = getattr(builtins, error.type, RuntimeError)
            known = isinstance(kind, type) and issubclass(kind, Exception)
            raise (kind if known else RuntimeError)(error.text) from None


class Worker:
    """One namespace, as in a notebook's kernel, and the objects in it that the grader knows by number."""

    def __init__(self, fd: int) -> None:
        self.channel = Channel(fd, self.serve, self.refer, self.resolve)
        self.module = ModuleType("__main__")
        self.kept: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        sys.modules["__main__"] = self.module
        vars(self.module).update(display=_display)
        builtins.input = _input
        _seed()

    def work(self) -> None:
        """Answer until the grader hangs up."""
        try:
            while True:
                self.channel.serve_next()
        except ChannelError:
            return

    def serve(self, verb: str, *words: Any) -> tuple[Any, ...]:
        verbs = {"run": self.run, "name": self.name, "call": self.call, "attribute": self.attribute}
        try:
            return verbs[verb](*words)
        except Exception as error:
            if cause := _forbidden(error):
                raise PermissionError(cause) from None
            if hint := _hint(error):
                error.add_note(hint)
            raise
        except BaseException as error:
            raise RuntimeError(
                f"your code raised {type(error).__name__} ({text_of(error)}), which would end Python"
            ) from None

    # --- what can be asked ---

    def run(self, source: str, name: str, tolerant: bool) -> tuple[Failure | None]:
        """Run a cell.   source: its text.   name: its id, for messages.

        tolerant: leave out statements that cannot import, and report the first of them.
        """
        failure = None
        try:
            tree = parsed(source, f"<{name}>")
            for part in [ast.Module([statement], []) for statement in tree.body] if tolerant else [tree]:
                try:
                    execute(part, f"<{name}>", vars(self.module))
                except ImportError as error:
                    if not tolerant:
                        raise
                    failure = failure or _failure(error, f"<{name}>")
        except BaseException as error:
            failure = _failure(error, f"<{name}>")
        return (failure,)

    def name(self, name: str) -> tuple[Any, str]:
        value = self._object(name)
        return value, str(getattr(value, "__doc__", None) or "")[:TEXT] if callable(value) else ""

    def call(
        self, target: Target, args: tuple[Any, ...], kwargs: dict[str, Any], paths: tuple[Path, ...]
    ) -> tuple[Any, list[ndarray | None]]:
        """What a function of the student's returns, and the arrays among its arguments as they are then.

        target: the function.   args, kwargs: its arguments.
        paths: where the arrays are; a path is the place or name of an argument, and the keys that lead from
        it to an array inside.
        An array that did not change is None.
        """
        given: Any = dict(enumerate(args)) | kwargs
        arrays = [reduce(getitem, path, given) for path in paths]
        before = [array.tobytes() for array in arrays]
        value = self._object(target)(*args, **kwargs)
        return value, [a if a.tobytes() != old else None for a, old in zip(arrays, before, strict=True)]

    def attribute(self, target: Target, name: str) -> tuple[Any]:
        return (getattr(self._object(target), name),)

    # --- what stays here ---

    def refer(self, value: Any) -> Reference:
        if isinstance(value, Asked):
            return Reference(value._number, True, True, "function")
        number = self.numbers.setdefault(id(value), len(self.kept))
        self.kept[number] = value
        return Reference(number, False, callable(value), type(value).__name__)

    def resolve(self, reference: Reference) -> Any:
        if not reference.yours:
            return Asked(reference.number, self.channel)
        if reference.number not in self.kept:
            raise CodecError("an object that is not here")
        return self.kept[reference.number]

    def _object(self, target: Target) -> Any:
        if isinstance(target, int):
            return self.kept[target]
        if target not in vars(self.module):
            raise NameError(f"name {target!r} is not defined")
        return vars(self.module)[target]


def parsed(source: str, filename: str) -> ast.Module:
    """The cell as Python; if it is none, once more without the lines that only a notebook understands."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        return ast.parse(source, filename)
    except SyntaxError as error:
        if OTHER_LANGUAGE.match(source):
            return ast.Module([], [])
        try:
            return ast.parse(NOTEBOOK_LINE.sub(_instead, source), filename)
        except SyntaxError:
            raise error from None


def _instead(line: re.Match[str]) -> str:
    """Nothing is run: a name gets no lines of a command, or None for a magic. The number of lines is kept."""
    indent, name = line[1], line[2]
    nothing = f"{name}{'[]' if '!' in line[0] else 'None'}" if name else "pass"
    return indent + nothing + "\n" * line[0].count("\n")


def execute(tree: ast.Module, filename: str, namespace: dict[str, Any]) -> None:
    """Run a cell as a notebook does, where it may await something.

    tree: the cell, parsed.   filename: its name in tracebacks.   namespace: its globals, changed in place.
    """
    code = compile(tree, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, optimize=0)
    if code.co_flags & inspect.CO_COROUTINE:
        _finish(eval(code, namespace))
    else:
        exec(code, namespace)


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """In a loop of events that nobody can wake from outside: the pair of sockets for that is not allowed."""
    import asyncio  # lazy import: few cells need it

    loop = type("Loop", (asyncio.SelectorEventLoop,), dict.fromkeys(OF_SOCKETS, lambda _: None))()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.close()


OF_SOCKETS = ("_make_self_pipe", "_close_self_pipe", "_write_to_self")
"""What an event loop does with sockets by itself."""


def _failure(error: BaseException, filename: str) -> Failure:
    """Type, text and line (0: unknown) of an error that a cell raised."""
    text, line = text_of(error), 0
    if isinstance(error, SyntaxError):
        text, line = str(error.msg), error.lineno or 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == filename:
            line = number
    if cause := _forbidden(error):
        return PermissionError.__name__, cause, line
    return type(error).__name__, "; ".join(filter(None, [text, _hint(error)])), line


def _forbidden(error: BaseException) -> str:
    """What the answer tried, where the error itself tells of a file that is missing, deep in a library."""
    if not isinstance(error, OSError):
        return ""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    modules = " ".join(str(frame.f_globals.get("__name__")) for frame in frames)
    if PROCESSES.search(modules):
        return "answers may not start processes: compute in this one"
    return "answers have no network, and so no asyncio.run" if NETWORK.search(modules) else ""


def _hint(error: BaseException) -> str:
    """Which rule of the grader's is behind some errors, which do not say it."""
    match error:
        case ImportError(name=str(name)) if name.split(".")[0] in ("lsml_core", "courseware"):
            return HIDDEN
        case ModuleNotFoundError():
            return "only installed packages can be imported, no files beside the notebook"
        case FileNotFoundError():
            return "answers can read no files of yours: the grader has the notebook alone"
        case PermissionError():
            return "answers may not start processes, use the network or send signals"
        case OSError(errno=errno.EROFS):
            return "answers can write files in the current folder only"
    return ""


def _input(*_: object) -> str:
    raise RuntimeError("input() waits for a person, and there is none while grading")


def _display(*_: object) -> None:
    """Where a notebook shows a picture, the grader shows nothing."""


def _seed() -> None:
    """An answer that draws from a global generator draws the same whenever it is graded."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the student's code may use it
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
