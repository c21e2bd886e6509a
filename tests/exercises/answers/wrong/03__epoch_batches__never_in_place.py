def epoch_batches(n, batch, rng):
    order = np.arange(n)
    for j in range(n - 1, 0, -1):
        k = int(rng.integers(j))
        order[[j, k]] = order[[k, j]]
    return [order[s : s + batch] for s in range(0, n, batch)]
