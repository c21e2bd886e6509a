def to_drop(gradients, y, medoids):
    gone = []
    for c in np.unique(y):
        mine, members = medoids[y[medoids] == c], np.flatnonzero(y == c)
        near = ((gradients[members][:, None] - gradients[mine]) ** 2).sum(-1).argmin(1)
        gone.append(mine[np.bincount(near, minlength=len(mine)) == 1])
    return np.sort(np.concatenate(gone))
