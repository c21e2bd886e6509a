"""Values in messages: in words, on one line, or as Python code that makes them again."""

from itertools import islice
from typing import Any

import numpy as np
from numpy import ndarray

SHOWN, LEVELS = 10, 3
"""Entries of a list or dict in words, and levels of nesting; an answer may return hundreds of thousands."""
FULL = 100
"""Entries up to which an array is shown in full."""
CUT = "…"


def show(value: Any, digits: int = 6, levels: int = LEVELS) -> str:
    """`value` as a student would type it, with `digits` digits; what is long is cut.

    digits: of each number.   levels: of nesting in tuples, lists, sets and dicts; what is deeper becomes "…".
    """
    if isinstance(value, tuple | list | dict | set | frozenset):
        return _show_some(value, digits, levels) if levels else "…"
    if isinstance(value, ndarray):
        words = {"precision": digits, "max_line_width": 10**6, "floatmode": "maxprec", "threshold": FULL}
        return ", ".join(row.strip() for row in np.array2string(value, **words).split("\n") if row)
    if isinstance(value, float | np.floating):
        return f"{value:.{digits}g}"
    if isinstance(value, np.random.Generator):
        return "np.random.default_rng(…)"  # its repr is an address, another one in every run
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}…"


def _show_some(value: Any, digits: int, levels: int) -> str:
    shown = [show(v, digits, levels - 1) for v in islice(value, SHOWN)]
    if isinstance(value, dict):
        shown = [f"{k}: {show(v, digits, levels - 1)}" for k, v in zip(shown, value.values(), strict=False)]
    text = ", ".join([*shown, *(["…"] if len(value) > SHOWN else [])])
    if isinstance(value, list):
        return f"[{text}]"
    return f"({text}{',' * (len(value) == 1)})" if isinstance(value, tuple) else f"{{{text}}}"


def as_code(value: Any, levels: int = LEVELS) -> str:
    """`value` as Python code that makes it again, exactly; numpy is `np`.

    levels: of nesting in tuples, lists and dicts.
    Arrays with more than `FULL` entries, containers with more than `SHOWN`, and what lies deeper are cut, and
    hold "…". So does a generator that was drawn from.
    """
    if isinstance(value, ndarray):
        return _array_in_code(value)
    if isinstance(value, tuple | list | dict) and not hasattr(value, "_fields"):
        return _container_in_code(value, levels) if levels else CUT
    if isinstance(value, float | np.floating):
        return _float_in_code(float(value))
    if isinstance(value, np.random.Generator):
        return _generator_in_code(value)
    return show(value)


def _float_in_code(value: float) -> str:
    return repr(value) if np.isfinite(value) else f"np.{value}".replace("np.-", "-np.")


def _array_in_code(value: ndarray) -> str:
    if value.dtype.kind not in "biuf" or value.size > FULL:
        return f"np.array({CUT} of shape {value.shape}: {show(value)})"
    made = f"np.array({_nested(value.tolist())}" if value.size else f"np.zeros({value.shape}"
    usual = value.dtype in ((float, int, bool) if value.size else (float,))
    return f"{made})" if usual else f"{made}, dtype={str(value.dtype)!r})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return _float_in_code(value) if isinstance(value, float) else repr(value)


def _generator_in_code(rng: np.random.Generator) -> str:
    """A generator that was seeded with a small number and not yet used can be made again."""
    seed = getattr(rng.bit_generator.seed_seq, "entropy", None)
    fresh = isinstance(seed, int) and 0 <= seed < 2**32
    if fresh and np.random.default_rng(seed).bit_generator.state == rng.bit_generator.state:
        return f"np.random.default_rng({seed})"
    return f"np.random.default_rng({CUT})"


def _container_in_code(value: Any, levels: int) -> str:
    shown = [as_code(v, levels - 1) for v in islice(value, SHOWN)]
    if isinstance(value, dict):
        shown = [f"{k}: {as_code(v, levels - 1)}" for k, v in zip(shown, value.values(), strict=False)]
    text = ", ".join([*shown, *([CUT] if len(value) > SHOWN else [])])
    if isinstance(value, list):
        return f"[{text}]"
    return f"({text}{',' * (len(value) == 1)})" if isinstance(value, tuple) else f"{{{text}}}"
