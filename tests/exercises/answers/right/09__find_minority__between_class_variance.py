def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[outputs[members].argsort()]
        p, m = outputs[members], len(members)
        sizes = np.arange(1, m)
        low = p.cumsum()[:-1] / sizes
        high = (p.sum() - p.cumsum()[:-1]) / (m - sizes)
        split = int(np.argmax(sizes * (m - sizes) * (low - high) ** 2)) + 1
        found += list(members[:split] if 2 * split < m else members[split:])
    return sorted(found)
