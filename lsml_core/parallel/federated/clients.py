"""The clients: each a device with examples of its own, which never leave it.

x    inputs (n, d)      y    targets (n, c): one-hot labels, or numbers
w    weights (d, c)     n_k  examples of client k
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray

from lsml_core.data.clients import Partition
from lsml_core.data.datasets import Dataset, checked_indices
from lsml_core.validation import check_kind, kind_of

ModelWeights = Float64[ndarray, "*shape"]
StartWeights = Float[ndarray, "*shape"]
"""What a caller starts from; converted to float64."""
PerClient = Float64[ndarray, " clients"]


class Client(NamedTuple):
    """One device and the examples that never leave it. The arrays belong to the caller and are not copied.

    x: inputs, (n, d).   y: targets, (n, c): one-hot labels, or numbers.
    """

    x: Float64[ndarray, "n d"]
    y: Float64[ndarray, "n c"]


def check_clients(clients: Any) -> list[Client]:
    """The clients as a list. ValueError unless all are records of `Client`; a pair of arrays is none."""
    needed = "a Client(x, y); `client_of` and `partition` make them of a Dataset"
    if isinstance(clients, Client | Dataset) or not isinstance(clients, Iterable):
        raise ValueError(f"clients is {kind_of(clients)}, and must be a list, each {needed}")
    return [check_kind(f"clients[{k}]", client, Client, needed) for k, client in enumerate(clients)]


def client_of(data: Dataset) -> Client:
    """A data set as one client: flat inputs with a constant 1 appended (the intercept), one-hot labels.

    data: n examples.   ValueError: something else than a `Dataset`.
    """
    check_kind("data", data, Dataset, "a Dataset")
    flat = data.x.reshape(len(data), -1).astype(np.float64)
    return Client(np.hstack([flat, np.ones((len(data), 1))]), np.eye(len(data.classes))[data.y])


def partition(data: Dataset, parts: Partition) -> list[Client]:
    """One client per index array in `parts`, as made by `data.clients`; an example may go to several.

    ValueError: an index outside 0 … n − 1, or a client without examples.
    """
    check_kind("data", data, Dataset, "a Dataset")
    for k, part in enumerate(parts):
        if not len(checked_indices(part, len(data))):
            raise ValueError(f"client {k} has no examples")
    whole = client_of(data)
    return [Client(whole.x[part], whole.y[part]) for part in parts]


def zeros(clients: Sequence[Client]) -> ModelWeights:
    """w = 0 of shape (d, c), for linear models on these clients."""
    first = check_clients(clients)[0]
    return np.zeros((first.x.shape[1], first.y.shape[1]))


def sizes(clients: Sequence[Client]) -> PerClient:
    """n_k of every client.

    clients: each with n_k examples.
    """
    return np.array([len(client.y) for client in check_clients(clients)], dtype=float)


def mean(values: PerClient, clients: Sequence[Client]) -> float:
    """Σ n_k values_k / Σ n_k: the mean over all examples.

    values: one number per client.   clients: whose sizes n_k weigh them.
    """
    return float(np.average(values, weights=sizes(clients)))
