"""The events of one simulated epoch of asynchronous workers, see `staleness`.

rows, order, c, w, step   as in `kernels.sgd`     owner   which worker touched a cache line last, −1: none
plan   times of every example, see `EpochPlan`    tau     τ of the k-th update, filled in
p, P   a worker, and the number of workers        end     time of the k-th update, filled in
k      position in `order`                        now     time at which the worker begins
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from lsml_core.parallel.kernels import compiled
from lsml_core.parallel.kernels.sgd import add_row, example, slope_at

LINE = 8  # weights per 64-byte cache line: cores exchange whole lines


class EpochPlan(NamedTuple):
    """What is drawn before an epoch is simulated, for the k-th example in the order.

    compute: time from reading w to the point where it may be changed, (n,).
    exclusive: time in which no other worker may change w, (n,).
    transfer: time to fetch a cache line that another worker touched last.
    in_turn: whether workers change w one after another in a fixed order.
    read_in_turn: whether they also read w only when it is their turn.
    """

    compute: Float64[ndarray, " n"]
    exclusive: Float64[ndarray, " n"]
    transfer: float
    in_turn: bool
    read_in_turn: bool


@compiled
def fetch_lines(owner, c, p):
    """Worker p touches these coordinates; returns how many lines had to come from another worker."""
    lines = 0
    for m in range(len(c)):
        line = c[m] // LINE
        lines += owner[line] >= 0 and owner[line] != p
        owner[line] = p
    return lines


@compiled
def begin(rows, order, k, w, step, plan, owner, p, now):
    """Worker p reads w for the k-th example; returns its slope, and when it may change w."""
    c, v, y = example(rows, order[k])
    return slope_at(w, c, v, y, step.loss), now + plan.compute[k] + plan.transfer * fetch_lines(owner, c, p)


@compiled
def simulate_epoch_(rows, order, w, step, plan, owner, tau, end, P):
    """Change w, and fill tau[k] and end[k]: how stale the k-th update was, and when it was made.

    Between reading and writing a worker keeps one number, its slope: 64 workers cost little more than one.
    """
    n, now = len(order), 0.0
    current = np.arange(P)  # position of the example that worker p is working on
    seen = np.zeros(P, np.int64)  # number of updates made when p read w
    g, ready = np.zeros(P), np.full(P, np.inf)
    for p in range(0 if plan.read_in_turn else min(P, n)):
        g[p], ready[p] = begin(rows, order, p, w, step, plan, owner, p, now)
    for k in range(n):
        p = k % P if plan.in_turn else np.argmin(ready)
        if plan.read_in_turn:
            g[p], ready[p] = begin(rows, order, k, w, step, plan, owner, p, now)
            seen[p] = k
        m = current[p]
        c, v, _ = example(rows, order[m])
        late = plan.transfer * fetch_lines(owner, c, p)
        now = max(now, ready[p]) + plan.exclusive[m]
        if plan.in_turn:  # the next worker also waits for these lines, and for the line that holds the turn
            now, late = now + late + plan.transfer * (P > 1), 0.0
        add_row(w, c, v, g[p], step)
        tau[k], end[k] = k - seen[p], now
        current[p], seen[p], ready[p] = k + P, k + 1, np.inf
        if not plan.read_in_turn and k + P < n:
            g[p], ready[p] = begin(rows, order, k + P, w, step, plan, owner, p, now + late)
