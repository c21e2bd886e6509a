def find_minority(outputs, y):
    p32, found = outputs.astype(np.float32), []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)[np.argsort(p32[y == c])]
        p = p32[members]
        costs = [((p[:s] - p[:s].mean()) ** 2).sum() + ((p[s:] - p[s:].mean()) ** 2).sum() for s in range(1, len(p))]
        s = 1 + int(np.argmin(costs))
        found.append(min(members[:s], members[s:], key=len))
    return np.sort(np.concatenate(found))
