"""Hogwild: threads run SGD on the same weights without a lock, and overwrite each other now and then.

    x, y, w   examples, targets and weights, see `linear`      f      the loss, `linear.mean_loss`
    eta       η, or a schedule of the epoch 0, 1, …            lock   who may change w at the same time

    lock           what a thread does in each step
    None           reads w and changes it, whatever the others do: an update can be lost
    "atomic"       the same, but every addition is atomic, so no update is lost
    "coordinate"   locks the coordinates of its example while it changes them
    "global"       holds one lock while it reads and changes w: serial SGD
    "round robin"  computes gradients concurrently, and writes in turn

`hogwild_step_` is the algorithm; `kernels.sgd` is the same step compiled, with the five ways to share w.
It works because sparse examples rarely share coordinates (`conflicts`). The analysis of Niu et al.
assumes "atomic": no addition to a coordinate is lost.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.linear import (
    CSR,
    ExampleOrder,
    Loss,
    SparseRows,
    StepSettings,
    WeightVector,
    epoch_settings,
    loss_slope,
    mean_loss,
    sparse_rows,
)
from lsml_core.parallel.threads import ThreadTiming, run_threads
from lsml_core.validation import Count, check_count, check_rng

Lock = Literal["atomic", "coordinate", "global", "round robin"] | None
LOCKS: tuple[Lock, ...] = (None, "atomic", "coordinate", "global", "round robin")


def hogwild_step_(w: WeightVector, rows: SparseRows, i: int | np.integer, step: StepSettings) -> None:
    """One update on example i, in place. Hogwild's threads repeat these lines without waiting for each other.

    w: weights, (d,), changed in place.   rows: examples and targets, see `linear.sparse_rows`.
    i: the example.   step: η, shrinkage and loss, see `linear.StepSettings`.
    Niu, Recht, Ré & Wright (NIPS 2011), "Hogwild!".
    """
    e, x_i, y_i = rows.example(i)  # the few coordinates that the example has, and its entries there
    w_e = w[e]  # read
    g = loss_slope(float(x_i @ w_e), y_i, step.loss)  # the gradient of example i is g·xᵢ
    change = -step.eta * (g * x_i + step.shrink[e] * w_e)
    w[e] += change  # write: if two threads add at the same moment, one of the additions can be lost


def plain_epoch_(rows: SparseRows, order: ExampleOrder, w: WeightVector, step: StepSettings) -> None:
    """One thread's epoch in plain Python: `hogwild_step_` on each example of `order`, changing w.

    w: weights, (d,), changed in place.   rows: examples and targets, see `linear.sparse_rows`.
    order: of the examples, (m,).   step: η, shrinkage and loss, see `linear.StepSettings`.
    """
    for i in order:
        hogwild_step_(w, rows, i, step)


class HogwildRun(NamedTuple):
    """The end of a run and its history.

    w: final weights.   updates: number of steps in all.   loss: f after 0, 1, … epochs.
    seconds, core_share: of each epoch (see `threads`), without compiling and without computing f.
    """

    w: WeightVector
    updates: int
    loss: Float[ndarray, " epochs+1"]
    seconds: Float[ndarray, " epochs"]
    core_share: Float[ndarray, " epochs"]

    @property
    def rate(self) -> float:
        """Updates per second in the median epoch; nan without epochs."""
        if not len(self.seconds):
            return np.nan
        return self.updates / len(self.seconds) / float(np.median(self.seconds))


def train(
    x: CSR,
    y: Num[ndarray, " n"],
    *,
    threads: Count,
    epochs: Count,
    eta: float | int | Schedule,
    rng: np.random.Generator,
    l2: float | int = 0.0,
    lock: Lock = None,
    loss: Loss = Loss.LOGISTIC,
) -> HogwildRun:
    """w ← w − η∇fᵢ(w) on the coordinates of xᵢ, from w = 0, by several threads at once.

    x: examples, CSR (n, d).   y: targets, (n,), ±1 for a classifier.
    threads: number of threads; each gets an equal part of every epoch's random order.
    epochs: passes over the data; all threads wait for each other at the end of one.
    eta: step size, or a schedule of the *epoch* k = 0, 1, ….   l2: weight of ½‖w‖².
    lock: who may change w at the same time, see the top of this module.   loss: loss of one example.

    One thread makes the same run under every lock; runs with several threads are not reproducible. A run that
    diverges ends in inf or nan and raises nothing. Without epochs w stays 0.
    ValueError: threads < 1, an unknown lock, x, y, eta, l2 or epochs out of range, or eta and l2 together too
    large for the rarest coordinate, see `linear`.
    Niu, Recht, Ré & Wright (NIPS 2011), "Hogwild!".
    """
    threads = check_count("threads", threads)
    check_lock(lock)
    check_rng(rng)
    rows, w = sparse_rows(x, y, loss), np.zeros(x.shape[1])
    values, timings = [mean_loss(rows, w, loss, l2)], []
    for step in epoch_settings(rows, len(w), eta, l2, loss, epochs):
        timings.append(run_epoch_(rows, rng.permutation(len(y)), w, step, threads=threads, lock=lock))
        values.append(mean_loss(rows, w, loss, l2))
    seconds, core_share = np.array(timings).reshape(-1, 2).T
    return HogwildRun(w, len(timings) * len(y), np.array(values), seconds, core_share)


def check_lock(lock: Lock) -> None:
    """ValueError unless `lock` is one of `LOCKS`."""
    if lock not in LOCKS:
        raise ValueError(f"lock={lock!r} must be one of {LOCKS}")


def run_epoch_(
    rows: SparseRows, order: ExampleOrder, w: WeightVector, step: StepSettings, *, threads: int, lock: Lock
) -> ThreadTiming:
    """Change w by one step on each example of `order`, shared among the threads: the compiled form.

    rows, order, w, step: as for `plain_epoch_`.   threads: number of threads.   lock: as for `train`.
    """
    from lsml_core.parallel.kernels import sgd  # lazy import: numba takes long to load

    kernels = {
        None: sgd.without_lock,
        "atomic": sgd.atomic_additions,
        "coordinate": sgd.lock_per_coordinate,
        "global": sgd.global_lock,
        "round robin": sgd.round_robin,
    }
    locks, arrived = np.zeros(len(w), np.int64), np.zeros(1, np.int64)
    parts = enumerate(np.array_split(order, threads))
    return run_threads(
        kernels[lock], [(rows, part, w, step, locks, arrived, p, threads) for p, part in parts]
    )
