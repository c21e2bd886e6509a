"""RIGHT · set 08 · error_and_bound: float32 array of two numbers"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    nearest = []
    for g, c in zip(gradients, y):
        own = gradients[[j for j in chosen if y[j] == c]]
        nearest.append(np.linalg.norm(own - g, axis=1).min())
    error = np.linalg.norm(np.sum(gradients, 0) - np.sum(weights[:, None] * gradients[chosen], 0))
    return np.array([error, np.sum(nearest)], dtype=np.float32)
