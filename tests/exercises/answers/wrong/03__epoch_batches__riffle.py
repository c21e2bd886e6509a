def epoch_batches(n, batch, rng):
    order = np.argsort(rng.integers(0, 2, n), kind="stable")
    return [order[s : s + batch] for s in range(0, n, batch)]
