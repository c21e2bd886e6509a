"""How long it takes, on the machine that runs this: theory counts multiplications, a clock does not."""

import math
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)


def seconds(
    function: Callable[..., object], arguments: Mapping[Key, tuple[Any, ...]], *, turns: int = 5
) -> dict[Key, float]:
    """The shortest of `turns` times of function(*arguments), for each of them, after one that does not count.

    All take turns, so that a busy moment of the machine meets them alike:
    `seconds(predict, {"dense": (net, x), "pruned": (small, x)})`
    """
    best = dict.fromkeys(arguments, math.inf)
    for turn in range(turns + 1):
        for key, given in arguments.items():
            begin = time.perf_counter()
            function(*given)
            if turn:
                best[key] = min(best[key], time.perf_counter() - begin)
    return best
