"""`federated.local.client_update`, compiled for the two linear families: the same steps."""

# ruff: noqa: ANN001, ANN201 - numba infers the types

import numpy as np

from lsml_core.jit import compiled


@compiled
def descend_(x, y, order, b, eta, mu, softmax, w, w_k):
    """Local SGD from w; the result is written to w_k.

    x, y: the client's examples, (m, d) and (m, c).   order: of its examples in each epoch, (epochs, m).
    b: batch size.   eta: step size η.   mu: weight μ of the proximal term, whose centre is w.
    softmax: softmax regression if true, else linear regression.   w, w_k: (d, c).
    """
    w_k[:] = w
    x_space, r_space, g = np.empty((b, len(w))), np.empty((b, w.shape[1])), np.empty(w.shape)
    for e in range(len(order)):
        for first in range(0, order.shape[1], b):
            batch = order[e, first : first + b]
            x_b, r = x_space[: len(batch)], r_space[: len(batch)]
            for i in range(len(batch)):
                x_b[i] = x[batch[i]]
            np.dot(x_b, w_k, r)
            for i in range(len(batch)):
                if softmax:
                    softmax_(r[i])
                for k in range(len(r[i])):
                    r[i, k] = (r[i, k] - y[batch[i], k]) / len(batch)
            np.dot(x_b.T, r, g)
            for j in range(len(w)):
                for k in range(len(w[j])):
                    w_k[j, k] -= eta * (g[j, k] + mu * (w_k[j, k] - w[j, k]))


@compiled
def softmax_(z):
    """z ← exp(z)/Σ exp(z), computed with the largest margin at 0."""
    top, total = z[0], 0.0
    for k in range(len(z)):
        top = max(top, z[k])
    for k in range(len(z)):
        z[k] = np.exp(z[k] - top)
        total += z[k]
    for k in range(len(z)):
        z[k] /= total
