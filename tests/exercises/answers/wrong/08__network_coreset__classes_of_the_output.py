"""WRONG · set 08 · network_coreset: one class for each column of the probabilities, by the predicted label"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities - np.eye(probabilities.shape[1])[y]
    guess = probabilities.argmax(axis=1)
    parts = [exemplars(g, np.flatnonzero(guess == c), k) for c in np.unique(guess) if (guess == c).sum() >= k]
    ids = np.concatenate([np.array(p) for p in parts]).astype(int)
    return ids, cluster_weights(g, guess, ids)
