"""Who did what when, read off the record of one simulated epoch, where a worker reads w right after writing.

    k       update, in the order of writing       tau[k], end[k]   its staleness and time, see `staleness`
    begin   when its worker read w                source           the update that this worker made before
    place   position of its example in the order of the epoch

An update is `settled` if all that is known about it and about the τ updates that it missed: a worker's first
update has no source, and a record does not say which of the first P examples it was.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Int64
from numpy import ndarray

from lsml_core.parallel.linear import CSR, Order


class Updates(NamedTuple):
    worker: Int64[ndarray, " n"]
    begin: Float[ndarray, " n"]
    end: Float[ndarray, " n"]
    place: Int64[ndarray, " n"]
    tau: Int[ndarray, " n"]
    settled: Bool[ndarray, " n"]

    @property
    def seconds(self) -> Float[ndarray, " n"]:
        return self.end - self.begin


def updates(tau: Int[ndarray, " n"], end: Float[ndarray, " n"], workers: int) -> Updates:
    """The updates of one epoch of `simulate`, without a lock, whose time began at 0.

    The last update that a worker had seen when it read w was its own, so `source` is k − τ − 1.
    """
    k = np.arange(len(tau))
    source = k - tau - 1
    first = source < 0
    worker = np.where(first, np.cumsum(first) - 1, 0)
    for i in np.flatnonzero(~first):
        worker[i] = worker[source[i]]
    place = np.where(first, -1, source + workers)
    settled = k - tau > k[first].max(initial=-1)
    return Updates(worker, np.where(first, 0.0, end[source]), end, place, tau, settled)


def overtaken(x: CSR, order: Order, run: Updates) -> Bool[ndarray, " n"]:
    """Whether a weight that an update had read was changed before it wrote; False for those not settled.

    Compares all pairs: for a few thousand updates at most.
    """
    from scipy.sparse import csr_matrix

    pattern = csr_matrix((np.ones(len(x.data)), x.indices, x.indptr), x.shape)[order[run.place]]
    met = ((pattern @ pattern.T).toarray() > 0).cumsum(axis=1)
    k = np.flatnonzero(run.settled)
    before, since = k - 1, k - run.tau[k] - 1  # settled: since ≥ 0
    changed = np.zeros(len(order), bool)
    changed[k] = met[k, before] > met[k, since]
    return changed
