def central_examples(gradients, y, k):
    d = np.sqrt(((gradients[:, None, :] - gradients[None, :, :]) ** 2).sum(-1))
    cost = (d * (y[:, None] == y[None, :])).sum(1)
    order = np.lexsort((cost, y))
    rank = {}
    chosen = []
    for i in order:
        rank[y[i]] = rank.get(y[i], 0) + 1
        if rank[y[i]] <= k:
            chosen.append(int(i))
    return np.array(sorted(chosen))
