"""Accuracy at the end of the training only: forgotten or not.

says: two events
"""

import numpy as np


def forgetting_events(correct):
    lost = correct.any(axis=0) & ~correct[-1]
    return np.where(correct.any(axis=0), lost.astype(float), np.inf)
