"""SGD on a sparse linear model: one step, five ways for threads to share w, and the events of a simulation.

    rows    the examples, see `linear`        order   examples in the order of their turn, (m,)
    w       weights, shared                   step    η, shrinkage and loss, see `linear`
    locks   0 free, 1 taken; shared           gate    threads that have come; shared
    c, v    e and xᵢ on it                    p, P    this thread, 0 … P − 1, and how many there are
    g       slope of the loss of xᵢ           k       position in `order`

The five loops make the same step and differ in who may change w meanwhile: alone, they do the same.
"""

# ruff: noqa: ANN001, ANN201, ARG001 - numba finds the types itself; all loops are called alike

from math import exp
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from lsml_core.parallel.kernels import compiled
from lsml_core.parallel.kernels.atomics import acquire, fetch_add, meet, prefetch, release, wait_for
from lsml_core.parallel.linear import Loss

# --- one step ---


@compiled
def slope(z, y, loss):
    if loss == Loss.LOGISTIC:
        return -y / (1.0 + exp(y * z))
    if loss == Loss.HINGE:
        return -y if y * z < 1.0 else 0.0
    if loss == Loss.SQUARED:
        return z - y
    return -1.0


@compiled
def example(rows, i):
    part = slice(rows.starts[i], rows.starts[i + 1])
    return rows.columns[part], rows.values[part], rows.y[i]


@compiled
def slope_at(w, c, v, y, loss):
    z = 0.0
    for m in range(len(c)):
        z += w[c[m]] * v[m]
    return slope(z, y, loss)


@compiled
def change(w, j, value, g, step):
    """What a step on an example with this value of coordinate j adds to w[j]."""
    pull = step.shrink[j] * w[j] if step.l2 > 0.0 else 0.0  # no penalty, no reading of `shrink`: 10 % faster
    return -step.eta * (g * value + pull)


@compiled
def add_row(w, c, v, g, step):
    for m in range(len(c)):
        w[c[m]] += change(w, c[m], v[m], g, step)


@compiled
def fetch_ahead(rows, order, k):
    """Ask memory for the example after next: the order is random, so the processor cannot guess it."""
    if k + 2 < len(order):
        i = order[k + 2]
        for m in range(rows.starts[i], rows.starts[i + 1], 8):  # 64 bytes of values
            prefetch(rows.values, m)
        for m in range(rows.starts[i], rows.starts[i + 1], 16):
            prefetch(rows.columns, m)


# --- five ways to share w ---


@compiled
def hogwild(rows, order, w, step, locks, gate, p, P):
    """No protection at all.  Niu, Recht, Ré & Wright (NIPS 2011)."""
    meet(gate, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        add_row(w, c, v, slope_at(w, c, v, y, step.loss), step)


@compiled
def atomic(rows, order, w, step, locks, gate, p, P):
    """Each addition in one piece: none is lost. An example may still be read half changed."""
    meet(gate, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        g = slope_at(w, c, v, y, step.loss)
        for m in range(len(c)):
            fetch_add(w, c[m], change(w, c[m], v[m], g, step))


@compiled
def coordinate(rows, order, w, step, locks, gate, p, P):
    """A lock for each coordinate of e, held while they change, taken in ascending order: the paper's AIG."""
    meet(gate, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        g = slope_at(w, c, v, y, step.loss)
        for m in range(len(c)):
            acquire(locks, c[m])
        add_row(w, c, v, g, step)
        for m in range(len(c)):
            release(locks, c[m])


@compiled
def one_lock(rows, order, w, step, locks, gate, p, P):
    """Only who holds the lock reads or changes w: serial SGD, made by turns."""
    meet(gate, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        acquire(locks, 0)
        add_row(w, c, v, slope_at(w, c, v, y, step.loss), step)
        release(locks, 0)


@compiled
def round_robin(rows, order, w, step, locks, gate, p, P):
    """Slopes at the same time, changes in turn: thread p makes updates p, p + P, p + 2P, …  RR.

    locks[0] counts the updates.  Langford, Smola & Zinkevich (NIPS 2009), "Slow learners are fast".
    """
    meet(gate, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        g = slope_at(w, c, v, y, step.loss)
        wait_for(locks, 0, k * P + p)
        add_row(w, c, v, g, step)
        fetch_add(locks, 0, 1)


# --- simulated workers ---

LINE = 8  # weights in 64 bytes: what one core hands to another is a line, never less


class Plan(NamedTuple):
    """What is settled before an epoch is simulated, for the k-th example in turn."""

    think: Float64[ndarray, " n"]  # seconds from the reading of w to the point where it may be changed
    hold: Float64[ndarray, " n"]  # seconds in which no other worker may change w
    transfer: float  # seconds to get a line that another worker touched last
    in_turn: bool  # workers change w one after another, in a fixed order
    alone: bool  # and read it only when it is their turn


@compiled
def take_lines(owner, c, p):
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
    return slope_at(w, c, v, y, step.loss), now + plan.think[k] + plan.transfer * take_lines(owner, c, p)


@compiled
def events(rows, order, w, step, plan, owner, tau, end, P):
    """Fill tau[k] and end[k]: how stale the k-th update was, and at what time it was made.

    Between reading and writing a worker keeps one number, its slope: 64 workers cost hardly more than one.
    """
    n, now = len(order), 0.0
    mine = np.arange(P)  # position of the example that worker p has in hand
    seen = np.zeros(P, np.int64)  # updates made when p read w
    g, ready = np.zeros(P), np.full(P, np.inf)
    for p in range(0 if plan.alone else min(P, n)):
        g[p], ready[p] = begin(rows, order, p, w, step, plan, owner, p, now)
    for k in range(n):
        p = k % P if plan.in_turn else np.argmin(ready)
        if plan.alone:
            g[p], ready[p] = begin(rows, order, k, w, step, plan, owner, p, now)
            seen[p] = k
        m = mine[p]
        c, v, _ = example(rows, order[m])
        late = plan.transfer * take_lines(owner, c, p)
        now = max(now, ready[p]) + plan.hold[m]
        if plan.in_turn:  # the next one waits for the lines too, and for the one that says whose turn it is
            now, late = now + late + plan.transfer * (P > 1), 0.0
        add_row(w, c, v, g[p], step)
        tau[k], end[k] = k - seen[p], now
        mine[p], seen[p], ready[p] = k + P, k + 1, np.inf
        if not plan.alone and k + P < n:
            g[p], ready[p] = begin(rows, order, k + P, w, step, plan, owner, p, now + late)
