"""WRONG · set 03 · epoch_batches: sorted batches"""
# %% answer
def epoch_batches(n, batch, rng):
    order = rng.permutation(n)
    return [np.sort(order[a : a + batch]) for a in range(0, n, batch)]
