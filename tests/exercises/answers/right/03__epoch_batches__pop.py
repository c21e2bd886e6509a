"""RIGHT · set 03 · epoch_batches: pop"""
# %% answer
def epoch_batches(n, batch, rng):
    left = list(range(n))
    order = [left.pop(int(rng.integers(len(left)))) for _ in range(n)]
    return [np.array(order[a : a + batch]) for a in range(0, n, batch)]
