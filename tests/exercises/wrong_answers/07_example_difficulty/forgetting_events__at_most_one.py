"""It says whether an example was ever forgotten, not how often.

says: two events
"""

import numpy as np


def forgetting_events(correct):
    forgotten = (correct[:-1] & ~correct[1:]).any(axis=0)
    return np.where(correct.any(axis=0), forgotten, np.inf)
