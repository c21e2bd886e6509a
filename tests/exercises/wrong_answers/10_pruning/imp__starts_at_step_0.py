"""It rewinds to w_k, but trains from step 0 again.

says: step 1 makes them
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained, left = train(early, mask, 0, T), np.flatnonzero(mask)
        mask = mask.copy()
        mask[left[np.argsort(abs(trained[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
