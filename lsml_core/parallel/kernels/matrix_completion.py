"""SGD on a matrix of ratings, by threads that share the factors.

    left    U, one row per user, (users, r)     right   V, one row per item, (items, r)
    u, v    user and item of a rating           error   U_u·V_v − rating, where the mean rating was subtracted
    user, item, rating   of all ratings, (m,)   order   this thread's ratings, as indices of these
    eta     step size η                         l2      weight of the penalty of both rows
    locks   0 free, 1 taken; first one per user, then one per item; shared
    arrived, P   number of threads at the barrier, shared, and of all threads

A step changes one row of U and one of V: two ratings conflict only if they share a user or an item.
"""

# ruff: noqa: ANN001, ANN201, ARG001 - numba infers the types; all kernels are called alike

from lsml_core.parallel.kernels import compiled
from lsml_core.parallel.kernels.atomics import acquire, barrier, release


@compiled
def update_rows(left, right, u, v, rating, eta, l2):
    """`matrix_completion.rating_step_`: both rows change by what they were at the same moment."""
    error = -rating
    for k in range(left.shape[1]):
        error += left[u, k] * right[v, k]
    for k in range(left.shape[1]):
        a, b = left[u, k], right[v, k]
        left[u, k] -= eta * (error * b + l2 * a)
        right[v, k] -= eta * (error * a + l2 * b)


@compiled
def without_lock(user, item, rating, order, left, right, eta, l2, locks, arrived, P):
    """Hogwild."""
    barrier(arrived, P)
    for i in order:
        update_rows(left, right, user[i], item[i], rating[i], eta, l2)


@compiled
def lock_per_row(user, item, rating, order, left, right, eta, l2, locks, arrived, P):
    """One lock per user and one per item; all threads take them in this order, so there is no deadlock."""
    barrier(arrived, P)
    for i in order:
        u, v = user[i], item[i]
        acquire(locks, u)
        acquire(locks, len(left) + v)
        update_rows(left, right, u, v, rating[i], eta, l2)
        release(locks, len(left) + v)
        release(locks, u)
