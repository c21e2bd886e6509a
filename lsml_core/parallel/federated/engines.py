"""Three ways to run the clients of a round; the weights they return are the same up to rounding.

SerialEngine        one client after another, as on the slide: the plain form
BatchedEngine       all of them in one go, compiled
DistributedEngine   every process of a cluster takes its share of the clients

w_k    weights after the local work, (k, d, c)       orders   one order per client, see `local`
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from lsml_core.parallel.engines import AllReduceEngine
from lsml_core.parallel.federated.clients import Client, ModelWeights
from lsml_core.parallel.federated.local import ClientOrders, LocalSGD, client_update
from lsml_core.parallel.federated.model import LinearRegression, SoftmaxRegression
from lsml_core.validation import check_kind

LocalWeights = Float64[ndarray, "k *shape"]


class ClientEngine:
    """Runs the local work of one round."""

    def run(
        self, clients: Sequence[Client], w: ModelWeights, orders: ClientOrders, local: LocalSGD
    ) -> LocalWeights:
        """w_k of every client that is given, (clients, …), in their order.

        clients: those whose work is used.   w: global weights, where all of them start.
        orders: for each client the order of its examples in each epoch, (epochs, n_k).
        local: step size, batch and proximal term.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class SerialEngine(ClientEngine):
    """for each client k: w_k ← client_update(k, w)"""

    def run(
        self, clients: Sequence[Client], w: ModelWeights, orders: ClientOrders, local: LocalSGD
    ) -> LocalWeights:
        return np.stack([client_update(c, w, order, local) for c, order in zip(clients, orders, strict=True)])


@dataclass(frozen=True)
class BatchedEngine(ClientEngine):
    """All clients in one sweep of compiled steps, without a call to numpy for each step.

    A family other than `SoftmaxRegression` and `LinearRegression` has no compiled step: `SerialEngine` then
    does the work. A stack of all clients' batches, for one matrix product per step, would need padding for
    every smaller client, and all clients in memory at the same time.
    """

    def run(
        self, clients: Sequence[Client], w: ModelWeights, orders: ClientOrders, local: LocalSGD
    ) -> LocalWeights:
        if type(local.family) not in (SoftmaxRegression, LinearRegression):  # a subclass may differ
            return SerialEngine().run(clients, w, orders, local)
        from lsml_core.parallel.kernels.local_sgd import descend_  # lazy import: numba takes long to load

        softmax, eta, mu = type(local.family) is SoftmaxRegression, float(local.eta), float(local.mu)
        w, w_k = np.ascontiguousarray(w), np.empty((len(clients), *w.shape))
        for k, (client, order) in enumerate(zip(clients, orders, strict=True)):
            b = local.batch_size(order.shape[1])
            descend_(client.x, client.y, order, b, eta, mu, softmax, w, w_k[k])
        return w_k


@dataclass(frozen=True)
class DistributedEngine(ClientEngine):
    """Worker p of `cluster` takes clients p, p + P, …; one all-reduce then gives every w_k to all workers.

    with parallel.engines.gloo() as cluster:
        run = fedavg(clients, w, 10, engine=DistributedEngine(cluster), rng=np.random.default_rng(0), …)

    cluster: who adds up the workers' parts.   each: how a worker runs its own clients.
    Started by torchrun, as described in `parallel.engines`. Every process needs an `rng` of the same seed,
    and reads the data of its own clients only.
    """

    cluster: AllReduceEngine
    each: ClientEngine = BatchedEngine()

    def __post_init__(self) -> None:
        check_kind("cluster", self.cluster, AllReduceEngine, "an engine that adds up parts, as gloo() gives")
        check_kind("each", self.each, ClientEngine, "an engine, such as BatchedEngine()")

    def run(
        self, clients: Sequence[Client], w: ModelWeights, orders: ClientOrders, local: LocalSGD
    ) -> LocalWeights:
        def part(p: int) -> LocalWeights:
            own = range(p, len(clients), self.cluster.workers)
            w_k = np.zeros((len(clients), *w.shape))
            if own:
                w_k[own] = self.each.run([clients[k] for k in own], w, [orders[k] for k in own], local)
            return w_k

        return self.cluster.sum_of_parts(part)
