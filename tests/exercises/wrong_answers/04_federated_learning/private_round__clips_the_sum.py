"""Clips the sum of the updates.

says: of norm 5 is halved
"""

import numpy as np


def private_round(w, models, clip, noise, sampling, clients):
    total = (models - w).sum(axis=0)
    total = total / max(1, np.linalg.norm(total) / clip)
    return w + (total + noise) / (sampling * clients)
