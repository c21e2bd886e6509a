"""An example counts as its own neighbour.

says: the middle example conflicts with both others
"""


def delay_bound(x):
    e = (x != 0).astype(float)
    return len(x) / (2 * (e @ e.T > 0).sum(axis=1).mean())
