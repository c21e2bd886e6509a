"""Who did what when: recovered from the record of one simulated epoch.

A worker reads w right after it wrote, and at the start.

    k       update, in the order of writing       tau[k], end[k]   its staleness and time, see `staleness`
    begin   when its worker read w                previous         the update that this worker made before
    position   of its example in the order of the epoch

A worker's first update has no previous one, and a record does not say which of the first P examples it used.
So only later updates are `traceable`: those whose example, and the examples of the τ updates that they
missed, are all known.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Int64
from numpy import ndarray

from lsml_core.parallel.linear import CSR, ExampleOrder
from lsml_core.validation import check_kind


class UpdateTimeline(NamedTuple):
    """One entry per update, in the order of writing.

    worker: 0 … P − 1.   begin, end: when w was read and written.   position: of its example in the order of
    the epoch, −1 if not known.   tau: updates by others in between.   traceable: see the top of this module.
    """

    worker: Int64[ndarray, " n"]
    begin: Float[ndarray, " n"]
    end: Float[ndarray, " n"]
    position: Int64[ndarray, " n"]
    tau: Int[ndarray, " n"]
    traceable: Bool[ndarray, " n"]

    @property
    def seconds(self) -> Float[ndarray, " n"]:
        """From reading to writing."""
        return self.end - self.begin


def update_timeline(tau: Int[ndarray, " n"], end: Float[ndarray, " n"], workers: int) -> UpdateTimeline:
    """The updates of one epoch of `simulate` without a lock.

    tau, end: the epoch's row of the simulation's record; its time began at 0.   workers: P.
    The last update that a worker had seen when it read w was its own, so its previous one is k − τ − 1.
    """
    k = np.arange(len(tau))
    previous = k - tau - 1
    first = previous < 0
    worker = np.where(first, np.cumsum(first) - 1, 0)
    for i in np.flatnonzero(~first):
        worker[i] = worker[previous[i]]
    position = np.where(first, -1, previous + workers)
    traceable = k - tau > k[first].max(initial=-1)
    return UpdateTimeline(worker, np.where(first, 0.0, end[previous]), end, position, tau, traceable)


def conflicting_reads(x: CSR, order: ExampleOrder, timeline: UpdateTimeline) -> Bool[ndarray, " n"]:
    """Whether a weight that an update had read was changed by others before it wrote.

    timeline: the updates of the epoch, see `update_timeline`.
    x: examples, CSR (n, d).   order: of the examples in the epoch.
    False for updates that are not traceable.
    Compares all pairs: for a few thousand updates at most.
    """
    from scipy.sparse import csr_matrix

    _check_timeline(timeline)
    pattern = csr_matrix((np.ones(len(x.data)), x.indices, x.indptr), x.shape)[order[timeline.position]]
    shared_so_far = ((pattern @ pattern.T).toarray() > 0).cumsum(axis=1)
    k = np.flatnonzero(timeline.traceable)
    last_missed, last_seen = k - 1, k - timeline.tau[k] - 1  # traceable: last_seen ≥ 0
    changed = np.zeros(len(order), bool)
    changed[k] = shared_so_far[k, last_missed] > shared_so_far[k, last_seen]
    return changed


def speed_up_over_synchronous(timeline: UpdateTimeline, workers: int) -> float:
    """Updates per second, over those of workers who wait for the slowest one at every step.

    timeline: the updates of one epoch.   workers: P.
    The same computing times are dealt to synchronous steps of `workers` each; all start in one epoch.
    """
    _check_timeline(timeline)
    seconds = timeline.seconds[timeline.tau < np.arange(len(timeline.tau))]
    steps = seconds[: len(seconds) // workers * workers].reshape(-1, workers)
    return float(steps.max(axis=1).mean() / steps.mean())


def _check_timeline(timeline: UpdateTimeline) -> None:
    check_kind("timeline", timeline, UpdateTimeline, "an UpdateTimeline, as update_timeline returns it")
