"""What a test cell holds in place of a student's function: its name here, its code in the worker.

    Proxy       called, it sends copies of its arguments and returns a copy of the value
    RemoteObject       an object of the student's own class: its attributes are asked for
    Ask         (verb, target, words) → what the student's side answers
    error_of    what the student's code raised, as an exception that a check can name

Nothing that comes back can act here: it is plain data, another proxy, or an error with a text.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from courseware.grading import checks
from courseware.grading.inside.channel import Raised

Ask = Callable[..., tuple[Any, ...]]

SAME = {
    error.__name__: error
    for error in (
        *(ArithmeticError, AssertionError, AttributeError, FloatingPointError, IndexError, KeyError),
        *(LookupError, MemoryError, NameError, NotImplementedError, OSError, OverflowError, RecursionError),
        *(RuntimeError, TypeError, ValueError, ZeroDivisionError),
    )
}
"""Errors that a check may catch by their type. StopIteration is none of them: it would end a loop of the
check before its last case."""


class StudentError(Exception):
    """What the student's code raised. Its class bears the name of the error's own class."""


def error_of(raised: Raised) -> StudentError:
    """Further lines of the text are indented: none can pass for a line that a check prints."""
    text = "\n    ".join(raised.text.splitlines())
    name = raised.type if raised.type.isidentifier() else "Error"
    bases = (StudentError, SAME[name]) if name in SAME else (StudentError,)
    return type(name, bases, {"__str__": lambda _: text})(text)


class RemoteObject:
    """An object on the student's side. `target` is its name there, or a handle of it."""

    def __init__(self, ask: Ask, target: Any, name: str, doc: str = "") -> None:
        self._ask, self.target = ask, target
        self.__name__, self.__doc__ = name, doc or None

    def answer(self, verb: str, *words: Any) -> tuple[Any, ...]:
        """The student's side does `verb` with the object. What is raised there is raised here."""
        try:
            return self._ask(verb, self.target, *words)
        except Raised as raised:
            raise error_of(raised) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # protocols of Python (copying, arrays, …) are for objects that are here
            raise AttributeError(name)
        return self.answer("attribute", name)[0]

    def __deepcopy__(self, memo: object) -> "RemoteObject":
        return self

    def __repr__(self) -> str:
        return self.__name__


class Proxy(RemoteObject):
    """One that can be called: a function, a method, a class."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inside = checks.arrays_in(dict(enumerate(args)) | kwargs)
        watched = [(path, array) for path, array in inside if id(array) in checks.lent]
        paths = tuple(path for path, _ in watched)
        value, changed = _checked(*self.answer("call", args, kwargs, paths))
        for (_, array), now in zip(watched, changed, strict=False):
            _write_back(array, now)
        return value


def named(value: Any = None, doc: Any = "", *_: Any) -> tuple[Any, str]:
    return value, str(doc)


def _checked(value: Any = None, changed: Any = None, *_: Any) -> tuple[Any, list[Any]]:
    return value, changed if isinstance(changed, list) else []


def _write_back(lent: ndarray, changed: Any) -> None:
    """What the answer did in place to an array that a check lent it, so that the check can see it."""
    if isinstance(changed, ndarray) and (changed.shape, changed.dtype) == (lent.shape, lent.dtype):
        np.copyto(lent, changed)
