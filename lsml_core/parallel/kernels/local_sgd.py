"""`local.client_update`, compiled: the same steps, without a call of numpy for each of them."""

# ruff: noqa: ANN001, ANN201 - numba finds the types itself

import numpy as np

from lsml_core.jit import compiled


@compiled
def descend_(x, y, order, b, eta, mu, softmax, w, w_k):
    """From w to w_k, in place; y is what w predicts, or with `softmax` its probabilities."""
    w_k[:] = w
    x_room, r_room, g = np.empty((b, len(w))), np.empty((b, w.shape[1])), np.empty(w.shape)
    for e in range(len(order)):
        for first in range(0, order.shape[1], b):
            batch = order[e, first : first + b]
            x_b, r = x_room[: len(batch)], r_room[: len(batch)]
            for i in range(len(batch)):
                x_b[i] = x[batch[i]]
            np.dot(x_b, w_k, r)
            for i in range(len(batch)):
                if softmax:
                    probabilities_(r[i])
                for k in range(len(r[i])):
                    r[i, k] = (r[i, k] - y[batch[i], k]) / len(batch)
            np.dot(x_b.T, r, g)
            for j in range(len(w)):
                for k in range(len(w[j])):
                    w_k[j, k] -= eta * (g[j, k] + mu * (w_k[j, k] - w[j, k]))


@compiled
def probabilities_(z):
    """z ← exp(z)/Σ exp(z), with the largest margin at 0."""
    top, total = z[0], 0.0
    for k in range(len(z)):
        top = max(top, z[k])
    for k in range(len(z)):
        z[k] = np.exp(z[k] - top)
        total += z[k]
    for k in range(len(z)):
        z[k] /= total
