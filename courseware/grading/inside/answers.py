"""What counts as an array, a number or several values: one rule for the answers to all questions.

    array      an ndarray, a list or tuple of numbers, a torch tensor
    number     a Python or NumPy number, or an array with one entry
    several    a tuple, a list, or an array whose first axis has the right length
    difference     what is wrong with an answer, given what is expected

What an answer returns is first made `plain`: tensors of any device and matrices become arrays, however deep
they lie in tuples, lists and dicts. What does not count raises AssertionError, which says what belongs there.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy import ndarray

NUMBERS = "iuf"
"""Kinds of dtype that hold numbers; "b" is a bool."""
TOLERANCE = 1e-5
"""Relative to what is expected: float32 has seven digits, and an answer may lose two of them."""


def plain(value: Any) -> Any:
    """`value` with an ndarray for each tensor, matrix and masked array in it."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, ndarray):
        return np.asarray(value)
    torch = sys.modules.get("torch")
    if torch and isinstance(value, torch.Tensor):
        return value.detach().cpu().resolve_conj().resolve_neg().numpy()
    return value


def array(value: Any, shape: tuple[int, ...] | None = None, *, kinds: str = NUMBERS) -> ndarray:
    """`value` as an array of numbers, of this shape if one is given. AssertionError if it is none."""
    value = plain(value)
    wanted = "an array" if shape is None else f"an array of shape {shape}"
    if not isinstance(value, ndarray | list | tuple):
        raise AssertionError(f"{_a(value)} instead of {wanted}")
    try:
        found = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise AssertionError(f"{_a(value)} whose rows differ in length, instead of {wanted}") from error
    return _checked(found, shape, kinds)


def number(value: Any, *, kinds: str = NUMBERS) -> float | int:
    """`value` as a Python number, also if it is an array with one entry. AssertionError if it is none."""
    value = plain(value)
    if isinstance(value, ndarray | list | tuple):
        found = array(value, kinds=kinds)
        if found.size != 1:
            raise AssertionError(f"an array of shape {found.shape} instead of a number")
        return found.item()
    if isinstance(value, bool | np.bool_) and "b" not in kinds:
        raise AssertionError("a bool instead of a number")
    if not isinstance(value, bool | int | float | np.number | np.bool_):
        raise AssertionError(f"{_a(value)} instead of a number")
    return _checked(np.asarray(value), (), kinds).item()


def several(value: Any, n: int) -> tuple[Any, ...]:
    """The `n` values that `value` holds. AssertionError if it holds another number of them."""
    value = plain(value)
    wanted = f"{n} values, separated by commas, belong here" if n > 1 else "a tuple or list of 1 belongs here"
    stacked = isinstance(value, ndarray) and value.shape[:1] == (n,)
    if not isinstance(value, tuple | list) and not stacked:
        raise AssertionError(f"{wanted}, and this is one {_name(value)}")
    if len(value) != n:
        raise AssertionError(f"{wanted}, and there are {len(value)}")
    return tuple(value)


def indices(value: Any) -> ndarray:
    """`value` as a one-dimensional array of ints; whole floats and an empty list count, as in `difference`.

    AssertionError if it is none.
    """
    found = array(value)
    if found.ndim != 1:
        raise AssertionError(f"an array of shape {found.shape} instead of one row of ints")
    if not np.isfinite(found).all() or (found != np.round(found)).any():
        raise AssertionError(f"an array of type {found.dtype} with fractions, nan or inf, instead of ints")
    return found.astype(int)


@contextmanager
def about(what: str) -> Iterator[None]:
    """Messages of the checks in this block begin with `what`."""
    try:
        yield
    except AssertionError as problem:
        raise AssertionError(f"{what}: {problem}") from problem


def difference(value: Any, expected: Any, tolerance: float | int = TOLERANCE) -> str:
    """What is wrong with `value`, in words; empty if nothing is.

    `expected` is a number, an array, or a tuple of them; `tolerance` is relative to it.
    """
    if value is None:
        return "is a return missing?"
    try:
        if isinstance(expected, tuple):
            return _first_difference(several(value, len(expected)), expected, tolerance)
        wanted = np.asarray(expected)
        kinds = NUMBERS + "b" * (wanted.dtype.kind == "b")
        found = array(value, wanted.shape, kinds=kinds) if wanted.shape else number(value, kinds=kinds)
    except AssertionError as problem:
        return str(problem)
    return _unequal(np.asarray(found), wanted, tolerance)


def types(value: Any) -> str:
    """The types of the numbers in `value`, each once."""
    parts = value if isinstance(value, tuple | list) else [value]
    return ", ".join(dict.fromkeys(str(getattr(part, "dtype", type(part).__name__)) for part in parts))


def _first_difference(values: tuple[Any, ...], expected: tuple[Any, ...], tolerance: float | int) -> str:
    for i, parts in enumerate(zip(values, expected, strict=True), 1):
        if problem := difference(*parts, tolerance):
            return f"value {i} of {len(expected)}: {problem}"
    return ""


def _unequal(found: ndarray, wanted: ndarray, tolerance: float | int) -> str:
    """Whole numbers must be exact. Where all that is expected is small, 0 is not near enough."""
    found, wanted = (part.astype(int) if part.dtype.kind == "b" else part for part in (found, wanted))
    finite = np.isfinite(wanted)
    if not np.isfinite(found[finite]).all():
        return "nan or inf"
    if wanted.dtype.kind in "iu" and not np.array_equal(np.round(found), wanted):
        return "another value"
    largest = round(float(np.abs(wanted[finite]).max(initial=0.0)), 9)  # below that it is a rounding error
    near = min(tolerance, largest / 100) if largest else tolerance
    return "" if np.allclose(found, wanted, rtol=tolerance, atol=near) else "another value"


def _checked(found: ndarray, shape: tuple[int, ...] | None, kinds: str) -> ndarray:
    if shape is not None and found.shape != shape:
        raise AssertionError(f"shape {found.shape} instead of shape {shape}")
    if found.dtype.kind not in kinds:
        raise AssertionError(
            f"type {found.dtype} instead of {'numbers or bools' if 'b' in kinds else 'numbers'}"
        )
    return found


def _name(value: Any) -> str:
    return "array" if isinstance(value, ndarray) else type(value).__name__


def _a(value: Any) -> str:
    name = _name(value)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
