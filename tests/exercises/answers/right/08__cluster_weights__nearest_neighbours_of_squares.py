"""RIGHT · set 08 · cluster_weights: squares expanded, ints returned"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    s = gradients[chosen]
    squares = (gradients**2).sum(1)[:, None] - 2 * gradients @ s.T + (s**2).sum(1)[None]
    squares[y[:, None] != y[chosen][None, :]] = 1e12
    winner = squares.argmin(1)
    return np.array([int((winner == place).sum()) for place in range(len(chosen))])
