def to_drop(gradients, y, medoids):
    from scipy.spatial.distance import cdist

    d = cdist(gradients, gradients[medoids]) + 1e12 * (y[:, None] != y[medoids])
    others = np.setdiff1d(np.arange(len(y)), medoids)
    used = set(d[others].argmin(axis=1).tolist())
    return np.array(sorted(int(m) for j, m in enumerate(medoids) if j not in used))
