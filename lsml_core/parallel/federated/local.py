"""The work of one client in one round: a few epochs of SGD on its own examples, starting from w.

w      global weights, (d, c)         w_k    client k's weights after its work
order  the examples in the order of their use, (epochs, m): one row per epoch, cut into batches
eta    η, step size                   mu     μ, weight of the proximal term: 0 is FedAvg, above 0 FedProx
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from lsml_core.parallel.federated.clients import Client, ModelWeights
from lsml_core.parallel.federated.model import Family, SoftmaxRegression, check_family
from lsml_core.validation import Count, check_count, check_kind, check_not_negative, check_positive, check_rng

EpochOrders = Int64[ndarray, "epochs m"]
ClientOrders = Sequence[Int64[ndarray, "_ _"]]  # one `EpochOrders` per client, each of its own size


@dataclass(frozen=True)
class LocalSGD:
    """How every client works.

    eta: step size.   batch: examples per step; None, or more than a client has, is all of its examples.
    mu: weight of the proximal term.   family: the model and its loss.
    """

    eta: float | int
    batch: Count | None
    mu: float | int = 0.0
    family: Family = SoftmaxRegression()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        check_family(self.family)
        check_positive(eta=self.eta)
        check_not_negative(mu=self.mu)
        if self.batch is not None:
            object.__setattr__(self, "batch", check_count("batch", self.batch))

    def batch_size(self, m: int) -> int:
        """Examples per step of a client that uses m examples per epoch."""
        return m if self.batch is None else min(int(self.batch), m)


def client_update(client: Client, w: ModelWeights, order: EpochOrders, local: LocalSGD) -> ModelWeights:
    """SGD on F_k(w_k) + μ/2 ‖w_k − w‖²:  w_k ← w_k − η(∇F_B(w_k) + μ(w_k − w)) for every batch B.

    client: its examples.   w: global weights.   order: which examples each epoch visits.   local: η, B, μ.
    Only `order` is random, and nothing is kept from one round to the next: the same call gives the same w_k
    on any engine. `kernels.local_sgd` is the same, compiled for the two linear families.
    McMahan et al. (AISTATS 2017) for μ = 0, Li et al. (MLSys 2020) for μ > 0.
    """
    check_kind("client", client, Client, "a Client(x, y)")
    check_kind("local", local, LocalSGD, "a record of settings, such as LocalSGD(eta=0.1, batch=10)")
    w_k, b = w, local.batch_size(order.shape[1])
    for epoch in order:
        for first in range(0, len(epoch), b):
            batch = epoch[first : first + b]
            g = local.family.gradient(w_k, Client(client.x[batch], client.y[batch]))
            w_k = w_k - local.eta * (g + local.mu * (w_k - w))
    return w_k


def shuffled(n: int, epochs: int, *, rng: np.random.Generator) -> EpochOrders:
    """Every example once per epoch, in a new random order each time.

    n: number of examples.   epochs: number of rows of the result.
    """
    return check_rng(rng).permuted(np.tile(np.arange(n), (epochs, 1)), axis=1)
