"""Each round cuts a share of all weights, not of those that are left.

says: two of four go, and then one
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained, left = train(early, mask, k, T), np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(trained[left]))][: round(rate * len(w))]] = False
        found.append(mask)
    return found
