"""Asynchronous SGD as a sequence of events: P workers, simulated one update at a time, with a clock.

    x, y, w   examples, targets and weights, see `linear`    P (workers)   any number, on one core
    τ (tau)   updates made between the reading of w for an   η (eta)       step size
              update and its writing

A worker reads w all at once, computes for a while, and then changes w all at once, w ← w − η∇fᵢ(w as read):
so no update is lost, and what makes the run differ from a serial one is staleness alone. For a sparse linear
model a worker in flight is one number, the slope, whatever the size of w.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Num
from numpy import ndarray

from lsml_core.optimization.schedules import Schedule
from lsml_core.parallel.hogwild import Lock, check_lock
from lsml_core.parallel.linear import CSR, Loss, Order, Rows, Weights, mean_loss, rows_of, steps
from lsml_core.validation import Count, check_count, check_finite

Numbers = float | int | Num[ndarray, "..."]


@dataclass(frozen=True)
class Machine:
    """What things take, in any unit of time; `measured_machine` finds it for this computer, in seconds.

    read, write   one coordinate, to compute the slope and to change w
    atomic        on top of `write`, if an addition is made in one piece
    lock          to take a lock and let go of it
    transfer      to get a line of 8 weights that another worker touched last
    spread        σ of a log-normal factor of mean 1 on the time to compute a slope
    preemption    probability that the worker loses its core meanwhile, for `pause`
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
        for name, value in vars(self).items():
            if not 0 <= value < np.inf:
                raise ValueError(f"{name}={value} must be finite and at least 0")
        if self.preemption > 1 or self.read + self.write == 0:
            raise ValueError(f"preemption={self.preemption} must be at most 1, and read or write be above 0")


class Simulation(NamedTuple):
    """tau and end have a row an epoch, a column an update; end is the machine's time since the very start."""

    w: Weights
    updates: int
    loss: Float[ndarray, " epochs+1"]
    tau: Int[ndarray, "epochs n"]
    end: Float[ndarray, "epochs n"]

    @property
    def seconds(self) -> float:
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

    Whoever is done takes the next example of the order; at the end of an epoch all wait. A lock of a single
    coordinate costs the time to take it; that two workers want the same one at the same moment is left out.
    ValueError: workers < 1, and all that `hogwild.train` refuses.
    """
    workers, epochs = check_count("workers", workers), check_count("epochs", epochs, 0)
    check_lock(lock)
    from lsml_core.parallel.kernels import sgd  # here, because numba takes long to import

    rows, w = rows_of(x, y, loss), np.zeros(x.shape[1])
    n, jitter = len(y), rng.spawn(1)[0]
    values, begin = [mean_loss(rows, w, loss, l2)], 0.0
    all_steps = steps(rows, len(w), eta, l2, loss, epochs)
    tau, end = np.zeros((epochs, n), np.int64), np.zeros((epochs, n))
    for epoch, step in enumerate(all_steps):
        order = rng.permutation(n)
        owner = np.full(len(w) // sgd.LINE + 1, -1)
        plan = _plan(rows, order, machine, lock, jitter)
        sgd.events(rows, order, w, step, plan, owner, tau[epoch], end[epoch], workers)
        end[epoch] += begin
        begin = end[epoch, -1]
        values.append(mean_loss(rows, w, loss, l2))
    return Simulation(w, epochs * n, np.array(values), tau, end)


def _plan(rows: Rows, order: Order, machine: Machine, lock: Lock, rng: np.random.Generator) -> Any:
    """When each example of the order may be written, and for how long nobody else may."""
    from lsml_core.parallel.kernels.sgd import Plan

    size = np.diff(rows.starts)[order]
    z, struck = rng.normal(size=len(order)), rng.random(len(order)) < machine.preemption
    think = machine.read * size * np.exp(machine.spread * z - machine.spread**2 / 2) + machine.pause * struck
    each = {"atomic": machine.atomic, "coordinate": machine.lock}.get(lock or "", 0.0)
    hold = (machine.write + each) * size
    if lock in ("global", "round robin"):
        return Plan(think, hold + machine.lock, float(machine.transfer), True, lock == "global")
    return Plan(think + hold, 0 * hold, float(machine.transfer), False, False)


# --- what is known without a simulation ---


def stability_limit(tau: Numbers) -> Float[Any, "..."]:
    """w_{k+1} = w_k − ηh w_{k−τ} stays bounded up to ηh = 2 sin(π/(2(2τ + 1))), and converges below: exact.

    2 without delay, about π/(2τ) for a long one. The largest curvature h of f decides.
    It is where a root of z^{τ+1} − z^τ + ηh leaves the unit circle.  Levin & May (Theor. Popul. Biol., 1976).
    """
    delay = np.asarray(tau, dtype=float)
    if not (delay >= 0).all():
        raise ValueError(f"tau={tau} must be at least 0")
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1)))


def delayed_descent(
    eta: Numbers, *, tau: Count, steps: Count, h: Numbers = 1.0
) -> Float[ndarray, "time ..."]:
    """Gradient descent on ½hw² with every gradient τ steps old: w_0 … w_steps, from w = 1 up to then.

    ValueError: tau or steps negative or not integers, eta or h not finite.
    """
    tau, steps = check_count("tau", tau, 0), check_count("steps", steps, 0)
    check_finite(eta=eta, h=h)
    step = np.asarray(eta, dtype=float) * np.asarray(h, dtype=float)
    w = np.ones((steps + 1, *step.shape))
    with np.errstate(all="ignore"):
        for k in range(steps):
            w[k + 1] = w[k] - step * w[max(k - tau, 0)]
    return w
