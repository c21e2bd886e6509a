"""SGD on a sparse linear model, compiled: one step, and five ways for threads to share w.

    rows    the examples, see `linear`        order     this thread's examples in their order, (m,)
    w       weights, shared                   step      η, shrinkage and loss, see `linear.StepSettings`
    locks   0 free, 1 taken; shared           arrived   number of threads at the barrier; shared
    c, v    coordinates e and xᵢ on them      p, P      this thread, 0 … P − 1, and the number of threads
    g       slope of the loss of xᵢ           k         position in `order`
    y       label of xᵢ                       loss      which loss, see `linear.Loss`

All five make the step of `hogwild.hogwild_step_` and differ in who may change w meanwhile; a single thread
does the same under all of them.
"""

# ruff: noqa: ANN001, ANN201, ARG001 - numba infers the types; all kernels are called alike

from math import exp

from lsml_core.parallel.kernels import compiled
from lsml_core.parallel.kernels.atomics import acquire, barrier, fetch_add, prefetch, release, wait_for
from lsml_core.parallel.linear import Loss

# --- one step ---


@compiled
def slope(z, y, loss):
    """∂φ/∂z: `linear.loss_slope`."""
    if loss == Loss.LOGISTIC:
        return -y / (1.0 + exp(y * z))
    if loss == Loss.HINGE:
        return -y if y * z < 1.0 else 0.0
    if loss == Loss.SQUARED:
        return z - y
    return -1.0


@compiled
def example(rows, i):
    """`SparseRows.example`."""
    part = slice(rows.starts[i], rows.starts[i + 1])
    return rows.columns[part], rows.values[part], rows.y[i]


@compiled
def slope_at(w, c, v, y, loss):
    """Read w, and return the slope of this example's loss."""
    z = 0.0
    for m in range(len(c)):
        z += w[c[m]] * v[m]
    return slope(z, y, loss)


@compiled
def change(w, j, value, g, step):
    """What a step on an example with this value of coordinate j adds to w[j]."""
    penalty = step.shrink[j] * w[j] if step.l2 > 0.0 else 0.0  # not reading `shrink` is 10 % faster
    return -step.eta * (g * value + penalty)


@compiled
def add_row(w, c, v, g, step):
    """Write the step on one example."""
    for m in range(len(c)):
        w[c[m]] += change(w, c[m], v[m], g, step)


@compiled
def fetch_ahead(rows, order, k):
    """Prefetch the example after next: the order is random, so the processor cannot predict it."""
    if k + 2 < len(order):
        i = order[k + 2]
        for m in range(rows.starts[i], rows.starts[i + 1], 8):  # 64 bytes of values
            prefetch(rows.values, m)
        for m in range(rows.starts[i], rows.starts[i + 1], 16):
            prefetch(rows.columns, m)


# --- five ways to share w ---


@compiled
def without_lock(rows, order, w, step, locks, arrived, p, P):
    """No protection at all.  Niu, Recht, Ré & Wright (NIPS 2011)."""
    barrier(arrived, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        add_row(w, c, v, slope_at(w, c, v, y, step.loss), step)


@compiled
def atomic_additions(rows, order, w, step, locks, arrived, p, P):
    """Every addition is atomic: none is lost. A thread may still read a half-written update."""
    barrier(arrived, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        g = slope_at(w, c, v, y, step.loss)
        for m in range(len(c)):
            fetch_add(w, c[m], change(w, c[m], v[m], g, step))


@compiled
def lock_per_coordinate(rows, order, w, step, locks, arrived, p, P):
    """One lock per coordinate of e, held during the write, taken in ascending order: AIG in the paper."""
    barrier(arrived, P)
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
def global_lock(rows, order, w, step, locks, arrived, p, P):
    """Only the holder of the lock reads or changes w: serial SGD, made by alternating threads."""
    barrier(arrived, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        acquire(locks, 0)
        add_row(w, c, v, slope_at(w, c, v, y, step.loss), step)
        release(locks, 0)


@compiled
def round_robin(rows, order, w, step, locks, arrived, p, P):
    """Slopes in parallel, writes in turn: thread p makes updates p, p + P, p + 2P, …  RR in the paper.

    locks[0] counts the updates.  Langford, Smola & Zinkevich (NIPS 2009), "Slow learners are fast".
    """
    barrier(arrived, P)
    for k in range(len(order)):
        fetch_ahead(rows, order, k)
        c, v, y = example(rows, order[k])
        g = slope_at(w, c, v, y, step.loss)
        wait_for(locks, 0, k * P + p)
        add_row(w, c, v, g, step)
        fetch_add(locks, 0, 1)
