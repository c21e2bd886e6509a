def delay_bound(x):
    e = (x > 0).astype(float)
    m = e @ e.T > 0
    np.fill_diagonal(m, False)
    d = m.sum(axis=1).mean()
    return len(x) / (2 * d) if d else np.inf
