"""Measured running times of functions on the machine that runs this."""

import math
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)


def seconds(
    function: Callable[..., object], arguments: Mapping[Key, tuple[Any, ...]], *, repeats: int = 5
) -> dict[Key, float]:
    """The shortest time of function(*arguments) in seconds, by name: the minimum over `repeats` calls.

    function: what is timed; what it returns is not used.
    arguments: name -> arguments of one variant. The variants alternate, so that other work on the machine
        slows all of them: `seconds(predict, {"dense": (net, x), "pruned": (small, x)})`.
    repeats: calls that are timed per variant; one more is made first to warm up.
    """
    best = dict.fromkeys(arguments, math.inf)
    for repeat in range(repeats + 1):
        for key, given in arguments.items():
            begin = time.perf_counter()
            function(*given)
            if repeat:
                best[key] = min(best[key], time.perf_counter() - begin)
    return best
