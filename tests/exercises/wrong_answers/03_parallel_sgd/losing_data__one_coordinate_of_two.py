"""The pairs share one of their two coordinates: a quarter is lost.

says: 25.0 % of the additions are lost
"""

import numpy as np


def losing_data():
    pairs, own = np.repeat(np.eye(8), 2, axis=0), np.eye(16)
    return np.hstack([pairs, own])
