"""Measured speed of VGG-16, pruned by filters and by weights: `python -m courseware.studies.pruning_time`.

A forward pass of 16 images of 32 × 32 pixels on one core, the shortest of nine times; takes a minute in all.

    way          what was removed                     compression  parameters before/after
    speedup      multiplications before/after         seconds      of one forward pass
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

FRACTIONS = {"three quarters": 3 / 4, "half": 1 / 2, "a quarter": 1 / 4, "an eighth": 1 / 8}
SPEEDUP, TILT = 4.0, 0.2
TILTS = {"from the end": -TILT, "everywhere": 0.0, "from the start": TILT}
IMAGE = torch.zeros(1, 3, 32, 32)


class Pruned(NamedTuple):
    """A pruned network.

    net: the network.   compression: parameters before, over those after.
    speedup: multiplications before, over those after.
    """

    net: nn.Module
    compression: float
    speedup: float


def prune_filters(net: nn.Sequential, fractions: Mapping[str, float]) -> Pruned:
    """The network without its filters of smallest mean magnitude. fractions: kept, by weight name."""
    scores = per_filter(magnitude(net, skip=("output.weight",)))
    small = shrink(net, {name: keep_top({name: s}, fractions[name])[name] for name, s in scores.items()})
    return Pruned(small, *efficiency_of(small, net, IMAGE))


def prune_weights(net: nn.Sequential, compression: float) -> Pruned:
    """The network with zeros in place of its smallest weights.

    compression: weights before over weights not 0 after, at least 1.
    """
    mask, masked = keep_top(magnitude(net), 1 / compression), copy.deepcopy(net)
    apply_(masked, mask)
    return Pruned(masked, *efficiency(net, mask, IMAGE))


def prune_with_tilt(net: nn.Sequential, tilt: float) -> Pruned:
    """Filters pruned to a speed-up of SPEEDUP; the fraction kept grows by 2^tilt from layer to layer.

    tilt: 0 keeps the same fraction of every layer, above 0 more of the later ones.
    """
    names = [name for name in prunable(net) if name != "output.weight"]
    slope = 2.0 ** (tilt * np.arange(len(names)))

    def of(log_a: float) -> Pruned:
        return prune_filters(
            net, dict(zip(names, np.clip(np.exp(log_a) * slope, 0.01, 1).tolist(), strict=True))
        )

    root = brentq(lambda log_a: of(log_a).speedup - SPEEDUP, -6, 3, xtol=1e-3, full_output=False)
    return of(float(root))  # pyright: ignore[reportArgumentType]


def main() -> None:
    net = vgg16(10, rng=np.random.default_rng(0))
    found = {"nothing": Pruned(net, 1.0, 1.0)}
    for name, fraction in FRACTIONS.items():
        found[f"{name} of the filters"] = fewer = prune_filters(net, dict.fromkeys(prunable(net), fraction))
        found[f"as many weights as {name}"] = prune_weights(net, fewer.compression)
    found |= {f"filters {where}": prune_with_tilt(net, tilt) for where, tilt in TILTS.items()}
    x = np.zeros((16, 3, 32, 32), np.float32)
    times = seconds(predict, {name: (each.net, x) for name, each in found.items()}, repeats=9)
    columns = {field: [getattr(each, field) for each in found.values()] for field in Pruned._fields[1:]}
    columns |= {"way": [*found], "seconds": [*times.values()]}
    store("pruning_time", {name: np.array(column) for name, column in columns.items()})


if __name__ == "__main__":
    main()
