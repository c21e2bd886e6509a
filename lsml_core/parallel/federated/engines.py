"""Three ways to let the clients of a round do their work; the weights they return are the same to rounding.

Loop          one client after another, as on the slide
Batched       all of them in one go, compiled
Distributed   every process of a cluster takes its share of the clients

w_k    weights after the work, (k, d, c)       order   see `local`, one for each client
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from lsml_core.parallel import engines
from lsml_core.parallel.federated.local import Orders, Work, client_update
from lsml_core.parallel.federated.model import Client, Softmax, Squares, Weights

Locals = Float64[ndarray, "k d c"]


@runtime_checkable
class Engine(Protocol):
    def run(self, clients: Sequence[Client], w: Weights, orders: Orders, work: Work) -> Locals: ...


@dataclass(frozen=True)
class Loop:
    """for each client k: w_k ← client_update(k, w)"""

    def run(self, clients: Sequence[Client], w: Weights, orders: Orders, work: Work) -> Locals:
        return np.stack([client_update(c, w, order, work) for c, order in zip(clients, orders, strict=True)])


@dataclass(frozen=True)
class Batched:
    """All clients in one sweep of compiled steps: no step waits for Python, and no size for another.

    A stack of all clients' batches, for one matrix product a step, would need places for those that a
    smaller client does not fill, and every client to be there at the same time.
    TypeError: a family other than `Softmax` and `Squares`.
    """

    def run(self, clients: Sequence[Client], w: Weights, orders: Orders, work: Work) -> Locals:
        from lsml_core.parallel.kernels.local_sgd import descend_  # here, because numba takes long to import

        if type(work.family) not in (Softmax, Squares):  # a subclass may predict otherwise
            raise TypeError(f"family={work.family} must be Softmax() or Squares(); the engine Loop takes any")
        softmax, eta, mu = isinstance(work.family, Softmax), float(work.eta), float(work.mu)
        w, w_k = np.ascontiguousarray(w), np.empty((len(clients), *w.shape))
        for k, (client, order) in enumerate(zip(clients, orders, strict=True)):
            descend_(client.x, client.y, order, work.width(order.shape[1]), eta, mu, softmax, w, w_k[k])
        return w_k


@dataclass(frozen=True)
class Distributed:
    """Worker p of `cluster` takes clients p, p + P, … and all of them learn every w_k by one all-reduce.

    with parallel.engines.gloo() as cluster:
        run = fedavg(clients, w, 10, engine=Distributed(cluster), rng=np.random.default_rng(0), …)

    Started by torchrun, as described there. Every process needs an `rng` of the same seed, and reads the
    data of its own clients only.
    """

    cluster: engines.Engine
    each: Engine = Batched()

    def run(self, clients: Sequence[Client], w: Weights, orders: Orders, work: Work) -> Locals:
        def part(p: int) -> Locals:
            mine = range(p, len(clients), self.cluster.workers)
            w_k = np.zeros((len(clients), *w.shape))
            if mine:
                w_k[mine] = self.each.run([clients[k] for k in mine], w, [orders[k] for k in mine], work)
            return w_k

        return self.cluster.total(part)
