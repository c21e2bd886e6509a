"""Clips every coordinate.

says: of norm 5 is halved
"""

import numpy as np


def private_round(w, models, clip, noise, sampling, clients):
    return w + (np.clip(models - w, -clip, clip).sum(axis=0) + noise) / (sampling * clients)
