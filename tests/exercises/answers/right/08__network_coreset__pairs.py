"""RIGHT · set 08 · network_coreset: a loop over classes with one pass for weights"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = np.array([[p - (c == label) for c, p in enumerate(row)] for row, label in zip(probabilities, y)])
    chosen = sum(([int(j) for j in exemplars(g, np.flatnonzero(y == c), k)] for c in np.unique(y)), [])
    weights = dict.fromkeys(chosen, 0)
    for i in range(len(y)):
        weights[min((j for j in chosen if y[j] == y[i]), key=lambda j: np.linalg.norm(g[i] - g[j]))] += 1
    return tuple(chosen), tuple(weights.values())
