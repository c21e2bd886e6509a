"""SGD on a matrix of ratings, by threads that share the factors.

    left    U, a row a user, (users, r)         right   V, a row an item, (items, r)
    u, v    user and item of a rating           error   U_u·V_v − rating, with the mean rating taken off

A step touches one row of U and one of V: two ratings collide only if they share a user or an item.
"""

# ruff: noqa: ANN001, ANN201, ARG001 - numba finds the types itself; all loops are called alike

from lsml_core.parallel.kernels import compiled
from lsml_core.parallel.kernels.atomics import acquire, meet, release


@compiled
def move(left, right, u, v, rating, eta, l2):
    """Both rows change by what they were at the same moment."""
    error = -rating
    for k in range(left.shape[1]):
        error += left[u, k] * right[v, k]
    for k in range(left.shape[1]):
        a, b = left[u, k], right[v, k]
        left[u, k] -= eta * (error * b + l2 * a)
        right[v, k] -= eta * (error * a + l2 * b)


@compiled
def hogwild(user, item, rating, order, left, right, eta, l2, locks, gate, P):
    meet(gate, P)
    for i in order:
        move(left, right, user[i], item[i], rating[i], eta, l2)


@compiled
def coordinate(user, item, rating, order, left, right, eta, l2, locks, gate, P):
    """A lock a user, then one an item: all take them in this order, so that none waits for ever."""
    meet(gate, P)
    for i in order:
        u, v = user[i], item[i]
        acquire(locks, u)
        acquire(locks, len(left) + v)
        move(left, right, u, v, rating[i], eta, l2)
        release(locks, len(left) + v)
        release(locks, u)
