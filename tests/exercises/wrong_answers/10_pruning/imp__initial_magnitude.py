"""What is small before training goes.

says: the smallest after training
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        left = np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(early[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
