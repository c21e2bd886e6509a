"""Hogwild: threads run SGD on the same weights, with no lock, and overwrite each other now and then.

    x, y, w   examples, targets and weights, see `linear`      f      the loss, `linear.mean_loss`
    eta       η, or a function of the epoch 1, 2, …            lock   who may change w at the same time

    lock           a step of one thread
    None           reads w and changes it, whatever the others do: an update can get lost
    "atomic"       the same, but each addition happens in one piece, so none is lost
    "coordinate"   locks the coordinates of its example while it changes them
    "global"       waits for its turn to read and change w: serial SGD
    "round robin"  computes its slope at any time, and changes w when its turn comes

It works because sparse examples seldom meet (`conflicts`); what it gains on this machine, `speed` measures.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.linear import CSR, Loss, Order, Rows, Step, Weights, mean_loss, rows_of, steps
from lsml_core.parallel.threads import Clock, together
from lsml_core.validation import Count, check_count

Lock = Literal["atomic", "coordinate", "global", "round robin"] | None
LOCKS: tuple[Lock, ...] = (None, "atomic", "coordinate", "global", "round robin")


class HogwildRun(NamedTuple):
    """loss[k] is f after k epochs; seconds[k], held[k] are of one epoch, without compiling or computing f."""

    w: Weights
    updates: int
    loss: Float[ndarray, " epochs+1"]
    seconds: Float[ndarray, " epochs"]
    held: Float[ndarray, " epochs"]

    @property
    def rate(self) -> float:
        """Updates a second, in the median epoch; nan without epochs."""
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
    """w ← w − η∇fᵢ(w) on the coordinates of xᵢ, from w = 0; every epoch is a new random order.

    Each thread gets an equal part of the order, and all wait for each other at the end of an epoch. One
    thread makes the same run under every lock; more than one never make the same run twice. Without epochs
    w stays 0. A run that diverges ends in inf or nan, and raises nothing.
    ValueError: threads < 1, an unknown lock, x, y, eta, l2 or epochs out of range, or eta and l2 together too
    large for the rarest coordinate, see `linear`.
    Niu, Recht, Ré & Wright (NIPS 2011), "Hogwild!".
    """
    threads = check_count("threads", threads)
    check_lock(lock)
    rows, w = rows_of(x, y, loss), np.zeros(x.shape[1])
    values, clocks = [mean_loss(rows, w, loss, l2)], []
    for step in steps(rows, len(w), eta, l2, loss, epochs):
        clocks.append(epoch_(rows, rng.permutation(len(y)), w, step, threads=threads, lock=lock))
        values.append(mean_loss(rows, w, loss, l2))
    seconds, held = np.array(clocks).reshape(-1, 2).T
    return HogwildRun(w, len(clocks) * len(y), np.array(values), seconds, held)


def check_lock(lock: Lock) -> None:
    if lock not in LOCKS:
        raise ValueError(f"lock={lock!r} must be one of {LOCKS}")


def epoch_(rows: Rows, order: Order, w: Weights, step: Step, *, threads: int, lock: Lock) -> Clock:
    """Change w by one step on each example of `order`."""
    from lsml_core.parallel.kernels import sgd  # here, because numba takes long to import

    loops = {
        None: sgd.hogwild,
        "atomic": sgd.atomic,
        "coordinate": sgd.coordinate,
        "global": sgd.one_lock,
        "round robin": sgd.round_robin,
    }
    locks, gate = np.zeros(len(w), np.int64), np.zeros(1, np.int64)
    shares = enumerate(np.array_split(order, threads))
    return together(loops[lock], [(rows, mine, w, step, locks, gate, p, threads) for p, mine in shares])
