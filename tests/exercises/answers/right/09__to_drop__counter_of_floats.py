"""RIGHT · set 09 · to_drop: a Counter of nearest medoids, an array of floats"""

# %% answer
import numpy as np


def to_drop(gradients, y, medoids):
    from collections import Counter
    from math import dist

    nearest = [min((dist(g, gradients[m]), m) for m in medoids if y[m] == c)[1] for g, c in zip(gradients, y)]
    return np.array([float(m) for m, size in sorted(Counter(nearest).items()) if size < 2])
