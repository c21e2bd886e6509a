"""VGG-16 pruned by filters and by single weights, on a clock: `python -m courseware.studies.pruning_time`.

The forward pass of 16 images of 32 × 32 pixels on one core, the shortest of some times; a minute in all.

    way          what was cut                         compression  parameters before/after
    speedup      multiplications before/after         seconds      of a pass
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import copy
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import brentq
from torch import nn

from courseware.studies import store
from courseware.studies.timing import seconds
from lsml_core.models import vgg16
from lsml_core.pruning.masks import apply_, keep_top
from lsml_core.pruning.metrics import efficiency, efficiency_of
from lsml_core.pruning.scores import magnitude, prunable
from lsml_core.pruning.structured import per_filter, shrink
from lsml_core.training import predict

SHARES = {"three quarters": 3 / 4, "half": 1 / 2, "a quarter": 1 / 4, "an eighth": 1 / 8}
SPEEDUP, TILT = 4.0, 0.2
TILTS = {"from the end": -TILT, "everywhere": 0.0, "from the start": TILT}
IMAGE = torch.zeros(1, 3, 32, 32)


class Pruned(NamedTuple):
    net: nn.Module
    compression: float
    speedup: float


def of_filters(net: nn.Sequential, shares: Mapping[str, float]) -> Pruned:
    """The network without its filters of smallest mean magnitude; `shares` are kept, by layer."""
    scores = per_filter(magnitude(net, skip=("output.weight",)))
    small = shrink(net, {name: keep_top({name: s}, shares[name])[name] for name, s in scores.items()})
    return Pruned(small, *efficiency_of(small, net, IMAGE))


def of_weights(net: nn.Sequential, compression: float) -> Pruned:
    """The same network, with zeros in place of its smallest weights."""
    mask, masked = keep_top(magnitude(net), 1 / compression), copy.deepcopy(net)
    apply_(masked, mask)
    return Pruned(masked, *efficiency(net, mask, IMAGE))


def tilted(net: nn.Sequential, tilt: float) -> Pruned:
    """A theoretical speed-up of SPEEDUP, where the next layer keeps 2^tilt times the share."""
    names = [name for name in prunable(net) if name != "output.weight"]
    slope = 2.0 ** (tilt * np.arange(len(names)))

    def of(log_a: float) -> Pruned:
        return of_filters(
            net, dict(zip(names, np.clip(np.exp(log_a) * slope, 0.01, 1).tolist(), strict=True))
        )

    root = brentq(lambda log_a: of(log_a).speedup - SPEEDUP, -6, 3, xtol=1e-3, full_output=False)
    return of(float(root))  # pyright: ignore[reportArgumentType]


def main() -> None:
    net = vgg16(10, rng=np.random.default_rng(0))
    found = {"nothing": Pruned(net, 1.0, 1.0)}
    for name, share in SHARES.items():
        found[f"{name} of the filters"] = fewer = of_filters(net, dict.fromkeys(prunable(net), share))
        found[f"as many weights as {name}"] = of_weights(net, fewer.compression)
    found |= {f"filters {where}": tilted(net, tilt) for where, tilt in TILTS.items()}
    x = np.zeros((16, 3, 32, 32), np.float32)
    times = seconds(predict, {name: (each.net, x) for name, each in found.items()}, turns=9)
    columns = {field: [getattr(each, field) for each in found.values()] for field in Pruned._fields[1:]}
    columns |= {"way": [*found], "seconds": [*times.values()]}
    store("pruning_time", {name: np.array(column) for name, column in columns.items()})


if __name__ == "__main__":
    main()
