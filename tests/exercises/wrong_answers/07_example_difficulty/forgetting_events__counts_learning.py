"""It counts how often an example is learned.

says: two events
"""

import numpy as np


def forgetting_events(correct):
    return np.where(correct.any(axis=0), (~correct[:-1] & correct[1:]).sum(axis=0), np.inf)
