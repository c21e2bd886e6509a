"""Values in messages: in words, on one line, or as Python code that makes them again."""

import ast
import builtins
import re
from itertools import islice
from typing import Any

import numpy as np
from numpy import ndarray

SHOWN, LEVELS = 10, 3
"""Entries of a list or dict in words, and levels of nesting; an answer may return hundreds of thousands."""
FULL = 100
"""Entries up to which an array is shown in full."""
CUT = "…"
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Another one in every run."""


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
    return _in_brackets(value, text)


def _in_brackets(value: Any, text: str) -> str:
    """The entries of a container between its brackets; {} is a dict, so an empty set is written set()."""
    if isinstance(value, list):
        return f"[{text}]"
    if isinstance(value, tuple):
        return f"({text}{',' * (len(value) == 1)})"
    if isinstance(value, frozenset):
        return f"frozenset({f'{{{text}}}' if text else ''})"
    return f"{{{text}}}" if text or isinstance(value, dict) else "set()"


def as_code(value: Any, levels: int = LEVELS) -> str:
    """`value` as Python code that makes it again, exactly; numpy is `np`. It is one line.

    levels: of nesting in tuples, lists, sets and dicts.
    Arrays with more than `FULL` entries, containers with more than `SHOWN`, and what lies deeper are cut, and
    hold "…". So does a generator that was drawn from. Objects of other kinds are shown in words.
    """
    if isinstance(value, ndarray):
        return _array_in_code(value)
    if isinstance(value, tuple | list | dict | set | frozenset):
        return _container_in_code(value, levels) if levels else CUT
    if isinstance(value, float | np.floating):
        return _float_in_code(value)
    if isinstance(value, np.random.Generator):
        return _generator_in_code(value)
    if getattr(value, "in_code", False):
        return repr(value)
    return ADDRESS.sub("", " ".join(show(value).splitlines()))


def is_code(text: str) -> bool:
    """Whether `text` is a whole expression that needs nothing but numpy, as `np`, and what Python brings."""
    try:
        nodes = [*ast.walk(ast.parse(text, mode="eval"))]
    except SyntaxError:
        return False
    known = {"np", *dir(builtins), *(node.arg for node in nodes if isinstance(node, ast.arg))}
    return all(node.id in known for node in nodes if isinstance(node, ast.Name))


def _float_in_code(value: float | np.floating) -> str:
    """Of another precision than Python's with its type, such as np.float32(0.1)."""
    if isinstance(value, np.floating) and not isinstance(value, float):
        text = repr(value.item()) if value.itemsize < 8 else repr(str(value))
        return f"np.{type(value).__name__}({text if np.isfinite(value) else _float_in_code(float(value))})"
    number = float(value)
    return repr(number) if np.isfinite(number) else f"np.{number}".replace("np.-", "-np.")


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
    seeds = rng.bit_generator.seed_seq
    seed = getattr(seeds, "entropy", None)
    spawned = getattr(seeds, "n_children_spawned", 0)
    fresh = isinstance(seed, int) and 0 <= seed < 2**32 and not spawned
    if fresh and np.random.default_rng(seed).bit_generator.state == rng.bit_generator.state:
        return f"np.random.default_rng({seed})"
    return f"np.random.default_rng({CUT})"


def _container_in_code(value: Any, levels: int) -> str:
    shown = [as_code(v, levels - 1) for v in islice(value, SHOWN)]
    if isinstance(value, dict):
        shown = [f"{k}: {as_code(v, levels - 1)}" for k, v in zip(shown, value.values(), strict=False)]
    text = ", ".join([*shown, *([CUT] if len(value) > SHOWN else [])])
    return _in_brackets(value, text)
