"""Points of one distance from the origin go to one machine: all around the circle.

says: the best machine alone gets
"""

import numpy as np


def split(x, m):
    angle = np.linalg.norm(x, axis=1)
    machine = np.empty(len(x), dtype=int)
    machine[np.argsort(angle)] = np.arange(len(x)) * m // len(x)
    return machine
