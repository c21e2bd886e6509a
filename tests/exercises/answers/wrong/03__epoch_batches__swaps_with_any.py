"""WRONG · set 03 · epoch_batches: swaps with any"""
# %% answer
def epoch_batches(n, batch, rng):
    order = np.arange(n)
    for i in range(n):
        j = int(rng.integers(n))
        order[i], order[j] = order[j], order[i]
    return [order[a : a + batch] for a in range(0, n, batch)]
