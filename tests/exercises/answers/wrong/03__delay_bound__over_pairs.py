def delay_bound(x):
    e = (x != 0).astype(float)
    m = e @ e.T > 0
    np.fill_diagonal(m, False)
    pairs = m.sum() / 2
    return len(x) / (2 * pairs / len(x)) if pairs else np.inf
