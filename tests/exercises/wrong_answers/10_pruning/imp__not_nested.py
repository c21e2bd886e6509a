"""The dense network is ranked again in every round.

says: Back to w_1
"""

import numpy as np


def imp(train, w, k, T, rounds, rate):
    everything = np.ones(len(w), bool)
    early, found, left = train(w, everything, 0, k), [], len(w)
    for _ in range(rounds):
        trained = train(early, everything, k, T)
        left -= round(rate * left)
        mask = np.zeros(len(w), bool)
        mask[np.argsort(-abs(trained))[:left]] = True
        found.append(mask)
    return found
