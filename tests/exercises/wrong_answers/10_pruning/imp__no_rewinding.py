"""Every round goes on with the trained weights.

says: Back to w_1
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    w = train(w, mask, 0, k)
    for _ in range(rounds):
        w, left = train(w, mask, k, T), np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(w[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
