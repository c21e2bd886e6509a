"""Every mistake after the first success counts, not only the one directly after a success.

says: an event is a correct presentation directly before a wrong one
"""

import numpy as np


def forgetting_events(correct):
    learned = np.maximum.accumulate(correct, axis=0)
    return np.where(correct.any(axis=0), (learned & ~correct).sum(axis=0), np.inf)
