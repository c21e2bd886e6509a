"""RIGHT · set 03 · epoch_batches: lists"""
# %% answer
def epoch_batches(n, batch, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return [order[a : a + batch].tolist() for a in range(0, n, batch)]
