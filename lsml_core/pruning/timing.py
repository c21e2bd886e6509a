"""How long it takes, on the machine that runs this: theory counts multiplications, a clock does not."""

import math
import time
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Way = TypeVar("Way", bound=Hashable)


def seconds(ways: Mapping[Way, Callable[[], object]], *, turns: int = 5) -> dict[Way, float]:
    """The shortest of `turns` times of each way, after one that does not count.

    All ways take turns, so that a busy moment of the machine meets them alike.
    `seconds({"dense": partial(predict, net, x), "pruned": partial(predict, small, x)})`
    """
    best = dict.fromkeys(ways, math.inf)
    for turn in range(turns + 1):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            if turn:
                best[name] = min(best[name], time.perf_counter() - begin)
    return best
