"""The work of one client in one round: a few epochs of SGD on its own examples, starting from w.

w      global weights, (d, c)         w_k    client k's weights, after its work
order  the examples in the order of their use, (epochs, m): one row an epoch, cut into batches
eta    η, step size                   mu     μ, pull towards w: 0 is FedAvg, above 0 FedProx
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from lsml_core.parallel.federated.model import Client, Family, Softmax, Weights
from lsml_core.validation import Count, check_count, check_not_negative, check_positive

Order = Int64[ndarray, "epochs m"]
Orders = Sequence[Int64[ndarray, "_ _"]]  # one a client, each of its own size


@dataclass(frozen=True)
class Work:
    """How every client works; batch None is all of a client's examples at once, and so is a larger batch."""

    eta: float | int
    batch: Count | None
    mu: float | int = 0.0
    family: Family = Softmax()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        check_positive(eta=self.eta)
        check_not_negative(mu=self.mu)
        if self.batch is not None:
            object.__setattr__(self, "batch", check_count("batch", self.batch))

    def width(self, m: int) -> int:
        """Examples in a batch of a client that uses m of them an epoch."""
        return m if self.batch is None else min(int(self.batch), m)


def client_update(client: Client, w: Weights, order: Order, work: Work) -> Weights:
    """SGD on F_k(w_k) + μ/2 ‖w_k − w‖²:  w_k ← w_k − η(∇F_B(w_k) + μ(w_k − w)) for every batch B.

    Nothing but `order` is random, and nothing is kept from one round to the next: the same call gives the
    same w_k on any engine.
    McMahan et al. (AISTATS 2017) for μ = 0, Li et al. (MLSys 2020) for μ > 0.
    """
    w_k = w
    b = work.width(order.shape[1])
    for epoch in order:
        for first in range(0, len(epoch), b):
            batch = epoch[first : first + b]
            x, y = client.x[batch], client.y[batch]
            g = x.T @ (work.family.predict(x @ w_k) - y) / len(batch)
            w_k = w_k - work.eta * (g + work.mu * (w_k - w))
    return w_k


def shuffled(n: int, epochs: int, *, rng: np.random.Generator) -> Order:
    """Every example once an epoch, in a new random order each time."""
    return rng.permuted(np.tile(np.arange(n), (epochs, 1)), axis=1)
