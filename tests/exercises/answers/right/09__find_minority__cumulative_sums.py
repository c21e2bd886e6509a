"""RIGHT · set 09 · find_minority: descending order and cumulative sums"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    mask = np.zeros(len(y), dtype=bool)
    for c in np.unique(y):
        ids = sorted(np.flatnonzero(y == c), key=lambda i: -outputs[i])
        v = outputs[ids]
        n = np.arange(1, len(v))
        s1, s2 = np.cumsum(v), np.cumsum(v**2)
        upper = s2[:-1] - s1[:-1] ** 2 / n
        lower = (s2[-1] - s2[:-1]) - (s1[-1] - s1[:-1]) ** 2 / (len(v) - n)
        best = int(np.argmin(upper + lower)) + 1
        mask[ids[:best] if best < len(v) / 2 else ids[best:]] = True
    return np.where(mask)[0]
