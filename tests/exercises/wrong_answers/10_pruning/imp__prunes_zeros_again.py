"""The smallest of all weights go, and these are the ones that are gone already.

says: one of the two that are left
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained = train(early, mask, k, T)
        cut = round(rate * np.count_nonzero(mask))
        mask = mask.copy()
        mask[np.argsort(abs(trained))[:cut]] = False
        found.append(mask)
    return found
