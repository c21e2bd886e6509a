"""RIGHT · set 08 · cluster_weights: one class after the other in a dict of lists"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    weights = [0.0] * len(chosen)
    for i, label in enumerate(y.tolist()):
        best, distance = None, float("inf")
        for place, j in enumerate(chosen.tolist()):
            if y[j] == label:
                d = float(np.sqrt(np.sum((gradients[i] - gradients[j]) ** 2)))
                if d < distance:
                    best, distance = place, d
        weights[best] += 1
    return np.array(weights, dtype=np.float32)
