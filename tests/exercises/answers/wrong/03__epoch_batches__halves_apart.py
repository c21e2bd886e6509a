def epoch_batches(n, batch, rng):
    half = n // 2
    parts = [rng.permutation(half), half + rng.permutation(n - half)]
    order = np.concatenate(parts if rng.integers(2) else parts[::-1])
    return [order[s : s + batch] for s in range(0, n, batch)]
