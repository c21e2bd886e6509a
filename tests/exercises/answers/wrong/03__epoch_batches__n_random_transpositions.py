def epoch_batches(n, batch, rng):
    order = np.arange(n)
    for _ in range(n):
        j, k = rng.integers(n, size=2)
        order[[j, k]] = order[[k, j]]
    return [order[s : s + batch] for s in range(0, n, batch)]
