"""Three ways to let the clients of a round do their work; the weights they return are the same to rounding.

Loop          one client after another, as on the slide
Batched       all at once: step t of every client is one stacked matrix product
Distributed   every process of a cluster takes its share of the clients

w_k    weights after the work, (k, d, c)       order   see `local`, one for each client
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from lsml_core.parallel import engines
from lsml_core.parallel.federated.local import Order, Orders, Work, client_update
from lsml_core.parallel.federated.model import Client, Weights

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
    """All clients in step, and nobody waits: a client that is done leaves the stack.

    A step costs little more than that of one client, so the gain over `Loop` is about the mean number of
    clients in the stack. Clients of unequal size lose nothing but empty places in the last batch of an
    epoch; where a batch is all of a client's data, those whose sizes agree to a factor of 2 form a stack.
    """

    def run(self, clients: Sequence[Client], w: Weights, orders: Orders, work: Work) -> Locals:
        w_k = np.empty((len(clients), *w.shape))
        for group in _similar([work.width(order.shape[1]) for order in orders]):
            stack = _stacked([clients[k] for k in group], [orders[k] for k in group], work)
            w_k[group] = _in_step(stack, w, work)
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


# --- the stack of `Batched` -------------------------------------------------------------------------


class Stack(NamedTuple):
    """Steps of all clients, sorted by time: those of step t are rows bounds[t] … bounds[t + 1].

    rows[s] are places in x and y, the last of which is an empty example that adds nothing to a gradient.
    The client with most steps comes first, so that the clients still at work are always the first ones.
    """

    x: Float64[ndarray, "examples d"]
    y: Float64[ndarray, "examples c"]
    rows: Int64[ndarray, "steps b"]
    filled: Float64[ndarray, " steps"]
    bounds: list[int]
    ranks: Int64[ndarray, " k"]  # client k's place in the stack


def _similar(widths: Sequence[int]) -> Iterator[Int64[ndarray, " _"]]:
    """Clients whose batches are of the same size up to a factor of 2."""
    octave = np.ceil(np.log2(widths)).astype(int)
    return (np.flatnonzero(octave == o) for o in np.unique(octave))


def _stacked(clients: Sequence[Client], orders: Orders, work: Work) -> Stack:
    b = max(work.width(order.shape[1]) for order in orders)
    x = np.concatenate([c.x for c in clients] + [np.zeros((1, clients[0].x.shape[1]))])
    y = np.concatenate([c.y for c in clients] + [np.zeros((1, clients[0].y.shape[1]))])
    first = np.cumsum([0] + [len(c.y) for c in clients])
    empty = len(x) - 1
    tables = [_cut(order + first[k], work, b, empty) for k, order in enumerate(orders)]
    steps = np.array([len(table) for table in tables])
    most_first = np.argsort(-steps, kind="stable")
    rows = np.concatenate([tables[k] for k in most_first])
    time = np.concatenate([np.arange(len(tables[k])) for k in most_first])
    rows = rows[np.argsort(time, kind="stable")]
    bounds = np.cumsum(np.concatenate([[0], np.bincount(time)])).tolist()
    filled = (rows != empty).sum(1).astype(float)
    return Stack(x, y, rows, filled, bounds, np.argsort(most_first))


def _cut(order: Order, work: Work, b: int, empty: int) -> Int64[ndarray, "steps b"]:
    """A row a batch, its free places empty."""
    epochs, m = order.shape
    own = work.width(m)
    table = np.full((epochs, -(-m // own) * own), empty)
    table[:, :m] = order
    rows = np.full((table.size // own, b), empty)
    rows[:, :own] = table.reshape(-1, own)
    return rows


def _in_step(stack: Stack, w: Weights, work: Work) -> Locals:
    """`client_update` of all clients, step by step; fresh memory for x and g would cost more than sums."""
    w_k = np.repeat(w[None], len(stack.ranks), axis=0)
    x_room, g_room = np.empty((len(w_k), stack.rows.shape[1], len(w))), np.empty_like(w_k)
    scale, pull = (work.eta / stack.filled)[:, None, None], work.eta * work.mu
    for first, last in pairwise(stack.bounds):
        a = last - first
        active, rows = w_k[:a], stack.rows[first:last]
        x = stack.x.take(rows, axis=0, out=x_room[:a], mode="clip")  # "clip": the default makes a copy
        r = (work.family.predict(x @ active) - stack.y.take(rows, axis=0)) * scale[first:last]
        if pull:
            active *= 1 - pull
            active += pull * w
        active -= np.matmul(x.swapaxes(1, 2), r, out=g_room[:a])
    return w_k[stack.ranks]
