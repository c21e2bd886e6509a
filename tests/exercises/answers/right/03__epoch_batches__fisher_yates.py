def epoch_batches(n, batch, rng):
    order = list(range(n))
    for j in range(n - 1, 0, -1):
        k = int(rng.integers(j + 1))
        order[j], order[k] = order[k], order[j]
    return [np.array(order[s : s + batch]) for s in range(0, n, batch)]
