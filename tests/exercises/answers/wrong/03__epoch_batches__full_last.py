"""WRONG · set 03 · epoch_batches: full last"""
# %% answer
def epoch_batches(n, batch, rng):
    order = rng.permutation(n)
    size = -(-n // batch) * batch
    return list(np.resize(order, size).reshape(-1, batch))
