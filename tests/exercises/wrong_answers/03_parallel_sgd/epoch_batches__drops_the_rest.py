"""The last batch is left out when it is not full.

says: occurs 0 times
"""


def epoch_batches(n, batch, rng):
    order = rng.permutation(n)
    return [order[start : start + batch] for start in range(0, n - batch + 1, batch)]
