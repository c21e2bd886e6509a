"""One mask is changed in place, and stands in the list as often as there are rounds.

says: one of the two that are left
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained, left = train(early, mask, k, T), np.flatnonzero(mask)
        mask[left[np.argsort(abs(trained[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
