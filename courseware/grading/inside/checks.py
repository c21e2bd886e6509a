"""What a test cell says about an answer: laws on small inputs first, and the first input that breaks one.

    inputs     dict name -> value; passed by name, as copies; a list stands for a float array
    expected   what the answer must return: a number, an array, or a tuple of them
    because    the law, in words; it opens the message

What counts as a number, an array or several values is said in `answers`, for all questions alike. Numbers are
compared to 1e-5, so an answer may compute in float32.

Every check returns None or raises AssertionError with the call, as code that can be pasted into a cell of the
notebook. Where something of it is too long to show, or has no code, `failed_inputs` has all of it.
NotImplementedError passes through: an answer that was not begun is not a wrong one.
"""

import copy
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy import ndarray

from .answers import TOLERANCE, difference, plain, types
from .credit import Broken, in_notebook
from .inputs import Counted
from .inputs import Kind as Kind  # what notebooks import from here
from .inputs import Number as Number
from .inputs import Vector as Vector
from .inputs import Whole as Whole
from .inputs import linear as linear
from .inputs import small_first as small_first
from .shown import as_code, is_code, show

Inputs = Mapping[str, Any]


def student_rng(student: str = "", question: str = "") -> np.random.Generator:
    """The same stream on every machine and day, another one for every student and question."""
    digest = hashlib.sha256(f"{student}\n{question}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))


# --- checks ---

lent: dict[int, ndarray] = {}
"""Arrays that a `call` made for itself alone, by identity. An answer in another process gets a copy; what it
did to that copy in place is written back to these arrays and to no others, so that `call` sees it."""


BY_NAME = {
    "unexpected keyword argument": "the parameters must keep their names",
    "positional-only arguments": "the parameters are given by name, so no `/` may follow them",
}
"""What Python says of a call by name that fails → what the answer must do."""


def call(function: Callable[..., Any], inputs: Inputs) -> Any:
    """The answer's value on copies of `inputs`, as `answers.plain` makes it.

    inputs: name -> value, passed by name; a list stands for a float array.
    AssertionError if it raises, or changes what it was given.
    """
    given, passed, where = _copies(inputs), _copies(inputs), lambda: call_in_code(function, inputs)
    try:
        with _lending(passed), np.errstate(all="ignore"):  # nan and inf are judged by their value
            value = plain(function(**passed))
        for counted in passed.values():
            if isinstance(counted, Counted):
                counted.check()
    except NotImplementedError:
        raise
    except AssertionError as error:
        raise AssertionError(Broken("", f"{where()}:", str(error) + _failed(function, inputs))) from error
    except Exception as error:
        kind = f"raised {type(error).__name__}"
        rules = (rule for why, rule in BY_NAME.items() if why in str(error))
        hint = "".join(f"; {rule}: {', '.join(inputs)}" for rule in rules)
        reason = f"{kind}: {error}{hint}{_failed(function, inputs)}"
        raise AssertionError(Broken("", where(), reason, kind)) from error
    after = dict(arrays_in(passed))
    for path, before in arrays_in(given):
        if path not in after or not _same(before, after[path]):
            name = f"{path[0]}{''.join(f'[{key!r}]' for key in path[1:])}"
            kind = f"changed its input {path[0]} in place"
            reason = f"changed its input {name} in place, to {show(after.get(path))};"
            advice = "make new arrays (new = old - …, not old -= …)"
            how = _failed(function, inputs)
            raise AssertionError(Broken("", where(), f"{reason} {advice}{how}", kind))
    return value


def arrays_in(values: Any, *path: Any) -> Iterator[tuple[tuple[Any, ...], ndarray]]:
    """Every array in tuples, lists and dicts, however deep, after the keys and places that lead to it.

    path: keys and places that lead to `values` itself; they come first.
    """
    if isinstance(values, ndarray):
        yield path, values
    elif isinstance(values, tuple | list | dict):
        for key, value in values.items() if isinstance(values, dict) else enumerate(values):
            yield from arrays_in(value, *path, key)


def _same(a: ndarray, b: ndarray) -> bool:
    """To the bit, so that nan is nan, or in value, for arrays of objects."""
    return (a.shape, a.dtype) == (b.shape, b.dtype) and (a.tobytes() == b.tobytes() or np.array_equal(a, b))


def returns(
    function: Callable[..., Any],
    inputs: Inputs,
    expected: Any,
    *,
    because: str = "",
    tolerance: float | int = TOLERANCE,
) -> None:
    """`function(**inputs)` is `expected`: same shape, finite where it is, equal to `tolerance`.

    inputs: name -> value; copies are passed by name, and a list stands for a float array.
    expected: a number, an array, or a tuple of them.   because: the law in words, which opens the message.
    tolerance: relative to what is expected.   AssertionError, with the call in full, if the value differs.
    """
    expected = _arrays(expected)
    value = call(function, inputs)
    if problem := difference(value, expected, tolerance):
        shown, wanted = show(value), show(expected)
        if shown == wanted:
            shown, wanted = show(value, 17), show(expected, 17)
            problem += f"; yours is {types(value)}, and it is compared to a relative {tolerance:g}"
        reason = f"returned {shown}; expected {wanted} ({problem}){_failed(function, inputs)}"
        where = call_in_code(function, inputs)
        raise AssertionError(Broken(because, where, reason, "returned a wrong value"))


def agrees(
    function: Callable[..., Any],
    oracle: Callable[..., Any],
    cases: Iterable[Inputs],
    *,
    because: str = "",
    tolerance: float | int = TOLERANCE,
) -> None:
    """`function` returns what `oracle` returns, on every case; the message shows the first failure.

    oracle: a reference that takes the same keywords.   cases: the inputs, name -> value, of one call each.
    because, tolerance: as for `returns`.   AssertionError at the first failure.
    """
    for inputs in cases:
        returns(function, inputs, oracle(**_copies(inputs)), because=because, tolerance=tolerance)


# --- calls as code ---

_failed_calls: dict[int, dict[str, Any]] = {}
"""Inputs of the last calls that failed, by number: a cell shows the message of every law that is broken."""
REMEMBERED = 20
"""Failed calls whose inputs are kept."""


def failed_inputs(number: int | None = None) -> dict[str, Any]:
    """Copies of the inputs of a call that failed a check, by name, for `f(**failed_inputs(3))`.

    number: of the call, as its message says, from 1 since the process began; by default the last one.
    Empty by default if no call has failed.   ValueError if the call is not among the last `REMEMBERED`.
    """
    if number is None:
        return _copies(_failed_calls[max(_failed_calls)]) if _failed_calls else {}
    if number not in _failed_calls:
        kept = f"{min(_failed_calls)} to {max(_failed_calls)}" if _failed_calls else "none"
        raise ValueError(f"number={number!r} must be of a call whose inputs are kept ({kept}); check again")
    return _copies(_failed_calls[number])


def call_in_code(function: Callable[..., Any], inputs: Inputs) -> str:
    """The call as code that can be pasted into a cell, such as `f(w=np.array([0.0, 1.0]), eta=0.1)`.

    function: by its name in the notebook.   inputs: name -> value; a list stands for a float array.
    What is too long, or has no code, contains "…" or is in words.
    """
    arguments = ", ".join(f"{name}={code}" for name, code in _codes(inputs).items())
    return f"{_name_of(function)}({arguments})"


def _codes(inputs: Inputs) -> dict[str, str]:
    return {name: as_code(_arrays(value)) for name, value in inputs.items()}


def _name_of(function: Callable[..., Any]) -> str:
    """The function's `__name__`, or what the notebook calls it: a lambda, or one that a decorator made."""
    name, cells = getattr(function, "__name__", "function"), vars(sys.modules["__main__"])
    if cells.get(name) is function:
        return name
    given = (key for key, value in cells.items() if value is function and not key.startswith("_"))
    return next(given, name)


def _failed(function: Callable[..., Any], inputs: Inputs) -> str:
    """Keep the inputs of a call that failed; in a notebook, how to make the call if its code is not whole."""
    number = max(_failed_calls, default=0) + 1
    _failed_calls[number] = _copies(inputs)
    _failed_calls.pop(number - REMEMBERED, None)
    if not in_notebook() or all(map(is_code, _codes(inputs).values())):
        return ""
    again = f"{_name_of(function)}(**failed_inputs({number}))"
    return (
        "\nThe same call, with all of its inputs:\n"
        f"from courseware.grading.checks import failed_inputs; {again}"
    )


def _copies(inputs: Inputs) -> dict[str, Any]:
    return {name: copy.deepcopy(_arrays(value)) for name, value in inputs.items()}


@contextmanager
def _lending(passed: Inputs) -> Iterator[None]:
    mine = {id(array): array for _, array in arrays_in(passed)}
    lent.update(mine)
    try:
        yield
    finally:
        for key in mine:
            lent.pop(key, None)


def _arrays(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_arrays, value))
    return np.array(value, dtype=float) if isinstance(value, list) else value
