"""Asynchronous SGD as a sequence of events: P workers, simulated one update at a time, with a clock.

    x, y, w   examples, targets and weights, see `linear`    P (workers)   any number, on one core
    τ (tau)   updates made between reading w for an          η (eta)       step size
              update and writing it

A worker reads w all at once, computes for a while, and then changes w all at once, w ← w − η∇fᵢ(w as read):
no update is lost, so staleness alone makes the run differ from a serial one. `delayed_sgd` is that recursion;
`simulate` finds out which delays a machine causes, compiled in `kernels.simulation`. For a sparse linear
model a worker in flight is one number, its slope, whatever the size of w.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Num
from numpy import ndarray

from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.delayed_descent import delayed_descent, longest_stable_delay, stability_limit
from lsml_core.parallel.hogwild import Lock, check_lock
from lsml_core.parallel.linear import (
    CSR,
    ExampleOrder,
    Loss,
    SparseRows,
    WeightVector,
    epoch_settings,
    loss_slope,
    mean_loss,
    sparse_rows,
)
from lsml_core.validation import (
    Count,
    check_count,
    check_indices,
    check_kind,
    check_not_negative,
    check_positive,
    check_rng,
)

__all__ = [
    "Machine",
    "Simulation",
    "delayed_descent",
    "delayed_sgd",
    "longest_stable_delay",
    "simulate",
    "stability_limit",
]


def delayed_sgd(
    x: CSR,
    y: Num[ndarray, " n"],
    order: ExampleOrder,
    tau: Int[ndarray, " m"],
    *,
    eta: float | int,
    loss: Loss = Loss.LOGISTIC,
) -> Float[ndarray, "m+1 d"]:
    """w_{k+1} = w_k − η∇f_{i_k}(w_{k−τ_k}): all weights w_0 = 0, w_1, …, in plain Python.

    x, y: examples, CSR (n, d), and targets, (n,).   order: i_k, the example of the k-th update to be written.
    tau: τ_k, its delay, at most k.   eta: step size.   loss: loss of one example.
    The plain form of what `simulate` computes, for delays that are known.
    """
    check_positive(eta=eta)
    rows, order, tau = sparse_rows(x, y, loss), check_indices("order", order, x.shape[0]), np.asarray(tau)
    if (
        tau.shape != order.shape
        or tau.dtype.kind not in "iu"
        or ((tau < 0) | (tau > np.arange(len(tau)))).any()
    ):
        raise ValueError(f"tau={tau} must be {len(order)} integers, the k-th of them from 0 to k")
    w = np.zeros((len(order) + 1, x.shape[1]))
    for k, i in enumerate(order):
        e, x_i, y_i = rows.example(i)
        w_read = w[k - tau[k]]
        g = loss_slope(float(x_i @ w_read[e]), y_i, loss)
        w[k + 1] = w[k]
        w[k + 1, e] -= eta * g * x_i
    return w


@dataclass(frozen=True)
class Machine:
    """How long operations take, in any unit of time; `thread_speed.measured_machine` measures this computer.

    read, write: time per coordinate to compute the slope, and to change w.
    atomic: extra time per coordinate if the addition is atomic.
    lock: time to take and release a lock.
    transfer: time to fetch a cache line of 8 weights that another worker touched last.
    spread: standard deviation of the logarithm of a log-normal factor of mean 1 on the time to compute a
        slope.
    preemption: probability that the worker loses its core meanwhile, in [0, 1].   pause: for how long.
    """

    read: float | int = 0.5
    write: float | int = 0.5
    atomic: float | int = 0.0
    lock: float | int = 0.0
    transfer: float | int = 0.0
    spread: float | int = 0.0
    preemption: float | int = 0.0
    pause: float | int = 0.0

    def __post_init__(self) -> None:
        check_not_negative(**vars(self))
        if self.preemption > 1 or self.read + self.write == 0:
            raise ValueError(
                f"preemption={self.preemption} must be at most 1, and read or write must be above 0"
            )


class Simulation(NamedTuple):
    """A simulated run.

    w: final weights.   updates: number of steps in all.   loss: f after 0, 1, … epochs.
    tau, end: delay and time of every update, one row per epoch; times count from the start of the run.
    """

    w: WeightVector
    updates: int
    loss: Float[ndarray, " epochs+1"]
    tau: Int[ndarray, "epochs n"]
    end: Float[ndarray, "epochs n"]

    @property
    def seconds(self) -> float:
        """Time of the last update."""
        return float(self.end[-1, -1]) if len(self.end) else 0.0


def simulate(
    x: CSR,
    y: Num[ndarray, " n"],
    *,
    workers: Count,
    epochs: Count,
    eta: float | int | Schedule,
    rng: np.random.Generator,
    l2: float | int = 0.0,
    lock: Lock = None,
    loss: Loss = Loss.LOGISTIC,
    machine: Machine = Machine(),
) -> Simulation:
    """The run of `hogwild.train` with `workers` threads; with one worker, the very same run.

    x, y, epochs, eta, l2, lock, loss: as for `hogwild.train`; eta may be a function of the *epoch*.
    workers: P, the number of simulated workers.   machine: how long operations take.

    Whoever is done takes the next example of the order; at the end of an epoch all wait. A lock of a single
    coordinate costs the time to take it; that two workers want the same one at the same moment is left out.
    ValueError: workers < 1, and whatever `hogwild.train` refuses.
    """
    workers, epochs = check_count("workers", workers), check_count("epochs", epochs, 0)
    check_lock(lock)
    check_kind("machine", machine, Machine, "a record of times, such as Machine(read=0.5)")
    from lsml_core.parallel.kernels import simulation  # lazy import: numba takes long to load

    rows, w = sparse_rows(x, y, loss), np.zeros(x.shape[1])
    n, jitter = len(y), check_rng(rng).spawn(1)[0]
    values, begin = [mean_loss(rows, w, loss, l2)], 0.0
    tau, end = np.zeros((epochs, n), np.int64), np.zeros((epochs, n))
    for epoch, step in enumerate(epoch_settings(rows, len(w), eta, l2, loss, epochs)):
        order = rng.permutation(n)
        owner = np.full(len(w) // simulation.LINE + 1, -1)
        plan = _plan(rows, order, machine, lock, jitter)
        simulation.simulate_epoch_(rows, order, w, step, plan, owner, tau[epoch], end[epoch], workers)
        end[epoch] += begin
        begin = end[epoch, -1]
        values.append(mean_loss(rows, w, loss, l2))
    return Simulation(w, epochs * n, np.array(values), tau, end)


def _plan(
    rows: SparseRows, order: ExampleOrder, machine: Machine, lock: Lock, rng: np.random.Generator
) -> Any:
    """When each example of the order may be written, and for how long nobody else may write."""
    from lsml_core.parallel.kernels.simulation import EpochPlan

    size = np.diff(rows.starts)[order]
    z, preempted = rng.normal(size=len(order)), rng.random(len(order)) < machine.preemption
    factor = np.exp(machine.spread * z - machine.spread**2 / 2)
    compute = machine.read * size * factor + machine.pause * preempted
    extra = {"atomic": machine.atomic, "coordinate": machine.lock}.get(lock or "", 0.0)
    write = (machine.write + extra) * size
    if lock in ("global", "round robin"):
        return EpochPlan(compute, write + machine.lock, float(machine.transfer), True, lock == "global")
    return EpochPlan(compute + write, 0 * write, float(machine.transfer), False, False)
