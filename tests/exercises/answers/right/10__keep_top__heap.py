"""RIGHT · set 10 · keep_top: heap"""
# %% answer
from heapq import nlargest


def keep_top(scores, density):
    flat = scores.ravel().tolist()
    best = set(nlargest(round(density * len(flat)), range(len(flat)), key=lambda i: (flat[i], -i)))
    return np.array([i in best for i in range(len(flat))], dtype=float).reshape(scores.shape)
