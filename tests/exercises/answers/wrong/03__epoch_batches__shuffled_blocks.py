"""WRONG · set 03 · epoch_batches: shuffled blocks"""
# %% answer
def epoch_batches(n, batch, rng):
    blocks = [np.arange(a, min(a + batch, n)) for a in range(0, n, batch)]
    full, rest = [b for b in blocks if len(b) == batch], [b for b in blocks if len(b) < batch]
    return [rng.permutation(full[j]) for j in rng.permutation(len(full))] + rest
