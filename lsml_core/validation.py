"""Arguments checked where a public function receives them; every ValueError names the argument and its value.

A `Count` is Python's or numpy's integer. A float is refused even where it is whole, and so is a bool: 2.5
rounds mean nothing, and 2.0 usually come from a division that would give 2.5 next time.
"""

import operator
from typing import Any

import numpy as np

Count = int | np.integer


def check_count(name: str, value: Any, low: int | None = 1) -> int:
    """`value` as a Python integer. ValueError unless it is an integer, and at least `low` if there is one."""
    try:
        count = operator.index(value)
    except TypeError:
        count = None
    if count is None or isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}={value!r} must be an integer")
    if low is not None and count < low:
        raise ValueError(f"{name}={count} must be at least {low}")
    return count


def check_counts(name: str, values: Any, low: int | None = 1) -> tuple[int, ...]:
    """`values` as Python integers. ValueError unless it is a sequence of integers, each at least `low`."""
    try:
        each = tuple(values)
    except TypeError:
        raise ValueError(f"{name}={values!r} must be a sequence of integers") from None
    return tuple(check_count(name, value, low) for value in each)


def array_of(name: str, value: Any) -> np.ndarray:
    """`value` as an array, not a copy if it is one. ValueError, naming the argument, if that is impossible.

    That is rows of several lengths, or a torch tensor that requires a gradient or lies on a GPU.
    """
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError):
        raise ValueError(f"{name} is {kind_of(value)}, and must be an array of numbers") from None


def check_kind(name: str, value: Any, kind: Any, allowed: str) -> Any:
    """`value`, if it is an object of this kind; a class itself is not.

    name: of the argument.   kind: what `isinstance` takes.   allowed: the kind in words, with an example.
    ValueError names the argument, what it is, and what is allowed.
    """
    if isinstance(value, type) or not isinstance(value, kind):
        raise ValueError(f"{name} is {kind_of(value)}, and must be {allowed}")
    return value


def check_function(name: str, value: Any, allowed: str) -> None:
    """ValueError unless `value` can be called; the name of a function is a text.   allowed: in words."""
    if not callable(value):
        raise ValueError(f"{name} is {kind_of(value)}, and must be {allowed}")


def kind_of(value: Any) -> str:
    """What a value is, in a few words: "a tuple", "an array of shape (12, 4)", "the class Adam"."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    text = f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
    if isinstance(value, str | bytes | int | float | np.generic):
        return f"{text}, {value!r:.60}"
    shape = getattr(value, "shape", None)
    text += f" of shape {tuple(shape)}" if isinstance(shape, tuple) else ""
    return text + " that requires a gradient" * (getattr(value, "requires_grad", False) is True)


def check_rng(rng: Any) -> np.random.Generator:
    """`rng`, if it is a random generator. ValueError for a seed, or for a generator of another kind."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng={rng!r} must be a random generator, such as np.random.default_rng(0)")
    return rng


def check_positive(**numbers: Any) -> None:
    """ValueError unless every number, and every entry of every array, is finite and above 0."""
    for name, value in numbers.items():
        values = as_numbers(name, value)
        if not ((values > 0) & (values < np.inf)).all():
            raise ValueError(f"{name}={value} must be finite and above 0")


def check_not_negative(**numbers: Any) -> None:
    """ValueError unless every number, and every entry of every array, is finite and at least 0."""
    for name, value in numbers.items():
        values = as_numbers(name, value)
        if not ((values >= 0) & (values < np.inf)).all():
            raise ValueError(f"{name}={value} must be finite and at least 0")


def check_share(**numbers: Any) -> None:
    """ValueError unless every number is above 0 and at most 1."""
    for name, value in numbers.items():
        if not 0 < as_number(name, value) <= 1:
            raise ValueError(f"{name}={value} must be above 0 and at most 1: a share, 0.3 for 30 %")


def check_fraction(**numbers: Any) -> None:
    """ValueError unless every number is between 0 and 1."""
    for name, value in numbers.items():
        _fraction(name, value, "a fraction")


def check_fraction_of_weights(name: str, value: Any, meaning: str) -> float:
    """`value` as a Python float. ValueError unless it is one number between 0 and 1: 20 for 20 % is refused.

    meaning: in words, what happens to this fraction of the weights, such as "kept".
    """
    return _fraction(name, value, f"the fraction that is {meaning}")


def _fraction(name: str, value: Any, meaning: str) -> float:
    number = as_number(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name}={value} must be between 0 and 1: {meaning}, 0.3 for 30 %")
    return number


def check_finite(**arrays: Any) -> None:
    """ValueError if an array holds nan or infinity."""
    for name, array in arrays.items():
        bad = np.count_nonzero(~np.isfinite(as_numbers(name, array)))
        if bad:
            raise ValueError(f"{name} holds {bad} values that are not finite")


def check_indices(name: str, indices: Any, n: int) -> np.ndarray:
    """`indices` as an integer array, (b,). ValueError unless all are integers from 0 to n − 1."""
    try:
        array = np.asarray(indices)
    except ValueError:
        raise ValueError(f"{name} has rows of several lengths; it must be a row of integers") from None
    if array.shape == (0,):
        return np.zeros(0, dtype=np.intp)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(
            f"{name} of shape {array.shape} and {array.dtype} must be a row of integers from 0 to {n - 1}"
        )
    if not n:
        raise ValueError(f"{name} of shape {array.shape} must be empty: there is nothing to choose from")
    if not 0 <= array.min() <= array.max() < n:
        raise ValueError(
            f"{name} run from {array.min()} to {array.max()}, and must be integers from 0 to {n - 1}"
        )
    return array.astype(np.intp, copy=False)


def check_labels(y: Any, shape: tuple[int, ...], classes: int, name: str = "y") -> None:
    """ValueError unless y is an array of this shape, usually (n,), of integers from 0 to classes − 1."""
    check_kind(name, y, np.ndarray, "an array of integers")
    if y.shape != shape or y.dtype.kind not in "iu":
        raise ValueError(f"{name} is {y.dtype} of shape {y.shape}, and must be integers of shape {shape}")
    if y.size and not 0 <= y.min() <= y.max() < classes:
        kind = "classes" if name == "y" else name
        raise ValueError(
            f"{name} holds labels from {y.min()} to {y.max()}; {classes} {kind} allow 0 to {classes - 1}"
        )


def as_number(name: str, value: Any) -> float:
    """`value` as a Python float. ValueError unless it is a single real number; a text is none."""
    number = _numbers(name, value, "a single number")
    if number.ndim:
        raise ValueError(f"{name} of shape {number.shape} must be a single number")
    return number.item()


def as_numbers(name: str, value: Any) -> np.ndarray:
    """`value` in float64, of any shape. ValueError unless it holds real numbers: "0.1" is a text."""
    return _numbers(name, value, "a number, or an array of numbers")


def _numbers(name: str, value: Any, allowed: str) -> np.ndarray:
    try:
        array = np.asarray(value)
        objects = array.ravel() if array.dtype.kind == "O" else ()
        if array.dtype.kind not in "biufO" or any(e is None or isinstance(e, str | bytes) for e in objects):
            raise TypeError
        return np.asarray(array, dtype=float)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # torch: a tensor that requires a gradient
        raise ValueError(f"{name} is {kind_of(value)}, and must be {allowed}") from None
