"""It cuts what moved least since step k, not what is smallest.

says: imp(
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained, left = train(early, mask, k, T), np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(trained - early)[left])][: round(rate * len(left))]] = False
        found.append(mask)
    return found
