def epoch_batches(n, batch, rng):
    order = rng.random(n).argsort().tolist()
    return tuple(order[s : s + batch] for s in range(0, n, batch))
