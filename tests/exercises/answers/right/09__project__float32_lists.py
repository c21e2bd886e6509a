"""RIGHT · set 09 · project: float32, returned as nested lists"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    d = delta.astype(np.float32).clip(-epsilon, epsilon)
    image = x.astype(np.float32)
    return ((image + d).clip(0, 1) - image).tolist()
