"""The survivors go back to their initial values, and train from step 0.

says: Back to w_1
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    for _ in range(rounds):
        trained, left = train(w, mask, 0, T), np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(trained[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
