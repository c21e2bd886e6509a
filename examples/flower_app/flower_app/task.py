"""What both sides know: the clients' data, and which batches each client uses in round t.

On real devices `clients` would read what lies there, and `all_orders` would draw from the device's own rng.
Here both follow the run's seed, so that the result can be compared with `fedavg` to the last digit.
"""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Context

from lsml_core.data.clients import synthetic
from lsml_core.parallel.federated import Client, client_of
from lsml_core.parallel.federated.local import ClientOrders, shuffled


def settings(context: Context) -> dict[str, Any]:
    """The run's, or the project's own where there is no `flwr run` to hand them over."""
    if context.run_config:
        return context.run_config
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    return project["tool"]["flwr"]["app"]["config"]


@cache
def clients(count: int, largest: int, seed: int) -> list[Client]:
    """synthetic(1, 1): unequal sizes, unequal data."""
    data = synthetic(1, 1, count, rng=np.random.default_rng(seed), largest=largest)
    return [client_of(one) for one in data]


@lru_cache(maxsize=1)
def all_orders(t: int, count: int, largest: int, epochs: int, seed: int) -> ClientOrders:
    """The batches of every client in round t = 1, 2, …, as `fedavg` with everybody chosen draws them.

    Its third stream is for shuffling, and has a child for every round.
    """
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, t - 1)))
    return [shuffled(len(client.y), epochs, rng=stream) for client in clients(count, largest, seed)]
